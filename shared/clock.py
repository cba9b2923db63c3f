"""Time is an argument. Nothing below the edges asks the machine for it."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

#: Legal time of the courts; the whole country keeps one zone and no daylight saving.
COURT_ZONE = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Where an edge (request, message, job) gets its one `now` from."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock for tests and simulations: it stands until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the set moment."""
        return self.at


def court_day(at: datetime) -> date:
    """Return the calendar day in the courts' zone on which the aware moment `at` falls."""
    return at.astimezone(COURT_ZONE).date()
