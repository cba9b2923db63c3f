"""Counting a period one day after another, the way a clerk does with a calendar on the wall. Shares nothing with `due`.

Slow and obvious on purpose: one loop, one day at a time, no spans, no merging.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from central.deadlines.rules import Rule, Unit

DAY = timedelta(days=1)


def paused_days(pauses: Iterable[tuple[date, date]]) -> set[date]:
    """Return every day on which a clock stood still: after the day it was stopped, up to the day it resumed."""
    found = set()
    for stopped, resumed in pauses:
        day = stopped
        while day < resumed:
            day += DAY
            found.add(day)
    return found


def month_end(day: date) -> date:
    """Return the last day of the month of `day`."""
    while (day + DAY).month == day.month:
        day += DAY
    return day


def months_later(start: date, months: int) -> date:
    """Walk to the month that is so many months on; take the corresponding day, or that month's last."""
    first = start.replace(day=1)
    for _ in range(months):
        first = month_end(first) + DAY
    last = month_end(first)
    return last if start.day > last.day else first.replace(day=start.day)


def due_on(
    rule: Rule,
    start: date,
    is_worked: Callable[[date], bool],
    *,
    pauses: Iterable[tuple[date, date]] = (),
    extension: int = 0,
    occurrence: int = 1,
) -> tuple[date, int]:
    """Return the due day and how many days were left out because the clock stood still."""
    still = paused_days(pauses)
    day = start - DAY if rule.count_first_day else start
    amount = rule.amount * occurrence
    if rule.unit is Unit.MONTHS:
        # The period is as long as from its first day to the corresponding day.
        end = months_later(start, amount)
        amount = (end - start).days
    skipped = 0

    def walk(count: int, *, only_worked: bool) -> None:
        nonlocal day, skipped
        while count:
            day += DAY
            if day in still:
                skipped += 1
            elif not only_worked or is_worked(day):
                count -= 1

    walk(amount, only_worked=rule.unit is Unit.WORKING_DAYS)
    walk(extension, only_worked=False)
    before_roll = skipped
    while rule.roll and not is_worked(day):
        walk(1, only_worked=False)
    return day, before_roll
