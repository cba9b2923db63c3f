"""What staff do on the page of their hall: answer calls for help, deal with the tray. Twice is once."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.accounts.permissions import Right, may
from central.actor import Actor, Role
from central.errors import Conflict, Forbidden, NotFound
from central.events.kinds import Kind
from central.halls import taking, writing
from central.halls.models import AssistanceCall, RefusedEvent


def acknowledge(s: Session, *, call_id: UUID, by: Actor, now: datetime) -> AssistanceCall:
    """Say "I am coming". The first to say so, here or in the hall, is shown; a second person is recorded as well.

    Raises `Forbidden`, `NotFound` for a call of another court, `Conflict` once the call is over.
    """
    call = _call(s, call_id, by)
    if by.name in {call.acknowledged_by, call.closed_by}:
        return call
    if call.closed_at is not None:
        raise Conflict("halls.call_over", by=call.closed_by)
    first = taking.acknowledge(call, by=by.name, at=now)
    _record(s, Kind.ASSISTANCE_ACKNOWLEDGED, call, by=by, now=now, first=first)
    return call


def arrive(s: Session, *, call_id: UUID, by: Actor, now: datetime) -> AssistanceCall:
    """Say "I am here"; it also answers a call that nobody answered. Raises like `acknowledge`."""
    call = _call(s, call_id, by)
    if call.closed_at is not None:
        raise Conflict("halls.call_over", by=call.closed_by)
    if taking.arrive(call, by=by.name, at=now):
        _record(s, Kind.ASSISTANCE_ARRIVED, call, by=by, now=now, first=True)
    return call


def close(s: Session, *, call_id: UUID, note: str, by: Actor, now: datetime) -> AssistanceCall:
    """Say in two words (`note`, at most 200 signs) how the visitor was helped. Raises like `acknowledge`."""
    call = _call(s, call_id, by)
    if not taking.close(call, by=by.name, at=now, note=note):
        if call.closed_by == by.name:
            return call
        raise Conflict("halls.call_over", by=call.closed_by)
    _record(s, Kind.ASSISTANCE_CLOSED, call, by=by, now=now, first=True)
    return call


def treat(s: Session, *, refused_id: UUID, note: str, by: Actor, now: datetime) -> RefusedEvent:
    """Note that a person has dealt with a message of the tray, and how. The message stays on record."""
    _check(by)
    row = s.get(RefusedEvent, refused_id)
    if row is None or not (by.has(Role.SYSTEM) or row.court_id == by.court_id):
        raise NotFound("halls.tray_unknown")
    writing.enter(s, row.court_id)
    s.refresh(row)  # as it is under the lock
    if row.treated_at is None:
        row.treated_at, row.treated_by_id, row.note = now, by.staff_id, note
        writing.record(
            s,
            kind=Kind.HALL_EVENT_TREATED,
            court_id=row.court_id,
            by=by,
            at=now,
            facts={"box": row.box_id, "refused": row.id.hex},
        )
    return row


def _check(by: Actor) -> None:
    if not (by.has(Role.SYSTEM) or may(by, Right.ANSWER_ASSISTANCE)):
        raise Forbidden("halls.may_not_answer")


def _call(s: Session, call_id: UUID, by: Actor) -> AssistanceCall:
    """Return a call of the actor's own court under the hall's lock; raise `Forbidden` or `NotFound`."""
    _check(by)
    if by.court_id is not None:
        writing.enter(s, by.court_id)
    call = s.get(AssistanceCall, call_id)
    if call is None or call.court_id != by.court_id:
        raise NotFound("halls.call_unknown")
    return call


def _record(s: Session, kind: Kind, call: AssistanceCall, *, by: Actor, now: datetime, first: bool) -> None:
    writing.record(
        s,
        kind=kind,
        court_id=call.court_id,
        by=by,
        at=now,
        facts={
            "call": call.id.hex,
            "place": call.place,
            "by": by.name,
            "where": "centre",
            "first": first,
            "box": call.box_id,
        },
    )
