"""From which templates a category was answered, told from counts: the court's own answers first, then all of the province. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

#: Answers of a category that were written from one template, below which nothing is said.
LEAST_USES = 5
#: Share of the answers (0 to 1) below which a template is no habit.
LEAST_SHARE = 0.55


@dataclass(frozen=True, slots=True)
class Tally:
    """So many issued answers of one category: by the court that asks (`own`) or another, of an outcome ("" for the letter as a whole).

    `key` is the template they were written from; "" counts all of them, whatever they were written from.
    """

    own: bool
    outcome: str
    key: str
    uses: int


@dataclass(frozen=True, slots=True)
class Habit:
    """A template that answers of a category were mostly written from: how many of how many, at the court itself or in the province."""

    key: str
    outcome: str
    uses: int
    of: int
    own: bool


def habits(tallies: Iterable[Tally]) -> list[Habit]:
    """Return the template of the letter and of each outcome, where one was used often enough."""
    own, all_ = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for each in tallies:
        all_[each.outcome, each.key] += each.uses
        if each.own:
            own[each.outcome, each.key] += each.uses
    found = []
    for outcome in sorted({outcome for outcome, _ in all_}):
        said = _one(own, outcome, own=True) or _one(all_, outcome, own=False)
        if said is not None:
            found.append(said)
    return found


def _one(counted: Counter[tuple[str, str]], outcome: str, *, own: bool) -> Habit | None:
    of = counted[outcome, ""]
    uses, key = max(
        ((many, key) for (which, key), many in counted.items() if which == outcome and key), default=(0, "")
    )
    often = uses >= LEAST_USES and uses >= LEAST_SHARE * of
    return Habit(key, outcome, uses, of, own) if often else None
