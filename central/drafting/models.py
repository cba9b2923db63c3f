"""Working copies, who has a draft open, and remarks on passages, as rows."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.petitions.models import SENSITIVE, new_salt
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id

_OF_PETITION = ("petition", "petition_id")


class WorkingDraft(Sealing, SQLModel, table=True):
    """What somebody is writing, as their browser last kept it: theirs alone until they save it as a version.

    One row for each person and petition, so that nobody's typing can take another's place. `revision` counts the keepings, so that two
    windows of one person cannot either; `based_on` is the version that was before their eyes.
    """

    __tablename__: ClassVar[str] = "working_draft"
    __operational__: ClassVar[str] = (
        "unfinished typing kept every few seconds; what is saved or submitted is journaled as a version"
    )
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (Index("uq_working_draft_person", "petition_id", "staff_id", unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    staff_id: UUID = Field(foreign_key="staff.id")
    content: str = Field(sa_type=SealedText)
    revision: int = 1
    based_on: int = 0
    saved_at: datetime = Field(sa_type=UtcDateTime)


class DraftPresence(SQLModel, table=True):
    """Who has a draft open, as their page last said. A table and not memory: web processes are several."""

    __tablename__: ClassVar[str] = "draft_presence"
    __operational__: ClassVar[str] = "a sign of life of an open page, worth nothing after a minute"

    petition_id: UUID = Field(primary_key=True, foreign_key="petition.id")
    staff_id: UUID = Field(primary_key=True, foreign_key="staff.id")
    seen_at: datetime = Field(sa_type=UtcDateTime)
    writes: bool = False


class DraftRemark(Sealing, Journaled, table=True):
    """What an approver says of a passage; resolved by the handler. `demand_id` is empty for the opening of the letter."""

    __tablename__: ClassVar[str] = "draft_remark"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (Index("ix_draft_remark_reply", "reply_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    reply_id: UUID = Field(foreign_key="reply.id")
    demand_id: UUID | None = None
    part: str = Field(max_length=12)
    version: int = Field(description="the version that was before the approver's eyes")
    quote: str = Field(default="", max_length=500, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    words: str = Field(max_length=2000, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    by: UUID | None = Field(default=None, foreign_key="staff.id")
    at: datetime = Field(sa_type=UtcDateTime)
    resolved_by: UUID | None = Field(default=None, foreign_key="staff.id")
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)
