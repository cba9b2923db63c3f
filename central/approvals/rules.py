"""Which chain a petition follows, and who is named at each of its steps. Pure."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

from central.deadlines.kinds import PetitionKind

#: More steps than that are a queue, not an approval.
MOST_STEPS = 6


#: Decisions on a review (Regulation arts 35, 36): kinds of a chain beside the kinds of petition.
DECISIONS = ("review", "re_review")
KINDS = (*(kind.value for kind in PetitionKind), *DECISIONS)


class By(StrEnum):
    """How a step of a chain says who approves."""

    #: The responsible leader of the petition.
    LEADER = "leader"
    #: Whoever has the role at the court and has the least to approve.
    ROLE = "role"
    #: A leader of the department.
    DEPARTMENT = "department"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Spec:
    """One step of a chain. `value` is the role, or the id of the department or person; empty for the leader."""

    by: By
    value: str = ""

    @property
    def text(self) -> str:
        """Return it in one word: `leader`, `role:supervisor`, `person:<id>`."""
        return f"{self.by}:{self.value}" if self.value else str(self.by)


def spec_of(text: str) -> Spec:
    """Return a step from its word; raise `ValueError`."""
    by, _, value = text.partition(":")
    spec = Spec(By(by), value)
    if (spec.by is By.LEADER) == bool(value):
        raise ValueError(text)
    if spec.by in {By.DEPARTMENT, By.PERSON}:
        return Spec(spec.by, UUID(value).hex)
    return spec


def packed(specs: Sequence[Spec]) -> str:
    """Return the steps of a chain as they are kept."""
    return json.dumps([each.text for each in specs])


def unpacked(text: str) -> tuple[Spec, ...]:
    """Return the steps of a chain from what is kept."""
    return tuple(spec_of(each) for each in json.loads(text))


class Chain(Protocol):
    """A chain as the rule reads it. An empty `kind` or `rules` stands for all."""

    kind: str
    rules: str


ChainT = TypeVar("ChainT", bound=Chain)


def best(chains: Sequence[ChainT], *, kind: str, rules: str) -> ChainT | None:
    """Return the chain for a petition of `kind` under `rules`: the most exact one, kind before rule set; None: the leader alone."""
    fits = [one for one in chains if one.kind in {"", kind} and one.rules in {"", rules}]
    return max(fits, key=lambda one: (one.kind != "", one.rules != ""), default=None)


@dataclass(frozen=True, slots=True)
class Named:
    """A step with the person who is to approve it."""

    spec: Spec
    person: UUID


def named(specs: Sequence[Spec], who: Callable[[Spec], UUID | None]) -> tuple[list[Named], Spec | None]:
    """Return the steps with their people, and the first for which `who` knows nobody. Two steps in a row of one person are one."""
    found = list[Named]()
    for spec in specs:
        person = who(spec)
        if person is None:
            return found, spec
        if not found or found[-1].person != person:
            found.append(Named(spec, person))
    return found, None
