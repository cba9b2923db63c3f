"""States, acts and needs of a petition, and the shape of one row of the table in `steps.py`. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from central.actor import Role
from central.deadlines.rules import Moment
from central.errors import Conflict, Forbidden
from central.events.kinds import Kind


class State(StrEnum):
    """Where a petition stands."""

    REGISTERED = "registered"
    AWAITING_SUPPLEMENT = "awaiting_supplement"
    TRANSFERRED = "transferred"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    HANDLING = "handling"
    DRAFTED = "drafted"
    APPROVED = "approved"
    REPLIED = "replied"
    FOLLOWED_UP = "followed_up"
    #: Review (arts 35, 36), at the court that decides it.
    REVIEW_LATE = "review_late"
    REVIEW_ASKED = "review_asked"
    REVIEWING = "reviewing"
    REVIEW_DRAFTED = "review_drafted"
    REVIEW_DECIDED = "review_decided"
    DECLINED = "declined"
    TO_LITIGATION = "to_litigation"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


#: Nothing more is owed from here, unless the petition is opened again.
ENDED = frozenset({State.CLOSED, State.WITHDRAWN, State.MERGED})


#: Under review: the court above has custody.
UNDER_REVIEW = frozenset(
    {
        State.REVIEW_LATE,
        State.REVIEW_ASKED,
        State.REVIEWING,
        State.REVIEW_DRAFTED,
        State.REVIEW_DECIDED,
    }
)


class Act(StrEnum):
    """What somebody can do to a petition."""

    REGISTER = "register"
    ACCEPT = "accept"
    DECLINE = "decline"
    TO_LITIGATION = "to_litigation"
    TRANSFER = "transfer"
    RETURN = "return"
    ASK_SUPPLEMENT = "ask_supplement"
    RECEIVE_SUPPLEMENT = "receive_supplement"
    ASSIGN = "assign"
    ACKNOWLEDGE = "acknowledge"
    TAKE_UP = "take_up"
    TELL_PROGRESS = "tell_progress"
    CHANGE_DEMANDS = "change_demands"
    SAVE_DRAFT = "save_draft"
    SUBMIT = "submit"
    SEND_BACK = "send_back"
    APPROVE = "approve"
    ISSUE = "issue"
    RECORD_DELIVERY = "record_delivery"
    LOG_ATTEMPT = "log_attempt"
    FOLLOW_UP = "follow_up"
    #: A call-back that reached nobody.
    LOG_CALL = "log_call"
    #: What a third person says where the petitioner is not satisfied.
    DECIDE = "decide"
    DECIDE_REOPEN = "decide_reopen"
    ASK_REVIEW = "ask_review"
    ADMIT_REVIEW = "admit_review"
    REFUSE_REVIEW = "refuse_review"
    WITHDRAW_REVIEW = "withdraw_review"
    ASSIGN_REVIEW = "assign_review"
    SAVE_OPINION = "save_opinion"
    SUBMIT_OPINION = "submit_opinion"
    RETURN_OPINION = "return_opinion"
    APPROVE_OPINION = "approve_opinion"
    DELIVER_OPINION = "deliver_opinion"
    EXCUSE_OPINION = "excuse_opinion"
    #: The same facts were settled by a re-review (art. 36 para 3).
    END_SAME_FACTS = "end_same_facts"
    CLOSE = "close"
    CLOSE_EXCUSED = "close_excused"
    #: The procedural reply cannot be given: a coded excuse, after logged attempts.
    EXCUSE_REPLY = "excuse_reply"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    MERGE = "merge"
    REISSUE_CODE = "reissue_code"
    CHANGE_CONTACT = "change_contact"
    CHANGE_CASES = "change_cases"
    #: More time: asked for by the handler, decided by the leader (Regulation art. 34).
    ASK_EXTENSION = "ask_extension"
    DECIDE_EXTENSION = "decide_extension"
    #: Days that the law does not count, e.g. of a hearing (art. 36).
    STOP_CLOCKS = "stop_clocks"
    RESUME_CLOCKS = "resume_clocks"
    #: Somebody must keep away from the petition; one steps aside oneself (arts 28, 30).
    NAME_CONFLICT = "name_conflict"
    RECUSE = "recuse"
    #: The ledger import's way to write down an answer given before the system existed.
    RECORD_PAST_REPLY = "record_past_reply"
    CLOSE_PAST = "close_past"
    #: What petitioners say of the answer on their own page.
    RATE = "rate"


class Who(StrEnum):
    """Which of the people with the role."""

    ANYONE = "anyone"
    THE_HANDLER = "the_handler"
    THE_LEADER = "the_leader"
    #: Whose step of the approval it is, or their stand-in; by name. Where the court set no chain: the leader.
    THE_APPROVER = "the_approver"
    #: The same or the responsible leader, who may send back at any step.
    APPROVER_OR_LEADER = "approver_or_leader"
    #: The call-back is made by someone other than the handler.
    NOT_THE_HANDLER = "not_the_handler"
    #: A third person: neither the handler nor whoever took the call.
    THE_DECIDER = "the_decider"


class Need(StrEnum):
    """What must be true before the act. Each has a sentence `petitions.need.<value>`."""

    HANDLER_AND_LEADER = "handler_and_leader"
    EVERY_DEMAND_ANSWERED = "every_demand_answered"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    LOGGED_ATTEMPTS = "logged_attempts"
    UNDECIDED = "undecided"
    DECIDED = "decided"
    EXTENDABLE = "extendable"
    EXTENSION_ASKED = "extension_asked"
    STOPPABLE = "stoppable"
    STOPPED = "stopped"


#: Needs about clocks. An act is not offered, not even greyed out, while its need of these is not met: it exists for few.
ABOUT_CLOCKS = frozenset({Need.EXTENDABLE, Need.EXTENSION_ASKED, Need.STOPPABLE, Need.STOPPED})
#: Where an extension that was asked for may still be decided.
EXTENDABLE = frozenset({State.HANDLING, State.DRAFTED, State.APPROVED})
#: Where days that are not counted may begin and end: while it is handled, and while a review is examined (art. 36).
STOPPABLE = EXTENDABLE | {State.REVIEWING, State.REVIEW_DRAFTED}


class Clocks(StrEnum):
    """What an act does to all running clocks of what the court owes, beside ending and starting some."""

    RUN = "run"
    PAUSE = "pause"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table."""

    to: State
    roles: frozenset[Role]
    kind: Kind
    moments: tuple[Moment, ...] = ()
    who: Who = Who.ANYONE
    needs: tuple[Need, ...] = ()
    clocks: Clocks = Clocks.RUN


@dataclass(frozen=True, slots=True)
class Facts:
    """What the needs are judged by."""

    has_handler: bool = False
    has_leader: bool = False
    demands: int = 0
    demands_answered: int = 0
    delivered: bool = False
    attempts: int = 0
    #: The petitioner is not satisfied, and nobody has decided yet what follows.
    undecided: bool = False
    #: A running clock may be extended; one may be stopped; one stands still.
    extendable: bool = False
    extension_asked: bool = False
    stoppable: bool = False
    stopped: bool = False


class IllegalStep(Conflict):
    """The act does not exist in the present state."""


class NotYours(Forbidden):
    """The act exists, but it is another person's."""


class NotReady(Conflict):
    """The act is possible once something else is done."""
