"""Reading orders. Every list starts from the petitions the actor may see, so that tree and barrier hold; lists go on by key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, false, func, or_, tuple_
from sqlmodel import Session, col, select

from central.accounts import queries as accounts
from central.accounts.permissions import RIGHTS, Right, grants_of, sight_of, supervises
from central.actor import Actor, Role
from central.courts import queries as courts
from central.courts.models import Court
from central.errors import NotFound
from central.petitions.models import Assignment, Petition
from central.petitions.queries import visible_to
from central.supervision.models import SupervisionOrder, SupervisionRound
from central.supervision.states import OPEN, State
from central.supervision.today import Line, dated, undated

PAGE = 50
#: Orders that one waking of the job takes up.
LOT = 500


class Tab(StrEnum):
    """The lists of the page."""

    ANSWER = "answer"
    JUDGE = "judge"
    OVERDUE = "overdue"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Shown:
    """An order with its petition and the courts a page names."""

    row: SupervisionOrder
    petition: Petition
    court: Court
    judge: Court


@dataclass(frozen=True, slots=True)
class After:
    """The last row of the page before: its due day, or the moment it ended."""

    order_id: UUID
    due_on: date | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a list is narrowed to."""

    court_id: UUID | None = None
    reason: str = ""


def reach(
    actor: Actor, court: SQLColumnExpression[UUID], petition: SQLColumnExpression[UUID]
) -> ColumnElement[bool] | None:
    """Return the condition by which an index finds what the actor may see, of rows with a court and a petition; None: everything."""
    sight = sight_of(actor)
    if sight.everything:
        return None
    ways: list[ColumnElement[bool]] = []
    if sight.roots:
        below = select(Court.id).where(or_(*(col(Court.path).startswith(root) for root in sight.roots)))
        ways.append(court.in_(below))
    if sight.courts:
        ways.append(court.in_(sight.courts))
    if sight.departments:
        led = select(Petition.id).where(col(Petition.department_id).in_(sight.departments))
        ways.append(petition.in_(led.where(visible_to(actor))))
    if sight.own_work:
        ways.append(petition.in_(select(Assignment.petition_id).where(Assignment.staff_id == actor.staff_id)))
    return or_(false(), *ways)


def _in_tab(tab: Tab, today: date) -> list[ColumnElement[bool]]:
    state, due_on = col(SupervisionOrder.state), col(SupervisionOrder.due_on)
    match tab:
        case Tab.ANSWER:
            return [state == State.ISSUED]
        case Tab.JUDGE:
            return [state == State.ANSWERED]
        case Tab.OVERDUE:
            return [state == State.ISSUED, due_on < today]
        case Tab.CLOSED:
            return [col(SupervisionOrder.ended_at).is_not(None)]


def _conditions(actor: Actor, tab: Tab, narrowed: Narrowed, today: date) -> list[ColumnElement[bool]]:
    found = _in_tab(tab, today)
    own = reach(actor, col(SupervisionOrder.court_id), col(SupervisionOrder.petition_id))
    if narrowed.court_id is not None:
        found.append(col(SupervisionOrder.court_id) == narrowed.court_id)
    elif own is not None:
        found.append(own)
    if narrowed.reason:
        found.append(col(SupervisionOrder.reason) == narrowed.reason)
    return found


def listed(
    s: Session,
    actor: Actor,
    *,
    tab: Tab,
    today: date,
    narrowed: Narrowed = Narrowed(),
    after: After | None = None,
    limit: int = PAGE,
) -> list[Shown]:
    """Return the orders of a tab about petitions the actor may see: nearest day first, of those that ended the newest first."""
    query = select(SupervisionOrder, Petition).join(
        Petition, col(SupervisionOrder.petition_id) == col(Petition.id)
    )
    query = query.where(visible_to(actor), *_conditions(actor, tab, narrowed, today))
    query = query.where(col(Petition.erased_at).is_(None))
    key = col(SupervisionOrder.id)
    if tab is Tab.CLOSED:
        at = col(SupervisionOrder.ended_at)
        if after is not None and after.ended_at is not None:
            query = query.where(tuple_(at, key) < (after.ended_at, after.order_id))
        query = query.order_by(at.desc(), key.desc())
    else:
        day = col(SupervisionOrder.due_on)
        if after is not None and after.due_on is not None:
            query = query.where(tuple_(day, key) > (after.due_on, after.order_id))
        query = query.order_by(day, key)
    return _with_courts(s, s.exec(query.limit(limit)).all())


def _with_courts(s: Session, rows: Sequence[tuple[SupervisionOrder, Petition]]) -> list[Shown]:
    ids = {each for row, _ in rows for each in (row.court_id, row.judge_court_id)}
    known = {court.id: court for court in courts.some(s, ids)}
    return [Shown(row, petition, known[row.court_id], known[row.judge_court_id]) for row, petition in rows]


def counts(s: Session, actor: Actor, *, today: date, narrowed: Narrowed = Narrowed()) -> dict[Tab, int]:
    """Return how many orders each tab holds for the actor."""
    found = {}
    for tab in Tab:
        query = select(func.count()).select_from(SupervisionOrder)
        query = query.join(Petition, col(SupervisionOrder.petition_id) == col(Petition.id))
        query = query.where(visible_to(actor), *_conditions(actor, tab, narrowed, today))
        query = query.where(col(Petition.erased_at).is_(None))
        found[tab] = s.exec(query).one()
    return found


def get(
    s: Session, petition_id: UUID, order_id: UUID, *, actor: Actor, for_update: bool = False
) -> SupervisionOrder:
    """Return an order about a petition the actor may see; raise `NotFound` otherwise, be it absent or hidden."""
    query = select(SupervisionOrder).join(Petition, col(SupervisionOrder.petition_id) == col(Petition.id))
    query = query.where(
        SupervisionOrder.id == order_id, SupervisionOrder.petition_id == petition_id, visible_to(actor)
    )
    if for_update:
        query = query.with_for_update(of=SupervisionOrder)
    row = s.exec(query.execution_options(populate_existing=for_update)).first()
    if row is None:
        raise NotFound("supervision.not_found")
    return row


def rounds(s: Session, order_id: UUID) -> Sequence[SupervisionRound]:
    """Return the rounds of an order, oldest first."""
    query = select(SupervisionRound).where(SupervisionRound.order_id == order_id)
    return s.exec(query.order_by(col(SupervisionRound.number))).all()


def running_round(s: Session, order: SupervisionOrder) -> SupervisionRound:
    """Return the round that is running."""
    query = select(SupervisionRound).where(
        SupervisionRound.order_id == order.id, SupervisionRound.number == order.round
    )
    return s.exec(query).one()


def running(s: Session, petition_id: UUID, issuer_court_id: UUID) -> SupervisionOrder | None:
    """Return the open order that a court gave about a petition."""
    query = select(SupervisionOrder).where(
        SupervisionOrder.petition_id == petition_id,
        SupervisionOrder.issuer_court_id == issuer_court_id,
        col(SupervisionOrder.state).in_(OPEN),
    )
    return s.exec(query).first()


@dataclass(frozen=True, slots=True)
class OfPetition:
    """The orders about a petition, newest first, with courts and people."""

    rows: Sequence[SupervisionOrder] = ()
    courts: Mapping[UUID, Court] = field(default_factory=dict)
    names: Mapping[UUID, str] = field(default_factory=dict)


def of_petition(s: Session, petition_id: UUID) -> OfPetition:
    """Return the orders about a petition that the caller found through `visible_to`."""
    query = select(SupervisionOrder).where(SupervisionOrder.petition_id == petition_id)
    rows = s.exec(
        query.order_by(col(SupervisionOrder.issued_at).desc(), col(SupervisionOrder.id).desc())
    ).all()
    if not rows:
        return OfPetition()
    ids = {each for row in rows for each in (row.court_id, row.issuer_court_id, row.judge_court_id)}
    people = {row.issued_by for row in rows if row.issued_by}
    return OfPetition(rows, {each.id: each for each in courts.some(s, ids)}, accounts.names(s, people))


def lines(actor: Actor, *, today: date) -> list[Line]:
    """Return what waits for the actor about orders: to be answered by their court or by them, to be judged, to go to the court above."""
    found = []
    for tab, mine in ((Tab.ANSWER, _mine_to_answer(actor)), (Tab.JUDGE, _mine_to_judge(actor))):
        if mine is None:
            continue
        query = dated(col(SupervisionOrder.due_on), today) if tab is Tab.ANSWER else undated()
        query = query.select_from(SupervisionOrder)
        query = query.join(Petition, col(SupervisionOrder.petition_id) == col(Petition.id))
        query = query.where(*_in_tab(tab, today), mine, visible_to(actor), col(Petition.erased_at).is_(None))
        found.append(Line(f"supervision.waiting_{tab}", f"/supervision?tab={tab}", query))
    return found


def _mine_to_answer(actor: Actor) -> ColumnElement[bool] | None:
    """Return the condition of orders the actor may answer: as a leader of the court, or as the handler."""
    led = [
        grant.court_id
        for grant in grants_of(actor)
        if grant.role is Role.LEADER and grant.department_id is None
    ]
    mine: list[ColumnElement[bool]] = [col(SupervisionOrder.court_id).in_(led)] if led else []
    if actor.has_anywhere(Role.HANDLER):
        mine.append(col(Petition.handler_id) == actor.staff_id)
    return and_(or_(*mine), _by_another(actor)) if mine else None


def _by_another(actor: Actor) -> ColumnElement[bool]:
    by = col(SupervisionOrder.issued_by)
    return or_(by.is_(None), by != actor.staff_id)


def _mine_to_judge(actor: Actor) -> ColumnElement[bool] | None:
    """Return the condition of orders that the actor's own courts judge."""
    held = {
        grant.court_id
        for grant in grants_of(actor)
        if grant.role in RIGHTS[Right.SUPERVISE] and grant.department_id is None
    }
    return col(SupervisionOrder.judge_court_id).in_(held) if held else None


def judges(s: Session, actor: Actor, order: SupervisionOrder) -> bool:
    """Say whether the actor's courts judge an order: the one that judges, or one above it."""
    court = courts.get(s, order.judge_court_id)
    return supervises(actor, court.id, court.path) is not None


def astray(s: Session) -> Sequence[tuple[SupervisionOrder, UUID]]:
    """Return open orders whose petition went to another court, with that court; for the job."""
    query = select(SupervisionOrder, Petition.court_id).join(
        Petition, col(SupervisionOrder.petition_id) == col(Petition.id)
    )
    query = query.where(
        col(SupervisionOrder.state).in_(OPEN), col(SupervisionOrder.court_id) != col(Petition.court_id)
    )
    return s.exec(query.order_by(col(SupervisionOrder.due_on)).limit(LOT)).all()


def to_propose(s: Session, *, today: date) -> Sequence[SupervisionOrder]:
    """Return open orders whose day is over and whose escalation nobody proposed yet; for the job."""
    query = select(SupervisionOrder).where(
        col(SupervisionOrder.state) == State.ISSUED,
        col(SupervisionOrder.due_on) < today,
        col(SupervisionOrder.proposed_on).is_(None),
    )
    return s.exec(query.order_by(col(SupervisionOrder.due_on)).limit(LOT)).all()
