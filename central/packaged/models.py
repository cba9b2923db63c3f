"""A leader's own cases: the package, the steps of its plan, the visits, as rows of the petition."""

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
_STEP_OPEN = text("state = 'open'")


def _salt() -> str:
    return secrets.token_hex(16)


class StepState(StrEnum):
    """What became of a step of the plan."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Result(StrEnum):
    """How a packaged case ended. About the matter, never about the person."""

    SETTLED = "settled"
    EXPLAINED = "explained"
    AID_GIVEN = "aid_given"
    TO_PROCEDURE = "to_procedure"
    HANDED_OVER = "handed_over"


class How(StrEnum):
    """How a visit was made."""

    AT_HOME = "at_home"
    AT_COURT = "at_court"
    PHONE = "phone"
    VIDEO = "video"
    ON_SITE = "on_site"


class CasePackage(Sealing, Journaled, table=True):
    """A matter that a leader took on. One is open per petition."""

    __tablename__: ClassVar[str] = "case_package"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (
        Index("uq_case_package_open", "petition_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_case_package_petition", "petition_id"),
        Index("ix_case_package_court", "court_id", "opened_at", "id"),
        Index("ix_case_package_leader", "leader_id", "opened_at", "id"),
        Index("ix_case_package_person", "person_id", "opened_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    court_id: UUID = Field(foreign_key="court.id")
    leader_id: UUID = Field(foreign_key="staff.id")
    person_id: UUID = Field(foreign_key="staff.id", description="responsible person")
    plan: str = Field(description="the written programme", sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    document_id: UUID | None = Field(default=None, foreign_key="document.id")
    opened_at: datetime = Field(sa_type=UtcDateTime)
    opened_by: UUID | None = Field(default=None, foreign_key="staff.id")
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: UUID | None = Field(default=None, foreign_key="staff.id")
    result: str | None = Field(default=None, max_length=16)
    result_words: str | None = Field(default=None, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    salt: str = Field(default_factory=_salt, max_length=32, sa_type=SealedText)


class PackageStep(Sealing, Journaled, table=True):
    """One step of the plan with its day."""

    __tablename__: ClassVar[str] = "package_step"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (
        Index("ix_package_step_package", "package_id", "due_on", "id"),
        Index("ix_package_step_open", "due_on", sqlite_where=_STEP_OPEN, postgresql_where=_STEP_OPEN),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    package_id: UUID = Field(foreign_key="case_package.id")
    petition_id: UUID = Field(foreign_key="petition.id")
    words: str = Field(max_length=2000, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    due_on: date
    state: str = Field(default=StepState.OPEN, max_length=8)
    note: str | None = Field(default=None, max_length=2000, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: UUID | None = Field(default=None, foreign_key="staff.id")
    salt: str = Field(default_factory=_salt, max_length=32, sa_type=SealedText)


class PackageVisit(Sealing, Journaled, table=True):
    """One visit or talk: when, who, how, and what came of it."""

    __tablename__: ClassVar[str] = "package_visit"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (Index("ix_package_visit_package", "package_id", "day", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    package_id: UUID = Field(foreign_key="case_package.id")
    petition_id: UUID = Field(foreign_key="petition.id")
    day: date
    staff_id: UUID = Field(foreign_key="staff.id", description="who went")
    how: str = Field(max_length=12)
    words: str = Field(sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    recorded_by: UUID | None = Field(default=None, foreign_key="staff.id")
    salt: str = Field(default_factory=_salt, max_length=32, sa_type=SealedText)
