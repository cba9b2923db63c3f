"""Which days are working days in China, and how sure we are of it.

The State Council publishes each year's days off, with the weekends that are worked instead, in the November before.
Until it has, only the statutory days are known: such years are answered as "estimated", never silently as certain.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.metadata import version as installed
from types import MappingProxyType
from typing import Final, Literal

import chinese_calendar
import holidays

Status = Literal["published", "estimated"]

_SATURDAY: Final = 5
_ESTIMATED_YEARS: Final = 20  # a retrial, a review and every extension end well inside this
_DAY: Final = timedelta(days=1)


class DayKind(StrEnum):
    """What a day is; `deadlines.day.<value>` names it in the catalogue."""

    WORKDAY = "workday"
    WORKED_WEEKEND = "worked_weekend"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class YearDays:
    """The exceptions of one year: weekdays that are off, weekend days that are worked."""

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    status: Status = "estimated"


_WEEKENDS_ONLY: Final = YearDays()


@dataclass(frozen=True, slots=True, eq=False)
class WorkCalendar:
    """Working days by year; years it has no data for have plain weekends and are estimated.

    `version` goes into every deadline sheet and changes with each override: calendars of one version are the same.
    `overrides` maps a day to whether it is worked; these days count as published, because somebody answered for them.
    """

    version: str
    years: Mapping[int, YearDays]
    overrides: Mapping[date, bool] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.version)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WorkCalendar) and other.version == self.version

    def is_working_day(self, day: date) -> bool:
        """Say whether offices work on `day` (工作日, 调休 weekends included)."""
        override = self.overrides.get(day)
        if override is not None:
            return override
        year = self.years.get(day.year, _WEEKENDS_ONLY)
        return day not in year.off if day.weekday() < _SATURDAY else day in year.worked

    def kind(self, day: date) -> DayKind:
        """Return why `day` is worked or not, for the deadline sheet."""
        weekend = day.weekday() >= _SATURDAY
        if self.is_working_day(day):
            return DayKind.WORKED_WEEKEND if weekend else DayKind.WORKDAY
        return DayKind.WEEKEND if weekend else DayKind.HOLIDAY

    def next_working_day(self, day: date) -> date:
        """Return `day` itself when it is worked, otherwise the first working day after it."""
        while not self.is_working_day(day):
            day += _DAY
        return day

    def status(self, day: date) -> Status:
        """Return "published" when the notice for that year, or an override of that day, is known."""
        if day in self.overrides:
            return "published"
        return self.years.get(day.year, _WEEKENDS_ONLY).status

    def with_overrides(
        self, days: Mapping[date, bool], *, published_years: Collection[int] = ()
    ) -> "WorkCalendar":
        """Return a calendar in which `days` are worked (True) or off (False), over the shipped data.

        `published_years` are the years whose whole notice has been entered by hand: in them every day is published,
        and the shipped estimate is dropped so that only weekends and the entered days count.
        """
        if not days and not published_years:
            return self
        overrides = {**self.overrides, **days}
        entered = {
            year: YearDays(status="published") for year in published_years if not self._published(year)
        }
        return replace(
            self,
            version=f"{self.version.partition('+')[0]}+{_digest(overrides, {*self._entered(), *published_years})}",
            years=MappingProxyType({**self.years, **entered}),
            overrides=MappingProxyType(overrides),
        )

    def _published(self, year: int) -> bool:
        return self.years.get(year, _WEEKENDS_ONLY).status == "published"

    def _entered(self) -> list[int]:
        return [year for year, days in self.years.items() if days == YearDays(status="published")]


@cache
def shipped_calendar() -> WorkCalendar:
    """Return the calendar built from the libraries: published 2004 to their last notice, estimated after it."""
    published = _published_years()
    last = max(published)
    years = published | _statutory_years(range(last + 1, last + 1 + _ESTIMATED_YEARS))
    return WorkCalendar(
        version=f"cn-{last}/{installed('chinesecalendar')}/{installed('holidays')}",
        years=MappingProxyType(years),
    )


def packed(calendar: WorkCalendar) -> str:
    """Return the years of a calendar as text, for `unpacked`; its overrides are left out."""
    years = {
        str(year): [
            days.status,
            *(sorted(day.isoformat() for day in each) for each in (days.off, days.worked)),
        ]
        for year, days in calendar.years.items()
    }
    return json.dumps(years, sort_keys=True, separators=(",", ":"))


def unpacked(version: str, text: str) -> WorkCalendar:
    """Return the calendar that `packed` wrote down."""
    years = {
        int(year): YearDays(
            off=frozenset(map(date.fromisoformat, off)),
            worked=frozenset(map(date.fromisoformat, worked)),
            status=status,
        )
        for year, (status, off, worked) in json.loads(text).items()
    }
    return WorkCalendar(version=version, years=MappingProxyType(years))


def differing(before: WorkCalendar, after: WorkCalendar) -> set[int]:
    """Return the years of which two calendars ship other days."""
    plain = _WEEKENDS_ONLY
    known = {*before.years, *after.years}
    return {year for year in known if before.years.get(year, plain) != after.years.get(year, plain)}


def _published_years() -> dict[int, YearDays]:
    days_off, worked = chinese_calendar.constants.holidays, chinese_calendar.constants.workdays
    return {
        year: YearDays(
            off=frozenset(day for day in days_off if day.year == year and day.weekday() < _SATURDAY),
            worked=frozenset(day for day in worked if day.year == year and day.weekday() >= _SATURDAY),
            status="published",
        )
        for year in sorted({day.year for day in days_off})
    }


def _statutory_years(years: range) -> dict[int, YearDays]:
    # Regulation on Public Holidays (全国年节及纪念日放假办法): a statutory day on a weekend is made up on a weekday;
    # which weekends will be worked instead nobody can know before the notice, so none are.
    days_off = holidays.country_holidays("CN", years=years)
    return {
        year: YearDays(
            off=frozenset(day for day in days_off if day.year == year and day.weekday() < _SATURDAY)
        )
        for year in years
    }


def _digest(overrides: Mapping[date, bool], entered: Collection[int]) -> str:
    lines = [f"{day.isoformat()}={worked:d}" for day, worked in sorted(overrides.items())]
    text = "\n".join([*lines, *(str(year) for year in sorted(entered))])
    return hashlib.sha256(text.encode()).hexdigest()[:8]


#: What the libraries call the holidays, by a part of the name; `workdays.holiday.<code>` in the catalogue.
_NAMES: Final = (
    ("New Year's Day", "new_year"),
    ("Spring Festival", "spring"),
    ("New Year's Eve", "spring"),
    ("Tomb", "qingming"),
    ("Lab", "labour"),
    ("Dragon", "dragon_boat"),
    ("Mid-", "mid_autumn"),
    ("National", "national"),
)


@cache
def shipped_names() -> Mapping[date, str]:
    """Return of which holiday the shipped days off and worked weekends are, as codes."""
    published = _published_years()
    last = max(published)
    said: dict[date, str] = {**chinese_calendar.constants.holidays, **chinese_calendar.constants.workdays}
    years = range(last + 1, last + 1 + _ESTIMATED_YEARS)
    said |= dict(holidays.country_holidays("CN", years=years).items())
    return MappingProxyType({day: _code(name) for day, name in said.items()})


def _code(name: str) -> str:
    return next((code for part, code in _NAMES if part in name), "other")
