"""Why a petition cannot be drafted in a merge now. Pure."""

from enum import StrEnum

from central.petitions.states import UNDER_REVIEW, State


class Why(StrEnum):
    """`mailmerge.why.<value>` says it, and what to do."""

    EARLY = "early"
    OTHERS = "others"
    IN_APPROVAL = "in_approval"
    ANSWERED = "answered"
    UNDER_REVIEW = "under_review"
    CLOSED = "closed"
    NO_ANSWER = "no_answer"


_WHY: dict[State, Why] = {
    State.HANDLING: Why.OTHERS,
    State.DRAFTED: Why.IN_APPROVAL,
    State.APPROVED: Why.IN_APPROVAL,
    State.REPLIED: Why.ANSWERED,
    State.FOLLOWED_UP: Why.ANSWERED,
    State.CLOSED: Why.CLOSED,
    **dict.fromkeys(UNDER_REVIEW, Why.UNDER_REVIEW),
    **dict.fromkeys((State.DECLINED, State.TO_LITIGATION, State.WITHDRAWN, State.MERGED), Why.NO_ANSWER),
}


def why(state: State) -> Why:
    """Return why a petition in this state is not one's to draft now."""
    return _WHY.get(state, Why.EARLY)
