"""Register a petition and decide its route. Replies and follow-up have services of their own."""

from datetime import datetime, time, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from central.accounts import passwords
from central.accounts import queries as accounts
from central.actor import Actor, Role
from central.barrier import queries as barrier
from central.cases.rows import rows_of
from central.courts import queries as courts
from central.db import add_to
from central.deadlines.shipped import book_of
from central.errors import Conflict, Forbidden, Invalid
from central.events.journal import Journaled
from central.petitions import aside, contact, forms, moves, numbering, queries, steps
from central.petitions.models import Assignment, Demand, Petition, Petitioner, PetitionPerson
from central.petitions.standing import Standing, check
from central.petitions.states import Act, Facts
from central.petitions.tallies import Numbering
from shared.clock import COURT_ZONE, court_day
from shared.ids import new_id

#: Key of the department that receives petitions.
PETITION_OFFICE = "filing"
#: The people's courts are no older; an earlier day is a slip of the finger.
FIRST_YEAR = 1949


class Registered(NamedTuple):
    """What registration gives: the petition and its secret code, to be shown once.

    `code` is None when the same form was sent before: the code was shown then and is not kept.
    """

    petition: Petition
    code: str | None


def register(
    s: Session,
    *,
    form: forms.Register,
    by: Actor,
    now: datetime,
    code: str | None = None,
    confirmed_at: datetime | None = None,
) -> Registered:
    """Take a petition in at the actor's court: number, code, clocks, event.

    `code` is one that the sender was given beforehand; `confirmed_at` when a visitor confirmed what a clerk had typed.
    """
    step = steps.find(None, Act.REGISTER)
    check(step, Standing(by.roles), Facts())
    # An id that was just made here cannot be known yet.
    known = s.get(Petition, form.petition_id) if "petition_id" in form.model_fields_set else None
    if known is not None and known.registered_by == by.staff_id:
        return Registered(queries.get(s, form.petition_id, actor=by), None)
    if known is not None:  # somebody else's: nobody is told that it is taken
        form = form.model_copy(update={"petition_id": new_id()})
    if by.court_id is None:
        raise Forbidden("petitions.no_court")
    received_at = _received_at(form, now)
    code = code or numbering.new_code()
    petition = Petition(
        id=form.petition_id,
        number=str(form.petition_id),  # until the real one is drawn, a moment before the commit
        court_id=by.court_id,
        origin_court_id=by.court_id,
        channel=form.channel,
        kind=form.kind.value,
        rules_version=book_of(s).begin(court_day(received_at), by.court_code[:1]),
        received_at=received_at,
        registered_at=now,
        registered_by=by.staff_id,
        confirmed_at=confirmed_at,
        subject=form.subject,
        text=form.text,
        referred_by=form.referred_by,
        urgent=form.urgent,
        state=step.to,
        code_hash=passwords.hash_code(code),
    )
    rows = _rows(petition.id, form, now)
    draw = partial(next_number, s, court_id=by.court_id, court_code=by.court_code, at=now)
    moves.enter(s, petition, rows, number=draw, step=step, by=by, at=received_at, now=now)
    aside.name_at_registration(s, petition=petition, form=form, by=by, now=now)
    return Registered(petition, code)


def _rows(petition_id: UUID, form: forms.Register, now: datetime) -> list[Journaled]:
    """Return what belongs to the petition: who, what is asked for, which cases, who else."""
    return [
        _petitioner(form, now),
        *_demands(petition_id, form.demands),
        *rows_of(petition_id, form.case_numbers),
        *_people(petition_id, form.people),
    ]


def _received_at(form: forms.Register, now: datetime) -> datetime:
    """Return when it came in: a moment, or a day (then its first minute, so that no later act can lie before it)."""
    at = form.received_at
    if at is None and form.received_on is not None and form.received_on != court_day(now):
        at = datetime.combine(form.received_on, time(0, 0), COURT_ZONE)
    if at is not None and at > now + timedelta(minutes=5):
        raise Invalid("petitions.received_in_future", field="received_on")
    if at is not None and at.year < FIRST_YEAR:
        raise Invalid("petitions.received_too_early", field="received_on", year=FIRST_YEAR)
    return min(at, now) if at is not None else now


def _petitioner(form: forms.Register, now: datetime) -> Petitioner:
    person = Petitioner(
        petition_id=form.petition_id,
        name=form.petitioner_name,
        id_kind=form.id_kind,
        id_number=form.id_number,
        group_size=form.group_size,
    )
    contact.put(person, form, now=now)
    return person


def _demands(petition_id: UUID, texts: list[str]) -> list[Demand]:
    return [Demand(petition_id=petition_id, number=i, text=text) for i, text in enumerate(texts, start=1)]


def _people(petition_id: UUID, people: list[forms.Person]) -> list[PetitionPerson]:
    return [
        PetitionPerson(petition_id=petition_id, number=i, **each.model_dump())
        for i, each in enumerate(people, start=1)
    ]


def next_number(s: Session, *, court_id: UUID, court_code: str, at: datetime) -> str:
    """Draw the next receipt number of a court in the year of `at`. Two clerks never get the same."""
    return take_numbers(s, court_id=court_id, court_code=court_code, year=court_day(at).year, count=1)[0]


def take_numbers(s: Session, *, court_id: UUID, court_code: str, year: int, count: int) -> list[str]:
    """Draw `count` receipt numbers in a row. Whoever comes next waits until this transaction ends."""
    last = add_to(s, Numbering(court_id=court_id, year=year, last=count), "last")
    return [numbering.number_of(court_code, year, serial) for serial in range(last - count + 1, last + 1)]


def accept(
    s: Session, *, petition_id: UUID, form: forms.Accept, by: Actor, now: datetime, version: int | None = None
) -> Petition:
    """Accept, name who answers for it, and tell the petitioner in the same act (art. 23: written notice in 15 days)."""
    petition, step = moves.load(s, petition_id, act=Act.ACCEPT, by=by, version=version)
    leader = _leader(s, petition, form.leader_id)
    petition.sent_from_court_id, petition.leader_id = None, leader
    petition.kind = form.kind.value if form.kind else petition.kind
    s.add(Assignment(petition_id=petition.id, staff_id=leader, role=Role.LEADER, since=now))
    moves.move(
        s,
        petition,
        act=Act.ACCEPT,
        step=step,
        by=by,
        at=now,
        facts_={"leader": leader.hex, "kind": petition.kind},
        moments=moves.moments_of_kind(Act.ACCEPT, petition.kind),
        words=form.remark,
        public=True,
    )
    return petition


def _leader(s: Session, petition: Petition, chosen: UUID | None) -> UUID:
    """Return the responsible leader: the chosen one, else the first of the court's leaders, petition office first."""
    if chosen is not None:
        return _member(s, petition, chosen, Role.LEADER, "leader_id")
    leaders = barrier.free(s, petition.id, accounts.with_role(s, petition.court_id, Role.LEADER))
    if not leaders:
        raise Conflict("petitions.court_has_no_leader")
    office = {d.id for d in courts.departments(s, petition.court_id) if d.code == PETITION_OFFICE}
    return min(leaders, key=lambda person: (person.department_id not in office, person.username)).id


def triage_out(
    s: Session,
    *,
    petition_id: UUID,
    act: Act,
    form: forms.Explained | forms.Plain,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Decline, send to litigation, ask for a supplement, or note a withdrawal; the words are told to the petitioner."""
    petition, step = moves.load(s, petition_id, act=act, by=by, version=version)
    petition.sent_from_court_id = None
    moves.move(s, petition, act=act, step=step, by=by, at=now, words=form.remark, public=True)
    return petition


def receive_supplement(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.Explained | forms.Plain,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Take in what was missing; the clocks run again."""
    petition, step = moves.load(s, petition_id, act=Act.RECEIVE_SUPPLEMENT, by=by, version=version)
    own = by.petition_id is not None  # the petitioner's own words, not the desk's about them
    moves.move(
        s,
        petition,
        act=Act.RECEIVE_SUPPLEMENT,
        step=step,
        by=by,
        at=now,
        words=form.remark,
        public=own,
    )
    return petition


def transfer(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.Transfer,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Give custody to another court, with reasons; the notice names it (art. 23)."""
    petition, step = moves.load(s, petition_id, act=Act.TRANSFER, by=by, version=version)
    target = courts.by_code(s, form.court)
    if target.id == petition.court_id:
        raise Conflict("petitions.transfer_to_itself")
    aside.check_can_take(s, petition, target.id)
    petition.sent_from_court_id, petition.court_id = petition.court_id, target.id
    _end_assignments(s, petition, now)
    facts = {"to_court": target.code}
    moves.move(
        s, petition, act=Act.TRANSFER, step=step, by=by, at=now, facts_=facts, words=form.remark, public=True
    )
    return petition


def return_transfer(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.Explained,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Object to a transfer and hand it back to the sender (art. 23 para 3)."""
    petition, step = moves.load(s, petition_id, act=Act.RETURN, by=by, version=version)
    if petition.sent_from_court_id is None:
        raise Conflict("petitions.nobody_to_return_to")
    aside.check_can_take(s, petition, petition.sent_from_court_id)
    petition.court_id, petition.sent_from_court_id = petition.sent_from_court_id, None
    moves.move(s, petition, act=Act.RETURN, step=step, by=by, at=now, words=form.remark)
    return petition


def assign(
    s: Session, *, petition_id: UUID, form: forms.Assign, by: Actor, now: datetime, version: int | None = None
) -> Petition:
    """Name the handler and the responsible leader, both of the court that has custody."""
    both = Facts(has_handler=True, has_leader=True)  # the form itself names them
    petition, step = moves.load(s, petition_id, act=Act.ASSIGN, by=by, version=version, known=both)
    handler = _member(s, petition, form.handler_id, Role.HANDLER, "handler_id")
    leader = _member(s, petition, form.leader_id, Role.LEADER, "leader_id")
    _end_assignments(s, petition, now)
    petition.handler_id, petition.leader_id = handler, leader
    petition.department_id = _department(s, handler)
    for person, role in ((handler, Role.HANDLER), (leader, Role.LEADER)):
        s.add(Assignment(petition_id=petition.id, staff_id=person, role=role, since=now))
    facts = {"handler": handler.hex, "leader": leader.hex}
    moves.move(s, petition, act=Act.ASSIGN, step=step, by=by, at=now, facts_=facts, words=form.remark)
    return petition


def _member(s: Session, petition: Petition, staff_id: UUID, role: Role, field: str) -> UUID:
    people = barrier.free(s, petition.id, accounts.with_role(s, petition.court_id, role))
    if staff_id not in {person.id for person in people}:
        raise Invalid(f"petitions.no_such_{role}", field=field)
    return staff_id


def _department(s: Session, staff_id: UUID) -> UUID | None:
    person = accounts.get(s, staff_id)
    return person.department_id if person else None


def _end_assignments(s: Session, petition: Petition, now: datetime) -> None:
    for running in queries.assignments(s, petition.id):
        if running.until is None:
            running.until = now
    petition.handler_id = petition.leader_id = petition.department_id = None


def take_up(
    s: Session, *, petition_id: UUID, form: forms.Plain, by: Actor, now: datetime, version: int | None = None
) -> Petition:
    """The handler starts work."""
    petition, step = moves.load(s, petition_id, act=Act.TAKE_UP, by=by, version=version)
    moves.move(s, petition, act=Act.TAKE_UP, step=step, by=by, at=now, words=form.remark)
    return petition


def tell(
    s: Session,
    *,
    petition_id: UUID,
    act: Act,
    form: forms.Told,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Note that the petitioner was told who handles it (ACKNOWLEDGE, 7 days) or how it goes (TELL_PROGRESS)."""
    petition, step = moves.load(s, petition_id, act=act, by=by, version=version)
    if act is Act.ACKNOWLEDGE:
        petition.acknowledged_on = court_day(now)
    facts = {"method": form.method}
    moves.move(s, petition, act=act, step=step, by=by, at=now, facts_=facts, words=form.remark, public=True)
    return petition


def change_demands(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.ChangeDemands,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Write the demands anew; answers drafted to the old ones lapse."""
    petition, step = moves.load(s, petition_id, act=Act.CHANGE_DEMANDS, by=by, version=version)
    old = list(queries.demands(s, petition.id))
    for surplus in old[len(form.demands) :]:
        _drop(s, surplus)
    for demand, text in zip(old, form.demands, strict=False):
        demand.answered = demand.answered and demand.text == text
        demand.text = text
    s.add_all(_demands(petition.id, form.demands)[len(old) :])
    moves.move(s, petition, act=Act.CHANGE_DEMANDS, step=step, by=by, at=now)
    return petition


def _drop(s: Session, demand: Demand) -> None:
    """Delete a demand; raise `Conflict` if a draft or an earlier reply speaks of it, which only the database knows here."""
    s.delete(demand)
    try:
        s.flush()
    except IntegrityError:
        raise Conflict("petitions.demand_has_answer", number=demand.number) from None


def merge(
    s: Session, *, petition_id: UUID, form: forms.Merge, by: Actor, now: datetime, version: int | None = None
) -> Petition:
    """Join a petition to the running one of the same matter, whose answer covers it."""
    petition, step = moves.load(s, petition_id, act=Act.MERGE, by=by, version=version)
    number = numbering.parse_number(form.into, province=by.court_code[:1]) or ""
    target_id = queries.visible_number(s, number, actor=by)
    target = queries.found(s, target_id) if target_id else None
    if target is None or target.id == petition.id or not target.is_open:
        raise Invalid("petitions.merge_target", field="into", number=form.into)
    petition.merged_into_id = target.id
    facts = {"into": target.number}
    moves.move(
        s, petition, act=Act.MERGE, step=step, by=by, at=now, facts_=facts, words=form.remark, public=True
    )
    return petition


def reissue_code(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.ReissueCode,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> str:
    """Return a new secret code, shown once; the old one no longer opens anything."""
    petition, step = moves.load(s, petition_id, act=Act.REISSUE_CODE, by=by, version=version)
    code = numbering.new_code()
    petition.code_hash = passwords.hash_code(code)
    moves.move(s, petition, act=Act.REISSUE_CODE, step=step, by=by, at=now, facts_={"checked": form.checked})
    return code
