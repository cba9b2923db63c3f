"""The litigation route of a petition as a row: what the letter told, so that it can be shown and set on paper again."""

from datetime import date, datetime
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


class LitigationRoute(Sealing, Journaled, table=True):
    """One guidance letter: procedure, the day its time began, its last day as told, and the words."""

    __tablename__: ClassVar[str] = "litigation_route"
    __journal__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __sealed_by__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __table_args__ = (Index("ix_litigation_route_petition", "petition_id", "at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    procedure: str = Field(max_length=40)
    table_version: str = Field(max_length=20)
    started_on: date | None = None
    due_on: date | None = None
    level: str = Field(max_length=12)
    court: str = Field(sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    words: str = Field(sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    at: datetime = Field(sa_type=UtcDateTime)
    by_id: UUID | None = Field(default=None, foreign_key="staff.id")
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)
