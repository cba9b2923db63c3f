"""Running periods as rows. A due date is always derived from start, pauses and extension, and kept only to be sorted by."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from central.events.journal import Journaled, from_before
from central.vault.rows import NOT_LOGGED
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
            "court_id",
            "owed_month",
            "petition_id",
            "id",
            sqlite_where=text("result = 'open'"),
            postgresql_where=text("result = 'open'"),
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
