"""Reading reviews."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import Session, col, select

from central.accounts.models import Staff
from central.actor import Actor
from central.approvals import queries as approvals
from central.courts import queries as courts
from central.courts.models import Court
from central.deadlines import queries as deadlines
from central.deadlines.models import DeadlineClock
from central.errors import Conflict, NotFound
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.petitions.queries import PAGE, ROW, visible_to
from central.petitions.states import UNDER_REVIEW
from central.reviews import letters
from central.reviews.models import Review, SameFacts
from central.reviews.rules import RIGHT, End, Outcome, Past, Stage, next_stage


def of_petition(s: Session, petition_id: UUID) -> Sequence[Review]:
    """Return the reviews of a petition, oldest first."""
    query = select(Review).where(Review.petition_id == petition_id)
    return s.exec(query.order_by(col(Review.asked_at), col(Review.id))).all()


def of_answer(s: Session, petition: Petition) -> list[Review]:
    """Return those of the present answer, oldest first."""
    since = petition.issued_at or petition.received_at
    return [each for each in of_petition(s, petition.id) if each.asked_at >= since]


def running(s: Session, petition_id: UUID) -> Review:
    """Return the review that is under way; raise `NotFound`."""
    query = select(Review).where(Review.petition_id == petition_id, col(Review.ended_on).is_(None))
    found = s.exec(query).first()
    if found is None:
        raise NotFound("reviews.none_running")
    return found


def right(s: Session, petition: Petition) -> tuple[Stage, DeadlineClock]:
    """Return which of the two may be asked for and its clock; raise `Conflict` with the reason why none may."""
    if same_facts(s, petition.id) is not None:
        raise Conflict("reviews.final")
    over = [Past(each.stage, each.end or "", each.outcome) for each in of_answer(s, petition)]
    stage = next_stage(over)
    own = [each for each in deadlines.of_petition(s, petition.id) if each.rule == RIGHT[stage]]
    if not own:
        raise Conflict("reviews.no_right")
    return stage, max(own, key=lambda each: (each.started_on, each.id))


def court_above(s: Session, petition: Petition) -> Court:
    """Return the court that decides: the next above the one whose answer or review it is.

    For the high court that is its own petition office, by others than before.
    """
    court = courts.get(s, _decided_last(s, petition) or petition.court_id)
    return courts.get(s, court.parent_id) if court.parent_id else court


def _decided_last(s: Session, petition: Petition) -> UUID | None:
    """Return the court that decided the last review of the present answer, None if there was none."""
    decided = [each.court_id for each in of_answer(s, petition) if each.end == End.DECIDED and each.court_id]
    return decided[-1] if decided else None


def named(s: Session, petition: Petition, row: Review) -> letters.Courts:
    """Return the courts that the letter of the running review names."""
    court, below = courts.get(s, petition.court_id), courts.get(s, row.before_court_id)
    decided = _decided_last(s, petition)
    return letters.Courts(
        court=court.name,
        below=below.name,
        against=courts.get(s, decided).name if decided else below.name,
        above=courts.get(s, court.parent_id).name if court.parent_id else court.name,
    )


def under_review(
    s: Session, *, actor: Actor, court_id: UUID | None, after: UUID | None, limit: int = PAGE
) -> Sequence[Petition]:
    """Return one page of the petitions under review in sight, nearest due first; `after` is the last of the page before."""
    last = petitions.by_id(s, after) if after else None
    query = select(Petition).options(*ROW).where(visible_to(actor), col(Petition.is_open))
    query = query.where(col(Petition.state).in_(UNDER_REVIEW))
    if court_id is not None:
        query = query.where(Petition.court_id == court_id)
    if last is not None and last.next_due_on is not None:
        query = query.where(
            tuple_(col(Petition.next_due_on), col(Petition.id)) > tuple_(last.next_due_on, last.id)
        )
    return s.exec(query.order_by(col(Petition.next_due_on), col(Petition.id)).limit(limit)).all()


def fresh(s: Session, petition_id: UUID, people: Sequence[Staff]) -> list[Staff]:
    """Return those who had no part in the petition before the review that runs: neither worked on it nor approved anything of it."""
    row = running(s, petition_id)
    before = {
        each.staff_id
        for each in petitions.assignments(s, petition_id)
        if each.since < row.asked_at or (each.until is not None and each.until <= row.asked_at)
    }
    before |= {
        each.decided_by
        for each in approvals.of_petition(s, petition_id)
        if each.decided_by and each.review_id != row.id
    }
    return [one for one in people if one.id not in before]


def settled(s: Session, petition_id: UUID) -> Review | None:
    """Return the re-review that settled the facts of a petition, delivered, or None."""
    found = [
        each
        for each in of_petition(s, petition_id)
        if each.stage == Stage.RE_REVIEW and each.end == End.DECIDED and each.outcome != Outcome.SENT_BACK
    ]
    return found[-1] if found else None


def same_facts(s: Session, petition_id: UUID) -> SameFacts | None:
    """Return the letter that ends a petition for its same facts, or None."""
    return s.get(SameFacts, petition_id)
