"""Who must step aside, does: a conflict keeps people away at once, others take over, the court above if nobody is left.

Regulation on Petition Work art. 28 (direct interest) and art. 30 (accusations never reach the accused).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.actor import Actor, Role
from central.barrier import queries as barrier
from central.barrier.models import Ground, StaffConflict
from central.courts import queries as courts
from central.courts.models import Court
from central.errors import Conflict, Invalid, NotFound
from central.petitions import forms, moves, queries, steps, third
from central.petitions.models import Assignment, Petition
from central.petitions.states import UNDER_REVIEW, Act, Clocks, State, Step
from shared.canonical import Json


def name_conflict(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.NameConflict,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Keep a person or a unit, and the leaders in their line, away from a petition from now on."""
    petition, step = moves.load(s, petition_id, act=Act.NAME_CONFLICT, by=by, version=version)
    s.add(_conflict(s, petition, form, by, now))
    facts: dict[str, Json] = {"ground": form.ground}
    return _take_effect(s, petition, step, Act.NAME_CONFLICT, facts, form.remark, by=by, now=now)


def recuse(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.Explained,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Step aside oneself."""
    petition, step = moves.load(s, petition_id, act=Act.RECUSE, by=by, version=version)
    s.add(
        StaffConflict(
            petition_id=petition.id,
            staff_id=by.staff_id,
            ground=Ground.DECLARED,
            declared_by=by.staff_id,
            declared_at=now,
        )
    )
    return _take_effect(
        s, petition, step, Act.RECUSE, {"ground": Ground.DECLARED}, form.remark, by=by, now=now
    )


def name_at_registration(
    s: Session, *, petition: Petition, form: forms.Register, by: Actor, now: datetime
) -> None:
    """Keep those away whom the registrar names while taking the petition in; with nobody left it goes to the court above."""
    named = form.conflicts()
    if not named:
        return
    for field, each in named:
        try:
            s.add(_conflict(s, petition, each, by, now))
        except (Invalid, NotFound) as error:
            raise Invalid(error.key, field=field, **error.values) from None
    step = steps.find(State(petition.state), Act.NAME_CONFLICT)
    facts: dict[str, Json] = {"ground": named[0][1].ground, "named": len(named)}
    _take_effect(s, petition, step, Act.NAME_CONFLICT, facts, "", by=by, now=now)


def _conflict(
    s: Session, petition: Petition, form: forms.NameConflict, by: Actor, now: datetime
) -> StaffConflict:
    row = StaffConflict(petition_id=petition.id, ground=form.ground, declared_by=by.staff_id, declared_at=now)
    if form.person:
        person = _person(s, petition, form.person)
        row.staff_id, row.line_court_id, row.line_department_id = (
            person.id,
            person.court_id,
            person.department_id,
        )
    else:
        _name_unit(s, row, form.unit)
    return row


def _person(s: Session, petition: Petition, typed: str) -> Staff:
    """Return who is meant by a user name, or by a name at the petition's court or above or below it."""
    exact = accounts.by_username(s, typed)
    if exact is not None:
        return exact
    path = courts.get(s, petition.court_id).path
    found = [
        (staff, court)
        for staff, court in accounts.named(s, typed)
        if court.path.startswith(path) or path.startswith(court.path)
    ] or accounts.named(s, typed)
    if len(found) != 1:
        key = "petitions.person_ambiguous" if found else "petitions.person_unknown"
        people = ", ".join(f"{staff.username} ({court.name})" for staff, court in found[:5])
        raise Invalid(key, field="person", name=typed, people=people)
    return found[0][0]


def _name_unit(s: Session, row: StaffConflict, typed: str) -> None:
    """Set department or court of a conflict from `CODE` or `CODE department`; all who work there keep away."""
    code, _, department = typed.strip().partition(" ")
    court = courts.by_code(s, code)
    row.line_court_id = court.id
    if not department:
        row.court_id = court.id
        return
    known = {
        name: each
        for each in courts.departments(s, court.id)
        for name in (each.code, each.name, each.name_en)
    }
    unit = known.get(department.strip())
    if unit is None:
        raise Invalid("petitions.unit_unknown", field="unit", unit=typed)
    row.department_id = row.line_department_id = unit.id


@dataclass(frozen=True, slots=True)
class _Crew:
    """Who is left at a court: registrars for the desk, and the handler and leader to be, the present ones if they may stay."""

    registrars: list[Staff]
    handler: UUID | None
    leader: UUID | None

    @property
    def suffices(self) -> bool:
        # Who calls back is never the handler, so the desk needs another.
        desk = any(one.id != self.handler for one in self.registrars)
        return bool(desk and self.handler and self.leader)


def check_can_take(s: Session, petition: Petition, court_id: UUID) -> None:
    """Raise `Conflict` where conflicts leave too few people at a court to handle the petition there."""
    if barrier.of_petition(s, petition.id) and not _left(s, petition, court_id).suffices:
        raise Conflict("petitions.court_must_step_aside", court=courts.get(s, court_id).code)


def able(s: Session, petition: Petition, court: Court, *, next_by: Role) -> Court:
    """Return a court that a petition goes to, or the nearest above it where conflicts leave people enough (arts 28, 30).

    `next_by` is the role whose step is next there.
    """
    if not barrier.of_petition(s, petition.id) or _left(s, petition, court.id).suffices:
        return court
    return _nearest_above(s, petition, court, next_by)


def _take_effect(
    s: Session,
    petition: Petition,
    step: Step,
    act: Act,
    facts: dict[str, Json],
    words: str,
    *,
    by: Actor,
    now: datetime,
) -> Petition:
    s.flush()
    crew = _left(s, petition, petition.court_id)
    nobody_decides = petition.undecided and third.person(s, petition) is None
    if petition.is_open and (nobody_decides or not crew.suffices):
        step = _hand_up(s, petition, step, facts, now)
    elif petition.is_open:
        if petition.undecided:
            petition.decider_id = third.person(s, petition)
        _replace(s, petition, Role.HANDLER, petition.handler_id, crew.handler, facts, now)
        _replace(s, petition, Role.LEADER, petition.leader_id, crew.leader, facts, now)
    moves.move(s, petition, act=act, step=step, by=by, at=now, facts_=facts, words=words)
    return petition


def _left(s: Session, petition: Petition, court_id: UUID) -> _Crew:
    def free(role: Role) -> list[Staff]:
        return barrier.free(s, petition.id, accounts.with_role(s, court_id, role))

    def keep(present: UUID | None, people: list[Staff]) -> UUID | None:
        if present in {one.id for one in people}:
            return present
        return third.least_busy(s, people)

    return _Crew(
        free(Role.REGISTRAR),
        keep(petition.handler_id, free(Role.HANDLER)),
        keep(petition.leader_id, free(Role.LEADER)),
    )


def _replace(
    s: Session,
    petition: Petition,
    role: Role,
    before: UUID | None,
    after: UUID | None,
    facts: dict[str, Json],
    now: datetime,
) -> None:
    if before is None or before == after or after is None:
        return
    for running in queries.assignments(s, petition.id):
        if running.role == role and running.until is None:
            running.until = now
    s.add(Assignment(petition_id=petition.id, staff_id=after, role=role, since=now))
    facts[f"new_{role}"] = after.hex
    if role is Role.LEADER:
        petition.leader_id = after
        return
    petition.handler_id = after
    person = accounts.get(s, after)
    petition.department_id = person.department_id if person else None


def _hand_up(s: Session, petition: Petition, step: Step, facts: dict[str, Json], now: datetime) -> Step:
    """Give the petition to the nearest court above with people left; return the step that takes it there."""
    late = petition.state == State.REVIEW_LATE
    next_by = Role.LEADER if late else Role.REGISTRAR
    above = _nearest_above(s, petition, courts.get(s, petition.court_id), next_by)
    for running in queries.assignments(s, petition.id):
        if running.until is None:
            running.until = now
    petition.handler_id = petition.leader_id = petition.department_id = None
    petition.court_id, petition.sent_from_court_id = above.id, None
    third.settle(petition)
    facts["to_court"] = above.code
    if petition.state in UNDER_REVIEW:  # the review goes on there; who asked for it loses no day
        stays = late or petition.state == State.REVIEW_DECIDED
        to = State(petition.state) if stays else State.REVIEW_ASKED
        return replace(step, to=to)
    handed = steps.find(State.REGISTERED, Act.TRANSFER)
    waiting = petition.state == State.AWAITING_SUPPLEMENT
    clocks = Clocks.RESUME if waiting else step.clocks
    return replace(step, to=handed.to, moments=handed.moments, clocks=clocks)


def _nearest_above(s: Session, petition: Petition, court: Court, next_by: Role) -> Court:
    """Return the nearest court above `court` where the petition can be handled; else where anybody can take the next step."""
    going_on = list[Court]()
    while court.parent_id is not None:
        court = courts.get(s, court.parent_id)
        crew = _left(s, petition, court.id)
        if crew.suffices:
            return court
        going_on += [court] if (crew.leader if next_by is Role.LEADER else crew.registrars) else []
    if not going_on:
        raise Conflict("petitions.nobody_left")
    return going_on[0]
