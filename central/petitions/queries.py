"""Reading petitions. Every list starts from `visible_to(actor)`; lists go on by key, never by offset."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    UnaryExpression,
    Uuid,
    and_,
    false,
    func,
    literal_column,
    not_,
    or_,
    text,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from central.accounts.permissions import sight_of
from central.actor import Actor, Role
from central.barrier.queries import barred
from central.cases import queries as cases
from central.cases.models import CaseName
from central.courts.models import Court
from central.db import is_sqlite
from central.errors import Conflict, NotFound
from central.petitions.invariants import Invariant
from central.petitions.models import Assignment, Demand, Note, Petition, Petitioner, PetitionPerson
from central.petitions.numbering import parse_number
from central.petitions.states import ENDED, State
from central.vault.rows import vault_of

PAGE = 50
#: Conditions of that many people are kept: composing them for each request takes longer than the database takes to answer.
KEPT = 512
#: Lists do not read what they do not show.
_UNSHOWN: tuple[Any, ...] = (Petition.text, Petition.code_hash, Petition.salt)
ROW: tuple[Any, ...] = tuple(defer(each, raiseload=True) for each in _UNSHOWN)
#: Nearest due date first, as rows of worklists go. Open petitions have one; a database that sorts none first or last never meets it.
BY_DUE: tuple[UnaryExpression[Any], ...] = (col(Petition.next_due_on).asc(), col(Petition.id).asc())


@lru_cache(maxsize=KEPT)
def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which `actor` may know of a petition: within sight, and no conflict keeps them away."""
    return and_(or_(*_sights(actor)), unbarred(actor))


@lru_cache(maxsize=KEPT)
def unbarred(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the information barrier (arts 28, 30) lets the actor know of a petition."""
    return not_(barred(actor, col(Petition.id)))


@lru_cache(maxsize=KEPT)
def _sights(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Return the ways in which `actor` sees petitions, each of which one index answers."""
    if actor.petition_id is not None:
        return (col(Petition.id) == actor.petition_id,)
    sight = sight_of(actor)
    if sight.everything:
        return (col(Petition.id).is_not(None),)
    found: list[ColumnElement[bool]] = []
    if sight.roots:
        below = select(Court.id).where(or_(*(col(Court.path).startswith(root) for root in sight.roots)))
        found.append(col(Petition.court_id).in_(below))
    for court_id in sight.courts:
        own, origin = col(Petition.court_id), col(Petition.origin_court_id)
        found += [own == court_id, and_(origin == court_id, origin != own)]
        found.append(col(Petition.party_court_id) == court_id)
    found += [col(Petition.department_id) == department for department in sight.departments]
    if sight.own_work:
        found.append(_assigned(actor))
    return tuple(found) or (false(),)


def _assigned(actor: Actor) -> ColumnElement[bool]:
    mine = select(Assignment.petition_id).where(Assignment.staff_id == actor.staff_id)
    return col(Petition.id).in_(mine)


def get(s: Session, petition_id: UUID, *, actor: Actor, for_update: bool = False) -> Petition:
    """Return a petition the actor may see; raise `NotFound` otherwise, be it absent or hidden.

    `for_update`: it is about to be changed; raise `Conflict` for one that was erased.
    """
    query = select(Petition).where(Petition.id == petition_id, visible_to(actor))
    if for_update:
        query = query.with_for_update(of=Petition)
    petition = s.exec(query).first()
    if petition is None:
        raise NotFound("petitions.not_found")
    if for_update and petition.erased_at is not None:
        raise Conflict("petitions.erased")
    return petition


def to_take_in(s: Session, petition_id: UUID, *, actor: Actor) -> Petition | None:
    """Return a petition, locked, that somebody below the deciding court has and no conflict keeps from the actor: for its desk."""
    query = select(Petition).where(Petition.id == petition_id, unbarred(actor))
    return s.exec(query.with_for_update(of=Petition)).first()


def found(s: Session, petition_id: UUID) -> Petition:
    """Return a petition that this transaction already reached through `get`: no further check, as after a transfer."""
    return s.get_one(Petition, petition_id)


def numbers(s: Session, ids: set[UUID], *, actor: Actor) -> dict[UUID, str]:
    """Return the receipt numbers of those petitions that the actor may see: one statement."""
    if not ids:
        return {}
    query = select(Petition.id, Petition.number).where(col(Petition.id).in_(ids), visible_to(actor))
    return dict(s.exec(query).all())


def of_ids(s: Session, ids: Collection[UUID], *, actor: Actor) -> dict[UUID, Petition]:
    """Return those of some petitions that the actor may see, as a list shows them: one statement."""
    if not ids:
        return {}
    query = select(Petition).options(*ROW).where(col(Petition.id).in_(ids), visible_to(actor))
    return {row.id: row for row in s.exec(query).all()}


def by_id(s: Session, petition_id: UUID) -> Petition | None:
    """Return a petition, or None. For the public page, which has checked number and code."""
    return s.get(Petition, petition_id)


def by_number(s: Session, number: str) -> tuple[UUID, str | None] | None:
    """Return id and hash of the code of the petition with a receipt number, or None. For the public page, which asks for the code as well.

    Nothing is unsealed before the code fits: that would take time, and time would tell which numbers there are.
    """
    return s.exec(select(Petition.id, Petition.code_hash).where(Petition.number == number)).first()


def visible_numbers(s: Session, typed: Collection[str], *, actor: Actor) -> dict[str, UUID]:
    """Return the ids of petitions by their numbers as somebody typed them, those the actor may see: one statement."""
    numbers = {each: parse_number(each, province=actor.court_code[:1]) for each in typed}
    wanted = {number for number in numbers.values() if number}
    query = select(Petition.number, Petition.id).where(col(Petition.number).in_(wanted), visible_to(actor))
    found = dict(s.exec(query).all()) if wanted else {}
    return {each: found[number] for each, number in numbers.items() if number in found}


def visible_number(s: Session, number: str, *, actor: Actor) -> UUID | None:
    """Return the id of the petition with a receipt number, if the actor may see it."""
    return s.exec(select(Petition.id).where(Petition.number == number, visible_to(actor))).first()


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to. Empty fields narrow nothing."""

    court_id: UUID | None = None
    state: State | None = None
    channel: str | None = None
    only_open: bool = False
    overdue_on: date | None = None


@dataclass(frozen=True, slots=True)
class After:
    """The last row of the page before: newest lists go on behind it."""

    received_at: datetime
    petition_id: UUID


def newest(
    s: Session, *, actor: Actor, filter_: Filter, after: After | None = None, limit: int = PAGE
) -> Sequence[Petition]:
    """Return petitions the actor may see, newest first, at most `limit`.

    One index read for each way of seeing, merged: an `or` over two columns would read and sort all that a court ever had.
    """
    return s.exec((_first_page if after is None else _newest)(actor, filter_, limit, after)).all()


def _newest(actor: Actor, filter_: Filter, limit: int, after: After | None) -> SelectOfScalar[Petition]:
    place, conditions = (col(Petition.received_at), col(Petition.id)), [unbarred(actor)]
    if after is not None:
        conditions.append(tuple_(*place) < tuple_(after.received_at, after.petition_id))
    order = tuple(each.desc() for each in place)
    return first_of(_sights(actor), [*conditions, *_conditions(filter_)], order, limit)


_first_page = lru_cache(maxsize=KEPT)(_newest)


def first_of(
    ways: Sequence[ColumnElement[bool]],
    conditions: Sequence[ColumnElement[bool]],
    order: Sequence[UnaryExpression[Any]],
    limit: int,
) -> SelectOfScalar[Petition]:
    """Return the query of the first petitions of a list in its order: the first of each way, read from its index, and of them the first."""
    firsts = [select(Petition.id).where(way, *conditions).order_by(*order).limit(limit) for way in ways]
    if len(firsts) == 1:
        return select(Petition).options(*ROW).where(*ways, *conditions).order_by(*order).limit(limit)
    ids = union_all(*(select(first.subquery().c.id) for first in firsts))
    return select(Petition).options(*ROW).where(col(Petition.id).in_(ids)).order_by(*order).limit(limit)


def count_newest(s: Session, *, actor: Actor, filter_: Filter, most: int) -> int:
    """Return how many petitions `newest` would come to, at most one more than `most`: no further is counted."""
    ways = [
        select(
            select(Petition.id)
            .where(sight, unbarred(actor), *_conditions(filter_))
            .limit(most + 1)
            .subquery()
        )
        for sight in _sights(actor)
    ]
    return s.exec(select(func.count()).select_from(union(*ways).subquery())).one()


def _conditions(filter_: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filter_.court_id is not None:
        found.append(col(Petition.court_id) == filter_.court_id)
    if filter_.state is not None:
        found.append(col(Petition.state) == filter_.state)
    if filter_.channel:
        found.append(col(Petition.channel) == filter_.channel)
    if filter_.only_open or filter_.overdue_on is not None:
        found.append(and_(col(Petition.is_open)))
    if filter_.overdue_on is not None:
        found.append(col(Petition.next_due_on) < filter_.overdue_on)
    return found


def among(s: Session, ids: Collection[UUID], *, actor: Actor, filter_: Filter) -> set[UUID]:
    """Return which of some petitions the actor may see, that fit the filter and were not erased: one statement, no rows read."""
    if not ids:
        return set()
    conditions = [visible_to(actor), col(Petition.erased_at).is_(None), *_conditions(filter_)]
    return set(s.exec(select(Petition.id).where(col(Petition.id).in_(ids), *conditions)))


@dataclass(frozen=True, slots=True)
class AfterDue:
    """The last row of a worklist page."""

    due_on: date
    petition_id: UUID


def worklist(
    s: Session, *, actor: Actor, after: AfterDue | None = None, limit: int = PAGE
) -> Sequence[Petition]:
    """Return the open petitions whose next step is the actor's, overdue and nearest first.

    Two index reads, merged: what waits for this person by name, and what waits at the desks the person serves.
    """
    conditions = [visible_to(actor), and_(col(Petition.is_open)), *behind(after)]
    return s.exec(first_of(mine(actor), conditions, BY_DUE, limit)).all()


def behind(after: AfterDue | None) -> list[ColumnElement[bool]]:
    """Return the condition of what comes behind the last row of a worklist page."""
    if after is None:
        return []
    place = tuple_(col(Petition.next_due_on), col(Petition.id))
    return [place > tuple_(after.due_on, after.petition_id)]


@lru_cache(maxsize=KEPT)
def mine(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Return the ways in which a next step is the actor's: by name, or at a desk the person serves. They share no petition."""
    served = {(actor.court_id, role) for role in actor.roles}
    served |= {(grant.court_id, grant.role) for grant in actor.further if grant.department_id is None}
    desks = [
        and_(
            col(Petition.court_id) == court_id,
            col(Petition.next_role) == role,
            col(Petition.next_person_id).is_(None),
        )
        for court_id, role in sorted(served, key=str)
    ]
    # A stand-in approves: what waits for the one away as a handler is not theirs.
    in_place = [
        and_(col(Petition.next_person_id) == each.staff_id, col(Petition.next_role) == Role.LEADER)
        for each in actor.stands_for
    ]
    return (col(Petition.next_person_id) == actor.staff_id, *in_place, *desks)


def breaking(
    s: Session, invariant: Invariant, *, actor: Actor | None = None, limit: int = PAGE
) -> Sequence[Petition]:
    """Return petitions that break a rule about petitions, those the actor may see."""
    if invariant.condition is None:
        return []
    query = select(Petition).options(*ROW).where(text(invariant.condition))
    if actor is not None:
        query = query.where(visible_to(actor))
    return s.exec(query.order_by(col(Petition.id)).limit(limit)).all()


def count_breaking(
    s: Session, invariant: Invariant, *, court_id: UUID | None = None, actor: Actor | None = None
) -> int:
    """Return how many petitions of a court (or of all) break a rule. Reads an index that should be empty.

    For an actor, what the information barrier keeps from them is not counted either.
    """
    query = broken(invariant, on_sqlite=is_sqlite(s), court_id=court_id, actor=actor)
    return 0 if query is None else s.exec(query).one()


def broken(
    invariant: Invariant, *, on_sqlite: bool, court_id: UUID | None = None, actor: Actor | None = None
) -> SelectOfScalar[int] | None:
    """Return the query of `count_breaking`; None for a rule that is not about petitions."""
    if invariant.condition is None:
        return None
    table, court = "petition", literal_column("petition.court_id", Uuid)
    if on_sqlite:
        # It would rather walk all petitions of the court than the index that holds the broken ones alone.
        table += f" INDEXED BY ix_petition_broken_{invariant.key}"
    query = select(func.count()).select_from(text(table)).where(text(invariant.condition))
    if court_id is not None:
        query = query.where(court == court_id)
    if actor is not None:
        query = query.where(not_(barred(actor, literal_column("petition.id", Uuid))))
    return query


def petitioner(s: Session, petition_id: UUID) -> Petitioner | None:
    """Return who petitions."""
    return s.get(Petitioner, petition_id)


def people(s: Session, petition_id: UUID) -> Sequence[PetitionPerson]:
    """Return representatives, guardian and agent, in the order in which they were named."""
    return s.exec(
        select(PetitionPerson)
        .where(PetitionPerson.petition_id == petition_id)
        .order_by(col(PetitionPerson.number))
    ).all()


def with_contact(s: Session, value: str, *, actor: Actor) -> list[Petition]:
    """Return the petitions the actor may see with this phone, identity or case number, newest first, at most one page.

    Found by the blind indexes: how a number is written does not matter, parts of a number find nothing.
    """
    vault, person = vault_of(s), select(Petitioner.petition_id)
    same = union_all(
        person.where(col(Petitioner.phone_index) == vault.blind_index("phone", value)),
        person.where(col(Petitioner.id_number_index) == vault.blind_index("id_number", value)),
        select(CaseName.petition_id).where(col(CaseName.case_number_index) == cases.index(s, value)),
    )
    query = select(Petition).options(*ROW).where(col(Petition.id).in_(same), visible_to(actor))
    order = (col(Petition.received_at).desc(), col(Petition.id).desc())
    return list(s.exec(query.order_by(*order).limit(PAGE)).all())


def demands(s: Session, petition_id: UUID) -> Sequence[Demand]:
    """Return the demands in their order."""
    return s.exec(select(Demand).where(Demand.petition_id == petition_id).order_by(col(Demand.number))).all()


def notes(s: Session, petition_id: UUID) -> Sequence[Note]:
    """Return the words that went with acts, oldest first."""
    query = select(Note).where(Note.petition_id == petition_id)
    return s.exec(query.order_by(col(Note.at), col(Note.id))).all()


def assignments(s: Session, petition_id: UUID) -> Sequence[Assignment]:
    """Return who has and had the petition, oldest first."""
    query = select(Assignment).where(Assignment.petition_id == petition_id)
    return s.exec(query.order_by(col(Assignment.since), col(Assignment.id))).all()


def had(s: Session, petition_id: UUID, staff_id: UUID) -> bool:
    """Say whether a person has or had a petition, as handler or responsible leader."""
    query = select(Assignment.id).where(
        Assignment.petition_id == petition_id, Assignment.staff_id == staff_id
    )
    return s.exec(query.limit(1)).first() is not None


def is_ended(petition: Petition) -> bool:
    """Say whether nothing more is owed."""
    return State(petition.state) in ENDED
