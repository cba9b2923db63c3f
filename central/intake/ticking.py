"""What acts on their days do to the clocks of a petition: reckoned once for all petitions of these days, without rows or ids."""

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any, NamedTuple

from central.deadlines import service as deadlines
from central.deadlines.models import DeadlineClock
from central.deadlines.rules import Ground, Moment
from central.events import images, journal
from central.events.bulk import Pattern, mark
from central.intake.blanks import Row, blank, open_columns, table_of
from central.petitions.states import Clocks


class Clock:
    """A clock while it is reckoned: the columns of the table, except those that say whose it is."""

    rule: str
    rules_version: str
    started_on: date
    occurrence: int
    due_on: date
    extension_days: int
    ended_on: date | None
    outcome: str | None
    result: str | None
    standing_still: bool

    def __init__(self, **columns: Any) -> None:
        self.__dict__ = {**_blank_clock(), **columns}


class Ticked(NamedTuple):
    """What one act does to the clocks: those it starts, columns it sets by place, pauses it begins and ends, what is due next.

    Beside the columns stands what the log says of them, which is the same for all petitions of these days.
    """

    started: tuple[tuple[Row, Pattern], ...]
    changed: tuple[tuple[int, Row, str], ...]
    #: Places of the clocks that stand still from here on, and of the pauses that end, each with the day.
    paused: tuple[tuple[int, date], ...]
    resumed: tuple[tuple[int, date], ...]
    nearest: deadlines.Nearest


@dataclass(slots=True)
class _Pause:
    place: int
    from_on: date
    until_on: date | None = None


@lru_cache(maxsize=2048)
def clocks(
    acts: tuple[tuple[tuple[Moment, ...], date, Clocks, tuple[str, int] | None], ...],
    version: str,
    by: deadlines.By,
) -> tuple[Ticked, ...]:
    """Return what acts on these days do to the clocks of a petition. Many petitions share their days."""
    known, pauses, found = list[Clock](), list[_Pause](), list[Ticked]()
    for moments, day, effect, extends in acts:
        before = [(place, dict(vars(clock))) for place, clock in enumerate(known) if clock.ended_on is None]
        resumed = _resume(known, pauses, day, by) if effect is Clocks.RESUME else []
        running = [(place, clock) for place, clock in enumerate(known) if clock.ended_on is None]
        still = [(place, clock) for place, clock in running if clock.standing_still]
        for place, clock in still:  # what ends now was not late while it stood still
            clock.due_on = _due(clock, place, pauses, by, today=day)
        if extends:
            _extend(known, pauses, *extends, by)
        started = deadlines.advanced(
            [clock for _, clock in running],
            make=Clock,
            moments=moments,
            on=day,
            calendar=by.calendar,
            book=by.book,
            version=version,
        )
        known += started
        resumed += _over(still, pauses, day)
        paused = _stand_still(known, pauses, day, by) if effect is Clocks.PAUSE else []
        changed = tuple(
            (place, row, images.object_(_logged(row)))
            for place, was in before
            if (row := _changed(was, known[place]))
        )
        rows = tuple((row := dict(vars(one)), _line(tuple(row.items()))) for one in started)
        nearest = deadlines.nearest(known, by.book)
        found.append(Ticked(rows, changed, tuple(paused), tuple(resumed), nearest))
    return tuple(found)


@cache
def _blank_clock() -> Row:
    whose = {"id", "petition_id", "court_id"}
    return {name: value for name, value in blank(DeadlineClock)[0].items() if name not in whose}


@lru_cache(maxsize=16_384)
def _line(columns: tuple[tuple[str, Any], ...]) -> Pattern:
    """Return what the log says of a clock that starts: clock, petition and court are filled in."""
    names = ("id", "petition_id", "court_id")
    marks = dict(zip(names, map(mark, range(1, 4)), strict=True))
    row = {**blank(DeadlineClock)[0], **dict(columns), **marks}
    return Pattern(journal.inserted(table_of(DeadlineClock), row), list(marks.values()))  # type: ignore[arg-type]


def _logged(columns: Row) -> Row:
    """Return those columns of a clock that the log sees."""
    return {name: value for name, value in columns.items() if name in open_columns(table_of(DeadlineClock))}


def _changed(was: Row, clock: Clock) -> Row:
    now = vars(clock)
    return {} if now == was else {name: now[name] for name, value in was.items() if now[name] != value}


def _due(clock: Clock, place: int, pauses: list[_Pause], by: deadlines.By, today: date | None = None) -> date:
    own = [(pause.from_on, pause.until_on) for pause in pauses if pause.place == place]
    return deadlines.due_of(clock, own, by.calendar, by.book, today).due_on


def _extend(clocks: list[Clock], pauses: list[_Pause], rule: str, days: int, by: deadlines.By) -> None:
    place = next(at for at, clock in enumerate(clocks) if clock.rule == rule and clock.ended_on is None)
    clocks[place].extension_days += days
    clocks[place].due_on = _due(clocks[place], place, pauses, by)


def _stand_still(
    clocks: list[Clock], pauses: list[_Pause], day: date, by: deadlines.By
) -> list[tuple[int, date]]:
    still = [
        place
        for place, clock in enumerate(clocks)
        if clock.ended_on is None and Ground.SUPPLEMENT in by.rule(clock).paused_by
    ]
    for place in still:
        clocks[place].standing_still = True
    pauses += [_Pause(place, day) for place in still]
    return [(place, day) for place in still]


def _resume(clocks: list[Clock], pauses: list[_Pause], day: date, by: deadlines.By) -> list[tuple[int, date]]:
    ended = _end_pauses(pauses, day, {pause.place for pause in pauses})
    for place, clock in enumerate(clocks):
        if clock.ended_on is None:
            clock.standing_still = False
            clock.due_on = _due(clock, place, pauses, by)
    return ended


def _over(still: list[tuple[int, Clock]], pauses: list[_Pause], day: date) -> list[tuple[int, date]]:
    """End the pauses of clocks that stood still and have ended."""
    over = {place for place, clock in still if clock.ended_on is not None}
    for place, clock in still:
        clock.standing_still = place not in over
    return _end_pauses(pauses, day, over)


def _end_pauses(pauses: list[_Pause], day: date, of: set[int]) -> list[tuple[int, date]]:
    ended = [at for at, pause in enumerate(pauses) if pause.until_on is None and pause.place in of]
    for at in ended:
        pauses[at].until_on = max(day, pauses[at].from_on)
    return [(at, max(day, pauses[at].from_on)) for at in ended]
