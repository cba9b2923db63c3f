"""From a rule and a start day to the last day on which the act is in time, with every step kept for the deadline sheet.

Counting, one way for all rules (Civil Code arts 201-203, Civil Procedure Law art. 85):

- The day of the starting event is not counted.
- A pause (from, until) leaves out the days after `from` up to and including `until`: the day on which the clock is
  stopped was still running, and the day on which it resumes is again a day of a starting event. So a pause that begins
  on the start day and ends on day X gives the same due day as a start on X, and stop and resume on one day cost nothing.
- Months: the period first gets its length in days, from the start to the corresponding day (or the last day) of the
  month it ends in; then paused days are left out one by one. A pause therefore shifts the end by exactly its own
  days. Moving the start instead would make the same pause worth 28 or 31 days, depending on the month it fell in.
- An extension is calendar days, appended to the unrolled end, and paused days are left out of it as well.
- A last day on a rest day moves to the next working day that is not paused, once, at the very end.
"""

import calendar as months
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from central.deadlines.calendar import DayKind, WorkCalendar
from central.deadlines.rules import Rule, Unit

Pause = tuple[date, date | None]

_DAY: Final = timedelta(days=1)


class Why(StrEnum):
    """Reason why days are left out or an end moves; `deadlines.why.<value>` in the catalogue."""

    FIRST_DAY = "first_day"
    PAUSE = "pause"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Span:
    """Days `first` to `last`, both included, left out of the count for one reason."""

    first: date
    last: date
    why: Why

    @property
    def days(self) -> int:
        """Length in calendar days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Due:
    """The due day and how it was derived.

    `ended_on` is the last day counted, with the extension; `unextended_on` the same without it; `due_on` differs from
    `ended_on` only when rolled, and then `rolled` holds the days passed over. `estimated`: at least one day that was
    looked up in the calendar belongs to a year without a published notice; `uncharted`: to a year of which the calendar
    knows nothing at all, so that weekends alone were rest days.
    """

    due_on: date
    rule: Rule
    start: date
    first_counted: date
    ended_on: date
    unextended_on: date
    extension_days: int
    left_out: tuple[Span, ...]
    rolled: tuple[Span, ...]
    calendar_version: str
    estimated: bool
    uncharted: bool

    @property
    def article(self) -> str:
        """Where the rule stands."""
        return self.rule.article

    @property
    def status_key(self) -> str:
        """How sure the calendar is of the days that were looked up, for the catalogue."""
        if self.uncharted:
            return "deadlines.status.uncharted"
        return "deadlines.status.estimated" if self.estimated else "deadlines.status.published"

    @property
    def paused_days(self) -> int:
        """Calendar days left out because the clock was stopped."""
        return sum(span.days for span in self.left_out if span.why is Why.PAUSE)


def due(
    rule: Rule,
    start: date,
    calendar: WorkCalendar,
    *,
    pauses: Sequence[Pause] = (),
    extension_days: int = 0,
    occurrence: int = 1,
    today: date | None = None,
) -> Due:
    """Return the due day of `rule` for an event on `start` (court's local date).

    `pauses` may overlap and come in any order. One without an end runs until `today`; without `today` it is taken to
    last until the latest day known here, so the answer is a lower bound. `occurrence` n of a recurring rule is n
    periods after `start`. Raise `ValueError` for a negative extension, a pause that ends before it begins, or an
    occurrence other than 1 of a rule that does not recur. Whether an extension is allowed is the caller's question.
    """
    if extension_days < 0:
        raise ValueError("extension_days must not be negative")
    if occurrence < 1 or (occurrence > 1 and not rule.recurs):
        raise ValueError("occurrence must be 1, or more for a rule that recurs")
    paused = _merged(start, pauses, today)
    before = start - _DAY if rule.count_first_day else start
    unextended = _end(rule, before, rule.amount * occurrence, calendar, paused)
    ended = _run(unextended, extension_days, paused)
    due_on = _rolled(ended, calendar, paused) if rule.roll else ended
    by_calendar = unextended if rule.unit is Unit.WORKING_DAYS else before
    left_out = tuple(_left_out(before, by_calendar, ended, calendar, paused))
    looked_up = [(before + _DAY, by_calendar)] + ([(ended, due_on)] if rule.roll else [])
    return Due(
        due_on=due_on,
        rule=rule,
        start=start,
        first_counted=_first_counted(before, left_out),
        ended_on=ended,
        unextended_on=unextended,
        extension_days=extension_days,
        left_out=left_out if rule.count_first_day else (Span(start, start, Why.FIRST_DAY), *left_out),
        rolled=tuple(_passed_over(ended - _DAY, due_on - _DAY, calendar, paused)),
        calendar_version=calendar.version,
        estimated=_is_estimated(looked_up, calendar),
        uncharted=_is_uncharted(looked_up, calendar),
    )


def add_months(day: date, count: int) -> date:
    """Return the corresponding day `count` months on, or that month's last day (Civil Code art. 202)."""
    years, month = divmod(day.month - 1 + count, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def late_by(due_on: date, today: date) -> int:
    """Return whole calendar days past the due day, 0 while in time (the due day itself is in time)."""
    return max(0, (today - due_on).days)


def share_used(start: date, due_on: date, today: date) -> float:
    """Return the share of the days from `start` to `due_on` that is over: 0.0 to 1.0, and more when late.

    A period of no length is used up on its day.
    """
    length = (due_on - start).days
    if length <= 0:
        return 1.0 if today >= due_on else 0.0
    return max(0.0, (today - start).days / length)


def _merged(start: date, pauses: Sequence[Pause], today: date | None) -> list[Span]:
    """Return the paused days as disjoint, ordered spans."""
    known = [start, *(day for pause in pauses for day in pause if day is not None)]
    spans: list[Span] = []
    for begin, until in sorted(pauses, key=lambda pause: pause[0]):
        end = until if until is not None else max(begin, today or max(known))
        if end < begin:
            raise ValueError("a pause must not end before it begins")
        if end == begin:
            continue
        if spans and begin <= spans[-1].last:
            spans[-1] = Span(spans[-1].first, max(spans[-1].last, end), Why.PAUSE)
        else:
            spans.append(Span(begin + _DAY, end, Why.PAUSE))
    return spans


def _end(rule: Rule, before: date, amount: int, calendar: WorkCalendar, paused: list[Span]) -> date:
    """Return the last of `amount` counted units after `before`."""
    if rule.unit is Unit.CALENDAR_DAYS:
        return _run(before, amount, paused)
    if rule.unit is Unit.MONTHS:
        first = before + _DAY if rule.count_first_day else before
        return _run(before, (add_months(first, amount) - first).days, paused)
    day = before
    while amount:
        day = _run(day, 1, paused)
        amount -= calendar.is_working_day(day)
    return day


def _run(day: date, count: int, paused: list[Span]) -> date:
    """Return the day after `count` further days that are not paused."""
    for span in paused:
        running = (span.first - day).days - 1
        if count <= running:
            break
        if span.last > day:
            count -= max(0, running)
            day = span.last
    return day + timedelta(days=count)


def _rolled(day: date, calendar: WorkCalendar, paused: list[Span]) -> date:
    # The last day of the period is then the first working day after the rest (Civil Code art. 203), and a period
    # that has not run out yet can be stopped on it like on any other day.
    while not calendar.is_working_day(day):
        day = _run(day, 1, paused)
    return day


def _left_out(
    before: date, by_calendar: date, last: date, calendar: WorkCalendar, paused: list[Span]
) -> Iterator[Span]:
    """Yield what is left out after `before` up to `last`; rest days only up to `by_calendar`, where they count.

    `by_calendar` is never inside a pause: it is a counted day, or `before` itself.
    """
    yield from _passed_over(before, by_calendar, calendar, paused)
    for span in paused:
        first, end = max(span.first, by_calendar + _DAY), min(span.last, last)
        if first <= end:
            yield Span(first, end, Why.PAUSE)


def _passed_over(before: date, last: date, calendar: WorkCalendar, paused: list[Span]) -> Iterator[Span]:
    """Yield the paused days and rest days after `before` up to `last`, joined by reason."""
    open_span: Span | None = None
    for offset in range(1, (last - before).days + 1):
        day = before + timedelta(days=offset)
        why = _why(day, calendar, paused)
        if open_span and why is open_span.why:
            open_span = Span(open_span.first, day, why)
            continue
        if open_span:
            yield open_span
        open_span = Span(day, day, why) if why else None
    if open_span:
        yield open_span


def _why(day: date, calendar: WorkCalendar, paused: list[Span]) -> Why | None:
    if any(span.first <= day <= span.last for span in paused):
        return Why.PAUSE
    if calendar.is_working_day(day):
        return None
    return Why.HOLIDAY if calendar.kind(day) is DayKind.HOLIDAY else Why.WEEKEND


def _first_counted(before: date, left_out: Sequence[Span]) -> date:
    day = before + _DAY
    for span in left_out:
        if span.first == day:
            day = span.last + _DAY
    return day


def _is_estimated(looked_up: Sequence[tuple[date, date]], calendar: WorkCalendar) -> bool:
    return any(
        calendar.status(first + timedelta(days=offset)) == "estimated"
        for first, last in looked_up
        for offset in range((last - first).days + 1)
    )


def _is_uncharted(looked_up: Sequence[tuple[date, date]], calendar: WorkCalendar) -> bool:
    years = {year for first, last in looked_up if first <= last for year in range(first.year, last.year + 1)}
    return not calendar.years.keys() >= years
