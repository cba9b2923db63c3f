"""When people may be told: in working hours of working days of the courts' calendar. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from central.deadlines.calendar import WorkCalendar
from shared.clock import COURT_ZONE

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """From `opens` up to, not including, `closes`, in the courts' zone."""

    opens: time = time(8, 30)
    closes: time = time(17, 30)

    def within(self, other: "Hours") -> "Hours":
        """Return what is left of these hours inside `other`; `other` itself where nothing is."""
        opens, closes = max(self.opens, other.opens), min(self.closes, other.closes)
        return Hours(opens, closes) if opens < closes else other


def allowed(at: datetime, hours: Hours, calendar: WorkCalendar) -> bool:
    """Say whether people may be told at the aware moment `at`."""
    local = at.astimezone(COURT_ZONE)
    return hours.opens <= local.time() < hours.closes and calendar.is_working_day(local.date())


def next_allowed(at: datetime, hours: Hours, calendar: WorkCalendar) -> datetime:
    """Return `at` itself if it is allowed, else the next opening (aware, in UTC)."""
    local = at.astimezone(COURT_ZONE)
    day = local.date()
    if calendar.is_working_day(day):
        if local.time() < hours.opens:
            return opening(day, hours)
        if local.time() < hours.closes:
            return at.astimezone(UTC)
    return opening(calendar.next_working_day(day + _DAY), hours)


def opening(day: date, hours: Hours) -> datetime:
    """Return the moment at which `day` opens, in UTC."""
    return datetime.combine(day, hours.opens, COURT_ZONE).astimezone(UTC)


def horizon(today: date, calendar: WorkCalendar) -> date:
    """Return the last day before the next working day after `today`."""
    return calendar.next_working_day(today + _DAY) - _DAY
