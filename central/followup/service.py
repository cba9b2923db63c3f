"""Call back, rate, decide, close, open again. Nothing closes while somebody who is not satisfied waits for a decision."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.accounts import queries as accounts
from central.actor import Actor, Role
from central.barrier import queries as barrier
from central.deadlines import queries as deadlines
from central.deadlines.rules import Moment
from central.errors import Conflict, Invalid
from central.followup import forms, queries, questions, rules
from central.followup.models import FollowUp, FollowUpDecision
from central.followup.rules import Decision, Satisfaction, Way
from central.petitions import forms as petition_forms
from central.petitions import moves, third
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.petitions.states import Act, State
from shared.canonical import Json
from shared.clock import COURT_ZONE, court_day


def record(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.CallBack,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Note what the petitioner said, or that the call-back is given up after enough calls that reached nobody."""
    petition, step = moves.load(s, petition_id, act=Act.FOLLOW_UP, by=by, version=version)
    called = _called(s, petition, form, now) if form.method == Way.PHONE else None
    given = _answers(form.answers, now)
    if form.satisfaction == Satisfaction.NOT_REACHED:
        _check_tried(s, petition)
    s.add(
        FollowUp(
            petition_id=petition.id,
            at=now,
            by_id=by.staff_id,
            method=form.method,
            satisfaction=form.satisfaction,
            words=form.words,
            called_at=called.at if called else None,
            called=called.number if called else None,
            questionnaire=given.version,
            choices=given.choices,
            texts=given.texts,
        )
    )
    follows = _judged(s, petition, form.satisfaction, caller=by.staff_id)
    facts = {"satisfaction": form.satisfaction, "method": form.method}
    moves.move(s, petition, act=Act.FOLLOW_UP, step=step, by=by, at=now, facts_=facts, moments=(follows,))
    return petition


def log_call(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.Unreached,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Note a call that reached nobody; the call-back is still owed."""
    petition, step = moves.load(s, petition_id, act=Act.LOG_CALL, by=by, version=version)
    called = _called(s, petition, form, now)
    s.add(
        FollowUp(
            petition_id=petition.id,
            at=now,
            by_id=by.staff_id,
            method=Way.PHONE.value,
            satisfaction=Satisfaction.NOT_REACHED.value,
            words=form.words,
            called_at=called.at,
            called=called.number,
        )
    )
    facts = {"satisfaction": Satisfaction.NOT_REACHED.value, "method": Way.PHONE.value}
    moves.move(s, petition, act=Act.LOG_CALL, step=step, by=by, at=now, facts_=facts)
    return petition


@dataclass(frozen=True, slots=True)
class _Called:
    """When was called, and which number, masked."""

    at: datetime
    number: str


def _called(s: Session, petition: Petition, form: forms.Call, now: datetime) -> _Called:
    day = form.called_on or court_day(now)
    if form.called_time is None and day != court_day(now):
        raise Invalid("followup.time_needed", field="called_time")
    at = datetime.combine(day, form.called_time, COURT_ZONE) if form.called_time else now
    if at > now or (petition.delivered_on is not None and day < petition.delivered_on):
        first = petition.delivered_on or day
        raise Invalid("followup.called_when", field="called_on", first=first, last=court_day(now))
    known = petitions.petitioner(s, petition.id)
    number = form.number or (known.phone if known else None)
    if not number:
        raise Invalid("followup.number_needed", field="number")
    return _Called(at, rules.mask(number))


@dataclass(frozen=True, slots=True)
class _Given:
    """The answers to the questionnaire as a row keeps them."""

    version: str | None = None
    choices: str | None = None
    texts: str | None = None


def _answers(answers: dict[str, str], now: datetime) -> _Given:
    asked = questions.in_force(court_day(now))
    choices, texts, wrong = questions.answers(asked, answers)
    if wrong:
        raise Invalid("followup.answer_unknown", field=wrong[0])
    if not choices and not texts:
        return _Given()
    return _Given(
        asked.key,
        json.dumps(choices, sort_keys=True) if choices else None,
        json.dumps(texts, ensure_ascii=False, sort_keys=True) if texts else None,
    )


def _check_tried(s: Session, petition: Petition) -> None:
    """Raise `Invalid` unless enough calls reached nobody: a call-back is not given up after one."""
    tried = [
        court_day(each.called_at)
        for each in queries.of_answer(s, petition)
        if each.satisfaction == Satisfaction.NOT_REACHED and each.called_at is not None
    ]
    if not rules.tried_enough(tried):
        raise Invalid(
            "followup.not_tried_enough",
            field="satisfaction",
            count=rules.TRIES,
            days=rules.DAYS,
            have=len(tried),
            have_days=len(set(tried)),
        )


def _judged(s: Session, petition: Petition, satisfaction: str, *, caller: UUID | None) -> Moment:
    """Name the third person where the petitioner is not satisfied; return the moment that moves the clocks."""
    if satisfaction != Satisfaction.UNSATISFIED:
        return Moment.SETTLED
    petition.undecided, petition.caller_id, petition.decider_id = True, caller, None
    petition.decider_id = third.person(s, petition)
    if petition.decider_id is None and caller is not None:
        raise Conflict("followup.nobody_to_decide")
    return Moment.UNSATISFIED


def rate(s: Session, *, petition_id: UUID, form: forms.OwnWord, by: Actor, now: datetime) -> Petition:
    """Note what petitioners say of the answer on their own page: once for each answer, changed until it is closed."""
    petition, step = moves.load(s, petition_id, act=Act.RATE, by=by, version=None)
    given = _answers(form.answers, now)
    row = queries.own_word(s, petition)
    before = row.satisfaction if row else None
    if row is None:
        row = FollowUp(petition_id=petition.id, at=now, method=Way.PORTAL.value, satisfaction="")
        s.add(row)
    row.at, row.satisfaction, row.words = now, form.satisfaction.value, form.words
    row.questionnaire, row.choices, row.texts = given.version, given.choices, given.texts
    moments = _after_word(s, petition, form.satisfaction, before)
    facts: dict[str, Json] = {
        "satisfaction": form.satisfaction.value,
        "method": Way.PORTAL.value,
        "changed": before is not None,
    }
    moves.move(s, petition, act=Act.RATE, step=step, by=by, at=now, facts_=facts, moments=moments)
    return petition


def _after_word(s: Session, petition: Petition, said: Satisfaction, before: str | None) -> tuple[Moment, ...]:
    """Return the moments of an own word. A decision that waits goes on waiting whatever is said now; one that was made stands."""
    if petition.undecided:
        return ()
    first = petition.state == State.REPLIED
    if said is Satisfaction.UNSATISFIED and before != Satisfaction.UNSATISFIED:
        return (_judged(s, petition, said, caller=None),)
    return (Moment.SETTLED,) if first else ()


def decide(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.Decide,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Decide not to open it again: with the reasons alone, or with the way to the court above, its form filled in."""
    petition, step = moves.load(s, petition_id, act=Act.DECIDE, by=by, version=version)
    if form.verdict is Decision.REVIEW and not _review_open(s, petition, now):
        raise Invalid("followup.review_over", field="verdict")
    _decided(s, petition, form.verdict.value, form.remark, by, now)
    facts = {"decision": form.verdict.value}
    moves.move(
        s, petition, act=Act.DECIDE, step=step, by=by, at=now, facts_=facts, words=form.remark, public=True
    )
    return petition


def _review_open(s: Session, petition: Petition, now: datetime) -> bool:
    day = court_day(now)
    return any(
        clock.rule == "review_request" and clock.due_on >= day for clock in deadlines.running(s, petition.id)
    )


def _decided(s: Session, petition: Petition, decision: str, reasons: str, by: Actor, now: datetime) -> None:
    s.add(
        FollowUpDecision(
            petition_id=petition.id, at=now, by_id=by.staff_id, decision=decision, reasons=reasons
        )
    )
    third.settle(petition)


def decide_reopen(
    s: Session,
    *,
    petition_id: UUID,
    form: petition_forms.Explained,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Decide to open it again; an answer is owed anew."""
    petition, step = moves.load(s, petition_id, act=Act.DECIDE_REOPEN, by=by, version=version)
    _decided(s, petition, "reopen", form.remark, by, now)
    _begin_anew(s, petition, by)
    facts = {"decision": "reopen"}
    moves.move(
        s,
        petition,
        act=Act.DECIDE_REOPEN,
        step=step,
        by=by,
        at=now,
        facts_=facts,
        words=form.remark,
        public=True,
    )
    return petition


def close(
    s: Session,
    *,
    petition_id: UUID,
    form: petition_forms.Plain,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Close an answered petition."""
    petition, step = moves.load(s, petition_id, act=Act.CLOSE, by=by, version=version)
    moves.move(s, petition, act=Act.CLOSE, step=step, by=by, at=now, words=form.remark)
    return petition


def reopen(
    s: Session,
    *,
    petition_id: UUID,
    form: petition_forms.Explained,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Open an answered or closed petition again; an answer is owed anew."""
    petition, step = moves.load(s, petition_id, act=Act.REOPEN, by=by, version=version)
    _begin_anew(s, petition, by)
    moves.move(s, petition, act=Act.REOPEN, step=step, by=by, at=now, words=form.remark)
    return petition


def _begin_anew(s: Session, petition: Petition, by: Actor) -> None:
    petition.delivered_on = petition.issued_at = petition.excuse = None
    petition.attempts = 0
    petition.leader_id = petition.leader_id or _leader(s, petition, by)
    for demand in petitions.demands(s, petition.id):
        demand.answered = False


def _leader(s: Session, petition: Petition, by: Actor) -> UUID | None:
    """Return who answers for it where nobody does yet: whoever opens it again, if a leader of the court; else the first one."""
    leaders = barrier.free(s, petition.id, accounts.with_role(s, petition.court_id, Role.LEADER))
    ids = [one.id for one in leaders]
    return by.staff_id if by.staff_id in ids or not ids else ids[0]
