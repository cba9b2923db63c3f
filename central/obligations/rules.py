"""Counting duties: what is in the denominator, months as numbers, which rows stand behind a number. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from central.deadlines.duties import Result, month_of

#: Fewer than so many duties say little; pages say so beside the rate.
SMALL: Final = 20
_MONTH = re.compile(r"([12][0-9]{3})-(0[1-9]|1[0-2])")


class What(StrEnum):
    """One of the numbers of the ledger; `obligations.what.<value>` names it."""

    OWED = "owed"
    IN_TIME = "in_time"
    LATE = "late"
    OPEN_OVERDUE = "open_overdue"
    OPEN_IN_TIME = "open_in_time"
    EXCUSED = "excused"
    MOVED = "moved"
    RELEASED = "released"


#: The parts into which what is owed falls, each duty in exactly one.
PARTS: Final = tuple(what for what in What if what is not What.OWED)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many duties became what."""

    in_time: int = 0
    late: int = 0
    open_overdue: int = 0
    open_in_time: int = 0
    excused: int = 0
    moved: int = 0
    released: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Return both together."""
        return Tally(*(getattr(self, part) + getattr(other, part) for part in PARTS))

    @property
    def owed(self) -> int:
        """All duties that arose."""
        return sum(getattr(self, part) for part in PARTS)

    @property
    def measured(self) -> int:
        """The denominator: whatever was done, in time or late, and whatever is overdue and still not done."""
        return self.in_time + self.late + self.open_overdue

    @property
    def rate(self) -> float | None:
        """In time, of those measured: 0.0 to 1.0; None where nothing is."""
        return self.in_time / self.measured if self.measured else None

    def of(self, what: What) -> int:
        """Return one of the numbers."""
        found: int = getattr(self, what)
        return found

    @classmethod
    def one(cls, what: What, count: int) -> "Tally":
        """Return `count` duties of one part."""
        return cls(**{what: count})


def total(tallies: Iterable[Tally]) -> Tally:
    """Return all together."""
    return sum(tallies, Tally())


def part_of(result: Result, *, overdue: bool) -> What:
    """Return the part of a duty with a result; only an open one is overdue or not."""
    if result is Result.OPEN:
        return What.OPEN_OVERDUE if overdue else What.OPEN_IN_TIME
    return What(result)


def results_of(what: What) -> tuple[Result, ...]:
    """Return the results of the rows behind a number."""
    if what is What.OWED:
        return tuple(Result)
    return (Result.OPEN,) if what in {What.OPEN_OVERDUE, What.OPEN_IN_TIME} else (Result(what),)


def read_month(text: str) -> int | None:
    """Return 202610 for `2026-10`; None for what is no month."""
    found = _MONTH.fullmatch(text)
    return int(found[1]) * 100 + int(found[2]) if found else None


def month_text(month: int) -> str:
    """Return `2026-10` for 202610."""
    return f"{month // 100:04d}-{month % 100:02d}"


def moved_by(month: int, count: int) -> int:
    """Return the month `count` months on."""
    years, rest = divmod((month // 100) * 12 + month % 100 - 1 + count, 12)
    return years * 100 + rest + 1


def months(first: int, last: int) -> Iterator[int]:
    """Yield the months from `first` to `last`, both included."""
    while first <= last:
        yield first
        first = moved_by(first, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole months, both included."""

    first: int
    last: int


def period_of(since: str, until: str, today: date, *, most: int = 120) -> Period:
    """Return the months asked for: as far as they can be read, in order, at most `most`; by default the last twelve."""
    last = read_month(until) or month_of(today)
    first = read_month(since) or moved_by(last, -11)
    first, last = min(first, last), max(first, last)
    return Period(max(first, moved_by(last, 1 - most)), last)
