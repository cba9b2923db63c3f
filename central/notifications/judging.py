"""Is a planned notice still to be told? Pure; asked when a message is put together and again right before it leaves."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from central.deadlines.levels import Shares
from central.notifications.rules import Level, Why, level_of

_ORDER = (Level.AMBER, Level.RED, Level.DUE, Level.OVERDUE)
#: What may pass: the notice is taken out, so that it can be made again when its time comes.
PASSING = frozenset({Why.STANDS_STILL, Why.NOT_YET, Why.MOVED_ON})


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock as it stands now. Its share of time used is counted from `from_on`."""

    from_on: date
    due_on: date
    ended: bool
    standing_still: bool


@dataclass(frozen=True, slots=True)
class Day:
    """What levels are judged by on a day."""

    today: date
    horizon: date
    shares: Shares


def reminder(level: Level, clock: Clock, day: Day) -> Why | None:
    """Return why a reminder of `level` is not to be told, None if it is."""
    if clock.ended:
        return Why.ENDED
    if clock.standing_still:
        return Why.STANDS_STILL
    now = level_of(clock.from_on, clock.due_on, day.today, horizon=day.horizon, shares=day.shares)
    if now is level:
        return None
    return Why.SUPERSEDED if now and _ORDER.index(now) > _ORDER.index(level) else Why.NOT_YET


def urgency(notice: Any) -> tuple[int, date, str]:
    """Return the key by which the lines of a message are sorted: overdue first, then by day; news last."""
    at = _ORDER.index(Level(notice.level)) if notice.level else -1
    return -at, notice.due_on or date.max, notice.key
