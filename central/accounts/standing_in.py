"""Who approves in one's place while one is away: named by oneself for a period, recorded, over by itself on its last day."""

from datetime import date, datetime, timedelta
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from central.accounts import queries
from central.accounts.models import Staff, StandIn
from central.accounts.permissions import RIGHTS, Right, may
from central.actor import Actor
from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from shared.canonical import Json
from shared.clock import court_day

#: Longer is no absence: the petitions are given to somebody else.
LONGEST = timedelta(days=92)


class Name(BaseModel):
    """Who stands in, and from which day to which, both included."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    person: UUID
    from_on: date
    until_on: date


def offered(s: Session, by: Actor) -> list[Staff]:
    """Return who may stand in for the actor: people of the court who see its petitions."""
    if by.court_id is None:
        return []
    allowed = RIGHTS[Right.NAME_STAND_IN]
    return [
        one
        for one in queries.active_of(s, by.court_id)
        if one.id != by.staff_id and not allowed.isdisjoint(one.roles.split(","))
    ]


def name(s: Session, *, form: Name, by: Actor, now: datetime) -> StandIn:
    """Name a stand-in; raise `Forbidden`, `Invalid`, or `Conflict` where another stands in on one of the days."""
    if not may(by, Right.NAME_STAND_IN) or by.staff_id is None:
        raise Forbidden("accounts.stand_in.not_yours")
    person = next((one for one in offered(s, by) if one.id == form.person), None)
    if person is None:
        raise Invalid("accounts.stand_in.problem.person", field="person")
    if form.from_on < court_day(now):
        raise Invalid("accounts.stand_in.problem.past", field="from_on")
    if form.until_on < form.from_on:
        raise Invalid("accounts.stand_in.problem.order", field="until_on")
    if form.until_on - form.from_on > LONGEST:
        raise Invalid("accounts.stand_in.problem.long", field="until_on", most=LONGEST.days)
    _check_free(s, by.staff_id, form)
    row = StandIn(
        staff_id=by.staff_id,
        stand_in_id=person.id,
        from_on=form.from_on,
        until_on=form.until_on,
        named_at=now,
    )
    s.add(row)
    person.has_stood_in = True
    _record(s, Kind.STAFF_STAND_IN_NAMED, row, by=by, now=now)
    return row


def end(s: Session, *, stand_in_id: UUID, by: Actor, now: datetime) -> None:
    """End it before its last day; raise `NotFound` for one that is somebody else's or over."""
    query = select(StandIn).where(StandIn.id == stand_in_id, StandIn.staff_id == by.staff_id)
    row = s.exec(query.with_for_update()).first()
    if row is None or not runs(row, court_day(now)):
        raise NotFound("accounts.stand_in.not_found")
    row.ended_at = now
    _record(s, Kind.STAFF_STAND_IN_ENDED, row, by=by, now=now)


def runs(row: StandIn, today: date) -> bool:
    """Say whether it runs or is still to come."""
    return row.ended_at is None and row.until_on >= today


def _check_free(s: Session, staff_id: UUID, form: Name) -> None:
    s.exec(select(Staff.id).where(Staff.id == staff_id).with_for_update()).one()
    query = select(StandIn).where(
        StandIn.staff_id == staff_id,
        col(StandIn.ended_at).is_(None),
        col(StandIn.from_on) <= form.until_on,
        col(StandIn.until_on) >= form.from_on,
    )
    if other := s.exec(query.limit(1)).first():
        raise Conflict("accounts.stand_in.taken", first=other.from_on, last=other.until_on)


def _record(s: Session, kind: Kind, row: StandIn, *, by: Actor, now: datetime) -> None:
    facts: dict[str, Json] = {
        "by": by.name,
        "from_on": row.from_on.isoformat(),
        "until_on": row.until_on.isoformat(),
    }
    stream = stream_name("staff", row.stand_in_id)
    log.record(s, kind=kind, stream=stream, actor=by, at=now, facts=facts)
