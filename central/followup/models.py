"""Call-backs, own words and the decisions they force, as rows."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.petitions.models import SENSITIVE, new_salt
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id


class FollowUp(Sealing, Journaled, table=True):
    """What a petitioner said of one answer (to a caller who is not the handler, or on their own page), or that nobody was reached.

    An own word is one row for each answer, changed in place; the events keep what it was.
    """

    __tablename__: ClassVar[str] = "follow_up"
    __journal__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __sealed_by__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __table_args__ = (Index("ix_follow_up_petition_id", "petition_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    at: datetime = Field(sa_type=UtcDateTime)
    by_id: UUID | None = Field(default=None, foreign_key="staff.id")
    method: str = Field(max_length=12)
    satisfaction: str = Field(max_length=12)
    words: str = Field(default="", sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    #: When it was called, and the number, masked: without both a call does not count.
    called_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    called: str | None = Field(default=None, max_length=30, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    #: Version of the questionnaire, the choices as JSON (about the court alone), the free texts as JSON.
    questionnaire: str | None = Field(default=None, max_length=20)
    choices: str | None = Field(default=None, max_length=500)
    texts: str | None = Field(default=None, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)


class FollowUpDecision(Sealing, Journaled, table=True):
    """What a third person decided where the petitioner is not satisfied, with the reasons the petitioner reads."""

    __tablename__: ClassVar[str] = "follow_up_decision"
    __journal__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __sealed_by__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __table_args__ = (Index("ix_follow_up_decision_petition_id", "petition_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    at: datetime = Field(sa_type=UtcDateTime)
    by_id: UUID | None = Field(default=None, foreign_key="staff.id")
    decision: str = Field(max_length=12, description="`rules.Decision`, or `reopen`")
    reasons: str = Field(sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)
