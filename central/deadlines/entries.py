"""What is entered over the shipped calendar: whole years and single days, in the order of their numbers. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple

from central.deadlines.calendar import Status, WorkCalendar, YearDays

_SATURDAY: Final = 5


class Marked(NamedTuple):
    """A day that is off or worked, and of which holiday it is."""

    day: date
    worked: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `whole`: it replaces all that was shipped or entered for its year; else it marks single days."""

    number: int
    year: int
    whole: bool
    status: Status
    days: tuple[Marked, ...]


@dataclass(frozen=True, slots=True)
class InForce:
    """The calendar in force, the entry each entered day comes from, and the number of the newest entry (0: only shipped)."""

    calendar: WorkCalendar
    entered: Mapping[date, tuple[Entry, Marked]]
    number: int = 0


def fold(shipped: WorkCalendar, entries: Iterable[Entry]) -> InForce:
    """Return the calendar that `shipped` and `entries`, oldest first, come to. Every entry makes another version."""
    found: dict[date, tuple[Entry, Marked]] = {}
    wholes: dict[int, Entry] = {}
    last = 0
    for entry in entries:
        last = entry.number
        if entry.whole:
            wholes[entry.year] = entry
            found = {day: kept for day, kept in found.items() if not _replaced(entry, kept[0], day)}
        found.update({marked.day: (entry, marked) for marked in entry.days})
    if not last:
        return InForce(shipped, MappingProxyType({}))
    years = {
        year: _year([marked for each, marked in found.values() if each is entry], entry)
        for year, entry in wholes.items()
    }
    single = {
        day: marked.worked
        for day, (entry, marked) in found.items()
        if not entry.whole or day.year != entry.year
    }
    version = f"{shipped.version}+{last}.{_digest(years, single)}"
    calendar = WorkCalendar(
        version=version,
        years=MappingProxyType({**shipped.years, **years}),
        overrides=MappingProxyType({**shipped.overrides, **single}),
    )
    return InForce(calendar, MappingProxyType(found), last)


def changed_days(before: WorkCalendar, after: WorkCalendar, years: Iterable[int]) -> tuple[date, ...]:
    """Return the days of `years` that are worked in one calendar and not in the other, in order."""
    ordinals = (
        day
        for year in sorted(set(years))
        for day in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)
    )
    days = (date.fromordinal(each) for each in ordinals)
    return tuple(day for day in days if before.is_working_day(day) != after.is_working_day(day))


def _replaced(whole: Entry, kept: Entry, day: date) -> bool:
    """A whole year takes the place of its own earlier notice and of single days; another year's last-week days stay."""
    return kept.year == whole.year or (day.year == whole.year and not kept.whole)


def _year(marks: list[Marked], entry: Entry) -> YearDays:
    own = [marked for marked in marks if marked.day.year == entry.year]
    return YearDays(
        off=frozenset(m.day for m in own if not m.worked and m.day.weekday() < _SATURDAY),
        worked=frozenset(m.day for m in own if m.worked and m.day.weekday() >= _SATURDAY),
        status=entry.status,
    )


def _digest(years: Mapping[int, YearDays], single: Mapping[date, bool]) -> str:
    lines = [f"{year} {days.status}" for year, days in sorted(years.items())]
    lines += [f"{day}=0" for _, days in sorted(years.items()) for day in sorted(days.off)]
    lines += [f"{day}=1" for _, days in sorted(years.items()) for day in sorted(days.worked)]
    lines += [f"{day}:{worked:d}" for day, worked in sorted(single.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]
