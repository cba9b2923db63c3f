"""From chances of labels to a proposal on all three levels: as deep as it is sure, silent where it is not. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from central.sorting.scheme import FIGURES, Category, Scheme, parents


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a proposal: which category, with what chance (0 to 1)."""

    category: Category
    chance: float


def code_of(label: str) -> str:
    """Return the code that a label of a model begins with."""
    return label.partition(" ")[0]


def levels(scheme: Scheme, labels: Sequence[str], chances: Iterable[float], least: float) -> list[Level]:
    """Return the likeliest category of each level, from the top down to where its chance falls below `least`.

    The chance of a category is that of all labels at or below it. Labels that the scheme does not know any more count for nothing.
    """
    sums: Counter[str] = Counter()
    for label, chance in zip(labels, chances, strict=True):
        known = scheme.carried(code_of(label))
        for code in parents(known.code) if known else ():
            sums[code] += chance  # type: ignore[assignment]
    found: list[Level] = []
    at = ""
    while True:
        below = [code for code in sums if code.startswith(at) and len(code) == len(at) + FIGURES]
        best = max(below, key=lambda code: (sums[code], code), default=None)
        if best is None or sums[best] < least:
            return found
        found.append(Level(scheme.categories[best], float(sums[best])))
        at = best


def learnable(codes: Sequence[str], least: int) -> list[str | None]:
    """Return for each chosen code the one it is learned as: itself, or the nearest above it with `least` examples; None below that.

    What is too rare at a level is counted at the level above, so that it is not lost to it.
    """
    left = list(codes)
    found: list[str | None] = list(codes)
    for size in (3 * FIGURES, 2 * FIGURES, FIGURES):
        many = Counter(code for code in left if len(code) == size)
        for at, code in enumerate(left):
            if len(code) == size and many[code] < least:
                left[at] = code[:-FIGURES]
                found[at] = left[at] or None
    return found
