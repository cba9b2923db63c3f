"""Reviews as rows, and the letters that end the same facts after a re-review."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.petitions.models import SENSITIVE, new_salt
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id

_OF_PETITION = ("petition", "petition_id")


class Review(Sealing, Journaled, table=True):
    """One review or re-review. Until it ends (`ended_on`) the petition is in the custody of the court that decides it.

    `before_*` is how the petition stood, to be put back when the review is over.
    """

    __tablename__: ClassVar[str] = "review"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (
        Index("ix_review_petition_id", "petition_id"),
        Index(
            "uq_review_running",
            "petition_id",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    stage: str = Field(max_length=10)
    came: str = Field(max_length=10)
    asked_at: datetime = Field(sa_type=UtcDateTime, description="when it was written down")
    asked_on: date = Field(description="day on which the court got it: its clock starts here")
    until_on: date = Field(description="last day on which it might be asked for")
    late: bool = False
    taken_by: UUID | None = Field(default=None, foreign_key="staff.id")
    asked: str = Field(
        description="what is asked for and why", sa_type=SealedText, sa_column_kwargs=SENSITIVE
    )
    before_court_id: UUID = Field(foreign_key="court.id", description="court whose answer is reviewed")
    before_state: str = Field(max_length=24)
    before_handler_id: UUID | None = Field(default=None, foreign_key="staff.id")
    before_leader_id: UUID | None = Field(default=None, foreign_key="staff.id")
    before_department_id: UUID | None = Field(default=None, foreign_key="department.id")
    before_delivered_on: date
    before_attempts: int = 0
    #: On a late request: admitted or refused, by whom, and why.
    judged_by: UUID | None = Field(default=None, foreign_key="staff.id")
    judged: str | None = Field(default=None, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    outcome: str | None = Field(default=None, max_length=10)
    facts: str = Field(default="", sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    basis: str = Field(default="", sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    drafted_by: UUID | None = Field(default=None, foreign_key="staff.id")
    approved_by: UUID | None = Field(default=None, foreign_key="staff.id")
    approved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    court_id: UUID | None = Field(default=None, foreign_key="court.id", description="court that decided")
    letter: str | None = Field(default=None, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    delivered_on: date | None = None
    method: str | None = Field(default=None, max_length=12)
    proof: str | None = Field(default=None, max_length=300, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    ended_on: date | None = None
    end: str | None = Field(default=None, max_length=10)
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)


class SameFacts(Sealing, Journaled, table=True):
    """A petition whose facts and reasons a re-review has settled (art. 36 para 3), as a clerk found, with the letter that says so."""

    __tablename__: ClassVar[str] = "same_facts"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION

    petition_id: UUID = Field(primary_key=True, foreign_key="petition.id")
    settled_id: UUID = Field(foreign_key="petition.id", description="petition whose re-review was delivered")
    by_id: UUID | None = Field(default=None, foreign_key="staff.id")
    at: datetime = Field(sa_type=UtcDateTime)
    reasons: str = Field(sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    letter: str = Field(sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)
