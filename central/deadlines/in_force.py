"""The calendar in force: what the library ships and what was entered since. Everybody who counts days asks here.

The newest entry is looked up each time, one row of an index, so what another process entered counts from its commit on. What
the entries come to is kept by their version. Who writes holds the calendar until their commit: an entry waits for them, so that no
date counted by the former calendar comes in behind the recount.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from central import db
from central.deadlines import service as deadlines
from central.deadlines.calendar import Status, WorkCalendar, shipped_calendar, unpacked
from central.deadlines.due import Due
from central.deadlines.entries import Entry, InForce, Marked, fold
from central.deadlines.models import CalendarDay, CalendarNotice, ClockPause, DeadlineClock, ShippedDays
from central.deadlines.shipped import book_of

#: Of the advisory lock that keeps entries and those who count days apart.
LOCK = 727020
_KEPT = 64
_known: dict[tuple[str, str], InForce] = {}


def calendar_in_force(s: Session) -> WorkCalendar:
    """Return the working days as of now."""
    return in_force(s).calendar


def in_force(s: Session) -> InForce:
    """Return the calendar in force with where its days come from."""
    if not isinstance(s, db.Reading):
        db.share(s, LOCK)
    newest = col(CalendarNotice.number).desc()
    row = s.connection().execute(select(col(CalendarNotice.version)).order_by(newest).limit(1)).first()
    if row is None:
        return fold(shipped_calendar(), ())
    key = (shipped_calendar().version, str(row.version))
    found = _known.get(key)
    if found is None:
        found = folded(s)
        if len(_known) >= _KEPT:
            _known.clear()
        _known[key] = found
    return found


def folded(s: Session) -> InForce:
    """Return what the libraries and all entries come to, worked out anew."""
    return fold(shipped_calendar(), entries(s))


def before(s: Session, number: int) -> InForce:
    """Return the calendar as it was before entry `number`, over what the libraries shipped then, as far as that was kept."""
    return fold(shipped_before(s, number), entries(s, below=number))


def shipped_before(s: Session, number: int) -> WorkCalendar:
    """Return what the libraries shipped before entry `number`; an entry of a notice changes nothing of that."""
    kept = col(ShippedDays.number)
    columns = (col(ShippedDays.version), col(ShippedDays.days))
    row = s.connection().execute(select(*columns).where(kept < number).order_by(kept.desc()).limit(1)).first()
    if row is None or row.version == shipped_calendar().version:
        return shipped_calendar()
    return unpacked(row.version, row.days)


def sheet(s: Session, clock: DeadlineClock, pauses: Sequence[ClockPause], today: date) -> Due:
    """Return the derivation of a clock's due date by the calendar that it was counted by.

    What has ended keeps its date, and what a recount has not reached yet stands by the former calendar: then the newest entry is
    left out, and the one before, until the derivation comes to the date that is kept. What stands still has none that is kept.
    """
    found = in_force(s)
    derived = deadlines.derive(clock, pauses, found.calendar, book_of(s), today=today)
    if derived.due_on == clock.due_on or clock.standing_still or not found.number:
        return derived
    for number in range(found.number, 0, -1):
        earlier = deadlines.derive(clock, pauses, before(s, number).calendar, book_of(s), today=today)
        if earlier.due_on == clock.due_on:
            return earlier
    return derived


def entries(s: Session, *, below: int | None = None) -> list[Entry]:
    """Return the entries, oldest first; those before `below`."""
    query = select(
        col(CalendarNotice.id),
        col(CalendarNotice.number),
        col(CalendarNotice.year),
        col(CalendarNotice.whole),
        col(CalendarNotice.status),
    ).order_by(col(CalendarNotice.number))
    if below is not None:
        query = query.where(col(CalendarNotice.number) < below)
    rows = s.connection().execute(query).all()
    marks = _marks(s)
    return [Entry(row.number, row.year, row.whole, _status(row.status), tuple(marks[row.id])) for row in rows]


def suffix(found: InForce) -> str:
    """Return what is kept as the version of an entry: number and digest, without the libraries'."""
    return found.calendar.version.rpartition("+")[2]


def _status(text: str) -> Status:
    return "published" if text == "published" else "estimated"


def _marks(s: Session) -> dict[UUID, list[Marked]]:
    found: dict[UUID, list[Marked]] = defaultdict(list)
    columns = (
        col(CalendarDay.notice_id),
        col(CalendarDay.day),
        col(CalendarDay.worked),
        col(CalendarDay.name),
    )
    for row in s.connection().execute(select(*columns).order_by(col(CalendarDay.day))):
        found[row.notice_id].append(Marked(row.day, row.worked, row.name))
    return found
