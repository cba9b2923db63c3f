"""Give, answer, judge, escalate and withdraw orders; the sweep proposes the court above and follows petitions that moved."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.accounts.permissions import Right, may, supervises
from central.actor import Actor, Role
from central.courts import queries as courts
from central.courts.models import Court
from central.deadlines.in_force import calendar_in_force
from central.documents import queries as documents
from central.errors import Conflict, Forbidden, Invalid
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.supervision import forms, periods, queries, states, telling
from central.supervision.models import SupervisionOrder, SupervisionRound
from central.supervision.periods import Period, Use
from central.supervision.states import Act, Side, State
from shared.canonical import Json
from shared.clock import court_day


def order(s: Session, *, petition_id: UUID, form: forms.Order, by: Actor, now: datetime) -> SupervisionOrder:
    """Order an explanation about one petition; raise `NotFound`, `Forbidden`, `Invalid`, or `Conflict` if one of the court is running."""
    petition = petitions.get(s, petition_id, actor=by, for_update=True)
    issuer = _issuer(s, petition, by)
    if queries.running(s, petition.id, issuer.id) is not None:
        raise Conflict("supervision.running_already", number=petition.number)
    period = periods.chosen(form.period, Use.ORDER)
    row = SupervisionOrder(
        petition_id=petition.id,
        court_id=petition.court_id,
        issuer_court_id=issuer.id,
        judge_court_id=issuer.id,
        reason=form.reason,
        words=form.words,
        issued_by=by.staff_id,
        issued_at=now,
        due_on=court_day(now),
    )
    s.add(row)
    s.flush()
    _ask(s, row, period, issuer.id, now)
    facts: dict[str, Json] = {"why": form.reason, "to_court": courts.get(s, petition.court_id).code}
    _record(s, Kind.ORDER_GIVEN, row, by=by, now=now, facts=facts)
    telling.to_answer(s, row, petition, what="given", at=now, by=by)
    return row


def order_several(s: Session, *, form: forms.Orders, by: Actor, now: datetime) -> list[SupervisionOrder]:
    """Give the same order about several petitions, all or none; raise as `order` does, naming numbers that are none."""
    if not may(by, Right.SUPERVISE):
        raise Forbidden("supervision.supervisors_only")
    found = numbered(s, form.numbers, by)
    return [order(s, petition_id=each, form=form, by=by, now=now) for each in found]


def numbered(s: Session, typed: Sequence[str], by: Actor) -> list[UUID]:
    """Return the petitions of typed receipt numbers, each once; raise `Invalid` naming those the actor cannot find."""
    found = petitions.visible_numbers(s, typed, actor=by)
    if unknown := [each for each in dict.fromkeys(typed) if each not in found]:
        raise Invalid("supervision.numbers_unknown", field="numbers", numbers="、".join(unknown[:10]))
    return sorted(set(found.values()))


def answer(
    s: Session, *, petition_id: UUID, order_id: UUID, form: forms.Answer, by: Actor, now: datetime
) -> SupervisionOrder:
    """Answer for the supervised court: a leader of it, or the handler; never the one who ordered."""
    row, petition = _taken(s, petition_id, order_id, Act.ANSWER, by, form.round)
    known = {each.id for each in documents.of_petition(s, petition_id)}
    if not known.issuperset(form.evidence):
        raise Invalid("supervision.evidence_unknown", field="evidence")
    turn = queries.running_round(s, row)
    turn.answered_at, turn.answered_by = now, by.staff_id
    turn.explanation, turn.measures = form.explanation, form.measures
    turn.evidence = ",".join(each.hex for each in dict.fromkeys(form.evidence))
    row.state, row.proposed_on = State.ANSWERED, None
    late = court_day(now) > turn.due_on
    _record(s, Kind.ORDER_ANSWERED, row, by=by, now=now, facts={"late": late})
    telling.to_judge(s, row, petition, what="answered", at=now, by=by)
    return row


def judge(
    s: Session, *, petition_id: UUID, order_id: UUID, form: forms.Judge, by: Actor, now: datetime
) -> SupervisionOrder:
    """Accept an answer, or send it back with reasons and a new day; never the one who answered, nor those the order is about."""
    act = Act.ACCEPT if form.accepted else Act.SEND_BACK
    row, petition = _taken(s, petition_id, order_id, act, by, form.round)
    turn = queries.running_round(s, row)
    if turn.answered_by == by.staff_id:
        raise Forbidden("supervision.not_ones_own_answer")
    turn.judged_at, turn.judged_by, turn.verdict = now, by.staff_id, act
    turn.judgement = form.words or None
    if form.accepted:
        row.state, row.ended_at, row.ended_by = State.ACCEPTED, now, by.staff_id
        _record(s, Kind.ORDER_ACCEPTED, row, by=by, now=now)
        return row
    period = periods.chosen(form.period, Use.AGAIN)
    row.refusals += 1
    _again(s, row, period, now)
    if states.ripe(overdue=False, refusals=row.refusals):
        row.proposed_on = court_day(now)
    facts: dict[str, Json] = {"refusals": row.refusals, "proposed": row.proposed_on is not None}
    _record(s, Kind.ORDER_SENT_BACK, row, by=by, now=now, facts=facts)
    telling.to_answer(s, row, petition, what="sent_back", at=now, by=by)
    return row


def escalate(
    s: Session, *, petition_id: UUID, order_id: UUID, form: forms.Escalate, by: Actor, now: datetime
) -> SupervisionOrder:
    """Give an order that is late or was answered badly twice to the court above, which asks again; raise `Conflict` if there is none."""
    row, petition = _taken(s, petition_id, order_id, Act.ESCALATE, by, None)
    if not states.ripe(overdue=row.due_on < court_day(now), refusals=row.refusals):
        raise Conflict("supervision.not_ripe", times=states.REFUSALS)
    here = courts.get(s, row.judge_court_id)
    if here.parent_id is None:
        raise Conflict("supervision.nobody_above", court=here.name)
    period, above = periods.chosen(form.period, Use.AGAIN), courts.get(s, here.parent_id)
    turn = queries.running_round(s, row)
    turn.judged_at, turn.judged_by, turn.verdict, turn.judgement = now, by.staff_id, Act.ESCALATE, form.words
    row.judge_court_id, row.refusals = above.id, 0
    row.escalations += 1
    _again(s, row, period, now)
    _record(s, Kind.ORDER_ESCALATED, row, by=by, now=now, facts={"to_court": above.code})
    telling.to_answer(s, row, petition, what="escalated", at=now, by=by)
    telling.to_judge(s, row, petition, what="escalated", at=now, by=by)
    return row


def withdraw(
    s: Session, *, petition_id: UUID, order_id: UUID, form: forms.Because, by: Actor, now: datetime
) -> SupervisionOrder:
    """Take an order back, with the reason."""
    row, _ = _taken(s, petition_id, order_id, Act.WITHDRAW, by, None)
    row.state, row.ended_at, row.ended_by, row.end_words = State.WITHDRAWN, now, by.staff_id, form.words
    row.proposed_on = None
    _record(s, Kind.ORDER_WITHDRAWN, row, by=by, now=now)
    return row


def acts(s: Session, row: SupervisionOrder, petition: Petition, by: Actor, now: datetime) -> list[Act]:
    """Return what the actor may do with an order now, for the page; the services check again."""
    found = []
    for act in Act:
        try:
            step = states.find(row.state, act)
            _check_side(s, row, petition, step.side, by)
        except (Conflict, Forbidden):
            continue
        found.append(act)
    if not states.ripe(overdue=row.due_on < court_day(now), refusals=row.refusals):
        found = [act for act in found if act is not Act.ESCALATE]
    if row.state == State.ANSWERED and queries.running_round(s, row).answered_by == by.staff_id:
        found = [act for act in found if act not in {Act.ACCEPT, Act.SEND_BACK}]
    return found


def sweep(s: Session, *, by: Actor, now: datetime) -> int:
    """Pass orders on to the court that has the petition now, and propose the court above for late ones; return how many. Idempotent."""
    done = 0
    for row, court_id in queries.astray(s):
        row.court_id = court_id
        facts: dict[str, Json] = {"to_court": courts.get(s, court_id).code}
        _record(s, Kind.ORDER_PASSED_ON, row, by=by, now=now, facts=facts)
        telling.to_answer(s, row, petitions.found(s, row.petition_id), what="passed_on", at=now, by=by)
        done += 1
    for row in queries.to_propose(s, today=court_day(now)):
        row.proposed_on = court_day(now)
        _record(s, Kind.ORDER_ESCALATION_PROPOSED, row, by=by, now=now)
        petition = petitions.found(s, row.petition_id)
        telling.to_answer(s, row, petition, what="late", at=now, by=by)
        telling.to_judge(s, row, petition, what="late", at=now, by=by)
        done += 1
    return done


def _issuer(s: Session, petition: Petition, by: Actor) -> Court:
    """Return the court in whose name the actor orders; raise `Forbidden`."""
    at = courts.get(s, petition.court_id)
    grant = supervises(by, at.id, at.path)
    if grant is None:
        raise Forbidden("supervision.supervisors_only")
    _check_not_self(petition, by)
    return courts.get(s, grant.court_id)


def may_order(s: Session, petition: Petition, by: Actor) -> bool:
    """Say whether the actor may give an order about a petition they see."""
    if petition.erased_at is not None:
        return False
    try:
        _issuer(s, petition, by)
    except Forbidden:
        return False
    return True


def _check_not_self(petition: Petition, by: Actor) -> None:
    if by.staff_id is not None and by.staff_id in {petition.handler_id, petition.leader_id}:
        raise Forbidden("supervision.not_over_oneself")


def _check_side(s: Session, row: SupervisionOrder, petition: Petition, side: Side, by: Actor) -> None:
    if side is Side.JUDGES:
        if not queries.judges(s, by, row):
            raise Forbidden("supervision.judges_only")
        _check_not_self(petition, by)
        return
    if by.staff_id is not None and by.staff_id == row.issued_by:
        raise Forbidden("supervision.not_ones_own_order")
    roles = by.roles_in(row.court_id) | by.roles_in(petition.court_id)
    is_handler = Role.HANDLER in roles and petition.handler_id == by.staff_id
    if not (Role.LEADER in roles or is_handler):
        raise Forbidden("supervision.answerers_only")


def _taken(
    s: Session, petition_id: UUID, order_id: UUID, act: Act, by: Actor, round_: int | None
) -> tuple[SupervisionOrder, Petition]:
    """Return order and petition, both locked, if the actor may take the act now; `round_` is what the page showed."""
    petition = petitions.get(s, petition_id, actor=by, for_update=True)
    row = queries.get(s, petition_id, order_id, actor=by, for_update=True)
    step = STEP_SIDE[act]
    _check_side(s, row, petition, step, by)
    states.find(row.state, act)
    if round_ is not None and round_ != row.round:
        raise Conflict("supervision.stale")
    return row, petition


#: Whose act each is, whatever the state: who may not act learns nothing of the state.
STEP_SIDE = {act: step.side for (_, act), step in states.STEPS.items()}


def _again(s: Session, row: SupervisionOrder, period: Period, now: datetime) -> None:
    row.state, row.proposed_on = State.ISSUED, None
    row.round += 1
    _ask(s, row, period, row.judge_court_id, now)


def _ask(s: Session, row: SupervisionOrder, period: Period, court_id: UUID, now: datetime) -> None:
    """Begin a round with its clock."""
    today = court_day(now)
    row.due_on = periods.derived(period, today, calendar_in_force(s)).due_on
    s.add(
        SupervisionRound(
            order_id=row.id,
            petition_id=row.petition_id,
            number=row.round,
            asked_by_court_id=court_id,
            period=period.key,
            periods_version=periods.shipped().version,
            started_on=today,
            due_on=row.due_on,
        )
    )


def _record(
    s: Session,
    kind: Kind,
    row: SupervisionOrder,
    *,
    by: Actor,
    now: datetime,
    facts: dict[str, Json] | None = None,
) -> None:
    told: dict[str, Json] = {"by": by.name, "order": row.id.hex, "round": row.round}
    told |= {"due_on": row.due_on.isoformat(), **(facts or {})}
    log.record(s, kind=kind, stream=stream_name("petition", row.petition_id), actor=by, at=now, facts=told)


def check(s: Session, *, petition_id: UUID, order_id: UUID, act: str, by: Actor) -> None:
    """Raise `NotFound` or `Forbidden` before anything typed is looked at: who may not act learns nothing."""
    petition = petitions.get(s, petition_id, actor=by)
    row = queries.get(s, petition_id, order_id, actor=by)
    _check_side(s, row, petition, Side.ANSWERS if act == Act.ANSWER else Side.JUDGES, by)
