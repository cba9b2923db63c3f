"""A due date counted out day by day, so that anyone can check it with a calendar: pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from central.deadlines.due import Due, Span, Why

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One day. `count` is its place in the count, None where it is left out; `why` says why it is left out, or moves the end."""

    day: date
    count: int | None
    why: Why | None


def days(derived: Due) -> Iterator[Day]:
    """Yield every day from the starting event to the due day; the last of the count may be followed by rest days."""
    day, count = derived.start, 0
    while day <= derived.due_on:
        why = _within(derived.left_out, day)
        counted = why is None and day <= derived.ended_on
        count += counted
        yield Day(day, count if counted else None, why or _within(derived.rolled, day))
        day += _DAY


def _within(spans: tuple[Span, ...], day: date) -> Why | None:
    return next((span.why for span in spans if span.first <= day <= span.last), None)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days in a row with the same answer, within one calendar month, so that a long period fits on one printed page."""

    first: Day
    last: Day

    @property
    def days(self) -> int:
        """Length in calendar days."""
        return (self.last.day - self.first.day).days + 1


def stretches(days_: Iterable[Day]) -> Iterator[Stretch]:
    """Yield the days in groups: counted or not, why, month by month."""
    for _, group in groupby(days_, key=lambda each: (each.day.month, each.count is None, each.why)):
        run = list(group)
        yield Stretch(run[0], run[-1])
