"""Reading messages: of one petition, those that did not get through, and whom the jobs have to tell of what."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, select
from sqlmodel import Session, col
from sqlmodel import select as model_select

from central.actor import Actor
from central.deadlines.models import DeadlineClock
from central.messages.models import PetitionerMessage
from central.messages.rules import DAYS_BEFORE, ENDING, MessageState
from central.petitions.models import Petition, Petitioner, TellBy
from central.petitions.queries import visible_to

PAGE = 50
_PETITION: Table = Petition.__table__  # type: ignore[attr-defined]
_PETITIONER: Table = Petitioner.__table__  # type: ignore[attr-defined]
_CLOCK: Table = DeadlineClock.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Wish:
    """By which ways one petitioner is told, and whose work the petition is."""

    court_id: UUID
    ways: tuple[TellBy, ...]


def wishes(s: Session, petitions: Collection[UUID]) -> dict[UUID, Wish]:
    """Return, of some petitions, those whose petitioner wants to be told: one statement, nothing is unsealed."""
    if not petitions:
        return {}
    query = select(_PETITION.c.id, _PETITION.c.court_id, _PETITIONER.c.tell_by).join(
        _PETITIONER, _PETITIONER.c.petition_id == _PETITION.c.id
    )
    query = query.where(
        _PETITION.c.id.in_(petitions),
        _PETITION.c.erased_at.is_(None),
        _PETITIONER.c.tell_by != "",
    )
    return {
        row.id: Wish(row.court_id, tuple(TellBy(each) for each in row.tell_by.split(",")))
        for row in s.connection().execute(query)
    }


@dataclass(frozen=True, slots=True)
class Ending:
    """A right that ends soon."""

    clock_id: UUID
    petition_id: UUID
    due_on: date


def ending(s: Session, *, today: date, after: tuple[date, UUID] | None, limit: int) -> list[Ending]:
    """Return rights to ask for a review that end within `DAYS_BEFORE` days, by their last day, behind `after`."""
    due_on, key = _CLOCK.c.due_on, _CLOCK.c.id
    query = select(key, _CLOCK.c.petition_id, due_on).where(
        _CLOCK.c.ended_on.is_(None),
        _CLOCK.c.noted_on.is_(None),
        ~_CLOCK.c.standing_still,
        due_on >= today,
        due_on <= today + timedelta(days=DAYS_BEFORE),
        _CLOCK.c.rule.in_(ENDING),
    )
    if after is not None:
        query = query.where(due_on >= after[0], (due_on > after[0]) | (key > after[1]))
    rows = s.connection().execute(query.order_by(due_on, key).limit(limit))
    return [Ending(row.id, row.petition_id, row.due_on) for row in rows]


def of_petition(s: Session, petition_id: UUID) -> Sequence[PetitionerMessage]:
    """Return the messages about a petition, oldest first."""
    query = model_select(PetitionerMessage).where(PetitionerMessage.petition_id == petition_id)
    return s.exec(query.order_by(col(PetitionerMessage.made_at), col(PetitionerMessage.id))).all()


@dataclass(frozen=True, slots=True)
class After:
    """The last row of the page before."""

    made_at: datetime
    message_id: UUID


def parked(
    s: Session, actor: Actor, *, after: After | None = None, limit: int = PAGE
) -> list[tuple[PetitionerMessage, Petition]]:
    """Return messages of the actor's court that did not get through, with their petitions, the latest first."""
    query = model_select(PetitionerMessage, Petition).join(
        Petition, col(Petition.id) == col(PetitionerMessage.petition_id)
    )
    query = query.where(
        PetitionerMessage.court_id == actor.court_id,
        PetitionerMessage.state == MessageState.PARKED,
        visible_to(actor),
    )
    at, key = col(PetitionerMessage.made_at), col(PetitionerMessage.id)
    if after is not None:
        query = query.where((at < after.made_at) | ((at == after.made_at) & (key < after.message_id)))
    return list(s.exec(query.order_by(at.desc(), key.desc()).limit(limit)).all())


def count_parked(s: Session, actor: Actor) -> int:
    """Return how many messages of the actor's court did not get through."""
    return int(s.exec(counted(model_select(func.count()), actor)).one())


def counted(query: Any, actor: Actor) -> Any:
    """Return a query that counts, turned to messages of the actor's court that did not get through."""
    query = query.select_from(PetitionerMessage)
    query = query.join(Petition, col(Petition.id) == col(PetitionerMessage.petition_id))
    return query.where(
        PetitionerMessage.court_id == actor.court_id,
        PetitionerMessage.state == MessageState.PARKED,
        visible_to(actor),
    )
