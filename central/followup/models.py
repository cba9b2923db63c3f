"""Call-backs as rows."""

from datetime import datetime
from enum import StrEnum
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


class Satisfaction(StrEnum):
    """What the petitioner says of the court's answer. It judges the answer."""

    SATISFIED = "satisfied"
    PARTLY = "partly"
    UNSATISFIED = "unsatisfied"
    NOT_REACHED = "not_reached"


class FollowUp(Sealing, Journaled, table=True):
    """One call-back, made by someone other than the handler."""

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
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)
