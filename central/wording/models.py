"""Templates and phrases of a court as rows, and how often phrases were used. They hold no word about a person."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.events.journal import Journaled
from shared.ids import new_id

_IN_FORCE = text("retired_at IS NULL")


class Sort(StrEnum):
    """What words are for: the answer to one demand, the opening of the letter, or a phrase to insert anywhere."""

    ITEM = "item"
    LETTER = "letter"
    PHRASE = "phrase"


class Wording(Journaled, table=True):
    """One template or phrase. It is never changed: another row of the same key takes its place, so that old replies can be compared.

    `hidden`: the court, and those below it, do without the one they inherit.
    """

    __tablename__: ClassVar[str] = "wording"
    __journal__: ClassVar[tuple[str, str]] = ("wording", "court_id")
    __table_args__ = (
        Index(
            "uq_wording_in_force",
            "court_id",
            "key",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
        Index("ix_wording_made", "court_id", "made_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    court_id: UUID = Field(foreign_key="court.id")
    key: str = Field(
        max_length=40, description="nearest court wins: a court's own takes the place of the inherited"
    )
    sort: str = Field(max_length=12)
    outcome: str | None = Field(default=None, max_length=20)
    title: str = Field(max_length=80)
    words: str = Field(default="", sa_type=Text)
    basis: str = Field(default="", sa_type=Text)
    hidden: bool = False
    made_by: UUID | None = Field(default=None, foreign_key="staff.id")
    made_at: datetime = Field(sa_type=UtcDateTime)
    retired_by: UUID | None = Field(default=None, foreign_key="staff.id")
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PhraseUse(SQLModel, table=True):
    """In how many submitted replies of a court a phrase stood. As many rows as phrases and courts, however many replies."""

    __tablename__: ClassVar[str] = "phrase_use"
    __operational__: ClassVar[str] = (
        "a count for the order of a list, to be made again from the versions submitted"
    )

    court_id: UUID = Field(primary_key=True, foreign_key="court.id")
    key: str = Field(primary_key=True, max_length=40)
    uses: int
