"""A text for many petitions, and how far each of them is. What is done to a petition is in its own log, by name, as if done singly."""

import secrets
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.vault.columns import SealedText
from central.vault.rows import Sealing

_SENSITIVE: dict[str, Any] = {"info": {"sensitive": True}}
_RUNNING = text("act IS NOT NULL AND stopped_at IS NULL")


class MailMerge(Sealing, SQLModel, table=True):
    """One text and what is being done with it: `act` by `by`, for every petition whose `run` is behind; None: nothing runs."""

    __tablename__: ClassVar[str] = "mail_merge"
    __operational__: ClassVar[str] = (
        "progress of work; every letter's words and acts are journaled with its petition"
    )
    __sealed_by__: ClassVar[tuple[str, str]] = ("", "mailmerge")
    __table_args__ = (
        Index("ix_mail_merge_court", "court_id", "made_at", "id"),
        Index("ix_mail_merge_person", "made_by", "made_at", "id"),
        Index("ix_mail_merge_running", "began_at", sqlite_where=_RUNNING, postgresql_where=_RUNNING),
    )

    id: UUID = Field(primary_key=True, description="of the form: sent twice, it counts once")
    court_id: UUID = Field(foreign_key="court.id")
    made_by: UUID = Field(foreign_key="staff.id")
    made_at: datetime = Field(sa_type=UtcDateTime)
    title: str = Field(max_length=200, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    words: str = Field(sa_type=SealedText, sa_column_kwargs=_SENSITIVE, description="the letter's opening")
    outcome: str = Field(max_length=20)
    facts: str = Field(sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    basis: str = Field(sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    total: int = Field(description="petitions")
    run: int = Field(default=0, description="number of the act wanted last")
    act: str | None = Field(default=None, max_length=20)
    by: UUID | None = Field(default=None, foreign_key="staff.id")
    remark: str | None = Field(default=None, max_length=2000, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    began_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stopped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    salt: str = Field(default_factory=lambda: secrets.token_hex(16), max_length=32, sa_type=SealedText)


class MailMergeItem(Sealing, SQLModel, table=True):
    """One petition of a merge. `run` moves in the transaction of its act: no act is done twice, none is left out."""

    __tablename__: ClassVar[str] = "mail_merge_item"
    __operational__: ClassVar[str] = "progress of work; what was done is journaled with the petition"
    __sealed_by__: ClassVar[tuple[str, str]] = ("", "mailmerge")
    __table_args__ = (
        Index("ix_mail_merge_item_petition", "petition_id"),
        Index("ix_mail_merge_item_run", "merge_id", "run", "place"),
    )

    merge_id: UUID = Field(primary_key=True, foreign_key="mail_merge.id")
    place: int = Field(primary_key=True, description="from 1, in the order of the numbers typed")
    petition_id: UUID = Field(foreign_key="petition.id")
    version: int | None = Field(
        default=None, description="of the draft that was written from this text; None: none was"
    )
    run: int = Field(default=0, description="of the act that last came to this petition")
    done: bool = Field(default=False, description="that act was done; otherwise `problem` says why not")
    problem: str | None = Field(
        default=None,
        sa_type=SealedText,
        sa_column_kwargs=_SENSITIVE,
        description="JSON: key and values of the sentence",
    )
    salt: str = Field(default_factory=lambda: secrets.token_hex(16), max_length=32, sa_type=SealedText)
