"""Appraisals of petitions whose time is over, and holds that keep them from being erased."""

import secrets
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.keeping.rules import State
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id

_SENSITIVE: dict[str, Any] = {"info": {"sensitive": True}}
#: Words about keeping outlive the petition's own key: they say why it was erased.
_OF_KEEPING = ("", "keeping")
_RUNNING_HOLD = text("lifted_at IS NULL")
_RUNNING = text("state IN ('due', 'proposed', 'announced', 'erasing')")


def _salt() -> str:
    return secrets.token_hex(16)


class Appraisal(Sealing, Journaled, table=True):
    """One petition whose time is over: what was proposed, who agreed, what became of it."""

    __tablename__: ClassVar[str] = "appraisal"
    __journal__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_KEEPING
    __table_args__ = (
        Index("ix_appraisal_court", "court_id", "state", "due_on", "id"),
        Index("ix_appraisal_state", "state", "due_on"),
        Index("ix_appraisal_petition", "petition_id"),
        Index(
            "uq_appraisal_running",
            "petition_id",
            unique=True,
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    court_id: UUID = Field(foreign_key="court.id", description="court that has custody")
    kind: str = Field(max_length=12)
    schedule: str = Field(max_length=20, description="version of the schedule")
    due_on: date = Field(
        description="day on which its time was over; of an announced one, the day it will be erased"
    )
    state: str = Field(default=State.DUE, max_length=10)
    decision: str | None = Field(default=None, max_length=5)
    keep_until: date | None = None
    proposed_by: UUID | None = Field(default=None, foreign_key="staff.id")
    proposed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    words: str | None = Field(default=None, max_length=300, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    decided_by: UUID | None = Field(default=None, foreign_key="staff.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answer: str | None = Field(default=None, max_length=300, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    asked_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="the petitioner asked for the erasure (PIPL art. 47)"
    )
    answer_by: date | None = Field(default=None, description="day by which the petitioner is answered")
    salt: str = Field(default_factory=_salt, max_length=32, sa_type=SealedText)


class LegalHold(Sealing, Journaled, table=True):
    """A petition that may not be erased, whatever the schedule says, until somebody lifts the hold."""

    __tablename__: ClassVar[str] = "legal_hold"
    __journal__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_KEEPING
    __table_args__ = (
        Index("ix_legal_hold_petition", "petition_id"),
        Index(
            "uq_legal_hold_running",
            "petition_id",
            unique=True,
            sqlite_where=_RUNNING_HOLD,
            postgresql_where=_RUNNING_HOLD,
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    placed_by: UUID | None = Field(default=None, foreign_key="staff.id")
    placed_at: datetime = Field(sa_type=UtcDateTime)
    reason: str = Field(max_length=300, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    lifted_by: UUID | None = Field(default=None, foreign_key="staff.id")
    lifted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lift_reason: str | None = Field(
        default=None, max_length=300, sa_type=SealedText, sa_column_kwargs=_SENSITIVE
    )
    salt: str = Field(default_factory=_salt, max_length=32, sa_type=SealedText)
