"""Taking a petition back, and asking that what is held of it be erased (PIPL art. 47): the petitioner's own acts."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.accounts import queries as accounts
from central.actor import Actor, Role
from central.asks import forms, service
from central.barrier import queries as barrier
from central.errors import Conflict
from central.keeping import service as keeping
from central.keeping.models import Appraisal
from central.notifications import service as notifications
from central.petitions import forms as petition_forms
from central.petitions import queries as petitions
from central.petitions import service as petition_service
from central.petitions.models import Petition
from central.petitions.states import Act, IllegalStep, State
from central.petitions.steps import STEPS
from central.supervision.periods import Use
from shared.clock import court_day


def may_withdraw(petition: Petition) -> bool:
    """Say whether a petition can still be taken back: until the answer has left the court."""
    return petition.erased_at is None and (State(petition.state), Act.WITHDRAW) in STEPS


def withdraw(s: Session, *, petition_id: UUID, form: forms.Sent, by: Actor, now: datetime) -> Petition:
    """Take the petition back; twice is once. Raise `Conflict` when the answer has left the court."""
    petition = petitions.get(s, petition_id, actor=by, for_update=True)
    if petition.state == State.WITHDRAWN:
        return petition
    concerned = {petition.handler_id, petition.leader_id} - {None}
    plain = petition_forms.Plain(remark=form.words[:2000])
    try:
        petition_service.triage_out(s, petition_id=petition.id, act=Act.WITHDRAW, form=plain, by=by, now=now)
    except IllegalStep:
        raise Conflict("asks.too_late_to_withdraw") from None
    people = [one for one in accounts.with_role(s, petition.court_id, Role.REGISTRAR) if not concerned]
    people += [one for each in concerned if each and (one := accounts.get(s, each)) is not None]
    for person in barrier.free(s, petition.id, people):
        notifications.tell(
            s,
            recipient=person.id,
            court_id=petition.court_id,
            kind="asks.told.withdrawn",
            key=f"withdrawn/{petition.id.hex}/{petition.version}",
            at=now,
            petition_id=petition.id,
        )
    return petition


def ask_erasure(s: Session, *, petition_id: UUID, form: forms.Sent, by: Actor, now: datetime) -> Appraisal:
    """Have two people of the court decide whether what is held is erased; twice is once."""
    day = service.due_on(s, Use.ERASURE, court_day(now))
    row = keeping.ask(s, petition_id=petition_id, words=form.words, answer_by=day, by=by, now=now)
    petition = petitions.found(s, petition_id)
    people = [*accounts.with_role(s, petition.court_id, Role.REGISTRAR)]
    for person in barrier.free(s, petition.id, people):
        notifications.tell(
            s,
            recipient=person.id,
            court_id=petition.court_id,
            kind="asks.told.erasure",
            key=f"erasure/{row.id.hex}",
            at=now,
            petition_id=petition.id,
            due_on=row.answer_by,
        )
    return row
