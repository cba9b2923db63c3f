"""Instructions and their addressees as rows. They outlive a petition's own key, so its words do not belong in them."""

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
_SEALED = ("", "instructions")
_RUNNING = text("state = 'running'")


def _salt() -> str:
    return secrets.token_hex(16)


class State(StrEnum):
    """Where an instruction stands."""

    RUNNING = "running"
    #: Every addressee reported.
    DONE = "done"
    WITHDRAWN = "withdrawn"


class Instruction(Sealing, Journaled, table=True):
    """What a leader wrote, about a petition or of itself."""

    __tablename__: ClassVar[str] = "instruction"
    __journal__: ClassVar[tuple[str, str]] = ("instruction", "id")
    __sealed_by__: ClassVar[tuple[str, str]] = _SEALED
    __table_args__ = (
        Index("ix_instruction_leader", "leader_id", "state", "due_on", "id"),
        Index("ix_instruction_petition", "petition_id"),
        Index("ix_instruction_due", "due_on", sqlite_where=_RUNNING, postgresql_where=_RUNNING),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    leader_id: UUID = Field(foreign_key="staff.id")
    court_id: UUID = Field(foreign_key="court.id")
    petition_id: UUID | None = Field(default=None, foreign_key="petition.id")
    words: str = Field(max_length=2000, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    period: str = Field(max_length=20)
    periods_version: str = Field(max_length=20)
    started_on: date
    due_on: date
    given_at: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(default=State.RUNNING, max_length=12)
    noted_on: date | None = Field(default=None, description="day on which it was noted as late")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    end_words: str | None = Field(
        default=None, max_length=2000, sa_type=SealedText, sa_column_kwargs=_SENSITIVE
    )
    salt: str = Field(default_factory=_salt, max_length=32, sa_type=SealedText)


class InstructionAddressee(Sealing, Journaled, table=True):
    """One person who is to carry an instruction out."""

    __tablename__: ClassVar[str] = "instruction_addressee"
    __journal__: ClassVar[tuple[str, str]] = ("instruction", "instruction_id")
    __sealed_by__: ClassVar[tuple[str, str]] = _SEALED
    __table_args__ = (
        Index("uq_instruction_addressee", "instruction_id", "staff_id", unique=True),
        Index("ix_instruction_addressee_staff", "staff_id", "reported_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    instruction_id: UUID = Field(foreign_key="instruction.id")
    staff_id: UUID = Field(foreign_key="staff.id")
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    report: str | None = Field(default=None, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    reported_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    salt: str = Field(default_factory=_salt, max_length=32, sa_type=SealedText)
