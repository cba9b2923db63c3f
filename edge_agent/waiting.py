"""How long a visitor will wait, and how wrong earlier estimates of the day were. Pure: values in, values out."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

#: The usual length of a visit counts as so many measured ones: the first visits of a day do not throw the estimate about.
_PRIOR = 5
#: Visits and promises looked at, the latest ones: a morning says little of the afternoon.
_LATEST = 20
#: Fewer promises that came due say nothing about the error.
_LEAST = 5


class Pace(NamedTuple):
    """How fast the hall moves: `visit`, the mean length of a visit; `counters` that are serving; how many of them are `free`."""

    visit: timedelta
    counters: int
    free: int


class Promise(NamedTuple):
    """What a visitor was told when taking the number, and how long it took until the first call."""

    told: timedelta
    took: timedelta


def mean_visit(visits: Sequence[timedelta], *, usual: timedelta) -> timedelta:
    """Return the mean length of the latest visits, drawn towards `usual` as long as there are few."""
    latest = visits[-_LATEST:]
    return (sum(latest, timedelta()) + _PRIOR * usual) / (len(latest) + _PRIOR)


def estimate(before: int, pace: Pace) -> timedelta:
    """Return how long someone with `before` people in front will wait: the counters take one each time a visit ends."""
    turns = max(0, before + 1 - pace.free)
    return turns * pace.visit / max(1, pace.counters)


def error(promises: Sequence[Promise]) -> timedelta | None:
    """Return the mean distance between what was told and what came, of the latest promises; None for too few."""
    latest = promises[-_LATEST:]
    if len(latest) < _LEAST:
        return None
    return sum((abs(one.told - one.took) for one in latest), timedelta()) / len(latest)


def minutes(span: timedelta) -> int:
    """Return whole minutes, rounded up: nobody is told less than is meant."""
    return math.ceil(span / timedelta(minutes=1))


def since(earlier: datetime | None, later: datetime | None) -> timedelta | None:
    """Return the time between two moments; None when one is missing or the clock was set back between them."""
    if earlier is None or later is None or later < earlier:
        return None
    return later - earlier
