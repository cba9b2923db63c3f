"""Reading what petitioners sent. Every list starts from the petitions the actor may see; lists go on by key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, tuple_
from sqlmodel import Session, col, func, select

from central.accounts import queries as accounts
from central.accounts.permissions import Right, grants_of, may
from central.actor import Actor, Role
from central.asks.models import PetitionerAsk
from central.asks.rules import Kind, State
from central.courts import queries as courts
from central.courts.models import Court
from central.errors import NotFound
from central.keeping.models import Appraisal
from central.keeping.rules import State as Kept
from central.petitions.models import Petition
from central.petitions.queries import ROW, visible_to
from central.supervision.today import Line, dated

PAGE = 50


class Tab(StrEnum):
    """The lists of the page."""

    MINE = "mine"
    OBJECTIONS = "objections"
    SUPPLEMENTS = "supplements"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Shown:
    """A row with its petition and court."""

    row: PetitionerAsk
    petition: Petition
    court: Court


@dataclass(frozen=True, slots=True)
class After:
    """The last row of the page before: its due day, or the moment it was done."""

    ask_id: UUID
    due_on: date | None = None
    done_at: datetime | None = None


def listed(
    s: Session, actor: Actor, *, tab: Tab, after: After | None = None, limit: int = PAGE
) -> list[Shown]:
    """Return a tab's rows about petitions the actor may see: nearest day first, of those that are done the newest first."""
    query = (
        select(PetitionerAsk, Petition)
        .join(Petition, col(PetitionerAsk.petition_id) == col(Petition.id))
        .options(*ROW)
        .where(visible_to(actor), col(Petition.erased_at).is_(None), *_in_tab(tab, actor))
    )
    key = col(PetitionerAsk.id)
    if tab is Tab.DONE:
        at = col(PetitionerAsk.done_at)
        if after is not None and after.done_at is not None:
            query = query.where(tuple_(at, key) < (after.done_at, after.ask_id))
        query = query.order_by(at.desc(), key.desc())
    else:
        day = col(PetitionerAsk.due_on)
        if after is not None and after.due_on is not None:
            query = query.where(tuple_(day, key) > (after.due_on, after.ask_id))
        query = query.order_by(day, key)
    rows = s.exec(query.limit(limit)).all()
    known = {each.id: each for each in courts.some(s, {petition.court_id for _, petition in rows})}
    return [Shown(row, petition, known[petition.court_id]) for row, petition in rows]


def _in_tab(tab: Tab, actor: Actor) -> list[ColumnElement[bool]]:
    # Written out, so that SQLite finds the index of the open ones, or of those that are done.
    match tab:
        case Tab.MINE:
            return [_is(State.OPEN), or_(*_mine(actor))]
        case Tab.OBJECTIONS:
            return [_is(State.OPEN), col(PetitionerAsk.kind) == Kind.OBJECTION]
        case Tab.SUPPLEMENTS:
            return [_is(State.OPEN), col(PetitionerAsk.kind) == Kind.SUPPLEMENT]
        case Tab.DONE:
            return [_is(State.DONE)]


def _is(state: State) -> ColumnElement[bool]:
    return col(PetitionerAsk.state) == state


def _mine(actor: Actor) -> list[ColumnElement[bool]]:
    """Return the conditions of what the actor is to deal with, as `rules.owner_of` says it."""
    objection = col(PetitionerAsk.kind) == Kind.OBJECTION
    supplement = col(PetitionerAsk.kind) == Kind.SUPPLEMENT
    found: list[ColumnElement[bool]] = [false()]
    if led := _courts(actor, Role.LEADER):
        others = or_(col(Petition.handler_id).is_(None), col(Petition.handler_id) != actor.staff_id)
        found.append(and_(objection, col(Petition.court_id).in_(led), others))
    if served := _courts(actor, Role.REGISTRAR):
        nobody = col(Petition.handler_id).is_(None)
        found.append(and_(supplement, col(Petition.court_id).in_(served), nobody))
    if actor.has_anywhere(Role.HANDLER):
        found.append(and_(supplement, col(Petition.handler_id) == actor.staff_id))
    return found


def _courts(actor: Actor, role: Role) -> set[UUID]:
    return {each.court_id for each in grants_of(actor) if each.role is role and each.department_id is None}


def lines(actor: Actor, *, today: date) -> list[Line]:
    """Return what waits for the actor: supplements to read, objections to answer, wishes to have data erased."""
    found = []
    for kind in Kind:
        mine = and_(col(PetitionerAsk.kind) == kind, or_(*_mine(actor)))
        query: Any = dated(col(PetitionerAsk.due_on), today).select_from(PetitionerAsk)
        query = query.join(Petition, col(PetitionerAsk.petition_id) == col(Petition.id))
        query = query.where(_is(State.OPEN), mine, visible_to(actor), col(Petition.erased_at).is_(None))
        found.append(Line(f"asks.waiting_{kind}", "/asks?tab=mine", query))
    ways = ((Right.APPRAISE, Kept.DUE), (Right.AGREE_TO_DISPOSAL, Kept.PROPOSED))
    for right, state in ways:
        if not may(actor, right):
            continue
        query = dated(col(Appraisal.answer_by), today).select_from(Appraisal)
        query = query.join(Petition, col(Appraisal.petition_id) == col(Petition.id))
        others = or_(col(Appraisal.proposed_by).is_(None), col(Appraisal.proposed_by) != actor.staff_id)
        query = query.where(
            col(Appraisal.court_id) == actor.court_id,
            col(Appraisal.state) == state,
            col(Appraisal.answer_by).is_not(None),
            visible_to(actor),
            *([others] if state is Kept.PROPOSED else []),
        )
        found.append(Line(f"asks.waiting_erasure_{state}", f"/keeping?state={state}", query))
    return found


def get(
    s: Session, petition_id: UUID, ask_id: UUID, *, actor: Actor, for_update: bool = False
) -> PetitionerAsk:
    """Return what was sent about a petition the actor may see; raise `NotFound` otherwise, be it absent or hidden."""
    query = select(PetitionerAsk).join(Petition, col(PetitionerAsk.petition_id) == col(Petition.id))
    query = query.where(
        PetitionerAsk.id == ask_id, PetitionerAsk.petition_id == petition_id, visible_to(actor)
    )
    if for_update:
        query = query.with_for_update(of=PetitionerAsk)
    row = s.exec(query.execution_options(populate_existing=for_update)).first()
    if row is None:
        raise NotFound("asks.not_found")
    return row


def of_petition(s: Session, petition_id: UUID) -> Sequence[PetitionerAsk]:
    """Return what the petitioner sent about a petition that the caller may read, newest first."""
    query = select(PetitionerAsk).where(PetitionerAsk.petition_id == petition_id)
    return s.exec(query.order_by(col(PetitionerAsk.asked_at).desc(), col(PetitionerAsk.id).desc())).all()


def sent_since(s: Session, petition_id: UUID, since: datetime) -> int:
    """Return how many forms of a petition came since a moment."""
    query = select(func.count()).select_from(PetitionerAsk)
    query = query.where(PetitionerAsk.petition_id == petition_id, col(PetitionerAsk.asked_at) > since)
    return s.exec(query).one()


def open_objections(s: Session, petition_id: UUID) -> int:
    """Return how many objections of a petition wait for their answer."""
    query = select(func.count()).select_from(PetitionerAsk)
    query = query.where(
        PetitionerAsk.petition_id == petition_id,
        PetitionerAsk.kind == Kind.OBJECTION,
        PetitionerAsk.state == State.OPEN,
    )
    return s.exec(query).one()


def names(s: Session, rows: Sequence[PetitionerAsk]) -> Mapping[UUID, str]:
    """Return the names of those who dealt with some rows."""
    return accounts.names(s, {row.done_by for row in rows if row.done_by})
