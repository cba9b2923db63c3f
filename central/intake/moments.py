"""Times as ledgers write them, in the courts' zone. Pure."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

from shared.clock import COURT_ZONE

_DAY = r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?"
_TIME = r"(?P<H>\d{1,2})\s*[:时点]\s*(?P<M>\d{1,2})?\s*[:分]?\s*(?:(?P<S>\d{1,2})(?:\.\d+)?\s*秒?)?"
_ZONE = r"(?P<zone>Z|[+-]\d{2}:?\d{2})"
_MOMENT = re.compile(
    rf"^{_DAY}(?:[\sT]*(?P<half>上午|下午|AM|PM)?\s*{_TIME}\s*(?P<late>AM|PM)?{_ZONE}?)?$", re.IGNORECASE
)
_PACKED = re.compile(r"^(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})$")
_SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$")
#: Day 0 of the serial numbers that spreadsheets keep days in (from 1900-03-01 on).
_EPOCH = datetime(1899, 12, 30, tzinfo=COURT_ZONE)


class Unreadable(ValueError):
    """No date that can be told from others; `args[0]` is `date_unreadable` or `date_impossible`."""


class When(NamedTuple):
    """A moment in UTC; `day_only` if the ledger gives no time of day."""

    at: datetime
    day_only: bool


def read(text: str) -> When:
    """Return the moment a cell tells; raise `Unreadable`. Which of 3/4/2019 is the month cannot be known: unreadable."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if _SERIAL.match(plain):
        return _serial(float(plain))
    found = _MOMENT.match(plain) or _PACKED.match(plain)
    if found is None:
        raise Unreadable("date_unreadable")
    parts = found.groupdict()
    hour = int(parts.get("H") or 0)
    half = (parts.get("half") or parts.get("late") or "").upper()
    if half in {"下午", "PM"} and hour < 12:
        hour += 12
    if half == "AM" and hour == 12:
        hour = 0
    try:
        at = datetime(
            int(parts["y"]),
            int(parts["m"]),
            int(parts["d"]),
            hour,
            int(parts.get("M") or 0),
            int(parts.get("S") or 0),
            tzinfo=_zone(parts.get("zone")),
        )
    except ValueError:
        raise Unreadable("date_impossible") from None
    # Exports that know only days often write midnight.
    return When(at.astimezone(UTC), parts.get("H") is None or not any((at.hour, at.minute, at.second)))


def _zone(text: str | None) -> tzinfo:
    if text is None:
        return COURT_ZONE
    if text in "Zz":
        return UTC
    ahead = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-ahead if text[0] == "-" else ahead)


def _serial(value: float) -> When:
    at = _EPOCH + timedelta(days=int(value), seconds=round(value % 1 * 86400))
    return When(at.astimezone(UTC), value.is_integer())
