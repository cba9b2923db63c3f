"""Examine, draft, approve, deliver: how the court above decides a review, and what follows from it."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlmodel import Session

from central.accounts import queries as accounts
from central.actor import Actor, Role
from central.approvals import service as approvals
from central.approvals.queries import Approved
from central.approvals.service import Among
from central.barrier import queries as barrier
from central.courts import queries as courts
from central.deadlines.rules import Moment
from central.errors import Conflict, Forbidden, Invalid
from central.petitions import forms as petition_forms
from central.petitions import moves, numbering, steps
from central.petitions import queries as petitions
from central.petitions.models import Assignment, Petition
from central.petitions.states import Act, State, Step
from central.replies import excusing
from central.replies import forms as reply_forms
from central.reviews import asking, forms, letters, queries
from central.reviews.models import Review, SameFacts
from central.reviews.rules import ANSWERED, End, Outcome, Stage, delivered
from shared.canonical import Json
from shared.clock import court_day


def assign(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.AssignReview,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Name who examines and who answers for it, of the court that decides; nobody judges their own work."""
    petition, step = moves.load(s, petition_id, act=Act.ASSIGN_REVIEW, by=by, version=version)
    chosen = ((form.handler_id, Role.HANDLER, "handler_id"), (form.leader_id, Role.LEADER, "leader_id"))
    for staff_id, role, field in chosen:
        here = barrier.free(s, petition.id, accounts.with_role(s, petition.court_id, role))
        if staff_id not in {one.id for one in here}:
            raise Invalid(f"petitions.no_such_{role}", field=field)
        if staff_id not in {one.id for one in queries.fresh(s, petition.id, here)}:
            raise Invalid("reviews.took_part", field=field)
    for running in petitions.assignments(s, petition.id):
        if running.until is None:
            running.until = now
    petition.handler_id, petition.leader_id = form.handler_id, form.leader_id
    person = accounts.get(s, form.handler_id)
    petition.department_id = person.department_id if person else None
    for staff_id, role, _ in chosen:
        s.add(Assignment(petition_id=petition.id, staff_id=staff_id, role=role, since=now))
    facts = {"handler": form.handler_id.hex, "leader": form.leader_id.hex}
    moves.move(s, petition, act=Act.ASSIGN_REVIEW, step=step, by=by, at=now, facts_=facts, words=form.remark)
    return petition


def save(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.Opinion,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Keep the draft as it stands."""
    petition, step = moves.load(s, petition_id, act=Act.SAVE_OPINION, by=by, version=version)
    _write(queries.running(s, petition.id), form, by)
    moves.move(s, petition, act=Act.SAVE_OPINION, step=step, by=by, at=now)
    return petition


def submit(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.Decision,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Hand the decision in: its outcome, the facts found, and what it rests on."""
    petition, step = moves.load(s, petition_id, act=Act.SUBMIT_OPINION, by=by, version=version)
    row = queries.running(s, petition.id)
    _write(row, form, by)
    facts: dict[str, Json] = {"outcome": row.outcome}
    what, among = Approved(review_id=row.id), _fresh(s, petition)
    if chain := approvals.begin(s, petition, what, kind=row.stage, among=among):
        facts["steps"] = len(chain)
    moves.move(s, petition, act=Act.SUBMIT_OPINION, step=step, by=by, at=now, facts_=facts)
    return petition


def _fresh(s: Session, petition: Petition) -> Among:
    """Return what leaves those who had no part in the petition before: they alone judge it."""
    return partial(queries.fresh, s, petition.id)


def _write(row: Review, form: forms.Opinion | forms.Decision, by: Actor) -> None:
    row.outcome = form.outcome.value if form.outcome else None
    row.facts, row.basis, row.drafted_by = form.facts.strip(), form.basis.strip(), by.staff_id


def send_back(
    s: Session,
    *,
    petition_id: UUID,
    form: petition_forms.Explained,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Return the draft with remarks; its chain begins anew when it is handed in again."""
    petition, step = moves.load(s, petition_id, act=Act.RETURN_OPINION, by=by, version=version)
    what = Approved(review_id=queries.running(s, petition.id).id)
    closed, _ = approvals.decided(s, petition, what, by=by, outcome="sent_back", now=now)
    facts: dict[str, Json] = {"step": closed.number} if closed else {}
    moves.move(s, petition, act=Act.RETURN_OPINION, step=step, by=by, at=now, facts_=facts, words=form.remark)
    return petition


def approve(
    s: Session,
    *,
    petition_id: UUID,
    form: petition_forms.Plain,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Approve the decision, or the step of its chain that is the actor's; after the last its letter is written and leaves the court."""
    petition, step = moves.load(s, petition_id, act=Act.APPROVE_OPINION, by=by, version=version)
    row = queries.running(s, petition.id)
    _check_fresh(s, petition, by)
    closed, following = approvals.decided(
        s,
        petition,
        Approved(review_id=row.id),
        by=by,
        outcome="approved",
        now=now,
        among=_fresh(s, petition),
    )
    facts: dict[str, Json] = {"stage": row.stage, "outcome": row.outcome}
    if closed:
        facts["step"] = closed.number
    if following is not None:
        facts["next"] = following.person_id.hex
        step = steps.passed_on(step)
    else:
        _decided(s, petition, row, by=by, now=now)
    moves.move(
        s,
        petition,
        act=Act.APPROVE_OPINION,
        step=step,
        by=by,
        at=now,
        facts_=facts,
        moments=() if following else (ANSWERED[Stage(row.stage)],),
        words=form.remark,
    )
    return petition


def _decided(s: Session, petition: Petition, row: Review, *, by: Actor, now: datetime) -> None:
    """Write the letter of a decision whose last step approved it."""
    named = queries.named(s, petition, row)
    row.approved_by, row.approved_at, row.court_id = by.staff_id, now, petition.court_id
    row.letter = letters.decision(row, number=petition.number, courts=named, on=court_day(now))


def _check_fresh(s: Session, petition: Petition, by: Actor) -> None:
    """Raise `Forbidden` for whoever had a part in the petition before: one who stands in may have had."""
    person = accounts.get(s, by.staff_id) if by.staff_id else None
    if person is not None and not queries.fresh(s, petition.id, [person]):
        raise Forbidden("reviews.took_part")


def deliver(
    s: Session,
    *,
    petition_id: UUID,
    form: reply_forms.Deliver,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Note the dated proof that the decision arrived: it starts the period for a re-review, and what was decided follows."""
    petition, step = moves.load(s, petition_id, act=Act.DELIVER_OPINION, by=by, version=version)
    row = queries.running(s, petition.id)
    day = form.delivered_on or court_day(now)
    first = court_day(row.approved_at or now)
    if not first <= day <= court_day(now):
        raise Invalid("replies.delivery_day", field="delivered_on", first=first, last=court_day(now))
    row.delivered_on, row.method, row.proof = day, form.method.value, form.proof
    moments = (delivered(row.stage, row.outcome or ""),)
    facts = {"method": form.method.value, "delivered_on": day.isoformat(), "outcome": row.outcome}
    step, after = _follow(s, petition, row, step, now)
    at = max(asking.moment_on(day, now), row.approved_at or now)
    moves.move(
        s,
        petition,
        act=Act.DELIVER_OPINION,
        step=step,
        by=by,
        at=at,
        now=now,
        facts_=facts,
        moments=(*moments, *after),
    )
    return petition


def excuse(
    s: Session,
    *,
    petition_id: UUID,
    form: petition_forms.Excused,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Go on without delivery: the coded excuse, after logged attempts."""
    petition, step = moves.load(s, petition_id, act=Act.EXCUSE_OPINION, by=by, version=version)
    excusing.check_answer(s, petition, form.excuse)
    row = queries.running(s, petition.id)
    step, after = _follow(s, petition, row, step, now)
    facts = {"excuse": form.excuse, "outcome": row.outcome}
    moves.move(
        s,
        petition,
        act=Act.EXCUSE_OPINION,
        step=step,
        by=by,
        at=now,
        facts_=facts,
        moments=after,
        words=form.remark,
    )
    return petition


def _follow(
    s: Session, petition: Petition, row: Review, step: Step, now: datetime
) -> tuple[Step, tuple[Moment, ...]]:
    """End the review: the petition goes back, closed, or to be handled anew by the court whose answer was not let stand."""
    row.end, row.ended_on = End.DECIDED.value, court_day(now)
    asking.put_back(s, petition, row, now)
    if row.outcome != Outcome.SENT_BACK:
        return step, (Moment.CLOSED,)
    petition.delivered_on = petition.issued_at = petition.excuse = None
    petition.attempts, petition.handler_id, petition.department_id = 0, None, None
    petition.leader_id = _leader(s, petition, row)
    for demand in petitions.demands(s, petition.id):
        demand.answered = False
    s.add(Assignment(petition_id=petition.id, staff_id=petition.leader_id, role=Role.LEADER, since=now))
    return replace(step, to=State.ACCEPTED), (Moment.REOPENED,)


def _leader(s: Session, petition: Petition, row: Review) -> UUID:
    leaders = [
        one.id for one in barrier.free(s, petition.id, accounts.with_role(s, petition.court_id, Role.LEADER))
    ]
    if not leaders:
        raise Conflict("petitions.court_has_no_leader")
    return row.before_leader_id if row.before_leader_id in leaders else leaders[0]


def end_same_facts(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.SameFacts,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """End a petition whose facts and reasons a re-review has settled (art. 36 para 3): a person finds so, never a program."""
    petition, step = moves.load(s, petition_id, act=Act.END_SAME_FACTS, by=by, version=version)
    number = numbering.parse_number(form.into, province=by.court_code[:1]) or ""
    settled_id = petitions.visible_number(s, number, actor=by)
    settled = queries.settled(s, settled_id) if settled_id and settled_id != petition.id else None
    if settled is None or settled.court_id is None or settled_id is None:
        raise Invalid("reviews.not_settled", field="into", number=form.into)
    letter = letters.same_facts(
        settled,
        number=petition.number,
        settled_number=number,
        court=courts.get(s, petition.court_id).name,
        decided_by=courts.get(s, settled.court_id).name,
        reasons=form.remark,
        on=court_day(now),
    )
    s.add(
        SameFacts(
            petition_id=petition.id,
            settled_id=settled_id,
            by_id=by.staff_id,
            at=now,
            reasons=form.remark,
            letter=letter,
        )
    )
    petition.sent_from_court_id = None
    facts = {"into": number}
    moves.move(
        s, petition, act=Act.END_SAME_FACTS, step=step, by=by, at=now, facts_=facts, words=letter, public=True
    )
    return petition
