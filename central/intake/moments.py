"""Times as ledgers write them, in the courts' zone. Pure."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

from shared.clock import COURT_ZONE

_DAY = r"(?P<y>\d{4})(?:\s*[-/.年、,。\\]\s*|\s+)(?P<m>\d{1,2})(?:\s*[-/.月、,。\\]\s*|\s+)(?P<d>\d{1,2})\s*[日号]?\.?"
_SHORT_DAY = r"(?:(?P<y>\d{2})\s*[年./-]\s*)?(?P<m>\d{1,2})\s*[月./-]\s*(?P<d>\d{1,2})\s*[日号]?"
_TIME = r"(?P<H>\d{1,2})\s*[:时点]\s*(?P<M>\d{1,2})?\s*[:分]?\s*(?:(?P<S>\d{1,2})(?:\.\d+)?\s*秒?)?"
_ZONE = r"(?P<zone>Z|[+-]\d{2}:?\d{2})"
_HALVES = "上午|下午|晚上|中午|早上|凌晨|早|晚|AM|PM"
_CLOCK = rf"(?:[\sT]*(?P<half>{_HALVES})?\s*(?:{_TIME}\s*(?P<late>AM|PM)?{_ZONE}?)?)?"
_MOMENT = re.compile(rf"^{_DAY}{_CLOCK}$", re.IGNORECASE)
_IN_YEAR = re.compile(rf"^{_SHORT_DAY}{_CLOCK}$", re.IGNORECASE)
_PACKED = re.compile(
    r"^(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:\s?(?P<H>\d{2}):?(?P<M>\d{2})(?::?(?P<S>\d{2}))?)?$"
)
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: at for at, name in enumerate(_MONTH_NAMES, start=1)}
_ENGLISH = re.compile(
    rf"^(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+)?(?P<name>[a-z]{{3}})[a-z]*\.?,?[\s-]+(?:(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?(?P<y>\d{{4}}),?{_CLOCK}$",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$")
#: What stands beside a date and says nothing more: the day of the week, a sign that keeps a cell text.
_BESIDE = re.compile(r"^[''`]|[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?")
_HAN = str.maketrans("〇零○Ｏ一二三四五六七八九", "0000123456789")
_HAN_DATE = re.compile(r"^[〇零○Oo一二三四五六七八九\d]{2,4}年")
_TENS = re.compile(r"([一二三四五六七八九]?)十([一二三四五六七八九]?)")
#: Day 0 of the serial numbers that spreadsheets keep days in: from 1900-03-01 on, and of books that count from 1904.
_EPOCH = datetime(1899, 12, 30, tzinfo=COURT_ZONE)
_EPOCH_1904 = datetime(1904, 1, 1, tzinfo=COURT_ZONE)


class Unreadable(ValueError):
    """No date that can be told from others; `args[0]` is `date_unreadable`, `date_without_year` or `date_impossible`."""


class When(NamedTuple):
    """A moment in UTC; `day_only` if the ledger gives no time of day."""

    at: datetime
    day_only: bool


def read(text: str, *, year: int | None = None, from_1904: bool = False) -> When:
    """Return the moment a cell tells; raise `Unreadable`. Which of 3/4/2019 is the month cannot be known: unreadable.

    `year` is that of the ledger, for cells that name none; `from_1904` says how days without a format are counted.
    """
    found = _MOMENT.match(text)
    if found is None:
        plain = _plain(text)
        if _SERIAL.match(plain):
            return _serial(float(plain), _EPOCH_1904 if from_1904 else _EPOCH)
        found = _MOMENT.match(plain) or _PACKED.match(plain) or _ENGLISH.match(plain)
        if found is None and year is not None:
            found = _in_year(plain, year)
        elif found is None and (bare := _IN_YEAR.match(plain)) and bare["y"] is None:
            raise Unreadable("date_without_year")
    if found is None:
        raise Unreadable("date_unreadable")
    return _made(found.groupdict(), year)


def year_in(text: str) -> int | None:
    """Return the one year that a title names (2019年, 二〇一九年度, 2019), None without or with several."""
    plain = _plain(text)
    named = re.findall(r"(?<!\d)((?:19|20)\d{2})\s*年", plain) or re.findall(
        r"(?<!\d)((?:19|20)\d{2})(?!\d)", plain
    )
    named += [
        "".join(each).translate(_HAN)
        for each in re.findall(r"([一二][〇零○九][〇零○一二三四五六七八九]{2})年", plain)
    ]
    return int(named[0]) if len(set(named)) == 1 else None


def _plain(text: str) -> str:
    plain = _BESIDE.sub("", unicodedata.normalize("NFKC", text).strip()).strip()
    if _HAN_DATE.match(plain):
        # 二十五 is 25, 十 is 10, 二〇一九 is 2019.
        plain = _TENS.sub(lambda found: (found[1] or "1") + (found[2] or "0"), plain)
        plain = plain.replace("O", "0").replace("o", "0").translate(_HAN)
    elif re.match(r"^\d{8}\.0$", plain):
        plain = plain.removesuffix(".0")  # a day that was kept as a figure
    elif "月" in plain and plain[0] in "一二三四五六七八九十":
        plain = _TENS.sub(lambda found: (found[1] or "1") + (found[2] or "0"), plain).translate(_HAN)
    return plain


def _in_year(plain: str, year: int) -> re.Match[str] | None:
    """Return a date without a year, or with the last two digits of the ledger's; 4.1 may be 4.10 typed as a number: not that."""
    found = _IN_YEAR.match(plain)
    if found is None or re.match(r"^\d{1,2}\.\d$", plain):
        return None
    short = found["y"]
    return found if short is None or int(short) == year % 100 else None


def _made(parts: dict[str, str | None], year: int | None) -> When:
    hour = _hour(parts)
    month, day = parts.get("m"), parts.get("d") or parts.get("d1") or parts.get("d2")
    if name := parts.get("name"):
        month = str(_MONTHS.get(name.lower(), 0))
    if day is None:
        raise Unreadable("date_unreadable")
    told = parts["y"]
    try:
        at = datetime(
            int(told) if told and len(told) == 4 else year or 0,
            int(month or 0),
            int(day),
            hour,
            int(parts.get("M") or 0),
            int(parts.get("S") or 0),
            tzinfo=_zone(parts.get("zone")),
        )
    except ValueError:
        raise Unreadable("date_impossible") from None
    # Exports that know only days often write midnight.
    return When(at.astimezone(UTC), parts.get("H") is None or not any((at.hour, at.minute, at.second)))


def _hour(parts: dict[str, str | None]) -> int:
    """Return the hour; of a half day without one, nothing is known but the day."""
    if parts.get("H") is None:
        return 0
    hour, half = int(parts["H"] or 0), (parts.get("half") or parts.get("late") or "").upper()
    if half in {"下午", "晚上", "晚", "PM"} and hour < 12:
        return hour + 12
    if half == "中午" and hour < 3:
        return hour + 12
    return 0 if half in {"AM", "凌晨"} and hour == 12 else hour


def _zone(text: str | None) -> tzinfo:
    if text is None:
        return COURT_ZONE
    if text in "Zz":
        return UTC
    ahead = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-ahead if text[0] == "-" else ahead)


def _serial(value: float, epoch: datetime) -> When:
    at = epoch + timedelta(days=int(value), seconds=round(value % 1 * 86400))
    return When(at.astimezone(UTC), value.is_integer())
