"""Chains as rows, and the steps of one reply or decision. They hold no word of a petitioner: remarks are notes of the petition."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlmodel import Field

from central.db import UtcDateTime
from central.events.journal import Journaled
from shared.ids import new_id

_IN_FORCE = text("ended_at IS NULL")


class ApprovalChain(Journaled, table=True):
    """Who approves the answers of a court to petitions of a kind or rule set, or its decisions on reviews, in order.

    Never changed: another row takes its place.
    """

    __tablename__: ClassVar[str] = "approval_chain"
    __journal__: ClassVar[tuple[str, str]] = ("chain", "court_id")
    __table_args__ = (
        Index(
            "uq_approval_chain_in_force",
            "court_id",
            "kind",
            "rules",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    court_id: UUID = Field(foreign_key="court.id")
    kind: str = Field(default="", max_length=20, description="one of `rules.KINDS`; empty: all")
    rules: str = Field(
        default="", max_length=100, description="rule set under which the petition began; empty: all"
    )
    steps: str = Field(sa_type=Text, description="JSON: list of `rules.Spec.text`")
    set_by: UUID | None = Field(default=None, foreign_key="staff.id")
    set_at: datetime = Field(sa_type=UtcDateTime)
    ended_by: UUID | None = Field(default=None, foreign_key="staff.id")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApprovalStep(Journaled, table=True):
    """One step through which a submitted reply, or decision on a review, goes; one of the two is named.

    `turn` counts its submissions: what was sent back begins anew.
    """

    __tablename__: ClassVar[str] = "approval_step"
    __journal__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __table_args__ = (
        Index("uq_approval_step_number", "reply_id", "turn", "number", unique=True),
        Index("uq_approval_step_review", "review_id", "turn", "number", unique=True),
        Index("ix_approval_step_petition_id", "petition_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    reply_id: UUID | None = Field(default=None, foreign_key="reply.id")
    review_id: UUID | None = Field(default=None, foreign_key="review.id")
    turn: int
    number: int
    spec: str = Field(max_length=60, description="`rules.Spec.text`")
    person_id: UUID = Field(foreign_key="staff.id", description="who is, or was, to approve")
    outcome: str | None = Field(default=None, max_length=12, description="approved or sent_back")
    decided_by: UUID | None = Field(default=None, foreign_key="staff.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
