"""The courts of the made-up province as offices: how much comes in on which day, how well they are staffed, how fast and how careful.

Pure, and the same for the same seed. What an office cannot work off stays as a backlog, and a backlog makes everything there slower.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from random import Random

from central.courts.province import CourtSpec, Level
from central.deadlines.calendar import WorkCalendar
from central.simulation.hours import days_from

#: Petitions a year without `--petitions`, by level: 120 courts over five years come to about a million.
VOLUME: dict[Level, float] = {"high": 3200.0, "intermediate": 2200.0, "basic": 1550.0}
#: January to December: spring and autumn are busy.
SEASON = (0.92, 0.74, 1.18, 1.14, 1.06, 1.02, 0.94, 0.90, 1.10, 0.96, 1.12, 0.98)
WEEKDAY = (1.32, 1.12, 1.02, 1.0, 0.86, 0.16, 0.12)
#: What one handler works off in a year before things slow down.
PER_HANDLER = 240.0
#: The longest backlog, in weeks of work: beyond it help is sent.
MOST_BACKLOG = 9.0
_QUARTER = 63


@dataclass(frozen=True, slots=True)
class Office:
    """What an office is like. No other part of the program knows these figures: its rows only show what came of them."""

    code: str
    level: Level
    volume: float
    handlers: int
    #: Times the usual for triage and for handling; below 1 is faster.
    triage: float
    pace: float
    #: Share of matters that are left lying, and the share of drafts that come back.
    neglect: float
    send_back: float
    #: Work it can do, of what comes in on an average day.
    slack: float
    #: Change of pace from one quarter to the next.
    trend: float
    late: bool


def drawn(seed: str, spec: CourtSpec, scale: float) -> Office:
    """Return the office of a court; `scale` multiplies what comes in."""
    rng = Random(f"{seed}/office/{spec.code}")  # noqa: S311 made-up figures # nosec B311
    late = rng.random() < 0.18
    volume = VOLUME[spec.level] * rng.lognormvariate(0.0, 0.45) * scale
    return Office(
        code=spec.code,
        level=spec.level,
        volume=volume,
        handlers=min(40, max(2, round(volume / PER_HANDLER))),
        triage=rng.lognormvariate(0.35 if late else -0.05, 0.25),
        pace=rng.lognormvariate(0.42 if late else -0.05, 0.2),
        neglect=rng.uniform(0.12, 0.25) if late else rng.uniform(0.015, 0.07),
        send_back=rng.uniform(0.06, 0.2),
        slack=rng.uniform(0.93, 1.06) if late else rng.uniform(0.99, 1.22),
        trend=rng.uniform(-0.03, 0.03),
        late=late,
    )


@dataclass(frozen=True)
class Flow:
    """What comes in at one court from `first` on, day by day: `counts`, and from them the backlog in weeks of work."""

    office: Office
    first: date
    counts: tuple[int, ...]
    works: tuple[bool, ...]

    @cached_property
    def total(self) -> int:
        """Petitions of the whole span."""
        return sum(self.counts)

    @cached_property
    def backlogs(self) -> tuple[float, ...]:
        """Weeks of work that wait on each working day, in order; what came in on days off counts for the next."""
        able = max(1e-9, self.total / max(1, sum(self.works))) * self.office.slack
        waiting, carried, found = 0.0, 0, list[float]()
        for count, working in zip(self.counts, self.works, strict=True):
            carried += count
            if working:
                waiting = min(max(0.0, waiting + carried - able), MOST_BACKLOG * 5 * able)
                carried = 0
                found.append(waiting / (5 * able))
        return tuple(found)


def weights(seed: str, code: str, calendar: WorkCalendar, first: date, last: date) -> list[float]:
    """Return the relative number of petitions of each day: season, weekday, holidays, weeks that differ, and a few surges."""
    rng = Random(f"{seed}/days/{code}")  # noqa: S311 made-up figures # nosec B311
    days = list(days_from(first, last))
    surges = [(rng.randrange(len(days)), rng.randrange(10, 40), rng.uniform(1.5, 2.6)) for _ in _years(days)]
    festivals = _festivals(calendar, first.year, last.year + 1)
    week, found = 1.0, []
    for place, day in enumerate(days):
        if place % 7 == 0:
            week = rng.lognormvariate(0.0, 0.18)
        weight = SEASON[day.month - 1] * week * _day(calendar, day) * _around(festivals, day)
        for start, length, times in surges:
            if start <= place < start + length:
                weight *= times
        found.append(weight * rng.uniform(0.75, 1.25))
    return found


def flow(seed: str, office: Office, calendar: WorkCalendar, first: date, last: date, total: int) -> Flow:
    """Spread exactly `total` petitions over the days."""
    each = weights(seed, office.code, calendar, first, last)
    whole = sum(each) or 1.0
    sums = [round(total * part / whole) for part in accumulate(each)]
    counts = tuple(now - before for now, before in zip(sums, [0, *sums[:-1]], strict=True))
    works = tuple(calendar.is_working_day(day) for day in days_from(first, last))
    return Flow(office, first, counts, works)


def shares(volumes: Sequence[float], total: int) -> list[int]:
    """Divide `total` in the proportion of `volumes`; the parts add up exactly."""
    whole = sum(volumes) or 1.0
    sums = [round(total * part / whole) for part in accumulate(volumes)]
    return [now - before for now, before in zip(sums, [0, *sums[:-1]], strict=True)]


def pace_at(office: Office, working_day: float) -> float:
    """Return how slow the office is after so many working days: it gets better or worse over the years."""
    change = office.trend * min(working_day / _QUARTER, 16)
    return float(office.pace * (1.0 + change))


def _years(days: Sequence[date]) -> range:
    return range(max(1, round(len(days) / 365)))


def _day(calendar: WorkCalendar, day: date) -> float:
    if calendar.is_working_day(day):
        return WEEKDAY[min(day.weekday(), 4)]
    return WEEKDAY[day.weekday()] if day.weekday() > 4 else 0.1


def _festivals(calendar: WorkCalendar, first: int, last: int) -> list[date]:
    """Return the first day of the longest rest in each January and February: the Spring Festival."""
    found = []
    for year in range(first, last + 1):
        longest, run, start = 0, 0, date(year, 2, 1)
        for day in days_from(date(year, 1, 10), date(year, 2, 28)):
            run = 0 if calendar.is_working_day(day) else run + 1
            if run > longest:
                longest, start = run, day - timedelta(days=run - 1)
        found.append(start)
    return found


def _around(festivals: Sequence[date], day: date) -> float:
    """Return the dip before and in the festival and the rise after it."""
    for start in festivals:
        apart = (day - start).days
        if -12 <= apart < 0:
            return 0.55
        if 0 <= apart < 16:
            return 0.4
        if 16 <= apart < 45:
            return 1.25
    return 1.0
