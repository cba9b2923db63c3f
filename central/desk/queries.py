"""What the staff's pages read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, select

from central.accounts import queries as accounts
from central.actor import Actor
from central.courts.models import Court
from central.halls import queries as halls
from central.petitions import queries as petitions
from central.petitions.invariants import INVARIANTS
from central.petitions.models import InvariantCheck, Petition


@dataclass(frozen=True, slots=True)
class Tile:
    """One invariant on the home page: its count, and when it was counted if not just now."""

    number: int
    key: str
    count: int
    checked_at: datetime | None = None


def tiles(s: Session, actor: Actor) -> list[Tile]:
    """Return the five counts for the actor's court. 1, 2, 4 and 5 are counted now, 3 is last night's walk of the chain."""
    last = s.exec(
        select(InvariantCheck)
        .where(InvariantCheck.number == 3)
        .order_by(col(InvariantCheck.checked_at).desc())
        .limit(1)
    ).first()
    found = []
    for each in INVARIANTS:
        if each.number == 3:
            found.append(Tile(3, each.key, last.count if last else 0, last.checked_at if last else None))
        elif each.number == 5:
            found.append(Tile(5, each.key, halls.count_untreated(s, court_id=actor.court_id)))
        else:
            count = petitions.count_breaking(s, each, court_id=actor.court_id, actor=actor)
            found.append(Tile(each.number, each.key, count))
    return found


@dataclass(frozen=True, slots=True)
class Listed:
    """Petitions with the names a list shows."""

    rows: Sequence[Petition]
    courts: Mapping[UUID, Court]
    people: Mapping[UUID, str]


def listed(s: Session, rows: Sequence[Petition]) -> Listed:
    """Return `rows` with courts and people: two statements, however many rows."""
    ids = {row.court_id for row in rows}
    found = s.exec(select(Court).where(col(Court.id).in_(ids))).all() if ids else []
    people = {person for row in rows for person in (row.handler_id, row.leader_id) if person}
    return Listed(rows, {court.id: court for court in found}, accounts.names(s, people))


@dataclass(frozen=True, slots=True)
class Work:
    """The actor's worklist, and how much of this page is overdue."""

    listed: Listed
    overdue: int


def work(s: Session, actor: Actor, *, after: petitions.AfterDue | None, today: date) -> Work:
    """Return what waits for the actor, overdue and nearest first."""
    rows = petitions.worklist(s, actor=actor, after=after)
    overdue = sum(1 for row in rows if row.next_due_on and row.next_due_on < today)
    return Work(listed(s, rows), overdue)
