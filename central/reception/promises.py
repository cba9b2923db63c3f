"""Promises given at receptions: made, settled by somebody else, noted once when late."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.accounts import queries as accounts
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.barrier import queries as barrier
from central.deadlines.in_force import calendar_in_force
from central.documents import queries as documents
from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.notifications import service as notifications
from central.petitions import queries as petitions
from central.reception import forms, queries
from central.reception.models import ReceptionPromise, ReceptionRecord
from central.reception.rules import PromiseState
from central.supervision import periods
from central.supervision.periods import Use
from shared.canonical import Json
from shared.clock import court_day
from shared.ids import new_id


def promise(
    s: Session, *, petition_id: UUID, form: forms.Promise, by: Actor, now: datetime
) -> ReceptionPromise:
    """Keep what was promised at a reception: words, person and day. Raise `Forbidden`, `NotFound`, `Invalid`."""
    petition = petitions.get(s, petition_id, actor=by, for_update=True)
    if not may(by, Right.RECORD_RECEPTION):
        raise Forbidden("reception.recorders_only")
    record_ = s.get(ReceptionRecord, form.record_id)
    if record_ is None or record_.petition_id != petition.id:
        raise NotFound("reception.not_found")
    if record_.court_id != by.court_id:
        raise Forbidden("reception.recorders_only")
    known = s.get(ReceptionPromise, form.id) if form.id else None
    if known is not None and known.petition_id == petition.id:
        return known
    able = barrier.free(s, petition.id, accounts.active_of(s, record_.court_id))
    if form.person_id not in {one.id for one in able}:
        raise Invalid("reception.no_person", field="person_id")
    period = periods.chosen(form.period, Use.PROMISE)
    today = court_day(now)
    row = ReceptionPromise(
        id=form.id if form.id and known is None else new_id(),
        petition_id=petition.id,
        record_id=record_.id,
        court_id=record_.court_id,
        person_id=form.person_id,
        words=form.words,
        period=period.key,
        periods_version=periods.shipped().version,
        made_on=today,
        made_by=by.staff_id,
        due_on=periods.derived(period, today, calendar_in_force(s)).due_on,
    )
    s.add(row)
    facts: dict[str, Json] = {"promise": row.id.hex, "due_on": row.due_on.isoformat()}
    at_petition(s, Kind.PROMISE_MADE, petition.id, by=by, now=now, facts=facts)
    if row.person_id != by.staff_id:
        _tell(s, row, row.person_id, "promised", now)
    return row


def settle(
    s: Session, *, petition_id: UUID, promise_id: UUID, form: forms.Settle, by: Actor, now: datetime
) -> ReceptionPromise:
    """Note that a promise was kept, with the proof, or was not, with the reason; never by the one who was to do it."""
    petition = petitions.get(s, petition_id, actor=by, for_update=True)
    row = s.get(ReceptionPromise, promise_id, with_for_update=True)
    if row is None or row.petition_id != petition.id:
        raise NotFound("reception.not_found")
    if not may(by, Right.RECORD_RECEPTION) or row.court_id != by.court_id:
        raise Forbidden("reception.recorders_only")
    if row.person_id == by.staff_id:
        raise Forbidden("reception.not_ones_own_promise")
    if row.state != PromiseState.OPEN:
        raise Conflict("reception.settled")
    if form.document_id is not None:
        documents.get(s, petition.id, form.document_id)
    row.state, row.proof, row.document_id = form.state, form.proof, form.document_id
    row.settled_at, row.settled_by = now, by.staff_id
    facts: dict[str, Json] = {"promise": row.id.hex, "kept": form.kept, "late": court_day(now) > row.due_on}
    at_petition(s, Kind.PROMISE_SETTLED, petition.id, by=by, now=now, facts=facts)
    return row


def sweep(s: Session, *, by: Actor, now: datetime) -> int:
    """Note each promise whose day is over, once, and tell who was to do it and the leader who gave it; return how many."""
    late = queries.late_promises(s, today=court_day(now))
    for row in late:
        row.noted_on = court_day(now)
        facts: dict[str, Json] = {"promise": row.id.hex, "due_on": row.due_on.isoformat()}
        at_petition(s, Kind.PROMISE_LATE, row.petition_id, by=by, now=now, facts=facts)
        given = s.get_one(ReceptionRecord, row.record_id)
        people = [accounts.get(s, each) for each in {row.person_id, given.leader_id}]
        for person in barrier.free(s, row.petition_id, [one for one in people if one is not None]):
            _tell(s, row, person.id, "late", now)
    return len(late)


def _tell(s: Session, row: ReceptionPromise, to: UUID, what: str, at: datetime) -> None:
    notifications.tell(
        s,
        recipient=to,
        court_id=row.court_id,
        kind=f"reception.told.{what}",
        key=f"promise/{row.id.hex}/{what}",
        at=at,
        petition_id=row.petition_id,
        due_on=row.due_on,
    )


def at_petition(
    s: Session, kind: Kind, petition_id: UUID, *, by: Actor, now: datetime, facts: dict[str, Json]
) -> None:
    """Write an event of a reception into the stream of its petition."""
    stream = stream_name("petition", petition_id)
    log.record(s, kind=kind, stream=stream, actor=by, at=now, facts={"by": by.name, **facts})
