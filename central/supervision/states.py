"""What may happen to a supervision order, by whom, and what it turns into: one table. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from central.errors import Conflict


class State(StrEnum):
    """Where an order stands."""

    #: The supervised court is to answer.
    ISSUED = "issued"
    #: The court that ordered is to judge the answer.
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What people do with an order."""

    ANSWER = "answer"
    ACCEPT = "accept"
    SEND_BACK = "send_back"
    ESCALATE = "escalate"
    WITHDRAW = "withdraw"


class Side(StrEnum):
    """Who acts: the supervised court, or the court that judges and those above it."""

    ANSWERS = "answers"
    JUDGES = "judges"


class Reason(StrEnum):
    """Why an order is given. All are about the court's own work."""

    OVERDUE = "overdue"
    NO_ANSWER = "no_answer"
    POOR_ANSWER = "poor_answer"
    PROMISE_NOT_KEPT = "promise_not_kept"
    SERIAL_EXTENSIONS = "serial_extensions"
    PASSED_AROUND = "passed_around"
    PROCEDURE = "procedure"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Step:
    """One row: the state it leads to, and whose act it is."""

    to: State
    side: Side


OPEN = (State.ISSUED, State.ANSWERED)
#: So often an answer may be sent back before the court above is proposed.
REFUSALS = 2

STEPS: dict[tuple[State, Act], Step] = {
    (State.ISSUED, Act.ANSWER): Step(State.ANSWERED, Side.ANSWERS),
    (State.ISSUED, Act.ESCALATE): Step(State.ISSUED, Side.JUDGES),
    (State.ISSUED, Act.WITHDRAW): Step(State.WITHDRAWN, Side.JUDGES),
    (State.ANSWERED, Act.ACCEPT): Step(State.ACCEPTED, Side.JUDGES),
    (State.ANSWERED, Act.SEND_BACK): Step(State.ISSUED, Side.JUDGES),
    (State.ANSWERED, Act.WITHDRAW): Step(State.WITHDRAWN, Side.JUDGES),
}


def find(state: str, act: Act) -> Step:
    """Return the step; raise `Conflict` for what the table does not hold."""
    step = STEPS.get((State(state), act))
    if step is None:
        raise Conflict(f"supervision.not_now.{act}")
    return step


def ripe(*, overdue: bool, refusals: int) -> bool:
    """Say whether an order may go to the court above: its day is over, or its answers were sent back twice."""
    return overdue or refusals >= REFUSALS
