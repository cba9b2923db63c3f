"""What petitioners said of the answer and asked for against it, and what they may say and ask for now."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session

from central.casework.queries import Whole
from central.courts import queries as courts
from central.courts.models import Court
from central.errors import Conflict
from central.followup import queries as followup
from central.followup.models import FollowUp, FollowUpDecision
from central.petitions import steps
from central.petitions.models import Petition
from central.petitions.states import UNDER_REVIEW, Act, State
from central.reviews import queries as reviews
from central.reviews.models import Review
from central.reviews.rules import Stage, is_late
from shared.clock import court_day


@dataclass(frozen=True, slots=True)
class OwnWord:
    """What the petitioner said of the present answer, whether it may be said now, and what was decided."""

    may: bool
    said: FollowUp | None
    said_on: date | None
    decided: FollowUpDecision | None
    decided_on: date | None
    decide_by: date | None


@dataclass(frozen=True, slots=True)
class ReviewRight:
    """What may be asked for now, of whom and until when; `why` is the key of the reason why nothing may."""

    may: bool
    stage: str
    until: date | None
    late: bool
    above: Court
    same_court: bool
    said: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review with the court that decides it."""

    row: Review
    court: Court


def review_right(s: Session, petition: Petition, today: date) -> ReviewRight:
    """Return how petitioners stand to asking for a review of what was answered or decided last."""
    above = reviews.court_above(s, petition)
    none = ReviewRight(False, "", None, False, above, above.id == petition.court_id, "")
    if petition.erased_at is not None:
        return replace(none, why="petitions.erased")
    if State(petition.state) in UNDER_REVIEW:
        return replace(none, why="reviews.running")
    if petition.delivered_on is None or (State(petition.state), Act.ASK_REVIEW) not in steps.STEPS:
        return replace(none, why="reviews.no_right")
    try:
        stage, clock = reviews.right(s, petition)
    except Conflict as error:
        return replace(none, why=error.key)
    return replace(
        none,
        may=True,
        stage=stage.value,
        until=clock.due_on,
        late=is_late(today, clock.due_on),
        said=followup.last_words(followup.of_answer(s, petition)),
    )


def reviewed(s: Session, petition: Petition, found: Whole) -> Iterator[Reviewed]:
    """Yield the reviews, newest first; of a decision nothing before it was approved."""
    for row in reversed(found.reviews):
        yield Reviewed(row, courts.get(s, row.court_id) if row.court_id else _deciding(s, petition, row))


def _deciding(s: Session, petition: Petition, row: Review) -> Court:
    """Return the court that has it while it runs; of one that ended without a decision, the one it went to."""
    if row.end is None:
        return courts.get(s, petition.court_id)
    before = courts.get(s, row.before_court_id)
    up = courts.get(s, before.parent_id) if before.parent_id else before
    if row.stage == Stage.RE_REVIEW and up.parent_id:
        return courts.get(s, up.parent_id)
    return up


def own_word_of(s: Session, petition: Petition, today: date) -> OwnWord:
    """Return how petitioners stand to saying what they think of the present answer."""
    gone = petition.erased_at is not None
    said = None if gone else followup.own_word(s, petition)
    decided = [] if gone else followup.decisions(s, petition.id)
    last = decided[-1] if decided and decided[-1].at >= (petition.issued_at or decided[-1].at) else None
    return OwnWord(
        may=not gone
        and petition.delivered_on is not None
        and (State(petition.state), Act.RATE) in steps.STEPS,
        said=said,
        said_on=court_day(said.at) if said else None,
        decided=last,
        decided_on=court_day(last.at) if last else None,
        decide_by=(petition.next_due_on or today) if petition.undecided else None,
    )
