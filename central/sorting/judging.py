"""How well proposals did on decisions nobody learned from, level by level, and whether a new version may take effect. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from central.sorting.scheme import FIGURES, LEVELS


class KeptOut(StrEnum):
    """Why a version did not take effect by itself; `sorting.kept_out.<value>` says it."""

    WORSE = "worse"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Told:
    """One decision, what a version thought likeliest, and what it would have proposed: codes; None where it would be silent."""

    chosen: str
    likeliest: str
    proposed: str | None


@dataclass(frozen=True, slots=True)
class Of:
    """How one category did: decisions, and how right it was when it was said and when it was meant."""

    decisions: int
    precision: float
    recall: float
    f1: float


#: How often a category was chosen while another, or the same, was said; "" says nothing.
Pairs: TypeAlias = Mapping[tuple[str, str], int]


def by_class(pairs: Pairs) -> dict[str, Of]:
    """Return how each category did that was chosen at least once."""
    was, said = Counter[str](), Counter[str]()
    for (one, other), many in pairs.items():
        was[one] += many
        said[other] += many
    found = {}
    for code in sorted(was):
        right = pairs.get((code, code), 0)
        precision, recall = right / said[code] if said[code] else 0.0, right / was[code]
        both = precision + recall
        found[code] = Of(was[code], precision, recall, 2 * precision * recall / both if both else 0.0)
    return found


def macro_f1(pairs: Pairs) -> float:
    """Return the mean of the F1 of the categories that were chosen: each counts alike, however rare."""
    found = by_class(pairs)
    return sum(each.f1 for each in found.values()) / len(found) if found else 0.0


def at_level(pairs: Pairs, level: int) -> Pairs:
    """Return pairs cut to a level (1 to 3); a choice that stops above it is left out, a saying that does counts as none."""
    size, found = level * FIGURES, Counter[tuple[str, str]]()
    for (one, other), many in pairs.items():
        if len(one) >= size:
            found[one[:size], other[:size] if len(other) >= size else ""] += many
    return found


def agreement(told: Sequence[Told]) -> float:
    """Return the macro-F1 of the likeliest categories, the mean over the three levels."""
    pairs = Counter((each.chosen, each.likeliest) for each in told)
    each_level = [macro_f1(cut) for level in range(1, LEVELS + 1) if (cut := at_level(pairs, level))]
    return sum(each_level) / len(each_level) if each_level else 0.0


def is_right(chosen: str, proposed: str) -> bool:
    """Say whether a proposal was right as far as it went: it is what was chosen, or stands above it."""
    return chosen.startswith(proposed)


def beats_silence(told: Sequence[Told]) -> bool:
    """Say whether proposing helps: what was proposed is right more often than wrong, and something was."""
    spoken = [is_right(each.chosen, each.proposed) for each in told if each.proposed]
    return sum(spoken) * 2 > len(spoken)


def verdict(new: Sequence[Told], old: Sequence[Told] | None) -> KeptOut | None:
    """Return why a version may not take effect, None if it may; `old` is what the one in force said of the same decisions."""
    if not beats_silence(new):
        return KeptOut.SILENCE
    if old is not None and agreement(new) < agreement(old):
        return KeptOut.WORSE
    return None
