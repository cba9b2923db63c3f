"""Assign a batch, report on its items, judge the reports, close it; the sweep reminds and notes what is late, once each."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.accounts import queries as accounts
from central.accounts.permissions import Right, may, supervises
from central.actor import Actor, Role
from central.barrier import queries as barrier
from central.batches import forms, queries
from central.batches.models import OWED, Batch, BatchItem, ItemState
from central.courts import queries as courts
from central.deadlines.in_force import calendar_in_force
from central.errors import Conflict, Forbidden, Invalid
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.notifications import service as notifications
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.supervision import periods
from central.supervision import service as supervision
from central.supervision.periods import Use
from shared.canonical import Json
from shared.clock import court_day


def assign(s: Session, *, form: forms.Assign, by: Actor, now: datetime) -> Batch:
    """Assign petitions that lie with courts below, all or none; raise `Forbidden`, `Invalid` naming what does not fit."""
    if by.court_id is None or not may_assign(by):
        raise Forbidden("batches.givers_only")
    found = [
        petitions.get(s, each, actor=by, for_update=True)
        for each in supervision.numbered(s, form.numbers, by)
    ]
    _check_below(s, found, by)
    period, today = periods.chosen(form.period, Use.BATCH), court_day(now)
    row = Batch(
        court_id=by.court_id,
        words=form.words,
        period=period.key,
        periods_version=periods.shipped().version,
        started_on=today,
        due_on=periods.derived(period, today, calendar_in_force(s)).due_on,
        given_at=now,
        given_by=by.staff_id,
    )
    s.add(row)
    s.flush()
    for petition in found:
        item = BatchItem(batch_id=row.id, petition_id=petition.id, court_id=petition.court_id)
        s.add(item)
        _record_item(s, Kind.BATCH_ITEM_ASSIGNED, item, row, by=by, now=now)
    log.record(
        s,
        kind=Kind.BATCH_GIVEN,
        stream=stream_name("batch", row.id),
        actor=by,
        at=now,
        facts={"by": by.name, "items": len(found), "due_on": row.due_on.isoformat()},
    )
    _tell_owing(s, row, "given", now)
    return row


def may_assign(by: Actor) -> bool:
    """Say whether somebody assigns to courts below: a supervisor, in the own court's name."""
    return may(by, Right.ASSIGN_BATCH)


def report(
    s: Session, *, batch_id: UUID, item_id: UUID, form: forms.Report, by: Actor, now: datetime
) -> BatchItem:
    """Report on one petition: a leader of the court that has it, or its handler."""
    row = queries.get(s, batch_id, actor=by)
    found = queries.item(s, batch_id, item_id, actor=by)
    if not reports(found, by):
        raise Forbidden("batches.reporters_only")
    _check_open(row, found.petition)
    if found.row.state not in OWED:
        raise Conflict("batches.not_owed")
    found.row.state, found.row.report = ItemState.REPORTED, form.report
    found.row.reported_at, found.row.reported_by = now, by.staff_id
    late = court_day(now) > row.due_on
    _record_item(s, Kind.BATCH_ITEM_REPORTED, found.row, row, by=by, now=now, facts={"late": late})
    if row.given_by is not None:
        _tell(s, row, found.row, row.given_by, f"reported_{found.row.returns}", now, "reported")
    return found.row


def judge(
    s: Session, *, batch_id: UUID, item_id: UUID, form: forms.Judge, by: Actor, now: datetime
) -> BatchItem:
    """Accept a report or send it back; never the one who reported, nor those who handle the petition."""
    row = queries.get(s, batch_id, actor=by)
    found = queries.item(s, batch_id, item_id, actor=by)
    if not queries.judges(s, by, row):
        raise Forbidden("batches.judges_only")
    concerned = {found.row.reported_by, found.petition.handler_id, found.petition.leader_id}
    if by.staff_id in concerned:
        raise Forbidden("batches.not_ones_own")
    _check_open(row, found.petition)
    if found.row.state != ItemState.REPORTED:
        raise Conflict("batches.not_reported")
    found.row.judged_at, found.row.judged_by, found.row.judgement = now, by.staff_id, form.words or None
    if form.accepted:
        found.row.state = ItemState.ACCEPTED
        _record_item(s, Kind.BATCH_ITEM_ACCEPTED, found.row, row, by=by, now=now)
        return found.row
    found.row.state = ItemState.RETURNED
    found.row.returns += 1
    _record_item(s, Kind.BATCH_ITEM_RETURNED, found.row, row, by=by, now=now)
    if found.row.reported_by is not None:
        _tell(s, row, found.row, found.row.reported_by, f"returned_{found.row.returns}", now, "returned")
    return found.row


def close(s: Session, *, batch_id: UUID, by: Actor, now: datetime) -> Batch:
    """Close a batch once every item came back and was accepted."""
    row = queries.get(s, batch_id, actor=by, for_update=True)
    if not queries.judges(s, by, row):
        raise Forbidden("batches.judges_only")
    if row.closed_at is not None:
        raise Conflict("batches.closed")
    open_ = queries.unaccepted(s, row.id)
    if open_:
        raise Conflict("batches.still_open", count=open_)
    row.closed_at, row.closed_by = now, by.staff_id
    stream, facts = stream_name("batch", row.id), {"by": by.name}
    log.record(s, kind=Kind.BATCH_CLOSED, stream=stream, actor=by, at=now, facts=facts)
    return row


def sweep(s: Session, *, by: Actor, now: datetime) -> int:
    """Bring return dates to mind once some days ahead, and note those that are over once; return how many batches."""
    today, found = court_day(now), queries.to_note(s, today=court_day(now))
    for row in found:
        late = row.due_on < today
        if late:
            row.noted_on = today
        row.reminded_on = row.reminded_on or today
        kind = Kind.BATCH_LATE if late else Kind.BATCH_REMINDED
        stream = stream_name("batch", row.id)
        owed = sum(len(each) for each in queries.owing(s, row.id).values())
        facts: dict[str, Json] = {"by": by.name, "owed": owed, "due_on": row.due_on.isoformat()}
        log.record(s, kind=kind, stream=stream, actor=by, at=now, facts=facts)
        _tell_owing(s, row, "late" if late else "near", now)
    return len(found)


def reports(found: queries.Item, by: Actor) -> bool:
    """Say whether the actor reports on an item."""
    roles = by.roles_in(found.row.court_id) | by.roles_in(found.petition.court_id)
    return Role.LEADER in roles or (Role.HANDLER in roles and found.petition.handler_id == by.staff_id)


def _check_open(row: Batch, petition: Petition) -> None:
    if row.closed_at is not None:
        raise Conflict("batches.closed")
    if petition.erased_at is not None:
        raise Conflict("petitions.erased")


def _check_below(s: Session, found: list[Petition], by: Actor) -> None:
    """Raise `Invalid` for a petition that lies with the assigning court itself: it is transferred first."""
    own = [petition.number for petition in found if petition.court_id == by.court_id]
    if own:
        raise Invalid("batches.own_court", field="numbers", numbers="、".join(own[:10]))
    for petition in found:
        at = courts.get(s, petition.court_id)
        if supervises(by, at.id, at.path) is None:
            raise Invalid("batches.not_below", field="numbers", numbers=petition.number)


def _tell_owing(s: Session, row: Batch, what: str, at: datetime) -> None:
    """Tell the leaders of each court that owes reports; of a petition from which a conflict keeps them, nothing."""
    for court_id, owed in queries.owing(s, row.id).items():
        for leader in accounts.with_role(s, court_id, Role.LEADER):
            if any(barrier.free(s, petition_id, [leader]) for petition_id in owed):
                notifications.tell(
                    s,
                    recipient=leader.id,
                    court_id=court_id,
                    kind=f"batches.told.{what}",
                    key=f"batch/{row.id.hex}/{what}",
                    at=at,
                    due_on=row.due_on,
                )


def _tell(s: Session, row: Batch, item: BatchItem, to: UUID, what: str, at: datetime, sentence: str) -> None:
    notifications.tell(
        s,
        recipient=to,
        court_id=item.court_id,
        kind=f"batches.told.{sentence}",
        key=f"batch/{row.id.hex}/{item.id.hex}/{what}",
        at=at,
        petition_id=item.petition_id,
        due_on=row.due_on,
    )


def _record_item(
    s: Session,
    kind: Kind,
    item: BatchItem,
    row: Batch,
    *,
    by: Actor,
    now: datetime,
    facts: dict[str, Json] | None = None,
) -> None:
    told: dict[str, Json] = {"by": by.name, "batch": row.id.hex, "due_on": row.due_on.isoformat()}
    log.record(
        s,
        kind=kind,
        stream=stream_name("petition", item.petition_id),
        actor=by,
        at=now,
        facts=told | (facts or {}),
    )
