"""Ask for a review, judge a late request, take the request back. The petition goes to the court that decides, and returns."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor, Role
from central.courts.models import Court
from central.deadlines.rules import Moment
from central.errors import Invalid
from central.petitions import aside, moves, numbering, third
from central.petitions import forms as petition_forms
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.petitions.states import Act, State, Step
from central.reviews import forms, queries
from central.reviews.models import Review
from central.reviews.rules import ASKED, Came, End, is_late
from shared.clock import COURT_ZONE, court_day


def ask(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.Ask,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Take a request in at the court that answered; it goes to the court above."""
    petition, step = moves.load(s, petition_id, act=Act.ASK_REVIEW, by=by, version=version)
    _ask(s, petition, step, form.came, form.asked_on or court_day(now), form.asked, by, now)
    return petition


def ask_own(s: Session, *, petition_id: UUID, form: forms.OwnAsk, by: Actor, now: datetime) -> Petition:
    """Ask on the tracking page."""
    petition, step = moves.load(s, petition_id, act=Act.ASK_REVIEW, by=by, version=None)
    _ask(s, petition, step, Came.PORTAL, court_day(now), form.asked, by, now)
    return petition


def take_in(s: Session, *, form: forms.TakeIn, by: Actor, now: datetime) -> Petition:
    """Take a request in at the court above, where the Regulation sends it; its desk finds the petition by the number alone."""
    number = numbering.parse_number(form.number, province=by.court_code[:1]) or ""
    known = petitions.by_number(s, number)
    petition = petitions.to_take_in(s, known[0], actor=by) if known else None
    if petition is None or not _takes_in(s, petition, by):
        raise Invalid("reviews.not_below", field="number", number=form.number)
    here = replace(by, court_id=petition.court_id)
    step = moves.allowed(s, petition, act=Act.ASK_REVIEW, by=here, version=None)
    _ask(s, petition, step, form.came, form.asked_on or court_day(now), form.asked, by, now)
    return petition


def _takes_in(s: Session, petition: Petition, by: Actor) -> bool:
    if petition.erased_at is not None:
        return False
    above = queries.court_above(s, petition)
    return by.court_id == above.id and Role.REGISTRAR in by.roles


def _deciding(s: Session, petition: Petition, *, late: bool) -> Court:
    """Return the court that decides: the next above, unless conflicts leave it nobody; a late request waits for a leader first."""
    next_by = Role.LEADER if late else Role.REGISTRAR
    return aside.able(s, petition, queries.court_above(s, petition), next_by=next_by)


def _ask(
    s: Session,
    petition: Petition,
    step: Step,
    came: Came,
    asked_on: date,
    asked: str,
    by: Actor,
    now: datetime,
) -> None:
    stage, clock = queries.right(s, petition)
    if petition.delivered_on is None or not petition.delivered_on <= asked_on <= court_day(now):
        first = petition.delivered_on or asked_on
        raise Invalid("reviews.asked_when", field="asked_on", first=first, last=court_day(now))
    late = is_late(asked_on, clock.due_on)
    above = _deciding(s, petition, late=late)
    row = Review(
        petition_id=petition.id,
        stage=stage.value,
        came=came.value,
        asked_at=now,
        asked_on=asked_on,
        until_on=clock.due_on,
        late=late,
        taken_by=by.staff_id,
        asked=asked,
        before_court_id=petition.court_id,
        before_state=petition.state,
        before_handler_id=petition.handler_id,
        before_leader_id=petition.leader_id,
        before_department_id=petition.department_id,
        before_delivered_on=petition.delivered_on,
        before_attempts=petition.attempts,
    )
    s.add(row)
    _hand_over(s, petition, above.id, now)
    third.settle(petition)
    petition.delivered_on, petition.attempts = None, 0
    facts = {"stage": stage.value, "came": came.value, "late": late, "to_court": above.code}
    moves.move(
        s,
        petition,
        act=Act.ASK_REVIEW,
        step=replace(step, to=State.REVIEW_LATE) if late else step,
        by=by,
        at=moment_on(asked_on, now),
        now=now,
        facts_=facts,
        moments=(ASKED[stage], Moment.REVIEW_LATE) if late else (ASKED[stage],),
    )


def moment_on(day: date, now: datetime) -> datetime:
    """Return now for today, else noon of the day."""
    return now if day == court_day(now) else datetime.combine(day, time(12), COURT_ZONE)


def _hand_over(s: Session, petition: Petition, court_id: UUID, now: datetime) -> None:
    for each in petitions.assignments(s, petition.id):
        if each.until is None:
            each.until = now
    if court_id != petition.court_id:
        petition.party_court_id, petition.court_id = petition.court_id, court_id
    petition.handler_id = petition.leader_id = petition.department_id = None


def admit(
    s: Session,
    *,
    petition_id: UUID,
    form: petition_forms.Explained,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Admit a late request, as where the post was slow; the reasons are told."""
    petition, step = moves.load(s, petition_id, act=Act.ADMIT_REVIEW, by=by, version=version)
    row = queries.running(s, petition.id)
    row.judged_by, row.judged = by.staff_id, form.remark
    moves.move(s, petition, act=Act.ADMIT_REVIEW, step=step, by=by, at=now, words=form.remark, public=True)
    return petition


def refuse(
    s: Session,
    *,
    petition_id: UUID,
    form: petition_forms.Explained,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Refuse a late request; the reasons are told, and the petition stands where it stood."""
    petition, step = moves.load(s, petition_id, act=Act.REFUSE_REVIEW, by=by, version=version)
    row = queries.running(s, petition.id)
    row.judged_by, row.judged = by.staff_id, form.remark
    _back(s, petition, row, step, End.REFUSED, by=by, now=now, act=Act.REFUSE_REVIEW, words=form.remark)
    return petition


def withdraw(
    s: Session,
    *,
    petition_id: UUID,
    form: petition_forms.Plain,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Take the request back; the petition stands where it stood."""
    petition, step = moves.load(s, petition_id, act=Act.WITHDRAW_REVIEW, by=by, version=version)
    row = queries.running(s, petition.id)
    _back(s, petition, row, step, End.WITHDRAWN, by=by, now=now, act=Act.WITHDRAW_REVIEW, words=form.remark)
    return petition


#: Where a petition stands again; what was not closed yet owes its call-back anew.
_STOOD = {State.FOLLOWED_UP: State.REPLIED}
#: What is owed there again, where it is no call-back: after a notice only the closing.
_OWED: Mapping[State, tuple[Moment, ...]] = {
    State.CLOSED: (),
    State.DECLINED: (Moment.SETTLED,),
    State.TO_LITIGATION: (Moment.SETTLED,),
}


def _back(
    s: Session,
    petition: Petition,
    row: Review,
    step: Step,
    end: End,
    *,
    by: Actor,
    now: datetime,
    act: Act,
    words: str,
) -> None:
    stood = State(row.before_state)
    to = _STOOD.get(stood, stood)
    row.end, row.ended_on = end.value, court_day(now)
    put_back(s, petition, row, now)
    moments = _OWED.get(to, (Moment.CALL_AGAIN,))
    moves.move(
        s,
        petition,
        act=act,
        step=replace(step, to=to),
        by=by,
        at=now,
        facts_={"stage": row.stage},
        moments=moments,
        words=words,
        public=True,
    )


def put_back(s: Session, petition: Petition, row: Review, now: datetime) -> None:
    """Give the petition back to the court that answered, as it stood; the court above goes on seeing it."""
    for each in petitions.assignments(s, petition.id):
        if each.until is None:
            each.until = now
    if petition.court_id != row.before_court_id:
        petition.party_court_id, petition.court_id = petition.court_id, row.before_court_id
    petition.handler_id, petition.leader_id = row.before_handler_id, row.before_leader_id
    petition.department_id = row.before_department_id
    petition.delivered_on, petition.attempts = row.before_delivered_on, row.before_attempts
