"""Quarters, and which counts may be shown: none below five, nor one that follows from others by subtraction. Pure."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

#: Fewer petitions, or petitioners, are no issue of a place; and who they are could be guessed.
LEAST = 5
_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, order=True, slots=True)
class Quarter:
    """A calendar quarter. Periods never overlap, so that none can be subtracted from another."""

    year: int
    number: int

    @property
    def first(self) -> date:
        """The first day."""
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def last(self) -> date:
        """The last day."""
        return self.following.first - timedelta(days=1)

    @property
    def following(self) -> "Quarter":
        """The quarter after."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def before(self) -> "Quarter":
        """The quarter before."""
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"


def quarter_of(day: date) -> Quarter:
    """Return the quarter of a day."""
    return Quarter(day.year, (day.month + 2) // 3)


def latest(day: date, count: int) -> list[Quarter]:
    """Return the quarter of a day and those before it, newest first."""
    found = [quarter_of(day)]
    while len(found) < count:
        found.append(found[-1].before)
    return found


def showable(cells: Mapping[_Key, int], people: Mapping[_Key, int] | None = None) -> set[_Key]:
    """Return the parts of one total whose counts may be shown beside it.

    None below `LEAST`, nor of fewer `people`; and where those left out come to fewer than `LEAST` together, the smallest shown one is
    left out as well, for else the total less the others would tell them. What counts is the least of a part: letters or people.
    """
    if people is not None:
        cells = {key: min(count, people[key]) for key, count in cells.items()}
    kept = {key for key, count in cells.items() if count >= LEAST}
    left = sum(count for key, count in cells.items() if key not in kept)
    while kept and 0 < left < LEAST:
        smallest = min(kept, key=lambda key: (cells[key], str(key)))
        kept.discard(smallest)
        left += cells[smallest]
    return kept


def running(counts: Sequence[tuple[_Key, int]]) -> list[tuple[_Key, int]]:
    """Return a running total at the ends of those periods where it grew by `LEAST` or more since it was last told, and so to the end.

    `counts`: periods in order, how many came in each. What is told less what was told before is never a few.
    """
    told, made = 0, list[tuple[_Key, int]]()
    total = 0
    for key, count in counts:
        total += count
        if total - told >= LEAST:
            told = total
            made.append((key, total))
    if made and made[-1][1] != total:
        made.pop()  # the whole is shown beside it
    return made
