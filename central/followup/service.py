"""Call back, close, open again."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor
from central.errors import Invalid
from central.followup import forms, queries
from central.followup.models import FollowUp, Satisfaction
from central.petitions import forms as petition_forms
from central.petitions import moves
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.petitions.states import Act, State


def record(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.CallBack,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Note a call-back after delivery."""
    petition, step = moves.load(s, petition_id, act=Act.FOLLOW_UP, by=by, version=version)
    s.add(
        FollowUp(
            petition_id=petition.id,
            at=now,
            by_id=by.staff_id,
            method=form.method,
            satisfaction=form.satisfaction,
            words=form.words,
        )
    )
    facts = {"satisfaction": form.satisfaction, "method": form.method}
    moves.move(s, petition, act=Act.FOLLOW_UP, step=step, by=by, at=now, facts_=facts)
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
    """Close an answered petition. After an unsatisfied call-back the decision not to go on needs its reasons."""
    petition, step = moves.load(s, petition_id, act=Act.CLOSE, by=by, version=version)
    calls = queries.of_petition(s, petition.id) if petition.state == State.FOLLOWED_UP else []
    if calls and calls[-1].satisfaction == Satisfaction.UNSATISFIED and not form.remark:
        raise Invalid("followup.reason_needed", field="remark")
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
    petition.delivered_on = petition.issued_at = petition.excuse = None
    petition.attempts = 0
    petition.leader_id = petition.leader_id or by.staff_id
    for demand in petitions.demands(s, petition.id):
        demand.answered = False
    moves.move(s, petition, act=Act.REOPEN, step=step, by=by, at=now, words=form.remark)
    return petition
