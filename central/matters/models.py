"""Numbers by which texts are found again, and what clerks decided of two petitions, as rows."""

import secrets
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id

_SENSITIVE: dict[str, Any] = {"info": {"sensitive": True}}


class MatterSketch(SQLModel, table=True):
    """A short number for a petition whose text was read, in the order in which they were read."""

    __tablename__: ClassVar[str] = "matter_sketch"
    __operational__: ClassVar[str] = (
        "made from the petition's text by a reader of the log; rebuilt by `minyi matters rebuild`"
    )

    seq: int | None = Field(default=None, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id", unique=True)


class MatterPiece(SQLModel, table=True):
    """One keyed number of one text (`texts.pieces`): equal ones mean equal runs of three signs; which, only the key tells."""

    __tablename__: ClassVar[str] = "matter_piece"
    __operational__: ClassVar[str] = (
        "made from the petition's text by a reader of the log; rebuilt by `minyi matters rebuild`"
    )
    __table_args__ = (Index("ix_matter_piece_seq", "seq"), {"sqlite_with_rowid": False})

    value: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})


class MatterDecision(Sealing, Journaled, table=True):
    """What a clerk found of two petitions: one matter, or not. The latest of a pair counts; none is ever changed."""

    __tablename__: ClassVar[str] = "matter_decision"
    __journal__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __sealed_by__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __table_args__ = (
        Index("ix_matter_decision_petition", "petition_id", "at"),
        Index("ix_matter_decision_other", "other_id", "at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    other_id: UUID = Field(foreign_key="petition.id")
    verdict: str = Field(max_length=12)
    at: datetime = Field(sa_type=UtcDateTime)
    by_id: UUID | None = Field(default=None, foreign_key="staff.id")
    words: str = Field(default="", max_length=500, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    salt: str = Field(default_factory=lambda: secrets.token_hex(16), max_length=32, sa_type=SealedText)
