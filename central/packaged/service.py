"""Take a matter on, plan its steps, log visits, close with a result. Leader and responsible person act; nobody with a conflict."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.accounts.permissions import Right, may
from central.actor import Actor, Role
from central.barrier import queries as barrier
from central.documents import queries as documents
from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.notifications import service as notifications
from central.packaged import forms, queries
from central.packaged.models import CasePackage, PackageStep, PackageVisit, StepState
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.petitions.states import State
from shared.canonical import Json
from shared.clock import court_day

#: A step further ahead is a slip of the year.
FURTHEST = timedelta(days=2 * 366)


def may_open(petition: Petition, by: Actor) -> bool:
    """Say whether the actor may have a leader take the petition on: registrars and leaders of the court that has it."""
    roles = by.roles_in(petition.court_id)
    return (
        petition.erased_at is None
        and may(by, Right.PACKAGE)
        and not roles.isdisjoint({Role.LEADER, Role.REGISTRAR})
    )


def open_package(s: Session, *, petition_id: UUID, form: forms.Open, by: Actor, now: datetime) -> CasePackage:
    """Put a petition into the care of a leader; raise `Conflict` if one has it or it belongs to another petition."""
    petition = petitions.get(s, petition_id, actor=by, for_update=True)
    if not may_open(petition, by):
        raise Forbidden("packaged.openers_only")
    if petition.state == State.MERGED:
        raise Conflict("packaged.merged")
    if queries.open_of(s, petition_id) is not None:
        raise Conflict("packaged.open_already")
    leaders = barrier.free(s, petition_id, accounts.with_role(s, petition.court_id, Role.LEADER))
    if form.leader_id not in {one.id for one in leaders}:
        raise Invalid("packaged.no_leader", field="leader_id")
    if form.person_id not in {one.id for one in _crew(s, petition)}:
        raise Invalid("packaged.no_person", field="person_id")
    if form.document_id is not None:
        documents.get(s, petition_id, form.document_id)
    row = CasePackage(
        petition_id=petition_id,
        court_id=petition.court_id,
        leader_id=form.leader_id,
        person_id=form.person_id,
        plan=form.plan,
        document_id=form.document_id,
        opened_at=now,
        opened_by=by.staff_id,
    )
    s.add(row)
    _record(s, Kind.PACKAGE_OPENED, row, by=by, now=now, facts={"leader": row.leader_id.hex})
    for person in {row.leader_id, row.person_id} - {by.staff_id}:
        notifications.tell(
            s,
            recipient=person,
            court_id=row.court_id,
            kind="packaged.told",
            key=f"package/{row.id.hex}",
            at=now,
            petition_id=petition_id,
        )
    return row


def add_step(
    s: Session, *, petition_id: UUID, package_id: UUID, form: forms.Step, by: Actor, now: datetime
) -> PackageStep:
    """Add a step with its day to the plan."""
    row = _worked(s, petition_id, package_id, by)
    if form.due_on < court_day(now):
        raise Invalid("packaged.day_past", field="due_on")
    if form.due_on > (last := court_day(now) + FURTHEST):
        raise Invalid("packaged.day_far", field="due_on", last=last)
    same = [one for one in queries.steps(s, row.id) if (one.words, one.due_on) == (form.words, form.due_on)]
    if same and same[-1].state == StepState.OPEN:
        return same[-1]  # the form was sent twice
    step = PackageStep(package_id=row.id, petition_id=petition_id, words=form.words, due_on=form.due_on)
    s.add(step)
    facts: dict[str, Json] = {"step": step.id.hex, "due_on": form.due_on.isoformat()}
    _record(s, Kind.PACKAGE_STEP_ADDED, row, by=by, now=now, facts=facts)
    return step


def end_step(
    s: Session,
    *,
    petition_id: UUID,
    package_id: UUID,
    step_id: UUID,
    form: forms.EndStep,
    by: Actor,
    now: datetime,
) -> PackageStep:
    """Note that a step was done, or dropped and why."""
    row = _worked(s, petition_id, package_id, by)
    step = s.get(PackageStep, step_id)
    if step is None or step.package_id != row.id:
        raise NotFound("packaged.not_found")
    if step.state != StepState.OPEN:
        raise Conflict("packaged.step_ended")
    step.state, step.note, step.ended_at, step.ended_by = form.state, form.note, now, by.staff_id
    facts: dict[str, Json] = {"step": step.id.hex, "state": form.state, "late": court_day(now) > step.due_on}
    _record(s, Kind.PACKAGE_STEP_ENDED, row, by=by, now=now, facts=facts)
    return step


def add_visit(
    s: Session, *, petition_id: UUID, package_id: UUID, form: forms.Visit, by: Actor, now: datetime
) -> PackageVisit:
    """Log a visit that took place."""
    row = _worked(s, petition_id, package_id, by)
    if form.day > court_day(now):
        raise Invalid("packaged.day_to_come", field="day")
    petition = petitions.found(s, petition_id)
    if form.day < (first := court_day(petition.received_at)):
        raise Invalid("packaged.day_before", field="day", first=first)
    if form.staff_id not in {one.id for one in _crew(s, petition)}:
        raise Invalid("packaged.no_person", field="staff_id")
    visit = PackageVisit(
        package_id=row.id,
        petition_id=petition_id,
        day=form.day,
        staff_id=form.staff_id,
        how=form.how,
        words=form.words,
        recorded_at=now,
        recorded_by=by.staff_id,
    )
    s.add(visit)
    facts: dict[str, Json] = {"visit": visit.id.hex, "how": form.how}
    _record(s, Kind.PACKAGE_VISITED, row, by=by, now=now, facts=facts)
    return visit


def close(
    s: Session, *, petition_id: UUID, package_id: UUID, form: forms.Close, by: Actor, now: datetime
) -> CasePackage:
    """End it with a result: the leader's own act, once every step was done or dropped."""
    row = _worked(s, petition_id, package_id, by)
    if by.staff_id != row.leader_id:
        raise Forbidden("packaged.leader_only")
    if any(step.state == StepState.OPEN for step in queries.steps(s, row.id)):
        raise Conflict("packaged.steps_open")
    row.closed_at, row.closed_by = now, by.staff_id
    row.result, row.result_words = form.result, form.words
    _record(s, Kind.PACKAGE_CLOSED, row, by=by, now=now, facts={"result": form.result})
    return row


def works_on(row: CasePackage, by: Actor) -> bool:
    """Say whether the actor leads the package or is responsible for it."""
    return by.staff_id is not None and by.staff_id in {row.leader_id, row.person_id}


def _worked(s: Session, petition_id: UUID, package_id: UUID, by: Actor) -> CasePackage:
    """Return an open package on which the actor works, petition and package locked."""
    petitions.get(s, petition_id, actor=by, for_update=True)
    row = queries.get(s, petition_id, package_id)
    if not works_on(row, by):
        raise Forbidden("packaged.workers_only")
    if row.closed_at is not None:
        raise Conflict("packaged.closed")
    return row


def _crew(s: Session, petition: Petition) -> list[Staff]:
    return barrier.free(s, petition.id, accounts.active_of(s, petition.court_id))


def _record(
    s: Session, kind: Kind, row: CasePackage, *, by: Actor, now: datetime, facts: Mapping[str, Json]
) -> None:
    told: dict[str, Json] = {"by": by.name, "package": row.id.hex, **facts}
    log.record(s, kind=kind, stream=stream_name("petition", row.petition_id), actor=by, at=now, facts=told)
