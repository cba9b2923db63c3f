"""The periods that may be chosen, as data, and the day each gives: no due date is typed."""

import tomllib
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field, model_validator

from central.deadlines.calendar import WorkCalendar
from central.deadlines.due import Due, due
from central.deadlines.rules import Basis, Moment, Rule, Unit
from central.errors import Invalid


class Use(StrEnum):
    """What a period is for."""

    ORDER = "order"
    #: An order asked for once more, or by the court above.
    AGAIN = "again"
    INSTRUCTION = "instruction"
    PROMISE = "promise"
    BATCH = "batch"
    #: What a petitioner sent or asked for after the petition came in.
    SUPPLEMENT = "supplement"
    OBJECTION = "objection"
    ERASURE = "erasure"


class Period(BaseModel):
    """One period. `amount` counts `unit`s; the first day is not counted, an end on a rest day moves on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{1,19}$")
    amount: int = Field(ge=1, le=366)
    unit: Unit
    uses: tuple[Use, ...] = Field(min_length=1)
    article: str
    source: str

    @property
    def unit_key(self) -> str:
        """Catalogue key of the unit, a sentence with `{amount}`."""
        return f"deadlines.unit.{self.unit}"


class Periods(BaseModel):
    """All periods of a version, shortest first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(min_length=1, max_length=20)
    period: tuple[Period, ...]

    @model_validator(mode="after")
    def _whole(self) -> "Periods":
        keys = [each.key for each in self.period]
        if len(keys) != len(set(keys)):
            raise ValueError("each key stands once")
        if any(not self.of(use) for use in Use):
            raise ValueError("each use has a period")
        return self

    def of(self, use: Use) -> tuple[Period, ...]:
        """Return the periods from which somebody may choose for a use."""
        return tuple(each for each in self.period if use in each.uses)


def load(text: str) -> Periods:
    """Read periods from TOML; raise `ValueError` with what is wrong."""
    return Periods.model_validate(tomllib.loads(text))


@cache
def shipped() -> Periods:
    """Return the periods of `data/periods.toml`."""
    return load(resources.files("central.supervision").joinpath("data/periods.toml").read_text("utf-8"))


def chosen(key: str, use: Use, *, field: str = "period") -> Period:
    """Return the period with a key, if it is one of those for the use; raise `Invalid`."""
    found = next((each for each in shipped().of(use) if each.key == key), None)
    if found is None:
        raise Invalid("supervision.period_unknown", field=field)
    return found


def derived(period: Period, start: date, calendar: WorkCalendar) -> Due:
    """Return the due day of something given on `start`, with every step for whoever checks it by hand."""
    rule = Rule.model_validate(
        {
            "key": period.key,
            "article": period.article,
            "source": period.source,
            "basis": Basis.HOUSE,
            "unit": period.unit,
            "amount": period.amount,
            "roll": True,
            "starts": (Moment.RECEIVED,),
            "ends": (Moment.CLOSED,),
            "owed_by_court": True,
        }
    )
    return due(rule, start, calendar)


def by_key(key: str) -> Period | None:
    """Return a period that was chosen once; None if the data has lost it."""
    return next((each for each in shipped().period if each.key == key), None)
