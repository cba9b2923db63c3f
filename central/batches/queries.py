"""Reading batches. A batch is known to the courts above and those it assigns to; its items start from the petitions one sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, tuple_
from sqlmodel import Session, col, select

from central.accounts.permissions import grants_of, supervises
from central.actor import Actor, Role
from central.batches.models import OWED, Batch, BatchItem, ItemState
from central.courts import queries as courts
from central.courts.models import Court
from central.errors import NotFound
from central.petitions.models import Petition
from central.petitions.queries import visible_to
from central.supervision.today import Line, dated, undated

PAGE = 50
#: Days before the return date on which it is brought to mind.
AHEAD = timedelta(days=3)


class Tab(StrEnum):
    """The lists of the page."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class After:
    """The last row of the page before."""

    due_on: date
    batch_id: UUID


@dataclass(frozen=True, slots=True)
class Shown:
    """A batch with how many of its items the actor sees, and how many of those were accepted."""

    row: Batch
    court: Court
    items: int
    accepted: int


def knows(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that an actor knows of a batch: their court gave it, or they see a petition of it."""
    given = {
        grant.court_id
        for grant in grants_of(actor)
        if grant.role in {Role.SUPERVISOR, Role.LEADER, Role.AUDITOR}
    }
    seen = exists(
        select(BatchItem.id)
        .join(Petition, col(BatchItem.petition_id) == col(Petition.id))
        .where(col(BatchItem.batch_id) == col(Batch.id), visible_to(actor))
    )
    return or_(col(Batch.court_id).in_(given), seen)


def listed(
    s: Session, actor: Actor, *, tab: Tab, after: After | None = None, limit: int = PAGE
) -> list[Shown]:
    """Return batches the actor knows of: open ones by their return date, closed ones the latest first."""
    closed = col(Batch.closed_at).is_not(None)
    query = select(Batch).where(knows(actor), closed if tab is Tab.CLOSED else ~closed)
    key = tuple_(col(Batch.due_on), col(Batch.id))
    if tab is Tab.CLOSED:
        query = query.where(key < (after.due_on, after.batch_id)) if after else query
        query = query.order_by(col(Batch.due_on).desc(), col(Batch.id).desc())
    else:
        query = query.where(key > (after.due_on, after.batch_id)) if after else query
        query = query.order_by(col(Batch.due_on), col(Batch.id))
    rows = s.exec(query.limit(limit)).all()
    named = {each.id: each for each in courts.some(s, {row.court_id for row in rows})}
    counted = _counted(s, actor, [row.id for row in rows])
    return [Shown(row, named[row.court_id], *counted.get(row.id, (0, 0))) for row in rows]


def _counted(s: Session, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    if not ids:
        return {}
    accepted = func.count().filter(col(BatchItem.state) == ItemState.ACCEPTED)
    query = select(BatchItem.batch_id, func.count(), accepted).join(
        Petition, col(BatchItem.petition_id) == col(Petition.id)
    )
    query = query.where(col(BatchItem.batch_id).in_(ids), visible_to(actor))
    rows = s.exec(query.group_by(col(BatchItem.batch_id))).all()
    return {batch: (count, done) for batch, count, done in rows}


def get(s: Session, batch_id: UUID, *, actor: Actor, for_update: bool = False) -> Batch:
    """Return a batch the actor knows of; raise `NotFound` otherwise."""
    query = select(Batch).where(Batch.id == batch_id, knows(actor))
    if for_update:
        query = query.with_for_update(of=Batch)
    row = s.exec(query.execution_options(populate_existing=for_update)).first()
    if row is None:
        raise NotFound("batches.not_found")
    return row


@dataclass(frozen=True, slots=True)
class Item:
    """One item with its petition."""

    row: BatchItem
    petition: Petition


def items(
    s: Session, batch_id: UUID, *, actor: Actor, court_id: UUID | None = None, state: str = ""
) -> list[Item]:
    """Return the items of a batch about petitions the actor may see; at most 200 are in one."""
    query = select(BatchItem, Petition).join(Petition, col(BatchItem.petition_id) == col(Petition.id))
    query = query.where(col(BatchItem.batch_id) == batch_id, visible_to(actor))
    if court_id is not None:
        query = query.where(col(BatchItem.court_id) == court_id)
    if state:
        query = query.where(col(BatchItem.state) == state)
    return [Item(row, petition) for row, petition in s.exec(query.order_by(col(Petition.number))).all()]


def item(s: Session, batch_id: UUID, item_id: UUID, *, actor: Actor) -> Item:
    """Return one item about a petition the actor may see, locked; raise `NotFound` otherwise."""
    query = select(BatchItem, Petition).join(Petition, col(BatchItem.petition_id) == col(Petition.id))
    query = query.where(col(BatchItem.id) == item_id, col(BatchItem.batch_id) == batch_id, visible_to(actor))
    found = s.exec(query.with_for_update(of=BatchItem).execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound("batches.not_found")
    return Item(*found)


def unaccepted(s: Session, batch_id: UUID) -> int:
    """Return how many items still stand open, whoever may see them; for closing, which waits for all."""
    query = select(func.count()).select_from(BatchItem)
    return s.exec(
        query.where(col(BatchItem.batch_id) == batch_id, col(BatchItem.state) != ItemState.ACCEPTED)
    ).one()


def judges(s: Session, actor: Actor, row: Batch) -> bool:
    """Say whether the actor's courts judge a batch: the one that gave it, or one above it."""
    court = courts.get(s, row.court_id)
    return supervises(actor, court.id, court.path) is not None


def owing(s: Session, batch_id: UUID) -> dict[UUID, list[UUID]]:
    """Return the petitions on which a report is owed, by the court that owes it; for the job."""
    query = select(BatchItem.court_id, BatchItem.petition_id).where(
        col(BatchItem.batch_id) == batch_id, col(BatchItem.state).in_(OWED)
    )
    found: dict[UUID, list[UUID]] = {}
    for court_id, petition_id in s.exec(query).all():
        found.setdefault(court_id, []).append(petition_id)
    return found


def to_note(s: Session, *, today: date) -> Sequence[Batch]:
    """Return open batches whose return date is near and not brought to mind, or over and not noted; for the job."""
    query = select(Batch).where(
        col(Batch.closed_at).is_(None),
        or_(
            (col(Batch.due_on) < today) & col(Batch.noted_on).is_(None),
            (col(Batch.due_on) <= today + AHEAD) & col(Batch.reminded_on).is_(None),
        ),
    )
    return s.exec(query.order_by(col(Batch.due_on)).limit(500)).all()


def lines(actor: Actor, *, today: date) -> list[Line]:
    """Return the reports that the actor's court owes, and those that wait to be judged, as lines of Today."""
    led = {grant.court_id for grant in grants_of(actor) if grant.role is Role.LEADER}
    reports = or_(col(BatchItem.court_id).in_(led), col(Petition.handler_id) == actor.staff_id)
    of_batch = col(BatchItem.batch_id) == col(Batch.id)
    of_petition_ = col(BatchItem.petition_id) == col(Petition.id)
    query = (
        dated(col(Batch.due_on), today)
        .select_from(BatchItem)
        .join(Batch, of_batch)
        .join(Petition, of_petition_)
    )
    query = query.where(
        col(BatchItem.state).in_(OWED), reports, visible_to(actor), col(Batch.closed_at).is_(None)
    )
    given = {grant.court_id for grant in grants_of(actor) if grant.role is Role.SUPERVISOR}
    judged = undated().select_from(BatchItem).join(Batch, of_batch).join(Petition, of_petition_)
    judged = judged.where(
        col(BatchItem.state) == ItemState.REPORTED, col(Batch.court_id).in_(given), visible_to(actor)
    )
    return [
        Line("batches.waiting_report", "/batches", query),
        Line("batches.waiting_judge", "/batches", judged),
    ]


def of_petition(s: Session, petition_id: UUID) -> Sequence[tuple[BatchItem, Batch]]:
    """Return the items about a petition that the caller found through `visible_to`, the newest first."""
    query = select(BatchItem, Batch).join(Batch, col(BatchItem.batch_id) == col(Batch.id))
    query = query.where(BatchItem.petition_id == petition_id)
    return s.exec(query.order_by(col(Batch.given_at).desc())).all()
