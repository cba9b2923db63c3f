"""The job: carries out every recount that was asked for, batch by batch, and goes on where it was broken off.

Clocks of petitions come first. What else is due by working days belongs to domains that stand behind this one: composition passes them in.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlmodel import Session, col, select

from central import db
from central.actor import Actor, Via, system
from central.context import Context
from central.deadlines.models import CalendarNotice
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.workdays import recount
from central.workdays.models import MovedOther, Recount

#: Rows of another domain looked at in one transaction.
LOT = 200


class Lot(NamedTuple):
    """What one lot of another domain came to; `upto` None: nothing was left."""

    upto: UUID | None
    rows: Sequence[MovedOther] = ()


class Other(Protocol):
    """Due dates of a domain that are no clocks of petitions."""

    @property
    def name(self) -> str:
        """Return the part's name, at most 20 characters."""
        ...

    def lot(
        self, s: Session, work: Recount, counts: recount.Counter, *, by: Actor, now: datetime, size: int
    ) -> Lot:
        """Count the next rows behind `work.cursor` anew, with their events; the caller keeps the lines and commits."""
        ...


def run(context: Context, others: Sequence[Other] = (), *, size: int = recount.BATCH) -> int:
    """Carry out the recounts that wait, oldest first; return how many due dates moved. Can run as often as one likes."""
    moved = 0
    while (waiting := _waiting(context)) is not None:
        moved += carry_out(context, waiting, others, size=size)
    return moved


def carry_out(
    context: Context, notice_id: UUID, others: Sequence[Other] = (), *, size: int = recount.BATCH
) -> int:
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
            part = next((each for each in others if each.name == work.part), None)
            done = (
                _other(s, context, work, counts, part, others)
                if part
                else _batch(s, context, work, counts, size, others)
            )
        context.wake.notify()
        moved += done


def _batch(
    s: Session,
    context: Context,
    work: Recount,
    counts: recount.Counter,
    size: int,
    others: Sequence[Other],
) -> int:
    now = context.clock.now()
    done = recount.batch(s, work, counts, by=system(Via.JOB), now=now, size=size)
    if done.upto is None:
        _go_on(s, context, work, others)
        return 0
    work.cursor = done.upto
    work.petitions += done.petitions
    work.clocks += done.clocks
    work.moved += done.moved
    work.past += done.past
    return done.moved


def _other(
    s: Session,
    context: Context,
    work: Recount,
    counts: recount.Counter,
    part: Other,
    others: Sequence[Other],
) -> int:
    now = context.clock.now()
    done = part.lot(s, work, counts, by=system(Via.JOB), now=now, size=LOT) if counts.days else Lot(None)
    if done.upto is None:
        _go_on(s, context, work, others)
        return 0
    work.cursor = done.upto
    s.add_all(done.rows)
    # A date concerns several courts and has moved once.
    moved = len({row.thing_id for row in done.rows if row.moved})
    work.others += moved
    work.resting += len({row.thing_id for row in done.rows if not row.moved})
    return moved


def _go_on(s: Session, context: Context, work: Recount, others: Sequence[Other]) -> None:
    """Go on to the next part, or end."""
    names = ["", *(each.name for each in others)]
    at = names.index(work.part) if work.part in names else 0
    if at + 1 == len(names):
        _end(s, context, work)
    else:
        work.part, work.cursor = names[at + 1], None


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
            "others": work.others,
            "resting": work.resting,
        },
    )


def _waiting(context: Context) -> UUID | None:
    with context.read() as s:
        query = select(Recount.notice_id).where(col(Recount.ended_at).is_(None))
        return s.exec(query.order_by(col(Recount.number)).limit(1)).first()


def _newest(s: Session) -> str:
    query = select(CalendarNotice.version).order_by(col(CalendarNotice.number).desc()).limit(1)
    return s.exec(query).first() or ""
