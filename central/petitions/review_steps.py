"""Review and re-review (Regulation arts 35, 36) in the table of acts. Pure."""

from central.actor import Role
from central.deadlines.rules import Moment
from central.events.kinds import Kind
from central.petitions.states import Act, Need, State, Step, Who

_DESK = frozenset({Role.REGISTRAR})
_HANDLER = frozenset({Role.HANDLER})
_LEADER = frozenset({Role.LEADER})
_PETITIONER = frozenset({Role.PETITIONER})

#: Asked for by the petitioner, or taken in by a registrar; a late request waits to be judged (`reviews.asking`).
_ASK_REVIEW = Step(State.REVIEW_ASKED, _DESK | _PETITIONER, Kind.REVIEW_ASKED, needs=(Need.DELIVERED,))
_WITHDRAW_REVIEW = Step(State.CLOSED, _DESK | _PETITIONER, Kind.REVIEW_WITHDRAWN, (Moment.REVIEW_WITHDRAWN,))
_ASSIGN_REVIEW = Step(State.REVIEWING, _DESK | _LEADER, Kind.REVIEW_ASSIGNED)
_SAME_FACTS = Step(
    State.DECLINED, _DESK, Kind.PETITION_DECLINED, (Moment.DECLINED, Moment.WRITTEN_NOTICE_SENT)
)
#: After refusal or withdrawal it stands where it stood, after a decision it is closed or handled anew below: `reviews` says which.
REVIEWS: dict[tuple[State | None, Act], Step] = {
    (State.REVIEW_LATE, Act.ADMIT_REVIEW): Step(
        State.REVIEW_ASKED, _LEADER, Kind.REVIEW_ADMITTED, (Moment.REVIEW_ADMITTED,)
    ),
    (State.REVIEW_LATE, Act.REFUSE_REVIEW): Step(
        State.CLOSED, _LEADER, Kind.REVIEW_REFUSED, (Moment.REVIEW_REFUSED,)
    ),
    (State.REVIEWING, Act.SAVE_OPINION): Step(
        State.REVIEWING, _HANDLER, Kind.REVIEW_DRAFT_SAVED, who=Who.THE_HANDLER
    ),
    (State.REVIEWING, Act.SUBMIT_OPINION): Step(
        State.REVIEW_DRAFTED, _HANDLER, Kind.REVIEW_SUBMITTED, who=Who.THE_HANDLER
    ),
    (State.REVIEW_DRAFTED, Act.RETURN_OPINION): Step(
        State.REVIEWING, _LEADER, Kind.REVIEW_SENT_BACK, who=Who.APPROVER_OR_LEADER
    ),
    (State.REVIEW_DRAFTED, Act.APPROVE_OPINION): Step(
        State.REVIEW_DECIDED, _LEADER, Kind.REVIEW_DECIDED, who=Who.THE_APPROVER
    ),
    (State.REVIEW_DECIDED, Act.DELIVER_OPINION): Step(
        State.CLOSED, _DESK | _HANDLER, Kind.REVIEW_DELIVERED, needs=(Need.UNDELIVERED,)
    ),
    (State.REVIEW_DECIDED, Act.LOG_ATTEMPT): Step(
        State.REVIEW_DECIDED,
        _DESK | _HANDLER,
        Kind.PETITION_ATTEMPT_LOGGED,
        (Moment.DELIVERY_ATTEMPTED,),
        needs=(Need.UNDELIVERED,),
    ),
    (State.REVIEW_DECIDED, Act.EXCUSE_OPINION): Step(
        State.CLOSED,
        _DESK | _LEADER,
        Kind.REVIEW_EXCUSED,
        needs=(Need.UNDELIVERED, Need.LOGGED_ATTEMPTS),
    ),
    **{
        (state, Act.ASK_REVIEW): _ASK_REVIEW
        for state in (
            State.REPLIED,
            State.FOLLOWED_UP,
            State.CLOSED,
            State.DECLINED,
            State.TO_LITIGATION,
        )
    },
    **{
        (state, Act.WITHDRAW_REVIEW): _WITHDRAW_REVIEW
        for state in (State.REVIEW_LATE, State.REVIEW_ASKED, State.REVIEWING, State.REVIEW_DRAFTED)
    },
    **{(state, Act.ASSIGN_REVIEW): _ASSIGN_REVIEW for state in (State.REVIEW_ASKED, State.REVIEWING)},
    **{(state, Act.END_SAME_FACTS): _SAME_FACTS for state in (State.REGISTERED, State.TRANSFERRED)},
}
