"""Working time as one number: whole days are working days of the courts' calendar, the rest is the part of a day's hours. Pure.

8:30 to 12:00 and 13:00 to 16:30. Adding 1.0 to a time is "a working day later", whatever weekends and holidays lie between.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from central.deadlines.calendar import WorkCalendar
from shared.clock import COURT_ZONE

_HALF = 210
_MINUTES = 2 * _HALF
_MORNING, _AFTERNOON = 8 * 60 + 30, 13 * 60
_DAY = timedelta(days=1)


def days_from(first: date, last: date) -> Iterator[date]:
    """Yield the days from `first` to `last`, both included."""
    for offset in range((last - first).days + 1):
        yield first + offset * _DAY


class Hours:
    """The working hours from `first` to `last`; a time outside is moved to the nearest end."""

    def __init__(self, calendar: WorkCalendar, first: date, last: date) -> None:
        self.days = [day for day in days_from(first, last) if calendar.is_working_day(day)]
        self._starts = [datetime.combine(day, time(0), COURT_ZONE).astimezone(UTC) for day in self.days]

    def moment(self, at: float) -> datetime:
        """Return the moment of a working time, in whole seconds."""
        whole = min(int(at), len(self.days) - 1)
        minutes = (at - int(at)) * _MINUTES
        since = minutes + _MORNING if minutes < _HALF else minutes - _HALF + _AFTERNOON
        return self._starts[whole] + timedelta(seconds=int(since * 60))

    def day(self, at: float) -> date:
        """Return the day of a working time."""
        return self.days[min(int(at), len(self.days) - 1)]

    def place(self, day: date, minute: float) -> float:
        """Return the first working time not before `minute` (of the clock) of a day of the calendar."""
        whole = bisect_left(self.days, day)
        if whole == len(self.days) or self.days[whole] != day:
            return float(whole)
        if minute < _MORNING + _HALF:
            spent = max(0.0, minute - _MORNING)
        elif minute < _AFTERNOON + _HALF:
            spent = _HALF + max(0.0, minute - _AFTERNOON)
        else:
            return float(whole + 1)
        return whole + spent / _MINUTES

    def of(self, at: datetime) -> float:
        """Return the working time of a moment."""
        local = at.astimezone(COURT_ZONE)
        return self.place(local.date(), local.hour * 60 + local.minute + local.second / 60)
