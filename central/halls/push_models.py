"""What became of each notification of a call for help."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime


class PushState(StrEnum):
    """Where a notification stands. STOPPED: nobody needed it any more. GONE: the push service knows the device no more."""

    QUEUED = "queued"
    SENT = "sent"
    STOPPED = "stopped"
    GONE = "gone"
    REFUSED = "refused"
    GAVE_UP = "gave_up"


class PushMessage(SQLModel, table=True):
    """A call for help, at one circle, on its way to one device. `code`: what the push service answered last."""

    __tablename__: ClassVar[str] = "push_message"
    __operational__: ClassVar[str] = "messages under way, kept for a week; the call itself is events"
    __table_args__ = (
        Index(
            "ix_push_message_queued",
            "next_try_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index("ix_push_message_made", "made_at"),
    )

    call_id: UUID = Field(primary_key=True, foreign_key="assistance_call.id")
    circle: int = Field(primary_key=True)
    device_id: UUID = Field(primary_key=True, foreign_key="push_device.id")
    state: str = Field(default=PushState.QUEUED, max_length=10)
    attempts: int = 0
    code: str = Field(default="", max_length=20)
    made_at: datetime = Field(sa_type=UtcDateTime)
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
