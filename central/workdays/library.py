"""A newer library ships other days than the one before: noted as an entry of its own, so that what runs is counted anew.

What the libraries ship is kept as it was first seen. A notice that was entered stands above it: where it says the same as the newer
library, nothing changes.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from central import db
from central.actor import Actor
from central.deadlines import in_force
from central.deadlines.calendar import differing, packed, shipped_calendar
from central.deadlines.entries import changed_days, fold
from central.deadlines.models import CalendarNotice, ShippedDays
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.workdays.models import Recount


def is_known(s: Session) -> bool:
    """Say whether what the libraries ship was noted already: one row of an index."""
    query = select(ShippedDays.version).order_by(col(ShippedDays.number).desc()).limit(1)
    return s.exec(query).first() == shipped_calendar().version


def note(s: Session, *, by: Actor, now: datetime) -> CalendarNotice | None:
    """Keep what the libraries ship; return the entry if it makes a difference to the calendar in force. Twice is once.

    The first time there is nothing to compare with: what was counted before stays as it is.
    """
    db.hold(s, in_force.LOCK)
    shipped = shipped_calendar()
    last = s.exec(select(ShippedDays).order_by(col(ShippedDays.number).desc()).limit(1)).first()
    if last is None:
        s.add(ShippedDays(number=0, version=shipped.version, days=packed(shipped), noted_at=now))
        return None
    if last.version == shipped.version:
        return None
    known = in_force.entries(s)
    number = known[-1].number + 1 if known else 1
    earlier = in_force.shipped_before(s, number)
    before, after = fold(earlier, known), fold(shipped, known)
    days = changed_days(before.calendar, after.calendar, differing(earlier, shipped))
    if not days:
        last.version, last.days = shipped.version, packed(shipped)
        return None
    s.add(ShippedDays(number=number, version=shipped.version, days=packed(shipped), noted_at=now))
    notice = CalendarNotice(
        number=number,
        year=days[0].year,
        whole=False,
        title=shipped.version,
        status="published",
        version=f"{number}.library",
        entered_by=by.staff_id,
        entered_at=now,
    )
    s.add(notice)
    s.flush()
    notice.version = in_force.suffix(in_force.folded(s))
    s.add(Recount(notice_id=notice.id, number=number, asked_at=now))
    log.record(
        s,
        kind=Kind.CALENDAR_LIBRARY_UPDATED,
        stream=stream_name("calendar", notice.year),
        actor=by,
        at=now,
        facts={
            "by": by.name,
            "number": number,
            "version": f"{shipped.version}+{notice.version}",
            "changed": [day.isoformat() for day in days],
        },
    )
    return notice
