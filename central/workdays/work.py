"""The job: carries out every recount that was asked for, batch by batch, and goes on where it was broken off."""

from uuid import UUID

from sqlmodel import Session, col, select

from central import db
from central.actor import Via, system
from central.context import Context
from central.deadlines.models import CalendarNotice
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.workdays import recount
from central.workdays.models import Recount


def run(context: Context, *, size: int = recount.BATCH) -> int:
    """Carry out the recounts that wait, oldest first; return how many due dates moved. Can run as often as one likes."""
    moved = 0
    while (waiting := _waiting(context)) is not None:
        moved += carry_out(context, waiting, size=size)
    return moved


def carry_out(context: Context, notice_id: UUID, *, size: int = recount.BATCH) -> int:
    """Carry out one recount to its end; return how many due dates moved."""
    moved, counts, version = 0, None, ""
    while True:
        with db.unit_of_work(context.engine) as s:
            work = s.get_one(Recount, notice_id, with_for_update=True)
            if work.ended_at is not None:
                return moved
            newest = _newest(s)
            if counts is None or newest != version:
                counts, version = recount.counter(s, work.number), newest
            done = _batch(s, context, work, counts, size)
        context.wake.notify()
        moved += done


def _batch(s: Session, context: Context, work: Recount, counts: recount.Counter, size: int) -> int:
    now = context.clock.now()
    done = recount.batch(s, work, counts, by=system(Via.JOB), now=now, size=size)
    if done.upto is None:
        _end(s, context, work)
        return 0
    work.cursor = done.upto
    work.petitions += done.petitions
    work.clocks += done.clocks
    work.moved += done.moved
    work.past += done.past
    return done.moved


def _end(s: Session, context: Context, work: Recount) -> None:
    work.ended_at = context.clock.now()
    notice = s.get_one(CalendarNotice, work.notice_id)
    log.record(
        s,
        kind=Kind.CALENDAR_RECOUNTED,
        stream=stream_name("calendar", notice.year),
        actor=system(Via.JOB),
        at=work.ended_at,
        facts={
            "by": system(Via.JOB).name,
            "number": work.number,
            "clocks": work.clocks,
            "moved": work.moved,
            "past": work.past,
        },
    )


def _waiting(context: Context) -> UUID | None:
    with context.read() as s:
        query = select(Recount.notice_id).where(col(Recount.ended_at).is_(None))
        return s.exec(query.order_by(col(Recount.number)).limit(1)).first()


def _newest(s: Session) -> str:
    query = select(CalendarNotice.version).order_by(col(CalendarNotice.number).desc()).limit(1)
    return s.exec(query).first() or ""
