"""Supervision orders and their rounds, as rows. They belong to the petition: to its log, and under its key."""

import secrets
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.supervision.states import State
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id

_SENSITIVE: dict[str, Any] = {"info": {"sensitive": True}}
_OF_PETITION = ("petition", "petition_id")
_OPEN = text("state IN ('issued', 'answered')")
_ENDED = text("ended_at IS NOT NULL")


def _salt() -> str:
    return secrets.token_hex(16)


class SupervisionOrder(Sealing, Journaled, table=True):
    """One order about one petition. `court_id` answers; `judge_court_id` judges: the court that gave it, once escalated the one above."""

    __tablename__: ClassVar[str] = "supervision_order"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (
        Index("ix_supervision_order_petition", "petition_id"),
        Index("ix_supervision_order_court", "court_id", "state", "due_on", "id"),
        Index("ix_supervision_order_judge", "judge_court_id", "state", "due_on", "id"),
        Index("ix_supervision_order_due", "state", "due_on", "id"),
        Index(
            "ix_supervision_order_ended",
            "court_id",
            "ended_at",
            "id",
            sqlite_where=_ENDED,
            postgresql_where=_ENDED,
        ),
        Index("ix_supervision_order_newest", "ended_at", "id", sqlite_where=_ENDED, postgresql_where=_ENDED),
        Index(
            "uq_supervision_order_running",
            "petition_id",
            "issuer_court_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    court_id: UUID = Field(foreign_key="court.id", description="court that answers")
    issuer_court_id: UUID = Field(foreign_key="court.id", description="court that gave the order")
    judge_court_id: UUID = Field(foreign_key="court.id", description="court that judges the answer")
    reason: str = Field(max_length=20)
    words: str = Field(max_length=2000, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    issued_by: UUID | None = Field(default=None, foreign_key="staff.id")
    issued_at: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(default=State.ISSUED, max_length=12)
    round: int = 1
    refusals: int = Field(default=0, description="answers sent back at this level")
    escalations: int = 0
    due_on: date = Field(description="of the running round")
    proposed_on: date | None = Field(default=None, description="day on which escalation was proposed")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: UUID | None = Field(default=None, foreign_key="staff.id")
    end_words: str | None = Field(
        default=None, max_length=2000, sa_type=SealedText, sa_column_kwargs=_SENSITIVE
    )
    salt: str = Field(default_factory=_salt, max_length=32, sa_type=SealedText)


class SupervisionRound(Sealing, Journaled, table=True):
    """One question and its answer: the clock of the round, what the court answered, what was said of it."""

    __tablename__: ClassVar[str] = "supervision_round"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (Index("uq_supervision_round_number", "order_id", "number", unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    order_id: UUID = Field(foreign_key="supervision_order.id")
    petition_id: UUID = Field(foreign_key="petition.id")
    number: int
    asked_by_court_id: UUID = Field(foreign_key="court.id")
    period: str = Field(max_length=20)
    periods_version: str = Field(max_length=20)
    started_on: date
    due_on: date
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by: UUID | None = Field(default=None, foreign_key="staff.id")
    explanation: str | None = Field(default=None, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    measures: str | None = Field(default=None, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    evidence: str = Field(default="", max_length=680, description="ids of the petition's files, with commas")
    judged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    judged_by: UUID | None = Field(default=None, foreign_key="staff.id")
    verdict: str | None = Field(default=None, max_length=12)
    judgement: str | None = Field(default=None, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    salt: str = Field(default_factory=_salt, max_length=32, sa_type=SealedText)

    @property
    def cited(self) -> tuple[UUID, ...]:
        """The petition's files that prove the answer."""
        return tuple(UUID(each) for each in self.evidence.split(",") if each)
