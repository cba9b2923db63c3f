"""The recount after an entry into the calendar, as work to be done, and what it moved."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from shared.ids import new_id


class Recount(SQLModel, table=True):
    """All that runs counted anew after an entry: first the clocks, then part by part what else has a due date.

    `cursor` is the last petition, later the last row of `part`, that is settled; it moves in the transaction of its rows.
    """

    __tablename__: ClassVar[str] = "recount"
    __operational__: ClassVar[str] = "progress of work; what it moved is journaled with each petition"
    __table_args__ = (
        Index(
            "ix_recount_unfinished",
            "number",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    notice_id: UUID = Field(primary_key=True, foreign_key="calendar_notice.id")
    number: int = Field(description="of the entry")
    cursor: UUID | None = None
    petitions: int = Field(default=0, description="looked at")
    clocks: int = Field(default=0, description="looked at")
    moved: int = Field(default=0, description="due dates that moved")
    past: int = Field(default=0, description="of these, moved to a day that was over")
    part: str = Field(default="clocks", max_length=20, description="what is being counted")
    others: int = Field(default=0, description="due dates that are no clocks of petitions and moved")
    resting: int = Field(default=0, description="dates that somebody typed and that are rest days now")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class MovedDate(SQLModel, table=True):
    """One due date that an entry moved: from, to, and the days that made the difference (ISO, joined by commas)."""

    __tablename__: ClassVar[str] = "moved_date"
    __operational__: ClassVar[str] = (
        "a list of what the events petition.dates_recounted say, to be read by court"
    )
    __table_args__ = (
        Index("ix_moved_date_listed", "notice_id", "court_id", "past", "due_on", "id"),
        Index("ix_moved_date_petition", "petition_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    notice_id: UUID = Field(foreign_key="calendar_notice.id")
    petition_id: UUID = Field(foreign_key="petition.id")
    court_id: UUID = Field(description="court that had custody")
    clock_id: UUID
    rule: str = Field(max_length=40)
    was_due_on: date
    due_on: date
    past: bool = Field(default=False, description="the new day was over when it was counted")
    days: str = Field(default="", sa_type=Text)


class MovedOther(SQLModel, table=True):
    """A due date that is no clock of a petition: an entry moved it, or (`moved` false) somebody typed what is a rest day now.

    One row for each court that it concerns.
    """

    __tablename__: ClassVar[str] = "moved_other"
    __operational__: ClassVar[str] = "a list of what the events of these things say, to be read by court"
    __table_args__ = (
        Index("ix_moved_other_listed", "notice_id", "court_id", "moved", "due_on", "id"),
        Index("ix_moved_other_petition", "petition_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    notice_id: UUID = Field(foreign_key="calendar_notice.id")
    what: str = Field(max_length=20)
    thing_id: UUID
    petition_id: UUID | None = Field(default=None, foreign_key="petition.id")
    court_id: UUID = Field(foreign_key="court.id", description="court whose duty it was")
    period: str = Field(default="", max_length=20)
    was_due_on: date
    due_on: date
    past: bool = Field(default=False, description="the new day was over when it was counted")
    moved: bool
    days: str = Field(default="", sa_type=Text)
