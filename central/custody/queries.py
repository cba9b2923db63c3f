"""Reading what paper lies where. Lists start from what the actor may see and go on by key."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, not_, tuple_
from sqlmodel import Session, col, func, select

from central.actor import Actor
from central.custody.models import Paper, PaperMove
from central.custody.rules import PlaceKind
from central.petitions.models import Petition
from central.petitions.queries import PAGE, ROW, visible_to


def of_petition(s: Session, petition_id: UUID) -> Sequence[Paper]:
    """Return the papers of a petition, the first first."""
    return s.exec(select(Paper).where(Paper.petition_id == petition_id).order_by(col(Paper.number))).all()


def paper(s: Session, petition_id: UUID, paper_id: UUID) -> Paper | None:
    """Return one paper of a petition, locked."""
    query = select(Paper).where(Paper.id == paper_id, Paper.petition_id == petition_id)
    return s.exec(query.with_for_update()).first()


def moves(s: Session, petition_id: UUID) -> Sequence[PaperMove]:
    """Return the hand-overs of a petition's papers, oldest first."""
    query = select(PaperMove).where(PaperMove.petition_id == petition_id)
    return s.exec(query.order_by(col(PaperMove.at), col(PaperMove.id))).all()


def last_number(s: Session, petition_id: UUID) -> int:
    """Return how many papers a petition has."""
    return s.exec(select(func.max(Paper.number)).where(Paper.petition_id == petition_id)).one() or 0


def by_code(s: Session, code: str, *, actor: Actor) -> UUID | None:
    """Return the petition of a cover sheet's code, if the actor may see it."""
    return by_codes(s, [code], actor=actor).get(code)


def by_codes(s: Session, codes: Collection[str], *, actor: Actor) -> dict[str, UUID]:
    """Return the petitions of cover sheets by their codes, those the actor may see: one statement."""
    query = select(Paper.code, Paper.petition_id).join(Petition, col(Petition.id) == col(Paper.petition_id))
    return dict(s.exec(query.where(col(Paper.code).in_(codes), visible_to(actor))).all()) if codes else {}


@dataclass(frozen=True, slots=True)
class AtPlace:
    """The last row of a page by place."""

    place: str
    paper_id: UUID


def lying(
    s: Session, actor: Actor, *, kind: PlaceKind, after: AtPlace | None = None, limit: int = PAGE
) -> list[tuple[Paper, Petition]]:
    """Return what lies in places of one kind at the actor's court, by place: one walk along `ix_paper_place`."""
    query = select(Paper, Petition).options(*ROW).join(Petition, col(Petition.id) == col(Paper.petition_id))
    query = query.where(Paper.court_id == actor.court_id, Paper.place_kind == kind, visible_to(actor))
    place = func.coalesce(Paper.place, "") if kind is PlaceKind.PERSON else col(Paper.place)
    if after is not None:
        query = query.where(tuple_(place, col(Paper.id)) > tuple_(after.place, after.paper_id))
    return list(s.exec(query.order_by(place, col(Paper.id)).limit(limit)).all())


@dataclass(frozen=True, slots=True)
class Since:
    """The last row of a page by day."""

    day: date
    paper_id: UUID


def to_return(
    s: Session, actor: Actor, *, after: Since | None = None, limit: int = PAGE
) -> list[tuple[Paper, Petition]]:
    """Return originals of ended petitions that have not gone back, the oldest first: along `ix_paper_to_return`."""
    query = select(Paper, Petition).options(*ROW).join(Petition, col(Petition.id) == col(Paper.petition_id))
    query = query.where(
        Paper.court_id == actor.court_id,
        and_(col(Paper.originals)),
        col(Paper.returned_on).is_(None),
        not_(col(Petition.is_open)),
        visible_to(actor),
    )
    key = tuple_(col(Paper.arrived_on), col(Paper.id))
    if after is not None:
        query = query.where(key > tuple_(after.day, after.paper_id))
    return list(s.exec(query.order_by(col(Paper.arrived_on), col(Paper.id)).limit(limit)).all())
