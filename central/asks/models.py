"""What petitioners sent, as rows. They belong to the petition: to its log, and under its key."""

import secrets
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from central.asks.rules import State
from central.db import UtcDateTime
from central.events.journal import Journaled
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id

_SENSITIVE: dict[str, Any] = {"info": {"sensitive": True}}
_OF_PETITION = ("petition", "petition_id")
_OPEN = text("state = 'open'")
_DONE = text("state = 'done'")


def _salt() -> str:
    return secrets.token_hex(16)


class PetitionerAsk(Sealing, Journaled, table=True):
    """A supplement or an objection. Whose turn it is follows from the petition: the court that has custody now, its handler."""

    __tablename__: ClassVar[str] = "petitioner_ask"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (
        Index("ix_petitioner_ask_petition", "petition_id", "asked_at"),
        Index("ix_petitioner_ask_open", "due_on", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_petitioner_ask_done", "done_at", "id", sqlite_where=_DONE, postgresql_where=_DONE),
    )

    id: UUID = Field(
        default_factory=new_id, primary_key=True, description="of the form: sent twice, it counts once"
    )
    petition_id: UUID = Field(foreign_key="petition.id")
    kind: str = Field(max_length=12)
    about: str | None = Field(default=None, max_length=12, description="of an objection")
    words: str = Field(sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    files: str = Field(
        default="", max_length=60, description="numbers of the files that came with it, with commas"
    )
    asked_at: datetime = Field(sa_type=UtcDateTime)
    due_on: date = Field(description="day by which the court deals with it")
    state: str = Field(default=State.OPEN, max_length=8)
    outcome: str | None = Field(default=None, max_length=12)
    answer: str | None = Field(default=None, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_by: UUID | None = Field(default=None, foreign_key="staff.id")
    salt: str = Field(default_factory=_salt, max_length=32, sa_type=SealedText)

    @property
    def numbers(self) -> tuple[int, ...]:
        """Numbers of the files that came with it."""
        return tuple(int(each) for each in self.files.split(",") if each)
