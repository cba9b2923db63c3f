"""Attempts to reach the petitioner, and the coded excuses they bear out: for the answer, and for the procedural reply."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor
from central.deadlines import excusing as deadlines
from central.deadlines.duties import ANSWERS, PROCEDURAL
from central.deadlines.rules import Moment
from central.errors import Conflict, Invalid
from central.petitions import excuses, moves
from central.petitions import forms as petition_forms
from central.petitions import queries as petitions
from central.petitions.excuses import Excuse, Purpose
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.replies import queries
from central.replies.models import DeliveryAttempt
from shared.clock import court_day

#: Before the petition is taken up or refused, it is the procedural reply that is to be told.
_BEFORE = frozenset({State.REGISTERED, State.TRANSFERRED})


def log_attempt(
    s: Session,
    *,
    petition_id: UUID,
    form: petition_forms.Attempt,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Note a try to reach the petitioner that failed. It is noted when it was made: nobody dates it back."""
    petition, step = moves.load(s, petition_id, act=Act.LOG_ATTEMPT, by=by, version=version)
    if not excuses.possible(form.method, form.reason):
        raise Invalid(f"petitions.attempt_result.{form.method}", field="reason")
    purpose = Purpose.PROCEDURAL_REPLY if petition.state in _BEFORE else Purpose.ANSWER
    s.add(
        DeliveryAttempt(
            petition_id=petition.id,
            at=now,
            method=form.method,
            reason=form.reason,
            purpose=purpose,
            recorded_by=by.staff_id,
        )
    )
    petition.attempts += purpose is Purpose.ANSWER
    facts = {"method": form.method, "reason": form.reason, "purpose": purpose}
    moves.move(s, petition, act=Act.LOG_ATTEMPT, step=step, by=by, at=now, facts_=facts, words=form.remark)
    return petition


def excuse_reply(
    s: Session,
    *,
    petition_id: UUID,
    form: petition_forms.Excused,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Register that the procedural reply cannot be given. After its due day it is late all the same."""
    petition, step = moves.load(s, petition_id, act=Act.EXCUSE_REPLY, by=by, version=version)
    waived = form.excuse in excuses.WAIVES_NOTICE
    rules = PROCEDURAL if waived else PROCEDURAL[:1]
    since = deadlines.running_since(s, petition_id=petition.id, rule=PROCEDURAL[0])
    if since is None:
        raise Conflict("petitions.no_reply_owed")
    logged = [
        each
        for each in queries.attempts(s, petition.id)
        if each.purpose == Purpose.PROCEDURAL_REPLY and court_day(each.at) >= since
    ]
    _check(s, petition, form.excuse, logged)
    deadlines.excuse_running(s, petition_id=petition.id, rules=rules, code=form.excuse)
    moments = (Moment.NOTICE_WAIVED,) if waived else ()
    facts = {"excuse": form.excuse}
    moves.move(
        s,
        petition,
        act=Act.EXCUSE_REPLY,
        step=step,
        by=by,
        at=now,
        facts_=facts,
        moments=moments,
        words=form.remark,
    )
    return petition


def close_excused(
    s: Session,
    *,
    petition_id: UUID,
    form: petition_forms.Excused,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Close without delivery: the coded excuse, after logged attempts. An answer that was late stays late."""
    petition, step = moves.load(s, petition_id, act=Act.CLOSE_EXCUSED, by=by, version=version)
    check_answer(s, petition, form.excuse)
    petition.excuse = form.excuse
    deadlines.excuse_done(s, petition_id=petition.id, rules=ANSWERS, code=form.excuse)
    facts = {"excuse": form.excuse}
    moves.move(s, petition, act=Act.CLOSE_EXCUSED, step=step, by=by, at=now, facts_=facts, words=form.remark)
    return petition


def check_answer(s: Session, petition: Petition, excuse: Excuse) -> None:
    """Raise `Invalid` unless the attempts to deliver the present answer or decision bear the excuse out."""
    for_answer = [
        each for each in queries.attempts(s, petition.id) if each.purpose != Purpose.PROCEDURAL_REPLY
    ]
    # Those of this round: the count begins anew with each answer.
    _check(s, petition, excuse, for_answer[-petition.attempts :])


def _check(s: Session, petition: Petition, excuse: Excuse, logged: Sequence[DeliveryAttempt]) -> None:
    """Raise `Invalid` unless the attempts bear the excuse out and nothing on record speaks against it."""
    person = petitions.petitioner(s, petition.id)
    known = {
        name for name in ("name", "phone", "mail", "address") if person is not None and getattr(person, name)
    }
    if excuses.contradicted(excuse, known):
        raise Invalid("petitions.evidence.known", field="excuse")
    tried = [excuses.Attempt(court_day(each.at), each.method, each.reason) for each in logged]
    found, wanted = excuses.shown(excuse, tried), excuses.rules()[excuse]
    if not excuses.suffices(excuse, found):
        raise Invalid(
            f"petitions.evidence.{excuse}",
            field="excuse",
            count=wanted.count,
            days=wanted.days,
            means=wanted.means,
            have=found.count,
            have_days=found.days,
            have_means=found.means,
        )
