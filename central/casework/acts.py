"""Every act of the table with the form it takes and the service that carries it out: one table for pages and API."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor
from central.casework import papers
from central.deadlines.books import Book
from central.deadlines.models import DeadlineClock
from central.followup import forms as followup_forms
from central.followup import service as followup
from central.letters import service as letters
from central.petitions import aside, citing, contact, forms, moves, service, steps, terms
from central.petitions.forms import Form
from central.petitions.models import Demand, Petition
from central.petitions.standing import may, met
from central.petitions.states import ABOUT_CLOCKS, Act, State
from central.replies import excusing
from central.replies import forms as reply_forms
from central.replies import service as replies
from central.reviews import asking, deciding
from central.reviews import forms as review_forms


class Perform(Protocol):
    """A service that carries out one act."""

    def __call__(
        self,
        s: Session,
        *,
        petition_id: UUID,
        form: Any,
        by: Actor,
        now: datetime,
        version: int | None = None,
    ) -> object:
        """Carry the act out in the session."""
        ...


@dataclass(frozen=True, slots=True)
class Way:
    """How an act is taken: its form and its service."""

    form: type[Form]
    perform: Perform


def _with(act: Act, service_: Callable[..., object]) -> Perform:
    return partial(service_, act=act)


WAYS: Mapping[Act, Way] = {
    Act.ACCEPT: Way(forms.Accept, service.accept),
    Act.DECLINE: Way(forms.Explained, _with(Act.DECLINE, service.triage_out)),
    Act.TO_LITIGATION: Way(forms.Explained, _with(Act.TO_LITIGATION, service.triage_out)),
    Act.ASK_SUPPLEMENT: Way(forms.Explained, _with(Act.ASK_SUPPLEMENT, service.triage_out)),
    Act.WITHDRAW: Way(forms.Explained, _with(Act.WITHDRAW, service.triage_out)),
    Act.RECEIVE_SUPPLEMENT: Way(forms.Explained, service.receive_supplement),
    Act.TRANSFER: Way(forms.Transfer, service.transfer),
    Act.RETURN: Way(forms.Explained, service.return_transfer),
    Act.ASSIGN: Way(forms.Assign, service.assign),
    Act.TAKE_UP: Way(forms.Plain, service.take_up),
    Act.ACKNOWLEDGE: Way(forms.Told, _with(Act.ACKNOWLEDGE, service.tell)),
    Act.TELL_PROGRESS: Way(forms.Told, _with(Act.TELL_PROGRESS, service.tell)),
    Act.CHANGE_DEMANDS: Way(forms.ChangeDemands, service.change_demands),
    Act.MERGE: Way(forms.Merge, service.merge),
    Act.REISSUE_CODE: Way(forms.ReissueCode, service.reissue_code),
    Act.CHANGE_CONTACT: Way(forms.ChangeContact, contact.change),
    Act.CHANGE_CASES: Way(forms.ChangeCases, citing.change),
    Act.ASK_EXTENSION: Way(forms.AskExtension, terms.ask_extension),
    Act.DECIDE_EXTENSION: Way(forms.DecideExtension, terms.decide_extension),
    Act.STOP_CLOCKS: Way(forms.StopClocks, terms.stop_clocks),
    Act.RESUME_CLOCKS: Way(forms.Plain, terms.resume_clocks),
    Act.NAME_CONFLICT: Way(forms.NameConflict, aside.name_conflict),
    Act.RECUSE: Way(forms.Explained, aside.recuse),
    Act.SAVE_DRAFT: Way(reply_forms.Draft, replies.save_draft),
    Act.SUBMIT: Way(forms.Plain, replies.submit),
    Act.SEND_BACK: Way(forms.Explained, replies.send_back),
    Act.APPROVE: Way(forms.Plain, replies.approve),
    Act.ISSUE: Way(forms.Plain, letters.issue),
    Act.RECORD_DELIVERY: Way(reply_forms.Deliver, replies.record_delivery),
    Act.LOG_ATTEMPT: Way(forms.Attempt, excusing.log_attempt),
    Act.FOLLOW_UP: Way(followup_forms.CallBack, followup.record),
    Act.LOG_CALL: Way(followup_forms.Unreached, followup.log_call),
    Act.DECIDE: Way(followup_forms.Decide, followup.decide),
    Act.DECIDE_REOPEN: Way(forms.Explained, followup.decide_reopen),
    Act.ASK_REVIEW: Way(review_forms.Ask, asking.ask),
    Act.ADMIT_REVIEW: Way(forms.Explained, asking.admit),
    Act.REFUSE_REVIEW: Way(forms.Explained, asking.refuse),
    Act.WITHDRAW_REVIEW: Way(forms.Explained, asking.withdraw),
    Act.ASSIGN_REVIEW: Way(review_forms.AssignReview, deciding.assign),
    Act.SAVE_OPINION: Way(review_forms.Opinion, deciding.save),
    Act.SUBMIT_OPINION: Way(review_forms.Decision, deciding.submit),
    Act.RETURN_OPINION: Way(forms.Explained, deciding.send_back),
    Act.APPROVE_OPINION: Way(forms.Plain, papers.approve_opinion),
    Act.DELIVER_OPINION: Way(reply_forms.Deliver, deciding.deliver),
    Act.EXCUSE_OPINION: Way(forms.Excused, deciding.excuse),
    Act.END_SAME_FACTS: Way(review_forms.SameFacts, papers.end_same_facts),
    Act.CLOSE: Way(forms.Plain, followup.close),
    Act.CLOSE_EXCUSED: Way(forms.Excused, excusing.close_excused),
    Act.EXCUSE_REPLY: Way(forms.Excused, excusing.excuse_reply),
    Act.REOPEN: Way(forms.Explained, followup.reopen),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """An act the actor may take now, or could take once `missing` (a catalogue key) is done."""

    act: Act
    is_next: bool
    missing: str | None = None


def offers(
    petition: Petition,
    demands: Sequence[Demand],
    actor: Actor,
    clocks: Sequence[DeadlineClock] = (),
    book: Book | None = None,
) -> list[Offer]:
    """Return what the act panel shows: the acts of the table that are this actor's now, the next step first.

    Acts about clocks are offered only where the `clocks` and their `book` show that there is something to do.
    """
    if petition.erased_at is not None:
        return []
    state, own = State(petition.state), moves.standing(petition, actor)
    facts, found = moves.facts(petition, demands, clocks, book), list[Offer]()
    for act in steps.acts_in(state):
        step = steps.find(state, act)
        if act not in WAYS or not may(step, own):
            continue
        if any(need in ABOUT_CLOCKS and not met(need, facts) for need in step.needs):
            continue
        missing = None
        if act is not Act.ASSIGN:  # the form of that act itself names handler and leader
            missing = next((f"petitions.need.{need}" for need in step.needs if not met(need, facts)), None)
        found.append(Offer(act, act == petition.next_act, missing))
    return sorted(found, key=lambda offer: (not offer.is_next, offer.missing is not None))


def perform(
    s: Session,
    *,
    petition_id: UUID,
    act: Act,
    values: Mapping[str, Any],
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> object:
    """Check `values` against the act's form and carry it out; return what its service returns.

    Raise pydantic's `ValidationError` for wrong values, and what the service raises.
    """
    way = WAYS[act]
    form = way.form.model_validate(values)
    return way.perform(s, petition_id=petition_id, form=form, by=by, now=now, version=version)
