"""The plan of a made-up province: which courts, from when to when, how many petitions each, and the order in which they come in. Pure.

Everything follows from the seed. A petition is known by its court and its place in the order of that court's registrations.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from random import Random
from typing import NamedTuple
from uuid import UUID

from central.courts.province import CourtSpec
from central.deadlines.calendar import WorkCalendar, shipped_calendar
from central.petitions.models import Channel
from central.petitions.numbering import number_of
from central.simulation import offices
from central.simulation.hours import Hours
from central.simulation.offices import Flow
from shared.canonical import sha256_hex
from shared.clock import COURT_ZONE

#: How petitions come in on working days; on days off only online.
CHANNELS = (
    (Channel.ONLINE, 0.36),
    (Channel.LETTER, 0.27),
    (Channel.VISIT, 0.2),
    (Channel.PHONE, 0.09),
    (Channel.REFERRAL, 0.08),
)
#: Courses may run this long after the last day; what lies behind it is cut off.
BEYOND = timedelta(days=900)
#: Of petitions, how many come from somebody who petitioned before, and within how many petitions of the court.
REPEATS, BACK = 0.14, 90.0
_LAST_MINUTE = time(16, 30)
_VERSION = 4


class Arrival(NamedTuple):
    """When and how one petition came in and was registered, in the order of registration."""

    registered_at: datetime
    received_at: datetime
    #: Working time of the registration.
    working: float
    channel: Channel
    #: Its number in the court's year.
    serial: int


@dataclass(frozen=True)
class Plan:
    """What is made: `courts` with `totals` petitions from `first` to `last`."""

    seed: str
    courts: tuple[CourtSpec, ...]
    first: date
    last: date
    totals: tuple[int, ...]
    scale: float

    @property
    def calendar(self) -> WorkCalendar:
        """The shipped calendar: an empty installation knows no other."""
        return shipped_calendar()

    @cached_property
    def hours(self) -> Hours:
        """The working hours in which people act."""
        return Hours(self.calendar, self.first, self.last + BEYOND)

    @cached_property
    def end(self) -> datetime:
        """The moment up to which things happened."""
        return datetime.combine(self.last, _LAST_MINUTE, COURT_ZONE).astimezone(UTC)

    @cached_property
    def offices(self) -> dict[str, offices.Office]:
        """The offices by court code."""
        return {spec.code: offices.drawn(self.seed, spec, self.scale) for spec in self.courts}

    @cached_property
    def flows(self) -> dict[str, Flow]:
        """What comes in, by court code."""
        return {
            spec.code: offices.flow(
                self.seed, self.offices[spec.code], self.calendar, self.first, self.last, total
            )
            for spec, total in zip(self.courts, self.totals, strict=True)
        }

    @property
    def total(self) -> int:
        """Petitions of all courts."""
        return sum(self.totals)

    @cached_property
    def digest(self) -> str:
        """Names everything that decides the rows: two plans with the same digest make the same province."""
        parts = (_VERSION, self.seed, self.first, self.last, self.totals, [c.code for c in self.courts])
        return sha256_hex(repr((*parts, self.calendar.version)))

    def backlog(self, code: str, working: float) -> float:
        """Return the weeks of work that wait at a court."""
        backlogs = self.flows[code].backlogs
        return backlogs[min(int(working), len(backlogs) - 1)] if backlogs else 0.0

    def petition_id(self, code: str, place: int, at: datetime) -> UUID:
        """Return the id of a petition: ordered by time as any other, and the same for the same seed."""
        return stable_id(f"{self.seed}/{self.digest}/{code}/{place}", at)


def make(
    *,
    seed: str,
    courts: Sequence[CourtSpec],
    years: float,
    last: date,
    total: int | None,
) -> Plan:
    """Return the plan of the `years` up to `last`; without `total` each court gets what its size suggests."""
    chosen = tuple(courts)
    first = last - timedelta(days=max(1, round(years * 365.25)) - 1)
    volumes = [offices.drawn(seed, spec, 1.0).volume * years for spec in chosen]
    usual = round(sum(volumes))
    wanted = usual if total is None else total
    totals = offices.shares(volumes, wanted)
    return Plan(seed, chosen, first, last, tuple(totals), wanted / max(1, usual))


def choose(courts: Sequence[CourtSpec], count: int) -> list[CourtSpec]:
    """Return `count` courts: the high court, then each intermediate court followed by those under it."""
    order = [spec for spec in courts if spec.parent is None]
    for middle in (spec for spec in courts if spec.level == "intermediate"):
        order += [middle, *(spec for spec in courts if spec.parent == middle.code)]
    return order[:count]


def arrivals(plan: Plan, code: str) -> list[Arrival]:
    """Return what one court registers, in that order, numbered."""
    rng, hours, flow = Random(f"{plan.seed}/arrivals/{code}"), plan.hours, plan.flows[code]  # noqa: S311 made-up figures # nosec B311
    drawn = []
    for offset, (count, working) in enumerate(zip(flow.counts, flow.works, strict=True)):
        day = plan.first + timedelta(days=offset)
        drawn += [_arrival(rng, hours, day, plan.end, working=working) for _ in range(count)]
    drawn.sort()
    found, year, serial = list[Arrival](), 0, 0
    for registered, received, at, channel in drawn:
        here = registered.astimezone(COURT_ZONE).year
        year, serial = here, serial + 1 if here == year else 1
        found.append(Arrival(registered, received, at, channel, serial))
    return found


def number(plan: Plan, code: str, arrival: Arrival) -> str:
    """Return the receipt number of a petition."""
    del plan
    return number_of(code, arrival.registered_at.astimezone(COURT_ZONE).year, arrival.serial)


def person_of(plan: Plan, code: str, place: int) -> int:
    """Return the place of the first petition of whoever sent this one; itself, unless somebody comes again."""
    while place > 0:
        rng = Random(f"{plan.seed}/again/{code}/{place}")  # noqa: S311 made-up figures # nosec B311
        if rng.random() >= REPEATS:
            return place
        place = max(0, place - 1 - int(rng.expovariate(1 / BACK)))
    return place


def earlier(plan: Plan, code: str, place: int) -> int | None:
    """Return the petition that this one comes back to, None for a first one."""
    rng = Random(f"{plan.seed}/again/{code}/{place}")  # noqa: S311 made-up figures # nosec B311
    if place == 0 or rng.random() >= REPEATS:
        return None
    return max(0, place - 1 - int(rng.expovariate(1 / BACK)))


def stable_id(text: str, at: datetime) -> UUID:
    """Return a version 7 id (RFC 9562) whose random part comes from `text`."""
    millis = int(at.timestamp() * 1000)
    spread = int.from_bytes(hashlib.sha256(text.encode()).digest()[:10], "big")
    value = (millis & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76 | (spread >> 62 & 0xFFF) << 64
    return UUID(int=value | 0b10 << 62 | spread & ((1 << 62) - 1))


def _arrival(
    rng: Random, hours: Hours, day: date, end: datetime, *, working: bool
) -> tuple[datetime, datetime, float, Channel]:
    channel = _channel(rng) if working else Channel.ONLINE
    if channel is Channel.ONLINE:
        minute = rng.triangular(0, 24 * 60 - 1, 14 * 60)
        received = datetime.combine(day, time(0), COURT_ZONE).astimezone(UTC) + timedelta(
            seconds=int(minute * 60)
        )
        at = hours.place(day, minute) + rng.uniform(0.02, 0.7)
    else:
        at = hours.place(day, 0) + rng.random()
        received = hours.moment(at)
        at += {Channel.VISIT: 0.0, Channel.PHONE: 0.0}.get(channel, rng.expovariate(1.2))
    registered = hours.moment(at)
    if registered > end:
        registered, at = end, hours.of(end)
    return registered, min(received, registered), at, channel


def _channel(rng: Random) -> Channel:
    left = rng.random()
    for channel, share in CHANNELS:
        left -= share
        if left < 0:
            return channel
    return Channel.ONLINE
