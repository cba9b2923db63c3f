"""Pages kept under a box's document camera, on their way here: announced by an event, then piece by piece, strictly in order.

What lies here is sealed to the centre and unread; `central.ingest.pages` puts it together. What spoils, or is never whole, waits for a
person on the page of the hall: its box is asked to send it again, or the paper is scanned again.
"""

import base64
import binascii
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, true
from sqlmodel import Session, col, delete, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from central.accounts.permissions import Right, may
from central.actor import Actor, Via, system
from central.errors import Forbidden, NotFound
from central.events.kinds import Kind
from central.fields import clean_line
from central.halls import writing
from central.halls.models import HallBox, PaperBatch, PaperPart, Ticket
from central.halls.queries import Sending
from shared import pieces, topics, wire
from shared.canonical import Json
from shared.pages import covers

#: Batches that a box may have announced and not sent whole. A counter makes one after the other; past this it is a fault.
MOST_UNFINISHED = 100
#: A batch of which no piece came for so long is never whole: its pieces are let go and a person decides.
STALE = timedelta(days=14)
#: So long the pieces of a spoiled batch are kept for whoever looks into it.
KEPT = timedelta(days=30)
#: Why a batch is none, beside what `central.ingest.pages` finds.
UNFINISHED = "unfinished"


class Adding(Protocol):
    """Where new rows go: a session, or those of a whole batch of events."""

    def add(self, instance: object, /) -> None:
        """Take a new row."""
        ...


def announce(
    s: Adding, box: HallBox, body: wire.PagesSent, at: datetime, *, ticket: Ticket | None, label: str
) -> dict[str, str | int | None]:
    """Note that pages will follow; return what the log says of it."""
    cover = body.cover if covers.is_ours(body.cover) else ""
    s.add(
        PaperBatch(
            id=body.batch_id,
            box_id=box.id,
            court_id=box.court_id,
            ticket=label,
            cover=cover,
            pages=[page.model_dump() for page in body.pages],
            parts=-(-sum(page.size for page in body.pages) // pieces.PART_BYTES),
            announced_at=at,
            counter=body.counter,
        )
    )
    return {
        "batch": body.batch_id.hex,
        "pages": len(body.pages),
        "counter": body.counter,
        "by": clean_line(body.by),
        "ticket": ticket.id.hex if ticket else None,
        "cover": cover,
    }


def take_part(s: Session, *, box_id: str, part: pieces.PagePart, now: datetime) -> pieces.PagesHeld | None:
    """Keep a piece if it is the next one; say how far the batch is, or None for one that this box never announced."""
    batch = s.get(PaperBatch, part.batch_id, with_for_update=True)
    if batch is None or batch.box_id != box_id:
        return None
    if batch.arrived_at is None and batch.treated_at is None and part.part == batch.next_part:
        try:
            data = base64.b64decode(part.data, validate=True)
        except binascii.Error:
            return held(batch)
        s.add(PaperPart(batch_id=batch.id, number=part.part, data=data))
        batch.next_part += 1
        batch.moved_at, batch.problem = now, ""  # what comes again replaces what was let go
        if batch.next_part >= batch.parts:
            batch.arrived_at = now
        s.flush()
    return held(batch)


def held(batch: PaperBatch) -> pieces.PagesHeld:
    """Return what the box is told of a batch."""
    done = batch.arrived_at is not None or batch.treated_at is not None  # dealt with: nothing more is wanted
    problem = batch.problem if batch.treated_at is None else ""
    return pieces.PagesHeld(batch_id=batch.id, next=batch.next_part, done=done, problem=problem)


def whole(s: Session) -> Sequence[PaperBatch]:
    """Return the batches of which every piece is here and that were not put together yet, oldest first."""
    query = select(PaperBatch).where(
        col(PaperBatch.scan_id).is_(None), col(PaperBatch.arrived_at).is_not(None), PaperBatch.problem == ""
    )
    return s.exec(query.order_by(col(PaperBatch.arrived_at)).limit(20)).all()


def content(s: Session, batch_id: UUID) -> bytes:
    """Return the pieces of a batch as one, still sealed."""
    query = select(PaperPart.data).where(PaperPart.batch_id == batch_id).order_by(col(PaperPart.number))
    return b"".join(s.exec(query).all())


def put_together(s: Session, batch: PaperBatch, *, scan_id: UUID) -> None:
    """Note what became of a batch and let its pieces go."""
    batch.scan_id = scan_id
    s.exec(delete(PaperPart).where(col(PaperPart.batch_id) == batch.id))


def unfinished(s: Session, box_id: str) -> int:
    """Count the batches that a box announced and whose pieces are not all here."""
    query = select(func.count()).where(PaperBatch.box_id == box_id, _under_way())
    return s.exec(query).one()


def spoil(s: Session, batch: PaperBatch, reason: str, *, now: datetime) -> None:
    """Put a batch before a person: `seal`, `digest`, `unreadable` or `unfinished`."""
    writing.enter(s, batch.court_id)
    batch.problem, batch.spoiled_at, batch.treated_at, batch.say = reason, now, None, True
    s.add(batch)
    _record(s, Kind.HALL_PAGES_SPOILED, batch, by=system(Via.JOB), now=now, reason=reason)


def untidy(s: Session, *, now: datetime) -> bool:
    """Say whether `tidy` has anything to do."""
    queries = (_fresh(), _stale(now), _done_with(now))
    return any(s.exec(query.limit(1)).first() is not None for query in queries)


def tidy(s: Session, *, now: datetime) -> int:
    """Let the pieces go of batches that will never be whole, and of spoiled ones nobody needs any more; return how many batches."""
    for batch in s.exec(_fresh().limit(50)).all():
        batch.moved_at = (
            now  # announced by a box that may have been away for weeks: its time counts from here
        )
        s.add(batch)
    stale, done = s.exec(_stale(now).limit(50)).all(), s.exec(_done_with(now).limit(50)).all()
    for batch in stale:
        _let_go(s, batch)
        spoil(s, batch, UNFINISHED, now=now)
    for batch in done:
        s.exec(delete(PaperPart).where(col(PaperPart.batch_id) == batch.id))
    return len(stale) + len(done)


def _under_way() -> ColumnElement[bool]:
    return _no_scan() & col(PaperBatch.arrived_at).is_(None) & (col(PaperBatch.problem) == "")


def _fresh() -> SelectOfScalar[PaperBatch]:
    return select(PaperBatch).where(_under_way(), col(PaperBatch.moved_at).is_(None))


def _stale(now: datetime) -> SelectOfScalar[PaperBatch]:
    return select(PaperBatch).where(_under_way(), col(PaperBatch.moved_at) < now - STALE)


def _done_with(now: datetime) -> SelectOfScalar[PaperBatch]:
    old = or_(col(PaperBatch.treated_at).is_not(None), col(PaperBatch.spoiled_at) < now - KEPT)
    held = select(PaperPart.batch_id).where(col(PaperPart.batch_id) == col(PaperBatch.id)).exists()
    return select(PaperBatch).where(_no_scan(), PaperBatch.problem != "", old, held)


def _no_scan() -> ColumnElement[bool]:
    """Few batches at any time: what every question here begins with."""
    return col(PaperBatch.scan_id).is_(None)


def spoiled(s: Session, court_id: UUID, *, limit: int = 50) -> Sequence[PaperBatch]:
    """Return the batches of a court that wait for a person, oldest first."""
    query = select(PaperBatch).where(
        _no_scan(),
        PaperBatch.court_id == court_id,
        PaperBatch.problem != "",
        col(PaperBatch.treated_at).is_(None),
    )
    return s.exec(query.order_by(col(PaperBatch.spoiled_at)).limit(limit)).all()


def send_again(s: Session, *, batch_id: UUID, by: Actor, now: datetime) -> None:
    """Ask the box for all pieces of a spoiled batch anew; raise `Forbidden` or `NotFound`."""
    batch = _waiting(s, batch_id, by)
    _let_go(s, batch)
    batch.arrived_at, batch.problem, batch.moved_at, batch.say = None, "", now, True
    s.add(batch)
    _record(s, Kind.HALL_PAGES_AGAIN, batch, by=by, now=now)


def treat(s: Session, *, batch_id: UUID, note: str, by: Actor, now: datetime) -> None:
    """Note that a person has dealt with a spoiled batch, as by scanning the paper again; raise `Forbidden` or `NotFound`."""
    batch = _waiting(s, batch_id, by)
    batch.treated_at, batch.say = now, True
    s.add(batch)
    _record(s, Kind.HALL_PAGES_TREATED, batch, by=by, now=now, note=note)


def due(s: Session) -> bool:
    """Say whether any box is to be told how a batch stands."""
    return s.exec(select(PaperBatch.id).where(_no_scan(), col(PaperBatch.say)).limit(1)).first() is not None


def told(s: Session, *, anew: Collection[str] | None = ()) -> list[Sending]:
    """Return what boxes are to be told of batches that spoiled, are dealt with or are to come again; for `anew` (None: all) once more."""
    found: ColumnElement[bool] = col(PaperBatch.say) == true()
    if anew is None or anew:
        stands = or_(
            (col(PaperBatch.problem) != "") & col(PaperBatch.treated_at).is_(None),
            col(PaperBatch.spoiled_at).is_not(None) & col(PaperBatch.arrived_at).is_(None),
        )
        found = or_(found, stands if anew is None else stands & col(PaperBatch.box_id).in_(anew))
    sendings = []
    for batch in s.exec(select(PaperBatch).where(_no_scan(), found)).all():
        batch.say = False
        s.add(batch)
        topic = topics.pages_held(batch.box_id)
        sendings.append(Sending(topic, held(batch).model_dump_json(), retain=False))
    s.flush()
    return sendings


def _let_go(s: Session, batch: PaperBatch) -> None:
    s.exec(delete(PaperPart).where(col(PaperPart.batch_id) == batch.id))
    batch.next_part = 0


def _waiting(s: Session, batch_id: UUID, by: Actor) -> PaperBatch:
    if not may(by, Right.ANSWER_ASSISTANCE):
        raise Forbidden("halls.may_not_answer")
    batch = s.get(PaperBatch, batch_id)
    if batch is None or batch.court_id != by.court_id or not batch.problem or batch.treated_at is not None:
        raise NotFound("halls.pages.unknown")
    writing.enter(s, batch.court_id)
    return batch


def _record(s: Session, kind: Kind, batch: PaperBatch, *, by: Actor, now: datetime, **more: str) -> None:
    facts: dict[str, Json] = {
        "box": batch.box_id,
        "batch": batch.id.hex,
        "counter": batch.counter,
        "pages": len(batch.pages),
        **more,
    }
    writing.record(s, kind=kind, court_id=batch.court_id, by=by, at=now, facts=facts)
