"""Start and end the clocks of a petition (`stops.py` pauses them, `extensions.py` gives more time).

The caller records the event that says why.

Each clock is reckoned by the rules of its own version, whatever is in force today; `version` is that of what starts.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from functools import lru_cache, partial
from typing import NamedTuple, Protocol, TypeVar
from uuid import UUID

from sqlmodel import Session

from central.deadlines import queries
from central.deadlines.books import Book
from central.deadlines.calendar import WorkCalendar
from central.deadlines.due import Due, Pause, due
from central.deadlines.duties import first_result, met, month_of, void
from central.deadlines.models import ClockPause, DeadlineClock
from central.deadlines.rules import Moment, Rule
from central.deadlines.shipped import book_of


class Nearest(NamedTuple):
    """The next thing due: rule and day; both None when no clock runs."""

    rule: str | None
    due_on: date | None


def apply(
    s: Session,
    *,
    petition_id: UUID,
    court_id: UUID,
    moments: Iterable[Moment],
    on: date,
    calendar: WorkCalendar,
    version: str,
    new: bool = False,
) -> Nearest:
    """Let `moments` of the day `on` end, cancel and start clocks; return what is due next.

    `court_id` is who has custody from here and owes what starts.
    `new` says that the petition has no clock yet, which saves looking.
    """
    clocks = [] if new else queries.running(s, petition_id)
    book, still = book_of(s), [clock for clock in clocks if clock.standing_still]
    pauses = queries.pauses(s, petition_id) if still else ()
    for clock in still:  # what ends now was not late while it stood still
        clock.due_on = derive(clock, pauses, calendar, book, today=on).due_on
    started = advance(
        clocks,
        petition_id=petition_id,
        court_id=court_id,
        moments=moments,
        on=on,
        calendar=calendar,
        book=book,
        version=version,
    )
    over = {clock.id for clock in still if clock.ended_on is not None}
    for each in pauses:
        if each.clock_id in over and each.until_on is None:
            each.until_on = max(on, each.from_on)
    for clock in still:
        clock.standing_still = clock.id not in over
    s.add_all(started)
    return nearest([*clocks, *started], book)


def advance(
    clocks: Sequence[DeadlineClock],
    *,
    petition_id: UUID,
    court_id: UUID,
    moments: Iterable[Moment],
    on: date,
    calendar: WorkCalendar,
    book: Book,
    version: str,
) -> list[DeadlineClock]:
    """End and cancel those of `clocks` that `moments` end, and return the ones they start. No database."""
    return advanced(
        clocks,
        make=partial(DeadlineClock, petition_id=petition_id, court_id=court_id),
        moments=moments,
        on=on,
        calendar=calendar,
        book=book,
        version=version,
    )


class Running(Protocol):
    """A clock as the rules see it: a row, or something lighter where many petitions are written at once."""

    rule: str
    rules_version: str
    started_on: date
    occurrence: int
    due_on: date
    ended_on: date | None
    outcome: str | None
    result: str | None
    standing_still: bool


C = TypeVar("C", bound=Running)


def advanced(
    clocks: Sequence[C],
    *,
    make: Callable[..., C],
    moments: Iterable[Moment],
    on: date,
    calendar: WorkCalendar,
    book: Book,
    version: str,
) -> list[C]:
    """Do as `advance` does with any kind of clock; `make` takes the columns that `_start` names."""
    started, by = list[C](), By(calendar, book)
    for moment in moments:
        known = (*clocks, *started)
        ended = [clock for clock in known if _end(clock, moment, on, by)]
        started += [_start(make, version, rule.key, on, 1, by) for rule in book.started_by(version, moment)]
        started += _next_turns(make, ended, known, on, by)
    return started


def _start(make: Callable[..., C], version: str, rule: str, on: date, occurrence: int, by: "By") -> C:
    result = first_result(rule)
    arose = on if occurrence == 1 else _due_on(version, rule, on, occurrence - 1, by)
    return make(
        rule=rule,
        rules_version=version,
        started_on=on,
        occurrence=occurrence,
        due_on=_due_on(version, rule, on, occurrence, by),
        result=result,
        owed_month=month_of(arose) if result else None,
    )


def _next_turns(
    make: Callable[..., C], ended: Sequence[C], known: Sequence[C], on: date, by: "By"
) -> list[C]:
    """Return the turns of recurring duties that follow those just met on `on`, the last of them running.

    A turn that was over before `on`, while nobody noted it, is late on `on` like the one before it.
    """
    started = list[C]()
    recurring = [clock for clock in ended if by.rule(clock).recurs]
    for rule, first in dict.fromkeys((clock.rule, clock.started_on) for clock in recurring):
        turns = [clock for clock in known if (clock.rule, clock.started_on) == (rule, first)]
        last = max(turns, key=lambda clock: clock.occurrence)
        while last.ended_on is not None:
            late = on > last.due_on
            last = _start(make, last.rules_version, rule, first, last.occurrence + 1, by)
            started.append(last)
            if late:
                _meet(last, on)
    return started


def lapse(s: Session, *, clock: DeadlineClock, today: date, calendar: WorkCalendar) -> list[DeadlineClock]:
    """Start what begins because `clock` was not met: monthly progress, or its next month. Return it, newest last.

    For the sweep, once for each clock that it finds overdue; again, it does nothing, and so it does for a clock that has
    ended, stands still or is not overdue on `today`. What starts may itself be overdue: the next waking finds it.
    The caller records the event that says so.
    """
    known = {
        (each.rule, each.started_on, each.occurrence) for each in queries.of_petition(s, clock.petition_id)
    }
    make = partial(DeadlineClock, petition_id=clock.petition_id, court_id=clock.court_id)
    started = lapsing(clock, known, make=make, today=today, by=By(calendar, book_of(s)))
    s.add_all(started)
    return started


def lapses(clock: Running, by: "By") -> bool:
    """Say whether something begins when `clock` is not met."""
    rule = by.rule(clock)
    return rule.lapses_as is not None or rule.recurs


def lapsing(
    clock: Running,
    known: Collection[tuple[str, date, int]],
    *,
    make: Callable[..., C],
    today: date,
    by: "By",
) -> list[C]:
    """Return what begins because `clock` was not met; `known` are rule, start and turn of the petition's clocks. No database."""
    if clock.ended_on is not None or clock.standing_still or clock.due_on >= today:
        return []
    version, rule = clock.rules_version, by.rule(clock)
    wanted = (
        [(each.key, clock.due_on, 1) for each in by.book.started_by(version, rule.lapses_as)]
        if rule.lapses_as
        else []
    )
    if rule.recurs:
        wanted.append((rule.key, clock.started_on, clock.occurrence + 1))
    return [_start(make, version, *each, by) for each in wanted if each not in known]


class Foreseen(NamedTuple):
    """What some moments would do to the running clocks: those they start, and those they end or make void."""

    started: list[DeadlineClock]
    ended: list[DeadlineClock]


def foresee(
    clocks: Sequence[DeadlineClock],
    *,
    petition_id: UUID,
    court_id: UUID,
    moments: Iterable[Moment],
    on: date,
    calendar: WorkCalendar,
    book: Book,
    version: str,
) -> Foreseen:
    """Return what `advance` would do, on copies: for saying it before an act is done."""
    copies = [DeadlineClock(**clock.model_dump()) for clock in clocks if clock.ended_on is None]
    started = advance(
        copies,
        petition_id=petition_id,
        court_id=court_id,
        moments=moments,
        on=on,
        calendar=calendar,
        book=book,
        version=version,
    )
    return Foreseen(
        [clock for clock in started if clock.ended_on is None],
        [clock for clock in copies if clock.ended_on is not None],
    )


def nearest(clocks: Sequence[Running], book: Book) -> Nearest:
    """Return the clock that is due first among those that do not stand still; among all, if all do.

    What the court owes comes before a petitioner's right of the same day.
    """
    running = [
        (clock.standing_still, clock.due_on, not rule.owed_by_court, clock.rule)
        for clock in clocks
        if clock.ended_on is None and (rule := book.rule(clock.rules_version, clock.rule)).steers
    ]
    first = min(running, default=None)
    return Nearest(first[3], first[1]) if first else Nearest(None, None)


def nearest_of(s: Session, petition_id: UUID) -> Nearest:
    """Return what is due next of a petition."""
    return nearest(queries.running(s, petition_id), book_of(s))


def derive(
    clock: DeadlineClock,
    pauses: Sequence[ClockPause],
    calendar: WorkCalendar,
    book: Book,
    today: date | None = None,
) -> Due:
    """Return the due date of a clock with its whole derivation, for the deadline sheet."""
    own = [(each.from_on, each.until_on) for each in pauses if each.clock_id == clock.id]
    return due_of(clock, own, calendar, book, today)


class Derivable(Protocol):
    """What a due date follows from, beside pauses and calendar."""

    rule: str
    rules_version: str
    started_on: date
    extension_days: int
    occurrence: int


def due_of(
    clock: Derivable,
    pauses: Sequence[Pause],
    calendar: WorkCalendar,
    book: Book,
    today: date | None = None,
) -> Due:
    """Do as `derive` does with any kind of clock and the pauses that are its own."""
    return due(
        book.rule(clock.rules_version, clock.rule),
        clock.started_on,
        calendar,
        pauses=pauses,
        extension_days=clock.extension_days,
        occurrence=clock.occurrence,
        today=today,
    )


class By(NamedTuple):
    """By what days are reckoned. Two are the same if their calendars have one version: every override makes a new one."""

    calendar: WorkCalendar
    book: Book

    def rule(self, clock: Running) -> Rule:
        """Return the rule under which a clock started."""
        return self.book.rule(clock.rules_version, clock.rule)

    def __hash__(self) -> int:
        return hash((self.calendar.version, id(self.book)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, By)
            and other.calendar.version == self.calendar.version
            and other.book is self.book
        )

    def __ne__(self, other: object) -> bool:
        return not self == other


@lru_cache(maxsize=65_536)
def _due_on(version: str, rule: str, on: date, occurrence: int, by: By) -> date:
    """Return the last day of a period that was neither paused nor extended: many petitions begin on one day."""
    return due(by.book.rule(version, rule), on, by.calendar, occurrence=occurrence).due_on


def _end(clock: Running, moment: Moment, on: date, by: By) -> bool:
    """End a running clock if `moment` meets it, or makes it void; say whether it was met."""
    if clock.ended_on is not None:
        return False
    rule = by.rule(clock)
    if moment in rule.ends and _has_begun(clock, on, by):
        _meet(clock, on)
        return True
    if moment in rule.cancelled_by:
        clock.ended_on, clock.outcome = on, "cancelled"
        clock.result = clock.result and void(clock.rule, moment, on=on, due_on=clock.due_on)
    return False


def _meet(clock: Running, on: date) -> None:
    late = on > clock.due_on
    clock.ended_on, clock.outcome = on, "late" if late else "met"
    clock.result = clock.result and met(late=late)


def _has_begun(clock: Running, on: date, by: By) -> bool:
    """Say whether the turn of a recurring duty is under way: two reports in one month do not meet two months' duties."""
    if clock.occurrence == 1:
        return True
    return on > _due_on(clock.rules_version, clock.rule, clock.started_on, clock.occurrence - 1, by)
