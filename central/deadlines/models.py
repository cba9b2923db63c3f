"""Running periods as rows. A due date is always derived from start, pauses and extension, and kept only to be sorted by."""

import secrets
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.events.journal import Journaled, from_before
from central.vault.columns import SealedText
from central.vault.rows import NOT_LOGGED, Sealing
from shared.ids import new_id


class DeadlineClock(Journaled, table=True):
    """One legal period of one petition under one version of the rules."""

    __tablename__: ClassVar[str] = "clock"
    __journal__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __table_args__ = (
        Index("ix_clock_petition_id", "petition_id"),
        # What the sweep has not noted yet. Written as SQLAlchemy writes the query: SQLite compares the texts.
        Index(
            "ix_clock_to_note",
            "due_on",
            "id",
            sqlite_where=text("ended_on IS NULL AND noted_on IS NULL AND standing_still = 0"),
            postgresql_where=text("ended_on IS NULL AND noted_on IS NULL AND NOT standing_still"),
        ),
        Index(
            "ix_clock_duty",
            "court_id",
            "rule",
            "result",
            "owed_month",
            "id",
            sqlite_where=text("result IS NOT NULL"),
            postgresql_where=text("result IS NOT NULL"),
        ),
        Index(
            "ix_clock_duty_open",
            "rule",
            "due_on",
            "standing_still",
            "court_id",
            "owed_month",
            "petition_id",
            "id",
            sqlite_where=text("result = 'open'"),
            postgresql_where=text("result = 'open'"),
        ),
        # For the recount after a notice: what runs, petition by petition.
        Index(
            "ix_clock_running",
            "petition_id",
            "started_on",
            "due_on",
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    rule: str = Field(max_length=40)
    rules_version: str = Field(max_length=120)
    started_on: date
    #: Which turn of a rule that recurs, counted from `started_on`.
    occurrence: int = Field(default=1, sa_column_kwargs=from_before(value=1))
    due_on: date
    extension_days: int = 0
    ended_on: date | None = None
    #: `met`, `late` or `cancelled`, once ended
    outcome: str | None = Field(default=None, max_length=12)
    #: An open pause covers it: it is neither overdue nor next. Follows from the pauses, kept by pause and resume.
    standing_still: bool = Field(default=False, sa_column_kwargs=NOT_LOGGED)
    #: Day on which the sweep noted that it is overdue.
    noted_on: date | None = None
    court_id: UUID | None = Field(
        default=None,
        foreign_key="court.id",
        description="court that had custody when it started: who owes it",
    )
    owed_month: int | None = Field(
        default=None, description="month in which a duty of the ledger arose, 202610 for October 2026"
    )
    result: str | None = Field(
        default=None, max_length=8, description="what became of a duty: `deadlines.duties.Result`"
    )
    excuse: str | None = Field(default=None, max_length=20, description="coded excuse registered for it")


class ClockPause(Journaled, table=True):
    """Days that a clock leaves out. Open while `until_on` is empty."""

    __tablename__: ClassVar[str] = "clock_pause"
    __journal__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __table_args__ = (Index("ix_clock_pause_petition_id", "petition_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    clock_id: UUID = Field(foreign_key="clock.id")
    from_on: date
    until_on: date | None = None
    #: Why it stands still (`Ground`); empty in what was written before grounds were: a supplement.
    ground: str | None = Field(default=None, max_length=20)


class CalendarNotice(Sealing, Journaled, table=True):
    """One entry into the calendar: a whole year's notice, or single days. Entries are never changed, later ones go on top.

    `number` counts the entries; the newest says which calendar is in force, and `version` names what all up to it come to.
    """

    __tablename__: ClassVar[str] = "calendar_notice"
    __journal__: ClassVar[tuple[str, str]] = ("calendar", "year")
    __sealed_by__: ClassVar[tuple[str, str]] = ("", "calendar")
    __table_args__ = (
        Index("uq_calendar_notice_number", "number", unique=True),
        Index("ix_calendar_notice_year", "year", "number"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    number: int
    year: int
    whole: bool = Field(description="replaces all that was entered or shipped for the year")
    title: str = Field(default="", max_length=200)
    reference: str = Field(default="", max_length=60, description="number of the notice")
    issued_on: date | None = None
    status: str = Field(max_length=10)
    version: str = Field(max_length=40)
    reason: str | None = Field(
        default=None, max_length=300, sa_type=SealedText, sa_column_kwargs={"info": {"sensitive": True}}
    )
    entered_by: UUID | None = Field(default=None, foreign_key="staff.id")
    entered_at: datetime = Field(sa_type=UtcDateTime)
    salt: str = Field(default_factory=lambda: secrets.token_hex(16), max_length=32, sa_type=SealedText)


class CalendarDay(Journaled, table=True):
    """One day of an entry: off or worked, and of which holiday."""

    __tablename__: ClassVar[str] = "calendar_day"
    __journal__: ClassVar[tuple[str, str]] = ("calendar", "year")
    __table_args__ = (Index("uq_calendar_day_notice", "notice_id", "day", unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    notice_id: UUID = Field(foreign_key="calendar_notice.id")
    year: int = Field(description="year of the notice; a day can lie in the last week before it")
    day: date
    worked: bool
    name: str = Field(default="", max_length=40)


class ShippedDays(SQLModel, table=True):
    """The working days that the libraries shipped when somebody first counted with them, to know what an update changed.

    `number` is that of the entry by which the update was noted; 0: the first that was seen here.
    """

    __tablename__: ClassVar[str] = "shipped_days"
    __operational__: ClassVar[str] = "a copy of what the libraries say, to compare a later version with"
    __table_args__ = (Index("uq_shipped_days_number", "number", unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    number: int
    version: str = Field(max_length=60)
    days: str = Field(sa_type=Text, description="`calendar.packed`")
    noted_at: datetime = Field(sa_type=UtcDateTime)
