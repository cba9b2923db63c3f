"""Procedures as data, and what is left of their time. Pure but for reading the table once."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from central.deadlines import due as counting
from central.deadlines.calendar import WorkCalendar
from central.deadlines.due import Due
from central.deadlines.rules import Basis, Moment, Rule, Unit

_DATA = Path(__file__).parent / "data" / "procedures.toml"


class Case(StrEnum):
    """Kinds of case."""

    CIVIL = "civil"
    ADMINISTRATIVE = "administrative"
    CRIMINAL = "criminal"
    ENFORCEMENT = "enforcement"


class From(StrEnum):
    """From which day a period runs."""

    SERVED = "served"
    EFFECTIVE = "effective"
    KNOWN = "known"
    PERFORM_BY = "perform_by"


class Where(StrEnum):
    """Who is applied to."""

    OWN = "own"
    ABOVE = "above"
    VIA = "via"
    PLACE = "place"
    PROSECUTOR = "prosecutor"


class Level(StrEnum):
    """How it stands with the time; `litigation.level.<value>`."""

    PAST = "past"
    SHORT = "short"
    BURNS = "burns"
    ENOUGH = "enough"
    #: The day from which it runs was not given.
    UNKNOWN = "unknown"
    #: The law names no last day.
    NONE = "none"


class Late(StrEnum):
    """What is open to whom missed the last day; `litigation.letter.past_<value>`."""

    #: Hindered for good cause: ten days after the hindrance (Civil Procedure Law art. 86; Administrative Litigation Law arts 48, 101).
    TEN_DAYS = "ten_days"
    #: The same in five days (Criminal Procedure Law art. 106).
    FIVE_DAYS = "five_days"
    #: Neither stopped, interrupted nor extended (SPC interpretation of the Civil Procedure Law, 2022, art. 127).
    FIXED = "fixed"
    #: A limitation, which the court does not apply of itself and which may have begun anew (Civil Code arts 192-195).
    LIMITATION = "limitation"


class Procedure(BaseModel):
    """One procedure that is open in one situation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=r"^[a-z][a-z_]*$", max_length=40)
    case: Case
    zh: str
    en: str
    article: str
    from_: From | None = Field(default=None, alias="from")
    amount: int | None = Field(default=None, ge=1)
    unit: Unit = Unit.CALENDAR_DAYS
    roll: bool = True
    late: Late | None = None
    court: Where
    where_zh: str = ""
    where_en: str = ""
    form_zh: str
    form_en: str
    confirmed: bool
    note: str

    @property
    def rule(self) -> Rule | None:
        """The period as the calendar arithmetic takes it.

        The end rolls over rest days (Civil Procedure Law art. 85, Criminal Procedure Law art. 105), but not for whom
        is in custody (the same art. 105).
        """
        if self.amount is None:
            return None
        return Rule(
            key=self.key,
            article=self.article,
            source=self.note,
            basis=Basis.LAW,
            unit=self.unit,
            amount=self.amount,
            roll=self.roll,
            starts=(Moment.RECEIVED,),
            ends=(Moment.CLOSED,),
            owed_by_court=False,
        )


class Warn(BaseModel):
    """When the petitioner is warned."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: int = Field(ge=0)
    share: float = Field(gt=0, le=1)
    waiting_days: int = Field(ge=0)


@dataclass(frozen=True, slots=True)
class Table:
    """The procedures in force and when to warn."""

    version: str
    warning: Warn
    procedures: tuple[Procedure, ...]

    def get(self, key: str) -> Procedure | None:
        """Return the procedure with `key`, None if there is none."""
        return next((each for each in self.procedures if each.key == key), None)

    def of(self, case: Case) -> tuple[Procedure, ...]:
        """Return the situations of a kind of case."""
        return tuple(each for each in self.procedures if each.case is case)


@cache
def table() -> Table:
    """Return the shipped table."""
    told = tomllib.loads(_DATA.read_text("utf-8"))
    return Table(
        told["version"],
        Warn.model_validate(told["warning"]),
        tuple(Procedure.model_validate(each) for each in told["procedure"]),
    )


@dataclass(frozen=True, slots=True)
class Route:
    """What is open and how long still; `left` is negative once the time is over."""

    procedure: Procedure
    started_on: date | None
    derived: Due | None
    left: int | None
    level: Level

    @property
    def due_on(self) -> date | None:
        """The last day, None where there is none or it is not known."""
        return self.derived.due_on if self.derived else None


def route(
    procedure: Procedure, started_on: date | None, *, today: date, calendar: WorkCalendar, warning: Warn
) -> Route:
    """Return the route of a procedure from the day its period began."""
    rule = procedure.rule
    if rule is None:
        return Route(procedure, started_on, None, None, Level.NONE)
    if started_on is None:
        return Route(procedure, None, None, None, Level.UNKNOWN)
    derived = counting.due(rule, started_on, calendar)
    left = (derived.due_on - today).days
    return Route(procedure, started_on, derived, left, _level(derived, left, today, warning))


def _level(derived: Due, left: int, today: date, warning: Warn) -> Level:
    if left < 0:
        return Level.PAST
    used = counting.share_used(derived.start, derived.due_on, today)
    if left <= warning.days or used >= warning.share:
        return Level.SHORT
    if derived.due_on <= today + timedelta(days=warning.waiting_days):
        return Level.BURNS
    return Level.ENOUGH
