"""Review and re-review: which of them may be asked for, and whether it comes in time. Pure.

Regulation on Petition Work art. 35: review by the organ above within 30 days of the written answer. Art. 36: re-review by the
organ above that within 30 days of the review opinion; after it the same facts and reasons are not accepted again (para 3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from central.deadlines.rules import Moment
from central.errors import Conflict


class Stage(StrEnum):
    """Which of the two; `reviews.stage.<value>` names it."""

    REVIEW = "review"
    RE_REVIEW = "re_review"


class Outcome(StrEnum):
    """What the court above decides; `reviews.outcome.<value>` names it."""

    UPHELD = "upheld"
    CHANGED = "changed"
    SENT_BACK = "sent_back"


class End(StrEnum):
    """How a review ended."""

    DECIDED = "decided"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Came(StrEnum):
    """By which way it was asked for."""

    PORTAL = "portal"
    DESK = "desk"
    LETTER = "letter"


#: The right to ask, by stage: its clock; then what asking, answering and delivering bring.
RIGHT = {Stage.REVIEW: "review_request", Stage.RE_REVIEW: "re_review_request"}
ASKED = {Stage.REVIEW: Moment.REVIEW_REQUESTED, Stage.RE_REVIEW: Moment.RE_REVIEW_REQUESTED}
ANSWERED = {Stage.REVIEW: Moment.REVIEW_ANSWERED, Stage.RE_REVIEW: Moment.RE_REVIEW_ANSWERED}


@dataclass(frozen=True, slots=True)
class Past:
    """A review of the present answer that is over."""

    stage: str
    end: str
    outcome: str | None = None


def next_stage(past: Sequence[Past]) -> Stage:
    """Return which may be asked for after those of the present answer, oldest first; raise `Conflict` when none."""
    if any(each.end == End.REFUSED for each in past):
        raise Conflict("reviews.refused_before")
    decided = [each for each in past if each.end == End.DECIDED]
    if not decided:
        return Stage.REVIEW
    if decided[-1].stage == Stage.RE_REVIEW:
        raise Conflict("reviews.final")
    return Stage.RE_REVIEW


def is_late(asked_on: date, until: date) -> bool:
    """Say whether a request came after the last day on which it might."""
    return asked_on > until


def delivered(stage: str, outcome: str) -> Moment:
    """Return what the delivery of a decision brings: only an upheld or changed review opens the way to a re-review."""
    opens = stage == Stage.REVIEW and outcome != Outcome.SENT_BACK
    return Moment.REVIEW_DELIVERED if opens else Moment.RE_REVIEW_DELIVERED
