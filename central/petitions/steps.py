"""The life of a petition as one table: (state, act) gives the next state, who may act, the event, the clocks it moves.

Pure: no session, no clock. Sources: the three stages (register and triage, handle and reply, follow up), Regulation on
Petition Work arts 22-23 (triage in 15 days, transfer, right to object), 32 (what an answer must hold), 35 (review).
"""

from dataclasses import dataclass, replace

from central.actor import Role
from central.deadlines.rules import Moment
from central.events.kinds import Kind
from central.petitions.review_steps import REVIEWS
from central.petitions.states import (
    ENDED,
    EXTENDABLE,
    STOPPABLE,
    Act,
    Clocks,
    IllegalStep,
    Need,
    State,
    Step,
    Who,
)
from shared.i18n import Key

_DESK = frozenset({Role.REGISTRAR})
_HANDLER = frozenset({Role.HANDLER})
_LEADER = frozenset({Role.LEADER})
_SYSTEM = frozenset({Role.SYSTEM})
#: The petitioner, on the tracking page.
_PETITIONER = frozenset({Role.PETITIONER})
_CALLBACK = frozenset({Role.REGISTRAR, Role.SUPERVISOR, Role.LEADER})
_THIRD = frozenset({Role.SUPERVISOR, Role.LEADER})

_ACCEPT = Step(State.ACCEPTED, _DESK, Kind.PETITION_ACCEPTED, (Moment.ACCEPTED, Moment.WRITTEN_NOTICE_SENT))
_DECLINE = Step(State.DECLINED, _DESK, Kind.PETITION_DECLINED, (Moment.DECLINED, Moment.WRITTEN_NOTICE_SENT))
_LITIGATION = Step(
    State.TO_LITIGATION,
    _DESK,
    Kind.PETITION_TO_LITIGATION,
    (Moment.TO_LITIGATION, Moment.WRITTEN_NOTICE_SENT),
)
_TRANSFER = Step(
    State.TRANSFERRED,
    _DESK,
    Kind.PETITION_TRANSFERRED,
    # The notice names the receiving court; there every period begins anew (art. 23 para 3).
    (Moment.WRITTEN_NOTICE_SENT, Moment.TRANSFERRED_OUT, Moment.TRANSFERRED_IN),
)
_ASK = Step(
    State.AWAITING_SUPPLEMENT,
    _DESK,
    Kind.PETITION_SUPPLEMENT_ASKED,
    (Moment.SUPPLEMENT_ASKED,),
    clocks=Clocks.PAUSE,
)
_ASSIGN = Step(State.ASSIGNED, _DESK | _LEADER, Kind.PETITION_ASSIGNED, needs=(Need.HANDLER_AND_LEADER,))
_WITHDRAW = Step(State.WITHDRAWN, _DESK | _PETITIONER, Kind.PETITION_WITHDRAWN, (Moment.WITHDRAWN,))
_MERGE = Step(State.MERGED, _DESK, Kind.PETITION_MERGED, (Moment.WRITTEN_NOTICE_SENT, Moment.MERGED))
_DELIVERY = Step(
    State.REPLIED,
    _DESK | _HANDLER | _SYSTEM,
    Kind.REPLY_DELIVERED,
    (Moment.ANSWER_DELIVERED,),
    needs=(Need.UNDELIVERED,),
)
_NOTICE = replace(_DELIVERY, moments=(Moment.NOTICE_DELIVERED,))
#: The notice that facts were settled by a re-review: nothing may be asked for against it (art. 36 para 3).
FINAL_NOTICE = replace(_DELIVERY, to=State.DECLINED, moments=(Moment.FINAL_NOTICE_DELIVERED,))
_ATTEMPT = Step(
    State.REPLIED,
    _DESK | _HANDLER,
    Kind.PETITION_ATTEMPT_LOGGED,
    (Moment.DELIVERY_ATTEMPTED,),
    needs=(Need.UNDELIVERED,),
)
_EXCUSED = Step(
    State.CLOSED,
    _DESK | _LEADER,
    Kind.PETITION_CLOSED,
    (Moment.EXCUSED, Moment.CLOSED),
    needs=(Need.UNDELIVERED, Need.LOGGED_ATTEMPTS),
)
_CLOSE = Step(State.CLOSED, _DESK, Kind.PETITION_CLOSED, (Moment.CLOSED,), needs=(Need.DELIVERED,))
#: Nothing closes before a third person has decided about an answer that does not satisfy.
_CLOSE_ASKED = Step(
    State.CLOSED, _DESK, Kind.PETITION_CLOSED, (Moment.CLOSED,), needs=(Need.DELIVERED, Need.DECIDED)
)
_SEND_BACK = Step(State.HANDLING, _LEADER, Kind.REPLY_SENT_BACK, who=Who.APPROVER_OR_LEADER)
_RATE = Step(State.FOLLOWED_UP, _PETITIONER, Kind.FOLLOW_UP_RATED, needs=(Need.DELIVERED,))


def _at(state: State, step: Step) -> Step:
    """Return `step` for an act that leaves the petition where it is."""
    return Step(state, step.roles, step.kind, step.moments, step.who, step.needs, step.clocks)


STEPS: dict[tuple[State | None, Act], Step] = {
    (None, Act.REGISTER): Step(
        State.REGISTERED, _DESK | _SYSTEM | _PETITIONER, Kind.PETITION_REGISTERED, (Moment.RECEIVED,)
    ),
    (State.REGISTERED, Act.RECORD_PAST_REPLY): Step(
        State.REPLIED, _SYSTEM, Kind.REPLY_ISSUED, (Moment.WRITTEN_NOTICE_SENT, Moment.ANSWER_ISSUED)
    ),
    (State.REPLIED, Act.CLOSE_PAST): Step(
        State.CLOSED, _SYSTEM, Kind.PETITION_CLOSED, (Moment.CLOSED,), needs=(Need.DELIVERED,)
    ),
    # ---- front: register and triage
    (State.REGISTERED, Act.ACCEPT): _ACCEPT,
    (State.REGISTERED, Act.DECLINE): _DECLINE,
    (State.REGISTERED, Act.TO_LITIGATION): _LITIGATION,
    (State.REGISTERED, Act.TRANSFER): _TRANSFER,
    (State.REGISTERED, Act.ASK_SUPPLEMENT): _ASK,
    (State.REGISTERED, Act.MERGE): _MERGE,
    (State.REGISTERED, Act.WITHDRAW): _WITHDRAW,
    (State.TRANSFERRED, Act.ACCEPT): _ACCEPT,
    (State.TRANSFERRED, Act.DECLINE): _DECLINE,
    (State.TRANSFERRED, Act.TO_LITIGATION): _LITIGATION,
    (State.TRANSFERRED, Act.ASK_SUPPLEMENT): _ASK,
    (State.TRANSFERRED, Act.WITHDRAW): _WITHDRAW,
    (State.TRANSFERRED, Act.RETURN): Step(
        State.REGISTERED,
        _DESK,
        Kind.PETITION_RETURNED,
        (Moment.OBJECTED, Moment.TRANSFERRED_OUT, Moment.TRANSFERRED_IN),
    ),
    (State.AWAITING_SUPPLEMENT, Act.RECEIVE_SUPPLEMENT): Step(
        State.REGISTERED,
        _DESK | _PETITIONER,
        Kind.PETITION_SUPPLEMENTED,
        (Moment.SUPPLEMENT_RECEIVED,),
        clocks=Clocks.RESUME,
    ),
    (State.AWAITING_SUPPLEMENT, Act.DECLINE): Step(
        State.DECLINED, _DESK, Kind.PETITION_DECLINED, _DECLINE.moments, clocks=Clocks.RESUME
    ),
    (State.AWAITING_SUPPLEMENT, Act.WITHDRAW): Step(
        State.WITHDRAWN,
        _DESK | _PETITIONER,
        Kind.PETITION_WITHDRAWN,
        _WITHDRAW.moments,
        clocks=Clocks.RESUME,
    ),
    # ---- middle: handle and reply
    (State.ACCEPTED, Act.ASSIGN): _ASSIGN,
    (State.ACCEPTED, Act.TRANSFER): _TRANSFER,
    (State.ACCEPTED, Act.TO_LITIGATION): _LITIGATION,
    (State.ACCEPTED, Act.WITHDRAW): _WITHDRAW,
    (State.ASSIGNED, Act.ASSIGN): _ASSIGN,
    (State.ASSIGNED, Act.TAKE_UP): Step(
        State.HANDLING, _HANDLER, Kind.PETITION_TAKEN_UP, who=Who.THE_HANDLER
    ),
    (State.ASSIGNED, Act.WITHDRAW): _WITHDRAW,
    (State.HANDLING, Act.ASSIGN): _ASSIGN,
    (State.HANDLING, Act.SUBMIT): Step(
        State.DRAFTED,
        _HANDLER,
        Kind.REPLY_SUBMITTED,
        who=Who.THE_HANDLER,
        needs=(Need.EVERY_DEMAND_ANSWERED,),
    ),
    (State.HANDLING, Act.TO_LITIGATION): _LITIGATION,
    (State.HANDLING, Act.WITHDRAW): _WITHDRAW,
    # Until the answer has left the court, whoever petitioned may take the petition back.
    (State.DRAFTED, Act.WITHDRAW): _WITHDRAW,
    (State.APPROVED, Act.WITHDRAW): _WITHDRAW,
    (State.DRAFTED, Act.APPROVE): Step(
        State.APPROVED,
        _LEADER,
        Kind.REPLY_APPROVED,
        who=Who.THE_APPROVER,
        needs=(Need.EVERY_DEMAND_ANSWERED,),
    ),
    (State.DRAFTED, Act.SEND_BACK): _SEND_BACK,
    (State.APPROVED, Act.ISSUE): Step(
        State.REPLIED, _HANDLER | _DESK, Kind.REPLY_ISSUED, (Moment.ANSWER_ISSUED,)
    ),
    (State.APPROVED, Act.SEND_BACK): _SEND_BACK,
    # ---- back: deliver, follow up and close
    (State.REPLIED, Act.RECORD_DELIVERY): _DELIVERY,
    (State.REPLIED, Act.LOG_ATTEMPT): _ATTEMPT,
    (State.REPLIED, Act.FOLLOW_UP): Step(
        State.FOLLOWED_UP,
        _CALLBACK,
        Kind.FOLLOW_UP_RECORDED,
        (Moment.FOLLOWED_UP,),
        who=Who.NOT_THE_HANDLER,
        needs=(Need.DELIVERED,),
    ),
    (State.REPLIED, Act.LOG_CALL): Step(
        State.REPLIED,
        _CALLBACK,
        Kind.FOLLOW_UP_TRIED,
        who=Who.NOT_THE_HANDLER,
        needs=(Need.DELIVERED,),
    ),
    (State.REPLIED, Act.RATE): Step(
        State.FOLLOWED_UP, _PETITIONER, Kind.FOLLOW_UP_RATED, (Moment.FOLLOWED_UP,), needs=(Need.DELIVERED,)
    ),
    (State.REPLIED, Act.CLOSE_EXCUSED): _EXCUSED,
    (State.FOLLOWED_UP, Act.RATE): _RATE,
    (State.FOLLOWED_UP, Act.DECIDE): Step(
        State.FOLLOWED_UP,
        _THIRD,
        Kind.FOLLOW_UP_DECIDED,
        (Moment.DECIDED, Moment.SETTLED),
        who=Who.THE_DECIDER,
        needs=(Need.UNDECIDED,),
    ),
    (State.FOLLOWED_UP, Act.DECIDE_REOPEN): Step(
        State.HANDLING,
        _THIRD,
        Kind.PETITION_REOPENED,
        (Moment.DECIDED, Moment.REOPENED),
        who=Who.THE_DECIDER,
        needs=(Need.UNDECIDED,),
    ),
    (State.FOLLOWED_UP, Act.CLOSE): _CLOSE_ASKED,
    (State.FOLLOWED_UP, Act.REOPEN): Step(
        State.HANDLING, _LEADER, Kind.PETITION_REOPENED, (Moment.REOPENED,), needs=(Need.DECIDED,)
    ),
    (State.DECLINED, Act.RECORD_DELIVERY): _at(State.DECLINED, _NOTICE),
    (State.DECLINED, Act.LOG_ATTEMPT): _at(State.DECLINED, _ATTEMPT),
    (State.DECLINED, Act.CLOSE): _CLOSE,
    (State.DECLINED, Act.CLOSE_EXCUSED): _EXCUSED,
    (State.TO_LITIGATION, Act.RECORD_DELIVERY): _at(State.TO_LITIGATION, _NOTICE),
    (State.TO_LITIGATION, Act.LOG_ATTEMPT): _at(State.TO_LITIGATION, _ATTEMPT),
    (State.TO_LITIGATION, Act.CLOSE): _CLOSE,
    (State.TO_LITIGATION, Act.CLOSE_EXCUSED): _EXCUSED,
    (State.CLOSED, Act.REOPEN): Step(State.ACCEPTED, _LEADER, Kind.PETITION_REOPENED, (Moment.REOPENED,)),
}

STEPS |= REVIEWS

_ACKNOWLEDGE = Step(
    State.ACCEPTED, _DESK | _HANDLER, Kind.PETITION_ACKNOWLEDGED, (Moment.PROCEDURAL_REPLY_SENT,)
)
_PROGRESS = Step(
    State.HANDLING,
    _HANDLER,
    Kind.PETITION_PROGRESS_TOLD,
    (Moment.PROGRESS_SENT,),
    who=Who.THE_HANDLER,
)
#: Months may pass before anybody is named: the report is owed all the same, and the desk can give it.
_PROGRESS_OF_THE_DESK = Step(
    State.REGISTERED, _DESK | _HANDLER, Kind.PETITION_PROGRESS_TOLD, (Moment.PROGRESS_SENT,)
)
_SAVE = Step(State.HANDLING, _HANDLER, Kind.REPLY_DRAFT_SAVED, who=Who.THE_HANDLER)
_DEMANDS = Step(State.REGISTERED, _DESK | _HANDLER, Kind.PETITION_DEMANDS_CHANGED)
_REISSUE = Step(State.REGISTERED, _DESK, Kind.PETITION_CODE_REISSUED)
_CASES = Step(State.REGISTERED, _DESK | _HANDLER, Kind.PETITION_CASES_CHANGED)
_CONTACT = Step(State.REGISTERED, _DESK | _HANDLER | _PETITIONER, Kind.PETITION_CONTACT_CHANGED)
_TRY = Step(State.REGISTERED, _DESK | _HANDLER, Kind.PETITION_ATTEMPT_LOGGED)
_EXCUSE = Step(
    State.REGISTERED, _DESK | _LEADER, Kind.PETITION_REPLY_EXCUSED, (Moment.PROCEDURAL_REPLY_EXCUSED,)
)
_ASK_EXTENSION = Step(
    State.HANDLING,
    _HANDLER,
    Kind.PETITION_EXTENSION_ASKED,
    who=Who.THE_HANDLER,
    needs=(Need.EXTENDABLE,),
)
# Approved by the head of the organ, the petitioner told why (art. 34); a refusal is an event of its own.
_DECIDE_EXTENSION = Step(
    State.HANDLING,
    _LEADER,
    Kind.PETITION_EXTENDED,
    who=Who.THE_LEADER,
    needs=(Need.EXTENSION_ASKED,),
)
_STOP = Step(
    State.HANDLING, _HANDLER, Kind.PETITION_CLOCKS_STOPPED, who=Who.THE_HANDLER, needs=(Need.STOPPABLE,)
)
_RESUME = Step(
    State.HANDLING, _HANDLER, Kind.PETITION_CLOCKS_RESUMED, who=Who.THE_HANDLER, needs=(Need.STOPPED,)
)
_CONFLICT = Step(State.REGISTERED, _DESK | _HANDLER | _LEADER, Kind.PETITION_CONFLICT_NAMED)
_RECUSE = Step(State.REGISTERED, _DESK | _HANDLER | _LEADER, Kind.PETITION_RECUSED)

#: Acts that leave the petition where it is; a conflict moves it to the court above when nobody is left.
_STAYING: dict[Act, tuple[Step, frozenset[State]]] = {
    Act.ACKNOWLEDGE: (
        _ACKNOWLEDGE,
        frozenset({State.REGISTERED, State.TRANSFERRED, State.ACCEPTED, State.ASSIGNED, State.HANDLING}),
    ),
    Act.LOG_ATTEMPT: (_TRY, frozenset({State.REGISTERED, State.TRANSFERRED})),
    Act.EXCUSE_REPLY: (_EXCUSE, frozenset({State.REGISTERED, State.TRANSFERRED})),
    Act.TELL_PROGRESS: (_PROGRESS, frozenset({State.HANDLING, State.DRAFTED, State.APPROVED})),
    Act.SAVE_DRAFT: (_SAVE, frozenset({State.HANDLING})),
    Act.CHANGE_DEMANDS: (
        _DEMANDS,
        frozenset({State.REGISTERED, State.TRANSFERRED, State.ACCEPTED, State.ASSIGNED, State.HANDLING}),
    ),
    Act.ASK_EXTENSION: (_ASK_EXTENSION, frozenset({State.HANDLING})),
    Act.DECIDE_EXTENSION: (_DECIDE_EXTENSION, EXTENDABLE),
    Act.STOP_CLOCKS: (_STOP, STOPPABLE),
    Act.RESUME_CLOCKS: (_RESUME, STOPPABLE),
    Act.REISSUE_CODE: (_REISSUE, frozenset(State)),
    Act.CHANGE_CONTACT: (_CONTACT, frozenset(State)),
    Act.CHANGE_CASES: (_CASES, frozenset(State)),
    Act.NAME_CONFLICT: (_CONFLICT, frozenset(State)),
    Act.RECUSE: (_RECUSE, frozenset(State) - ENDED),
}
STEPS |= {(state, act): _at(state, step) for act, (step, states) in _STAYING.items() for state in states}
STEPS |= {
    (state, Act.TELL_PROGRESS): _at(state, _PROGRESS_OF_THE_DESK)
    for state in (State.REGISTERED, State.TRANSFERRED, State.ACCEPTED, State.ASSIGNED)
}


@dataclass(frozen=True, slots=True)
class Next:
    """The one next step of an open petition: the act, the role that takes it, and whether it is a named person's."""

    act: Act
    role: Role
    who: Who = Who.ANYONE


_NEXT: dict[State, Next] = {
    State.REGISTERED: Next(Act.ACCEPT, Role.REGISTRAR),
    State.TRANSFERRED: Next(Act.ACCEPT, Role.REGISTRAR),
    State.AWAITING_SUPPLEMENT: Next(Act.RECEIVE_SUPPLEMENT, Role.REGISTRAR),
    State.ACCEPTED: Next(Act.ASSIGN, Role.REGISTRAR),
    State.ASSIGNED: Next(Act.TAKE_UP, Role.HANDLER, Who.THE_HANDLER),
    State.HANDLING: Next(Act.SUBMIT, Role.HANDLER, Who.THE_HANDLER),
    State.DRAFTED: Next(Act.APPROVE, Role.LEADER, Who.THE_APPROVER),
    State.APPROVED: Next(Act.ISSUE, Role.HANDLER, Who.THE_HANDLER),
    State.FOLLOWED_UP: Next(Act.CLOSE, Role.REGISTRAR),
    State.REVIEW_LATE: Next(Act.ADMIT_REVIEW, Role.LEADER),
    State.REVIEW_ASKED: Next(Act.ASSIGN_REVIEW, Role.REGISTRAR),
    State.REVIEWING: Next(Act.SUBMIT_OPINION, Role.HANDLER, Who.THE_HANDLER),
    State.REVIEW_DRAFTED: Next(Act.APPROVE_OPINION, Role.LEADER, Who.THE_APPROVER),
    State.REVIEW_DECIDED: Next(Act.DELIVER_OPINION, Role.REGISTRAR),
}


#: What comes first where somebody waits for a decision.
_ASKED = {
    State.HANDLING: Next(Act.DECIDE_EXTENSION, Role.LEADER, Who.THE_LEADER),
    State.FOLLOWED_UP: Next(Act.DECIDE, Role.LEADER, Who.THE_DECIDER),
}


def next_step(
    state: State,
    *,
    delivered: bool,
    has_handler: bool,
    extension_asked: bool = False,
    undecided: bool = False,
) -> Next | None:
    """Return the next step of a petition in `state`; None once it has ended."""
    if state in ENDED:
        return None
    if (state is State.HANDLING and extension_asked) or (state is State.FOLLOWED_UP and undecided):
        return _ASKED[state]
    if state is State.REPLIED:
        return _after_reply(delivered=delivered, has_handler=has_handler)
    if state in {State.DECLINED, State.TO_LITIGATION}:
        return Next(Act.CLOSE if delivered else Act.RECORD_DELIVERY, Role.REGISTRAR)
    upcoming = _NEXT[state]
    if upcoming.who is Who.THE_HANDLER and not has_handler:
        # Opened again after an answer from before the system existed: nobody here has handled it yet.
        return Next(Act.ASSIGN, Role.REGISTRAR)
    return upcoming


def _after_reply(*, delivered: bool, has_handler: bool) -> Next:
    if delivered:
        return Next(Act.FOLLOW_UP, Role.REGISTRAR)
    if has_handler:
        return Next(Act.RECORD_DELIVERY, Role.HANDLER, Who.THE_HANDLER)
    return Next(Act.RECORD_DELIVERY, Role.REGISTRAR)


def find(state: State | None, act: Act) -> Step:
    """Return the row for `act` in `state`; raise `IllegalStep`."""
    step = STEPS.get((state, act))
    if step is None:
        raise IllegalStep(
            "petitions.illegal_step", act=Key(f"petitions.act.{act}"), state=Key(f"petitions.state.{state}")
        )
    return step


def passed_on(step: Step) -> Step:
    """Return the step of an approval that is not the last of its chain: the draft stays, the next one approves."""
    if step.to is State.REVIEW_DECIDED:
        return replace(step, to=State.REVIEW_DRAFTED, kind=Kind.REVIEW_STEP_APPROVED)
    return replace(step, to=State.DRAFTED, kind=Kind.REPLY_STEP_APPROVED)


def acts_in(state: State) -> list[Act]:
    """Return the acts that exist in `state`, in the order of the enum."""
    return [act for act in Act if (state, act) in STEPS]
