"""The legal periods as data: which moment starts one, how long it runs, what ends it, and by what source.

A rule set is versioned, because a petition keeps the rules under which its clocks started. `books.py` joins sets,
provinces and kinds of petition.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

M = TypeVar("M", bound=BaseModel)


class Unit(StrEnum):
    """How a period is counted; `deadlines.unit.<value>` names it in the catalogue."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"


class Basis(StrEnum):
    """Who says so. Only figures of courts' practice and of the house may be changed by a setting."""

    LAW = "law"
    PRACTICE = "practice"
    HOUSE = "house"


class Moment(StrEnum):
    """Dated moments of a petition that start or end clocks; the petition's table of acts reports them."""

    RECEIVED = "received"
    TRANSFERRED_IN = "transferred_in"
    OBJECTED = "objected"
    PROCEDURAL_REPLY_SENT = "procedural_reply_sent"
    WRITTEN_NOTICE_SENT = "written_notice_sent"
    ACCEPTED = "accepted"
    ACCEPTED_CLASS6 = "accepted_class6"
    DECLINED = "declined"
    TO_LITIGATION = "to_litigation"
    TRANSFERRED_OUT = "transferred_out"
    SUPPLEMENT_ASKED = "supplement_asked"
    SUPPLEMENT_RECEIVED = "supplement_received"
    ANSWER_LAPSED = "answer_lapsed"
    PROGRESS_SENT = "progress_sent"
    ANSWER_ISSUED = "answer_issued"
    DELIVERY_ATTEMPTED = "delivery_attempted"
    ANSWER_DELIVERED = "answer_delivered"
    #: A refusal, or the guidance to a court procedure, arrived: nobody is called back about an answer.
    NOTICE_DELIVERED = "notice_delivered"
    #: A refusal for facts that a re-review settled arrived: no review may be asked for (art. 36 para 3).
    FINAL_NOTICE_DELIVERED = "final_notice_delivered"
    FOLLOWED_UP = "followed_up"
    UNSATISFIED = "unsatisfied"
    DECIDED = "decided"
    #: The petitioner was asked, and nothing is left to decide.
    SETTLED = "settled"
    REVIEW_REQUESTED = "review_requested"
    REVIEW_ANSWERED = "review_answered"
    REVIEW_DELIVERED = "review_delivered"
    RE_REVIEW_REQUESTED = "re_review_requested"
    RE_REVIEW_ANSWERED = "re_review_answered"
    #: A re-review, or a review that sends back, arrived: nothing more may be asked for against it.
    RE_REVIEW_DELIVERED = "re_review_delivered"
    REVIEW_LATE = "review_late"
    REVIEW_ADMITTED = "review_admitted"
    REVIEW_REFUSED = "review_refused"
    REVIEW_WITHDRAWN = "review_withdrawn"
    #: A review ended without a decision while the petition was not closed: the call-back is owed again.
    CALL_AGAIN = "call_again"
    EXCUSED = "excused"
    PROCEDURAL_REPLY_EXCUSED = "procedural_reply_excused"
    NOTICE_WAIVED = "notice_waived"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    REOPENED = "reopened"


class Ground(StrEnum):
    """Why a clock may stand still; `deadlines.ground.<value>` names it. Each rule says which ones stop it."""

    #: The petitioner was asked to supplement.
    SUPPLEMENT = "supplement"
    #: The days of a hearing are not counted (Regulation art. 36).
    HEARING = "hearing"
    #: Another ground that the source of the rule names.
    OTHER = "other"


class BadRules(ValueError):
    """A rule file that cannot be used; the text says which rule and why (for whoever edits the file)."""


class Rule(BaseModel):
    """One period. `amount` counts `unit`s; `max_extension_days` are calendar days, 0 where no source allows any.

    `ends` are the moments that meet it, `cancelled_by` those after which nothing is owed under it any more.
    `steers` says that the worklist follows it; a mere right of somebody does not order the court's work.
    With `recurs`, meeting or missing it starts the next occurrence, counted from the first start so that it does not
    drift. `lapses_as` is the moment that missing it brings, on its due day.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    article: str
    source: str
    #: The same in Chinese, for the pages; empty: `source` serves both.
    source_zh: str = ""
    basis: Basis
    unit: Unit
    amount: int = Field(ge=1)
    roll: bool
    count_first_day: bool = False
    starts: tuple[Moment, ...] = Field(min_length=1)
    ends: tuple[Moment, ...] = Field(min_length=1)
    cancelled_by: tuple[Moment, ...] = ()
    owed_by_court: bool
    steers: bool = True
    recurs: bool = False
    lapses_as: Moment | None = None
    max_extension_days: int = Field(default=0, ge=0)
    paused_by: tuple[Ground, ...] = ()

    @model_validator(mode="after")
    def _one_meaning_per_moment(self) -> "Rule":
        if set(self.ends) & set(self.cancelled_by):
            raise ValueError("a moment cannot both meet and cancel the same rule")
        if self.basis is not Basis.HOUSE and not self.article:
            raise ValueError("a rule of law or practice needs its article")
        return self

    @property
    def name_key(self) -> str:
        """Catalogue key of the rule's name."""
        return f"deadlines.rule.{self.key}"

    @property
    def unit_key(self) -> str:
        """Catalogue key of the unit, a sentence with `{amount}`."""
        return f"deadlines.unit.{self.unit}"


class RuleSet(BaseModel):
    """The rules in force from `effective_from` to `effective_to` (both included; None: until replaced)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(min_length=1)
    name: str = ""
    name_en: str = ""
    effective_from: date
    effective_to: date | None = None
    rules: tuple[Rule, ...] = Field(min_length=1)

    def get(self, key: str) -> Rule:
        """Return the rule `key`; raise `KeyError`."""
        for rule in self.rules:
            if rule.key == key:
                return rule
        raise KeyError(key)

    def in_force(self, day: date) -> bool:
        """Say whether this set governs clocks that start on `day`."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)

    def started_by(self, moment: Moment) -> tuple[Rule, ...]:
        """Return the rules whose clocks `moment` starts, in file order."""
        return tuple(rule for rule in self.rules if moment in rule.starts)

    def ended_by(self, moment: Moment) -> tuple[Rule, ...]:
        """Return the rules that `moment` meets."""
        return tuple(rule for rule in self.rules if moment in rule.ends)

    def cancelled_by(self, moment: Moment) -> tuple[Rule, ...]:
        """Return the rules under which nothing is owed any more after `moment`."""
        return tuple(rule for rule in self.rules if moment in rule.cancelled_by)

    def adjusted(
        self,
        key: str,
        *,
        unit: Unit | None = None,
        amount: int | None = None,
        roll: bool | None = None,
        count_first_day: bool | None = None,
    ) -> "RuleSet":
        """Return the set with a court's setting applied and named in `version`.

        Length and unit of a rule of law are not a court's to change; rolling and the first day are (the Regulation
        is silent on both). Raise `BadRules`.
        """
        rule = self.get(key)
        given = {"unit": unit, "amount": amount, "roll": roll, "count_first_day": count_first_day}
        changes = {name: value for name, value in given.items() if value is not None}
        if not changes:
            return self
        if rule.basis is Basis.LAW and changes.keys() & {"unit", "amount"}:
            raise BadRules(f"{key}: length and unit stand in {rule.article} and cannot be set")
        changed = checked(Rule, {**rule.model_dump(), **changes})
        label = ",".join(f"{name}={value}" for name, value in changes.items())
        rules = tuple(changed if one.key == key else one for one in self.rules)
        return self.model_copy(update={"version": f"{self.version}+{key}:{label}", "rules": rules})


def load_rules(text: str) -> RuleSet:
    """Read a rule set from TOML: `version`, `effective_from`, one table `[rules.<key>]` each; raise `BadRules`."""
    return rule_set(read_toml(text))


def read_toml(text: str) -> dict[str, Any]:
    """Return the tables of a rule file; raise `BadRules`."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadRules(str(error)) from error


def rule_set(table: dict[str, Any]) -> RuleSet:
    """Return the set that the tables of a file describe; raise `BadRules`."""
    found = table.pop("rules", {})
    if not isinstance(found, Mapping) or not all(isinstance(rule, Mapping) for rule in found.values()):
        raise BadRules("rules: one table [rules.<key>] for each rule")
    rules = [checked(Rule, {"key": key, **rule}, where=f"rules.{key}") for key, rule in found.items()]
    return checked(RuleSet, {**table, "rules": rules})


def checked(model: type[M], values: Mapping[str, Any], *, where: str = "") -> M:
    """Return `values` as a `model`; raise `BadRules` with one line for each thing that is wrong, after its place."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise BadRules("\n".join(_line(each, where) for each in error.errors())) from error


def _line(problem: Any, where: str) -> str:
    place = ".".join([*([where] if where else []), *(str(part) for part in problem["loc"])])
    given = f" (given: {problem['input']!r})" if isinstance(problem["input"], str | int | bool) else ""
    return f"{place or 'the set'}: {problem['msg']}{given}"
