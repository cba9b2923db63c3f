"""One row for each message to a petitioner. What became of it stands in the petition's events as well."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, Index, text
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.messages.rules import MessageState
from shared.ids import new_id


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class PetitionerMessage(SQLModel, table=True):
    """One message by one way. Its id is the Message-ID and the idempotency key. No address, no words: both are looked up when it goes."""

    __tablename__: ClassVar[str] = "petitioner_message"
    __operational__: ClassVar[str] = (
        "the way of a message out of the house; its end is an event of the petition"
    )
    __table_args__ = (
        Index(
            "ix_petitioner_message_under_way",
            "next_try_at",
            "id",
            **_where("state IN ('queued', 'sending')"),
        ),
        Index("ix_petitioner_message_waiting", "petition_id", "channel", **_where("state = 'queued'")),
        Index("ix_petitioner_message_parked", "court_id", "made_at", "id", **_where("state = 'parked'")),
        Index("ix_petitioner_message_petition", "petition_id", "made_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    key: str = Field(max_length=80, unique=True, description="the news it was first made for, and the way")
    petition_id: UUID = Field(foreign_key="petition.id")
    court_id: UUID = Field(foreign_key="court.id", description="court that had custody when it was made")
    channel: str = Field(max_length=8, description="`petitions.models.TellBy`")
    about: list[str] = Field(default_factory=list, sa_type=JSON)
    made_at: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(default=MessageState.QUEUED, max_length=8)
    why: str | None = Field(default=None, max_length=20)
    code: str | None = Field(default=None, max_length=20, description="what the other side answered")
    attempts: int = 0
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
