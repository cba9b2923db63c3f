"""Enter a notice or change single days. The recount of what runs is asked for in the same transaction; the job carries it out."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from central import db
from central.accounts.permissions import keeps_calendar
from central.actor import Actor
from central.deadlines import in_force
from central.deadlines.calendar import Status, shipped_calendar
from central.deadlines.entries import Entry, Marked, changed_days, fold
from central.deadlines.models import CalendarDay, CalendarNotice
from central.errors import Conflict, Forbidden, Invalid
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.workdays.drafts import Change, Draft, problems_of, single_problem
from central.workdays.forms import ChangeDay
from central.workdays.models import Recount
from central.workdays.notices import Problem


def foreseen(s: Session, draft: Draft) -> Change:
    """Return what a draft without problems would make of the calendar."""
    return _change(s, draft.year, draft.days(), draft.status, whole=True)


def enter(s: Session, *, draft: Draft, by: Actor, now: datetime, seen: str | None = None) -> CalendarNotice:
    """Enter a whole year's notice in place of what was there; raise `Forbidden`, `Invalid`, `Conflict`.

    `seen` is the version of the calendar that the person was shown; None skips that check.
    """
    _allow(by)
    _refuse(problems_of(draft))
    db.hold(s, in_force.LOCK)
    change = foreseen(s, draft)
    if seen is not None and seen != change.before.calendar.version:
        raise Conflict("workdays.changed_meanwhile")
    if change.is_nothing:
        raise Conflict("workdays.nothing_new", year=draft.year)
    notice = CalendarNotice(
        number=change.entry.number,
        year=draft.year,
        whole=True,
        title=draft.title,
        reference=draft.reference,
        issued_on=draft.issued_on,
        status=draft.status,
        version=in_force.suffix(change.after),
        entered_by=by.staff_id,
        entered_at=now,
    )
    return _write(s, notice, change, Kind.CALENDAR_NOTICE_ENTERED, by)


def change_day(s: Session, *, form: ChangeDay, by: Actor, now: datetime) -> CalendarNotice:
    """Make one day worked or off, with a reason; raise `Forbidden`, `Invalid`."""
    _allow(by)
    db.hold(s, in_force.LOCK)
    marked = Marked(form.day, worked=form.worked, name=form.name)
    change = _change(s, form.day.year, (marked,), "published", whole=False)
    problem = single_problem(change.before.calendar, form.day, worked=form.worked)
    _refuse([problem] if problem else [], "day")
    notice = CalendarNotice(
        number=change.entry.number,
        year=form.day.year,
        whole=False,
        status="published",
        version=in_force.suffix(change.after),
        reason=form.reason,
        entered_by=by.staff_id,
        entered_at=now,
    )
    return _write(s, notice, change, Kind.CALENDAR_DAY_CHANGED, by)


def foreseen_day(s: Session, form: ChangeDay) -> Change:
    """Return what the change of one day would make of the calendar."""
    return _change(
        s, form.day.year, (Marked(form.day, worked=form.worked, name=form.name),), "published", whole=False
    )


def _change(s: Session, year: int, days: Sequence[Marked], status: Status, *, whole: bool) -> Change:
    known = in_force.entries(s)
    number = known[-1].number + 1 if known else 1
    entry = Entry(number, year, whole, status, tuple(days))
    before, after = fold(shipped_calendar(), known), fold(shipped_calendar(), [*known, entry])
    return Change(entry, before, after, changed_days(before.calendar, after.calendar, (year - 1, year)))


def _allow(by: Actor) -> None:
    if not keeps_calendar(by):
        raise Forbidden("workdays.not_yours")


def _refuse(problems: Sequence[Problem], field: str = "text") -> None:
    if problems:
        raise Invalid(f"workdays.problem.{problems[0].key}", field=field, **problems[0].values)


def _write(s: Session, notice: CalendarNotice, change: Change, kind: Kind, by: Actor) -> CalendarNotice:
    s.add(notice)
    s.flush()
    s.add_all(
        CalendarDay(
            notice_id=notice.id, year=notice.year, day=marked.day, worked=marked.worked, name=marked.name
        )
        for marked in change.entry.days
    )
    s.add(Recount(notice_id=notice.id, number=notice.number, asked_at=notice.entered_at))
    log.record(
        s,
        kind=kind,
        stream=stream_name("calendar", notice.year),
        actor=by,
        at=notice.entered_at,
        facts={
            "by": by.name,
            "number": notice.number,
            "version": change.after.calendar.version,
            "status": notice.status,
            "changed": [day.isoformat() for day in change.days],
        },
    )
    return notice
