"""Letters on their way, and requests for a signature. What came of either is a delivery or an attempt (`central.replies`)."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.delivery.rules import PostState
from central.events.journal import Journaled
from central.petitions.models import SENSITIVE, new_salt
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id

_OF_PETITION = ("petition", "petition_id")
_ON_THE_WAY = text("state = 'on_the_way'")
_PARTIAL: dict[str, Any] = {"sqlite_where": _ON_THE_WAY, "postgresql_where": _ON_THE_WAY}


class Posting(Sealing, Journaled, table=True):
    """One letter handed to a carrier: to whom and where it went, under which number, and what became of it."""

    __tablename__: ClassVar[str] = "posting"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (
        Index("ix_posting_petition", "petition_id", "posted_on"),
        Index("ix_posting_on_the_way", "petition_id", **_PARTIAL),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    carrier: str = Field(max_length=12)
    tracking: str | None = Field(default=None, max_length=40, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    flag: str | None = Field(
        default=None, max_length=12, description="what is odd about the number: `tracking.Flag`"
    )
    to_name: str = Field(max_length=100, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    to_address: str = Field(max_length=300, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    posted_on: date
    posted_by: UUID | None = Field(default=None, foreign_key="staff.id")
    state: str = Field(default=PostState.ON_THE_WAY, max_length=12)
    ended_on: date | None = None
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)


class Signing(Sealing, SQLModel, table=True):
    """A request for a signature while somebody stands at the window; gone when it ended. What came of it is the delivery's row."""

    __tablename__: ClassVar[str] = "signing"
    __operational__: ClassVar[str] = "lives for minutes; the delivery with its picture is the record"
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (Index("ix_signing_petition", "petition_id"), Index("ix_signing_ends_at", "ends_at"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    code_hash: str = Field(max_length=64, unique=True)
    asked_by: UUID = Field(foreign_key="staff.id")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    receiver: str = Field(max_length=100, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    receiver_as: str = Field(max_length=16)
    checked: str = Field(max_length=16)
    pages: int
    declined: bool = Field(default=False, description="the visitor would rather not draw: the clerk goes on")
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)
