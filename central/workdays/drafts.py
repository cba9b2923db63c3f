"""What somebody is about to enter, and whether it can be: pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

from central.deadlines.calendar import Status, WorkCalendar
from central.deadlines.entries import Entry, InForce, Marked
from central.fields import clean_line
from central.workdays.notices import Notice, Problem, Span, Worked

#: Years a notice may be for. The first list of days off with worked weekends that the libraries know is of 2004.
FIRST_YEAR, LAST_YEAR = 2004, 2099
#: No holiday has been longer than nine days; a typing error may make a whole month of it.
LONGEST_SPAN: Final = 31
MOST_OFF, MOST_WORKED = 80, 30
#: A notice can give days of the week before its year: 元旦 of 2023 began on 31 December.
_WEEK_BEFORE = timedelta(days=7)
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole notice before it is entered."""

    year: int
    status: Status
    off: tuple[Span, ...]
    worked: tuple[Worked, ...]
    title: str = ""
    reference: str = ""
    issued_on: date | None = None

    def days(self) -> tuple[Marked, ...]:
        """Return each day once, in order."""
        off = {day: Marked(day, worked=False, name=span.name) for span in self.off for day in days_of(span)}
        worked = {each.day: Marked(each.day, worked=True, name=each.name) for each in self.worked}
        return tuple(marked for _, marked in sorted((off | worked).items()))


def draft_of(notice: Notice, *, year: int, status: Status, **more: object) -> Draft:
    """Return what was read as a draft; `more` are title, reference and issue date that were typed and win over the text's."""
    typed = {name: value for name, value in more.items() if value}
    said = {"title": notice.title, "reference": notice.reference, "issued_on": notice.issued_on}
    off = tuple(span._replace(name=clean_line(span.name)[:40]) for span in notice.off)
    worked = tuple(each._replace(name=clean_line(each.name)[:40]) for each in notice.worked)
    words = {name: _line(value, _LONGEST.get(name)) for name, value in (said | typed).items()}
    return Draft(year, status, off, worked, **words)  # type: ignore[arg-type]


_LONGEST: Final = {"title": 200, "reference": 60}


def _line(value: object, most: int | None) -> object:
    """Return text as one clean line that fits its column; anything else as it is."""
    return clean_line(value)[:most] if isinstance(value, str) else value


def days_of(span: Span) -> Iterator[date]:
    """Yield the days of a span."""
    for day in range(span.first.toordinal(), span.last.toordinal() + 1):
        yield date.fromordinal(day)


def problems_of(draft: Draft) -> list[Problem]:
    """Return why a draft cannot be entered, empty if it can."""
    if not FIRST_YEAR <= draft.year <= LAST_YEAR:
        return [Problem("year_out", {"first": FIRST_YEAR, "last": LAST_YEAR})]
    if not draft.off and not draft.worked:
        return [Problem("empty", {})]
    found = list(_spans(draft))
    if not found:
        found = [*_outside(draft), *_twice(draft), *_needless(draft)]
    return found


def _spans(draft: Draft) -> Iterator[Problem]:
    for span in draft.off:
        first, last = span.first.isoformat(), span.last.isoformat()
        if span.last < span.first:
            yield Problem("backwards", {"first": first, "last": last})
        elif (span.last - span.first).days >= LONGEST_SPAN:
            yield Problem("long_span", {"first": first, "last": last, "most": LONGEST_SPAN})
    if len(draft.worked) > MOST_WORKED:
        yield Problem("many_worked", {"count": len(draft.worked), "most": MOST_WORKED})
    if len(draft.off) > MOST_OFF or sum((span.last - span.first).days + 1 for span in draft.off) > MOST_OFF:
        yield Problem("many_off", {"most": MOST_OFF})


def _outside(draft: Draft) -> Iterator[Problem]:
    first, last = date(draft.year, 1, 1) - _WEEK_BEFORE, date(draft.year, 12, 31)
    for day in sorted({*_off(draft), *(each.day for each in draft.worked)}):
        if not first <= day <= last:
            yield Problem("other_years_day", {"day": day.isoformat(), "year": draft.year})
            return


def _twice(draft: Draft) -> Iterator[Problem]:
    off, worked = Counter(_off(draft)), Counter(each.day for each in draft.worked)
    for day, count in sorted(off.items()):
        if count > 1:
            yield Problem("overlap", {"day": day.isoformat()})
            break
    for day, count in sorted(worked.items()):
        if day in off:
            yield Problem("both", {"day": day.isoformat()})
        elif count > 1:
            yield Problem("worked_twice", {"day": day.isoformat()})


def _needless(draft: Draft) -> Iterator[Problem]:
    off = set(_off(draft))
    for each in draft.worked:
        if each.day.weekday() < _SATURDAY and each.day not in off:
            yield Problem("worked_weekday", {"day": each.day.isoformat()})


def _off(draft: Draft) -> list[date]:
    return [day for span in draft.off for day in days_of(span)]


def single_problem(calendar: WorkCalendar, day: date, *, worked: bool) -> Problem | None:
    """Return why one day cannot be changed: it is what it is to become already."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return Problem("year_out", {"first": FIRST_YEAR, "last": LAST_YEAR})
    if calendar.is_working_day(day) == worked:
        return Problem("worked_already" if worked else "off_already", {"day": day.isoformat()})
    return None


class Change(NamedTuple):
    """What an entry would make of the calendar, and the days that would change."""

    entry: Entry
    before: InForce
    after: InForce
    days: tuple[date, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether all is so already, names and status included."""
        return not self.days and _said(self.before, self.entry) == _said(self.after, self.entry)


def _said(found: InForce, entry: Entry) -> tuple[object, ...]:
    names = {day: marked.name for day, (_, marked) in found.entered.items() if day.year == entry.year}
    return found.calendar.status(date(entry.year, 7, 15)), names
