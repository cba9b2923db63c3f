"""A batch and its items. The batch's own words have a key of their own; what is said of a petition belongs to the petition."""

import secrets
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id

_SENSITIVE: dict[str, Any] = {"info": {"sensitive": True}}
_OF_PETITION = ("petition", "petition_id")
_OPEN = text("closed_at IS NULL")
_OWED = text("state IN ('assigned', 'returned')")


def _salt() -> str:
    return secrets.token_hex(16)


class ItemState(StrEnum):
    """Where one petition of a batch stands."""

    ASSIGNED = "assigned"
    REPORTED = "reported"
    #: The report was sent back: the court reports again.
    RETURNED = "returned"
    ACCEPTED = "accepted"


#: States in which the court below owes a report.
OWED = (ItemState.ASSIGNED, ItemState.RETURNED)


class Batch(Sealing, Journaled, table=True):
    """What a court above asks of the courts below, by one day."""

    __tablename__: ClassVar[str] = "batch"
    __journal__: ClassVar[tuple[str, str]] = ("batch", "id")
    __sealed_by__: ClassVar[tuple[str, str]] = ("", "batches")
    __table_args__ = (
        Index("ix_batch_court", "court_id", "due_on", "id"),
        Index("ix_batch_open", "due_on", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    court_id: UUID = Field(foreign_key="court.id", description="court that assigned")
    words: str = Field(max_length=2000, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    period: str = Field(max_length=20)
    periods_version: str = Field(max_length=20)
    started_on: date
    due_on: date = Field(description="return date of every item")
    given_at: datetime = Field(sa_type=UtcDateTime)
    given_by: UUID | None = Field(default=None, foreign_key="staff.id")
    noted_on: date | None = Field(default=None, description="day on which late items were noted")
    reminded_on: date | None = Field(
        default=None, description="day on which the return date was brought to mind"
    )
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: UUID | None = Field(default=None, foreign_key="staff.id")
    salt: str = Field(default_factory=_salt, max_length=32, sa_type=SealedText)


class BatchItem(Sealing, Journaled, table=True):
    """One petition of a batch: which court reports, what it reported, what was said of it."""

    __tablename__: ClassVar[str] = "batch_item"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (
        Index("uq_batch_item_petition", "batch_id", "petition_id", unique=True),
        Index("ix_batch_item_batch", "batch_id", "court_id", "state"),
        Index("ix_batch_item_petition", "petition_id"),
        Index("ix_batch_item_owed", "court_id", "batch_id", sqlite_where=_OWED, postgresql_where=_OWED),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    batch_id: UUID = Field(foreign_key="batch.id")
    petition_id: UUID = Field(foreign_key="petition.id")
    court_id: UUID = Field(foreign_key="court.id", description="court that reports")
    state: str = Field(default=ItemState.ASSIGNED, max_length=12)
    report: str | None = Field(default=None, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    reported_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reported_by: UUID | None = Field(default=None, foreign_key="staff.id")
    judgement: str | None = Field(
        default=None, max_length=2000, sa_type=SealedText, sa_column_kwargs=_SENSITIVE
    )
    judged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    judged_by: UUID | None = Field(default=None, foreign_key="staff.id")
    returns: int = Field(default=0, description="reports sent back")
    salt: str = Field(default_factory=_salt, max_length=32, sa_type=SealedText)
