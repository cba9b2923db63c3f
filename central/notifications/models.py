"""What people are told, as rows: one notice for each thing and person, one dispatch for each message that carries some."""

import secrets
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, Index, text
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.notifications.rules import DispatchState, NoticeState
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id

_SENSITIVE: dict[str, Any] = {"info": {"sensitive": True}}
PLANNED = "state = 'planned'"
UNDER_WAY = "state IN ('queued', 'sending')"
INBOX = "channel = 'inbox'"
UNREAD = "channel = 'inbox' AND read_at IS NULL"


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Notice(SQLModel, table=True):
    """One thing that one person is told, once: `key` is the thing and the person. No words, no names: codes and ids.

    `kind` is the key of its sentence; `values` fill it, beside the number of the petition. `bundle` names the message, the
    same on every channel, that carried it.
    """

    __tablename__: ClassVar[str] = "notice"
    __operational__: ClassVar[str] = "says to people what clocks and events hold; nothing is decided by it"
    __table_args__ = (
        Index("ix_notice_planned", "staff_id", "id", **_where(PLANNED)),
        Index("ix_notice_bundle", "bundle", **_where("bundle IS NOT NULL")),
        Index("ix_notice_clock", "clock_id", "level", **_where("clock_id IS NOT NULL")),
        Index("ix_notice_person", "staff_id", "made_at", "id"),
        Index("ix_notice_court", "court_id", "made_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    key: str = Field(max_length=120, unique=True)
    kind: str = Field(max_length=80)
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    court_id: UUID = Field(foreign_key="court.id", description="court whose work it is about")
    petition_id: UUID | None = Field(default=None, foreign_key="petition.id")
    clock_id: UUID | None = Field(default=None, foreign_key="clock.id")
    level: str | None = Field(default=None, max_length=8)
    rule: str | None = Field(default=None, max_length=40)
    due_on: date | None = None
    values: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at_once: bool = Field(default=False, description="does not wait for the morning")
    made_at: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(default=NoticeState.PLANNED, max_length=8)
    why: str | None = Field(default=None, max_length=20)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    bundle: UUID | None = None


class Dispatch(SQLModel, table=True):
    """One message to one person by one channel. Its id is the Message-ID and the idempotency key."""

    __tablename__: ClassVar[str] = "dispatch"
    __operational__: ClassVar[str] = "the way of a message out of the house; what it says stands in notices"
    __table_args__ = (
        Index("ix_dispatch_under_way", "next_try_at", "id", **_where(UNDER_WAY)),
        Index("ix_dispatch_inbox", "staff_id", "made_at", "id", **_where(INBOX)),
        Index("ix_dispatch_unread", "staff_id", **_where(UNREAD)),
        Index("ix_dispatch_parked", "court_id", "id", **_where("state = 'parked'")),
        Index("uq_dispatch_bundle_channel", "bundle", "channel", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    bundle: UUID
    channel: str = Field(max_length=8)
    staff_id: UUID = Field(foreign_key="staff.id")
    court_id: UUID = Field(foreign_key="court.id")
    lines: int
    digest: bool
    made_at: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(default=DispatchState.QUEUED, max_length=8)
    why: str | None = Field(default=None, max_length=20)
    code: str | None = Field(default=None, max_length=20, description="what the other side answered")
    attempts: int = 0
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="of the inbox alone")


class NoticePreference(Sealing, Journaled, table=True):
    """How a member of staff wants to be told. Without a row: inbox alone, one digest a morning, the hours of the house."""

    __tablename__: ClassVar[str] = "notice_preference"
    __journal__: ClassVar[tuple[str, str]] = ("staff", "staff_id")
    __sealed_by__: ClassVar[tuple[str, str]] = ("", "notices")

    staff_id: UUID = Field(primary_key=True, foreign_key="staff.id")
    channel: str = Field(default="inbox", max_length=8)
    digest: bool = True
    opens: str = Field(default="", max_length=5)
    closes: str = Field(default="", max_length=5)
    mail: str | None = Field(default=None, max_length=200, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    phone: str | None = Field(default=None, max_length=25, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    salt: str = Field(default_factory=lambda: secrets.token_hex(16), max_length=32, sa_type=SealedText)


class SweepMark(SQLModel, table=True):
    """How far a daily search has come: `day` was searched to its end."""

    __tablename__: ClassVar[str] = "sweep_mark"
    __operational__: ClassVar[str] = (
        "spares a second search; what was found stands in rows with keys of their own"
    )

    name: str = Field(primary_key=True, max_length=40)
    day: date


class ClockWitness(SQLModel, table=True):
    """What the clock of a machine said beside its monotonic clock, by which a jump is found out."""

    __tablename__: ClassVar[str] = "clock_witness"
    __operational__: ClassVar[str] = "a reading of the machine's clocks, replaced every half minute"

    boot: str = Field(primary_key=True, max_length=40, description="id of the machine's running system")
    steady: float = Field(description="its monotonic clock, in seconds")
    at: datetime = Field(sa_type=UtcDateTime, description="the moment believed then")
    held_steady: float | None = Field(default=None, description="monotonic clock when a jump was found")
    held_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
