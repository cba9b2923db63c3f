"""Clocks stand still and run again, each by its own rules. The caller records the event that says why."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlmodel import Session

from central.deadlines import queries, service
from central.deadlines.books import Book
from central.deadlines.calendar import WorkCalendar
from central.deadlines.models import ClockPause, DeadlineClock
from central.deadlines.rules import Ground
from central.deadlines.shipped import book_of


def stoppable(clocks: Iterable[DeadlineClock], book: Book, ground: Ground) -> list[DeadlineClock]:
    """Return the running clocks that `ground` may stop, by their own rules."""
    return [
        clock
        for clock in clocks
        if clock.ended_on is None and ground in book.rule(clock.rules_version, clock.rule).paused_by
    ]


def pause(s: Session, *, petition_id: UUID, ground: Ground, on: date) -> list[DeadlineClock]:
    """Stop the running clocks that `ground` may stop, from the day after `on`; return them.

    A clock may be stopped on two grounds at once; days that both cover are left out once.
    """
    stopped = stoppable(queries.running(s, petition_id), book_of(s), ground)
    open_ = {(each.clock_id, each.ground) for each in queries.pauses(s, petition_id) if each.until_on is None}
    for clock in stopped:
        if (clock.id, ground) not in open_:
            clock.standing_still = True
            s.add(ClockPause(petition_id=petition_id, clock_id=clock.id, from_on=on, ground=ground))
    return stopped


def resume(
    s: Session, *, petition_id: UUID, on: date, calendar: WorkCalendar, grounds: Iterable[Ground]
) -> list[DeadlineClock]:
    """End the open pauses on `grounds` and derive the due dates anew; return the clocks that run again."""
    pauses, wanted = queries.pauses(s, petition_id), set(grounds)
    for each in pauses:
        if each.until_on is None and Ground(each.ground or Ground.SUPPLEMENT) in wanted:
            each.until_on = max(on, each.from_on)
    still = {each.clock_id for each in pauses if each.until_on is None}
    book, again = book_of(s), list[DeadlineClock]()
    for clock in queries.running(s, petition_id):
        if clock.standing_still and clock.id not in still:
            clock.standing_still = False
            again.append(clock)
        clock.due_on = service.derive(clock, pauses, calendar, book).due_on
    return again
