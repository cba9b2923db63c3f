"""More time for a running clock, as far as its rule allows. The caller records the event that says who agreed and why."""

from datetime import date

from sqlmodel import Session

from central.deadlines import queries, service
from central.deadlines.books import Book
from central.deadlines.calendar import WorkCalendar
from central.deadlines.models import DeadlineClock
from central.deadlines.shipped import book_of
from central.errors import Conflict
from shared.i18n import Key


class ExtensionRefused(Conflict):
    """The period is not to be had longer, or not so much."""


def room(clock: DeadlineClock, book: Book) -> int:
    """Return by how many days more a clock may be extended: nothing once it has ended."""
    if clock.ended_on is not None:
        return 0
    return max(0, book.rule(clock.rules_version, clock.rule).max_extension_days - clock.extension_days)


def check_extension(clock: DeadlineClock, *, days: int, today: date, book: Book) -> None:
    """Raise `ExtensionRefused` unless the clock runs, is not overdue and its rule allows `days` more (art. 34: 30 in all)."""
    rule = book.rule(clock.rules_version, clock.rule)
    if not rule.max_extension_days:
        raise ExtensionRefused("deadlines.never_extended", rule=Key(rule.name_key))
    if clock.ended_on is not None:
        raise ExtensionRefused("deadlines.extended_after_end", rule=Key(rule.name_key))
    if clock.due_on < today and not clock.standing_still:
        raise ExtensionRefused("deadlines.extended_too_late", rule=Key(rule.name_key), due_on=clock.due_on)
    if not 1 <= days <= room(clock, book):
        raise ExtensionRefused(
            "deadlines.extended_too_far",
            rule=Key(rule.name_key),
            most=rule.max_extension_days,
            had=clock.extension_days,
            room=room(clock, book),
        )


def extend(s: Session, *, clock: DeadlineClock, days: int, today: date, calendar: WorkCalendar) -> None:
    """Give a clock `days` more and derive its due date anew; raise `ExtensionRefused`."""
    book = book_of(s)
    check_extension(clock, days=days, today=today, book=book)
    clock.extension_days += days
    clock.due_on = service.derive(clock, queries.pauses(s, clock.petition_id), calendar, book).due_on
