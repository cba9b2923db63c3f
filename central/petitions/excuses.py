"""When an excuse is borne out by logged attempts: a table of rules, pure. Excuses are the only way to close without an answer."""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final

from pydantic import BaseModel, ConfigDict, Field


class Excuse(StrEnum):
    """Why an answer could not be delivered; the only ways to close without delivery, each with logged attempts."""

    ANONYMOUS = "anonymous"
    NO_CONTACT = "no_contact"
    WRONG_NUMBER = "wrong_number"
    NOBODY_ANSWERED = "nobody_answered"


class Means(StrEnum):
    """By which means it was tried. A search looks through the letter, its envelope and what was sent before."""

    PHONE = "phone"
    SMS = "sms"
    POST = "post"
    IN_PERSON = "in_person"
    SEARCH = "search"


class Tried(StrEnum):
    """What an attempt came to; `petitions.tried.<value>` names it."""

    NOBODY_ANSWERED = "nobody_answered"
    WRONG_NUMBER = "wrong_number"
    RETURNED = "returned"
    NOT_MET = "not_met"
    NO_CONTACT = "no_contact"
    ANONYMOUS = "anonymous"
    #: Reached, but not read to its end: no delivery, and borne out by nothing as an excuse.
    NOT_HEARD = "not_heard"


class Purpose(StrEnum):
    """What was to be told: the procedural reply, or the answer (or the notice that stands for it)."""

    PROCEDURAL_REPLY = "procedural_reply"
    ANSWER = "answer"


#: What an attempt by each means can come to; all else is a slip.
RESULTS: Final[Mapping[Means, frozenset[Tried]]] = {
    Means.PHONE: frozenset({Tried.NOBODY_ANSWERED, Tried.WRONG_NUMBER, Tried.NOT_HEARD}),
    Means.SMS: frozenset({Tried.NOBODY_ANSWERED, Tried.WRONG_NUMBER}),
    Means.POST: frozenset({Tried.NOBODY_ANSWERED, Tried.RETURNED, Tried.WRONG_NUMBER}),
    Means.IN_PERSON: frozenset({Tried.NOT_MET, Tried.WRONG_NUMBER}),
    Means.SEARCH: frozenset({Tried.NO_CONTACT, Tried.ANONYMOUS}),
}
#: Where the law itself lets the written notice go: name or address unclear (Regulation art. 23 para 2).
WAIVES_NOTICE: Final = frozenset({Excuse.ANONYMOUS, Excuse.NO_CONTACT})


class Evidence(BaseModel):
    """What an excuse needs; see `data/excuses.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    proof: frozenset[Tried] = Field(min_length=1)
    count: int = Field(ge=1)
    days: int = Field(ge=1)
    means: int = Field(ge=1)
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One logged attempt: the court's day, the means, what it came to."""

    on: date
    by: str
    result: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What is on record for an excuse: attempts that bear it out, their different days, the different means of all."""

    count: int
    days: int
    means: int


@cache
def rules() -> Mapping[Excuse, Evidence]:
    """Return what each excuse needs, from the shipped table."""
    text = resources.files("central.petitions").joinpath("data/excuses.toml").read_text("utf-8")
    table = tomllib.loads(text)
    return {excuse: Evidence.model_validate(table[excuse]) for excuse in Excuse}


def shown(excuse: Excuse, attempts: Iterable[Attempt]) -> Shown:
    """Return what `attempts` show for an excuse."""
    tried = list(attempts)
    fitting = [each for each in tried if each.result in rules()[excuse].proof]
    return Shown(len(fitting), len({each.on for each in fitting}), len({each.by for each in tried}))


def suffices(excuse: Excuse, found: Shown) -> bool:
    """Say whether what is on record bears the excuse out."""
    wanted = rules()[excuse]
    return found.count >= wanted.count and found.days >= wanted.days and found.means >= wanted.means


def contradicted(excuse: Excuse, known: Collection[str]) -> bool:
    """Say whether what is known of the petitioner (`name`, `phone`, `address`) speaks against the excuse."""
    return not rules()[excuse].unknown.isdisjoint(known)


def possible(means: str, result: str) -> bool:
    """Say whether an attempt by these means can come to this."""
    return result in RESULTS[Means(means)]
