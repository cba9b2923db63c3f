"""A holiday notice as its sentences say it, read without guessing. Pure.

`春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。`
What has a date and is not understood to its end is given back as unread; what is understood and cannot be is a problem.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from central.fields import normal_digits

#: A notice has some 800 characters; nothing longer is one.
LONGEST: Final = 20_000
_ORDINAL = re.compile(r"^\s*(?:\(?[一二三四五六七八九十]+[、.)]|\(?\d{1,2}[、.)])\s*")
_NAMED = re.compile(r"^\s*([^:,。;\d]{1,20}?)\s*:")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)日?")
_TOKEN = re.compile(
    r"(?:(?P<year>\d{4})年)?\s*(?:(?P<month>\d{1,2})月)?\s*(?P<day>\d{1,2})日\s*(?:\((?P<said>[^()]*)\))?"
    r"|(?P<to>至|到|[-~—－–]+)"
    r"|(?P<off>放假调休|调休放假|放假|调休|休息)"
    r"|(?P<worked>照常上班|正常上班|补班|上班)"
    r"|共\s*(?P<count>\d{1,3})\s*天|(?P<single>\d{1,2})天"
)
#: What may stand between dates and what is said of them.
_BETWEEN = re.compile(r"^(?:[\s,、.和及与为]|与周末连休|分别|均)*$")
_SAID = re.compile(r"放假|调休|上班|补班")
#: A line that begins so may be the rest of the one before, when that one ended without a full stop.
_GOES_ON = re.compile(r"^\s*(?:[、,至到)(]|\d{1,2}[月日]|放假|调休|上班|共)")
_HAS_DATE = re.compile(r"\d{1,2}\s*[月日]|\d{4}-\d")
_TITLE = re.compile(r"(?:国务院办公厅)?关于(\d{4})年[^,。\n]{0,20}节假日[^,。\n]{0,10}通知")
_REFERENCE = re.compile(r"[\u4e00-\u9fff]{2,12}[〔\[(](\d{4})[〕\])]\s*\d{1,4}\s*号")
_ISSUED = re.compile(r"^\s*(\d{4})年(\d{1,2})月(\d{1,2})日\s*$")
_WEEKDAYS = "一二三四五六日"
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")


class Problem(NamedTuple):
    """Why something cannot be taken: `workdays.problem.<key>` with its values."""

    key: str
    values: dict[str, object]


class Span(NamedTuple):
    """Days off in a row, and of which holiday."""

    name: str
    first: date
    last: date


class Worked(NamedTuple):
    """A weekend day that is worked, and for which holiday."""

    name: str
    day: date


@dataclass
class Notice:
    """What was understood of a notice. `unread` are sentences with dates that were not; nothing of them is taken."""

    year: int | None = None
    title: str = ""
    reference: str = ""
    issued_on: date | None = None
    off: list[Span] = field(default_factory=list)
    worked: list[Worked] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_notice(text: str, year: int | None = None) -> Notice:
    """Return what `text` says; `year` is of the notice, where the text itself does not name it."""
    if len(text) > LONGEST:
        return Notice(year=year, problems=[Problem("too_long", {"most": LONGEST})])
    plain = normal_digits(text)
    found = Notice(year=year)
    _read_head(plain, found)
    for line in _whole_lines(plain):
        if _TITLE.search(line) or _is_issued(line, found):
            continue
        rest = _ORDINAL.sub("", line) if not _ISO.match(line.strip()) else line
        name = ""
        for whole in re.split(r"[。;;]", rest):
            named = _NAMED.match(whole)
            name, sentence = (named[1].strip(), whole[named.end() :]) if named else (name, whole)
            if _HAS_DATE.search(sentence):
                _read_sentence(sentence, name, found)
            elif _SAID.search(sentence) and "通知如下" not in sentence:
                found.unread.append(sentence.strip())
    return found


def _whole_lines(text: str) -> Iterator[str]:
    """Yield the lines, those together that a break cut in the middle of a sentence."""
    held = ""
    for line in text.splitlines():
        cut = (
            _HAS_DATE.search(held)
            and not held.rstrip().endswith(("。", ";", ":"))
            and not _ISSUED.match(held)
        )
        if cut and _GOES_ON.match(line) and not _ISSUED.match(line):
            held += line.strip()
            continue
        yield held
        held = line
    yield held


def _read_head(text: str, found: Notice) -> None:
    title = _TITLE.search(text)
    if title:
        found.title = title[0]
        said = int(title[1])
        if found.year is not None and said != found.year:
            found.problems.append(Problem("other_year", {"said": said, "year": found.year}))
        found.year = found.year or said
    reference = _REFERENCE.search(text)
    found.reference = reference[0].replace(" ", "") if reference else ""


def _is_issued(line: str, found: Notice) -> bool:
    issued = _ISSUED.match(line)
    if issued is None:
        return False
    found.issued_on = _day(*(int(part) for part in issued.groups()))
    return True


class _Unclear(Exception):
    """The sentence is not understood to its end."""


@dataclass
class _Reading:
    """Where one sentence has been read to."""

    year: int | None
    last: tuple[int | None, int] | None = None
    open: list[tuple[date, date]] = field(default_factory=list)
    to: bool = False
    off: list[tuple[date, date]] = field(default_factory=list)
    worked: list[tuple[date, date]] = field(default_factory=list)
    before: str = ""


def _read_sentence(sentence: str, name: str, found: Notice) -> None:
    problems: list[Problem] = []
    try:
        at = _tokens(_ISO.sub(r"\1年\2月\3日", sentence), found.year, problems)
    except _Unclear:
        found.unread.append(sentence.strip())
        return
    found.problems += problems
    if not problems:
        found.off += [Span(name, first, last) for first, last in at.off]
        found.worked += [
            Worked(name, date.fromordinal(day))
            for first, last in at.worked
            for day in range(first.toordinal(), last.toordinal() + 1)
        ]


def _tokens(text: str, year: int | None, problems: list[Problem]) -> _Reading:
    """Read a sentence to its end; raise `_Unclear` for a word between that is not known, or a date of which nothing is said."""
    at, place = _Reading(year), 0
    for token in _TOKEN.finditer(text):
        if not _BETWEEN.match(text[place : token.start()]):
            raise _Unclear
        place = token.end()
        _take(token, at, problems)
    unfinished = at.open or at.to or not (at.off or at.worked or problems)
    if unfinished or not _BETWEEN.match(text[place:]):
        raise _Unclear
    return at


def _take(token: re.Match[str], at: _Reading, problems: list[Problem]) -> None:
    if token["to"]:
        if at.before != "date":
            raise _Unclear
        at.to, at.before = True, "to"
    elif token["day"]:
        _date(token, at, problems)
        at.before = "date"
    elif token["off"] or token["worked"]:
        if at.to or (not at.open and at.before != "said" and not problems):
            raise _Unclear
        (at.off if token["off"] else at.worked).extend(at.open)
        at.open, at.before = [], "said"
    else:
        _count(int(token["count"] or token["single"]), at, problems)


def _date(token: re.Match[str], at: _Reading, problems: list[Problem]) -> None:
    month = int(token["month"]) if token["month"] else at.last[1] if at.last else None
    same = not token["month"] and at.last is not None
    year = int(token["year"]) if token["year"] else at.last[0] if same and at.last else at.year
    if month is None:
        raise _Unclear
    if year is None:
        problems.append(Problem("year_missing", {}))
        at.last, at.to = (None, month), False
        return
    at.last = (year, month)
    day = _day(year, month, int(token["day"]))
    if day is None:
        problems.append(Problem("no_such_day", {"day": f"{year}年{month}月{token['day']}日"}))
        at.to = False
        return
    weekday = _WEEKDAY.search(token["said"] or "")
    if weekday and _WEEKDAYS.index(weekday[1].replace("天", "日")) != day.weekday():
        problems.append(
            Problem(
                "wrong_weekday", {"day": day.isoformat(), "said": weekday[0], "is": _WEEKDAYS[day.weekday()]}
            )
        )
    if not at.to:
        at.open.append((day, day))
        return
    at.to = False
    if not at.open:
        return
    first = at.open.pop()[0]
    if day < first:
        problems.append(Problem("backwards", {"first": first.isoformat(), "last": day.isoformat()}))
        return
    at.open.append((first, day))


def _count(said: int, at: _Reading, problems: list[Problem]) -> None:
    spans = at.off or at.worked
    days = sum((last - first).days + 1 for first, last in spans)
    if not problems and days != said:
        problems.append(Problem("wrong_count", {"said": said, "days": days}))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
