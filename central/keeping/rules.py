"""The schedule of keeping as data, and what may become of a petition when its time is over: pure."""

import tomllib
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from central.errors import MinyiError


class BadSchedule(MinyiError):
    """The schedule cannot be used."""


class Kind(StrEnum):
    """What a rule of the schedule is about: how a petition ended, who brought it, or the file of a ledger."""

    #: Of five persons or more (Regulation art. 20 speaks of groups from five on).
    GROUP = "group"
    ANSWERED = "answered"
    EXCUSED = "excused"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    LEDGER_FILE = "ledger_file"


class Then(StrEnum):
    """What happens when the years are over."""

    KEEP = "keep"
    REVIEW = "review"
    ERASE = "erase"


class State(StrEnum):
    """Where the appraisal of one petition stands."""

    #: Somebody is to propose what becomes of it.
    DUE = "due"
    #: A second person is to agree.
    PROPOSED = "proposed"
    #: It will be erased on its day, unless it is held.
    ANNOUNCED = "announced"
    #: It was decided on; key and files are being destroyed.
    ERASING = "erasing"
    ERASED = "erased"
    #: Kept on.
    KEPT = "kept"


class Decision(StrEnum):
    """What may be proposed."""

    ERASE = "erase"
    KEEP = "keep"


#: Kind of an appraisal that no rule reached: the petitioner asked for it.
ASKED = "asked"
#: States in which a petition has an appraisal under way.
RUNNING = (State.DUE, State.PROPOSED, State.ANNOUNCED, State.ERASING)


class Rule(BaseModel):
    """One line of the schedule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    then: Then
    years: int | None = Field(None, ge=1, le=100)

    @model_validator(mode="after")
    def _whole(self) -> "Rule":
        if (self.years is None) != (self.then is Then.KEEP):
            msg = f"{self.kind}: `keep` has no years, `review` and `erase` have"
            raise ValueError(msg)
        if self.kind is Kind.LEDGER_FILE and self.then is Then.REVIEW:
            msg = "ledger_file: nobody reviews files; `keep` or `erase`"
            raise ValueError(msg)
        return self


class Schedule(BaseModel):
    """All rules. Order counts: the first that fits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(max_length=20)
    rule: tuple[Rule, ...]

    @model_validator(mode="after")
    def _once(self) -> "Schedule":
        kinds = [rule.kind for rule in self.rule]
        if len(kinds) != len(set(kinds)):
            msg = "each kind has one rule"
            raise ValueError(msg)
        return self


@cache
def schedule(path: Path | None = None) -> Schedule:
    """Return the schedule of a file, or the shipped one; raise `BadSchedule` with the place that is wrong."""
    try:
        text = (path or resources.files("central.keeping").joinpath("data/schedule.toml")).read_text("utf-8")
        return Schedule.model_validate(tomllib.loads(text))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadSchedule("keeping.schedule_unreadable", path=path, reason=error) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadSchedule("keeping.schedule_wrong", path=path, where=where, reason=first["msg"]) from None


def rule_of(plan: Schedule, kind: Kind) -> Rule | None:
    """Return the rule of a kind."""
    return next((each for each in plan.rule if each.kind is kind), None)


def fits(kind: Kind, *, state: str, excused: bool, group: bool) -> bool:
    """Say whether a petition that ended in `state` is of a kind. The queries of the job say the same in SQL."""
    match kind:
        case Kind.GROUP:
            return group and state in {"closed", "withdrawn", "merged"}
        case Kind.ANSWERED:
            return state == "closed" and not excused
        case Kind.EXCUSED:
            return state == "closed" and excused
        case Kind.MERGED | Kind.WITHDRAWN:
            return state == kind
        case Kind.LEDGER_FILE:
            return False


def rule_for(plan: Schedule, *, state: str, excused: bool, group: bool) -> Rule | None:
    """Return the rule for a petition that ended so: the first that fits. None: no rule, so it is kept."""
    return next(
        (each for each in plan.rule if fits(each.kind, state=state, excused=excused, group=group)), None
    )


def years_before(day: date, years: int) -> date:
    """Return the same day `years` earlier; the 29th of February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def years_after(day: date, years: int) -> date:
    """Return the same day `years` later; the 29th of February becomes the 28th."""
    return years_before(day, -years)
