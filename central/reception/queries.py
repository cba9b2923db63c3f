"""Reading reception days. A day belongs to its court; what it says of petitions starts from those the actor may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, false, func, literal, not_, or_, tuple_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.accounts.permissions import sight_of
from central.actor import Actor, Role
from central.barrier.queries import barred
from central.courts.models import Court
from central.errors import NotFound
from central.petitions.models import Petition
from central.petitions.queries import visible_to
from central.reception.models import ReceptionBooking, ReceptionDay, ReceptionPromise, ReceptionRecord
from central.reception.rules import BookingState, DayState, PromiseState
from central.supervision.queries import reach
from central.supervision.today import Line, dated

PAGE = 50
LOT = 500


class Tab(StrEnum):
    """The lists of the page."""

    COMING = "coming"
    PAST = "past"


class PromiseTab(StrEnum):
    """The lists of promises."""

    OPEN = "open"
    OVERDUE = "overdue"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class ShownDay:
    """A day with court, leader and how many seats are taken."""

    row: ReceptionDay
    court: Court
    leader: Staff
    taken: int = 0


@dataclass(frozen=True, slots=True)
class After:
    """The last row of the page before."""

    day: date
    row_id: UUID


def sees(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of days the actor knows of before they are published: those of their own court and of courts in sight."""
    sight = sight_of(actor)
    ways: list[ColumnElement[bool]] = []
    if sight.everything:
        ways.append(col(ReceptionDay.id).is_not(None))
    own = {*sight.courts, *([actor.court_id] if actor.court_id else [])}
    if own:
        ways.append(col(ReceptionDay.court_id).in_(own))
    if sight.roots:
        below = select(Court.id).where(or_(*(col(Court.path).startswith(root) for root in sight.roots)))
        ways.append(col(ReceptionDay.court_id).in_(below))
    return or_(false(), *ways)


def listed(
    s: Session,
    actor: Actor,
    *,
    tab: Tab,
    today: date,
    court_id: UUID | None = None,
    after: After | None = None,
    limit: int = PAGE,
) -> list[ShownDay]:
    """Return days the actor may know of: to come, the nearest first, or past, the latest first."""
    query = _days().where(sees(actor))
    if court_id is not None:
        query = query.where(col(ReceptionDay.court_id) == court_id)
    key = tuple_(col(ReceptionDay.day), col(ReceptionDay.id))
    if tab is Tab.COMING:
        query = query.where(col(ReceptionDay.day) >= today)
        query = query.where(key > (after.day, after.row_id)) if after else query
        query = query.order_by(col(ReceptionDay.day), col(ReceptionDay.id))
    else:
        query = query.where(col(ReceptionDay.day) < today)
        query = query.where(key < (after.day, after.row_id)) if after else query
        query = query.order_by(col(ReceptionDay.day).desc(), col(ReceptionDay.id).desc())
    return _with_taken(s, s.exec(query.limit(limit)).all())


def published(
    s: Session, *, today: date, court_id: UUID | None, after: After | None = None, limit: int = PAGE
) -> list[ShownDay]:
    """Return published days to come, for everybody (Regulation art. 18): of a court, or of all."""
    query = _days().where(col(ReceptionDay.state) == DayState.PUBLISHED, col(ReceptionDay.day) >= today)
    if court_id is not None:
        query = query.where(col(ReceptionDay.court_id) == court_id)
    if after is not None:
        query = query.where(tuple_(col(ReceptionDay.day), col(ReceptionDay.id)) > (after.day, after.row_id))
    query = query.order_by(col(ReceptionDay.day), col(ReceptionDay.id)).limit(limit)
    return _with_taken(s, s.exec(query).all())


def _days() -> Select[ReceptionDay, Court, Staff]:
    query = select(ReceptionDay, Court, Staff).join(Court, col(ReceptionDay.court_id) == col(Court.id))
    return query.join(Staff, col(ReceptionDay.leader_id) == col(Staff.id))


def _with_taken(s: Session, rows: Sequence[tuple[ReceptionDay, Court, Staff]]) -> list[ShownDay]:
    ids = [day.id for day, _, _ in rows]
    query = select(ReceptionBooking.day_id, func.count()).where(
        col(ReceptionBooking.day_id).in_(ids), col(ReceptionBooking.state) != BookingState.CANCELLED
    )
    taken = dict(s.exec(query.group_by(col(ReceptionBooking.day_id))).all()) if ids else {}
    return [ShownDay(day, court, leader, taken.get(day.id, 0)) for day, court, leader in rows]


def get(s: Session, day_id: UUID, *, actor: Actor, for_update: bool = False) -> ReceptionDay:
    """Return a day the actor may know of; raise `NotFound` otherwise, be it absent or another court's."""
    query = select(ReceptionDay).where(ReceptionDay.id == day_id, sees(actor))
    if for_update:
        query = query.with_for_update(of=ReceptionDay)
    row = s.exec(query.execution_options(populate_existing=for_update)).first()
    if row is None:
        raise NotFound("reception.not_found")
    return row


def bookings(s: Session, day_id: UUID) -> Sequence[ReceptionBooking]:
    """Return the bookings of a day in the order of the seats, cancelled ones too."""
    query = select(ReceptionBooking).where(ReceptionBooking.day_id == day_id)
    return s.exec(query.order_by(col(ReceptionBooking.seat), col(ReceptionBooking.id))).all()


def booking(s: Session, booking_id: UUID) -> ReceptionBooking:
    """Return a booking; raise `NotFound`. The caller asks whose day it is."""
    row = s.get(ReceptionBooking, booking_id)
    if row is None:
        raise NotFound("reception.not_found")
    return row


def records_of_day(s: Session, day_id: UUID, *, actor: Actor) -> list[tuple[ReceptionRecord, Petition]]:
    """Return the records of a day about petitions the actor may see, oldest first."""
    query = select(ReceptionRecord, Petition).join(
        Petition, col(ReceptionRecord.petition_id) == col(Petition.id)
    )
    query = query.where(ReceptionRecord.day_id == day_id, visible_to(actor))
    return list(s.exec(query.order_by(col(ReceptionRecord.recorded_at))).all())


def records(s: Session, petition_id: UUID) -> Sequence[ReceptionRecord]:
    """Return the records about a petition that the caller found through `visible_to`, newest first."""
    query = select(ReceptionRecord).where(ReceptionRecord.petition_id == petition_id)
    return s.exec(query.order_by(col(ReceptionRecord.recorded_at).desc())).all()


def promises(s: Session, petition_id: UUID) -> Sequence[ReceptionPromise]:
    """Return the promises about a petition that the caller found through `visible_to`, nearest day first."""
    query = select(ReceptionPromise).where(ReceptionPromise.petition_id == petition_id)
    return s.exec(query.order_by(col(ReceptionPromise.due_on), col(ReceptionPromise.id))).all()


@dataclass(frozen=True, slots=True)
class ShownPromise:
    """A promise with its petition."""

    row: ReceptionPromise
    petition: Petition


def _promise_tab(tab: PromiseTab, today: date) -> list[ColumnElement[bool]]:
    match tab:
        case PromiseTab.OPEN:
            return [col(ReceptionPromise.state) == PromiseState.OPEN]
        case PromiseTab.OVERDUE:
            return [
                col(ReceptionPromise.state) == PromiseState.OPEN,
                col(ReceptionPromise.due_on) < today,
            ]
        case PromiseTab.SETTLED:
            return [col(ReceptionPromise.state).in_([PromiseState.KEPT, PromiseState.NOT_KEPT])]


def promised(
    s: Session,
    actor: Actor,
    *,
    tab: PromiseTab,
    today: date,
    after: After | None = None,
    limit: int = PAGE,
) -> list[ShownPromise]:
    """Return promises about petitions the actor may see, nearest day first."""
    query = select(ReceptionPromise, Petition).join(
        Petition, col(ReceptionPromise.petition_id) == col(Petition.id)
    )
    query = query.where(*_promise_tab(tab, today), visible_to(actor), col(Petition.erased_at).is_(None))
    own = reach(actor, col(ReceptionPromise.court_id), col(ReceptionPromise.petition_id))
    query = query.where(own) if own is not None else query
    key = tuple_(col(ReceptionPromise.due_on), col(ReceptionPromise.id))
    query = query.where(key > (after.day, after.row_id)) if after else query
    query = query.order_by(col(ReceptionPromise.due_on), col(ReceptionPromise.id)).limit(limit)
    return [ShownPromise(row, petition) for row, petition in s.exec(query).all()]


def promise_counts(s: Session, actor: Actor, *, today: date) -> dict[PromiseTab, int]:
    """Return how many promises each list holds for the actor."""
    found = {}
    own = reach(actor, col(ReceptionPromise.court_id), col(ReceptionPromise.petition_id))
    for tab in PromiseTab:
        query = select(func.count()).select_from(ReceptionPromise)
        query = query.join(Petition, col(ReceptionPromise.petition_id) == col(Petition.id))
        query = query.where(*_promise_tab(tab, today), visible_to(actor), col(Petition.erased_at).is_(None))
        found[tab] = s.exec(query.where(own) if own is not None else query).one()
    return found


@dataclass(frozen=True, slots=True)
class Year:
    """A leader's days held in a year."""

    leader: Staff
    held: int


def held(s: Session, court_id: UUID, year: int) -> list[Year]:
    """Return every leader of a court with the days on which they received visitors in a year."""
    query = select(ReceptionDay.leader_id, func.count()).where(
        col(ReceptionDay.court_id) == court_id,
        col(ReceptionDay.day) >= date(year, 1, 1),
        col(ReceptionDay.day) <= date(year, 12, 31),
        col(ReceptionDay.state) == DayState.HELD,
    )
    counted: Mapping[UUID, int] = dict(s.exec(query.group_by(col(ReceptionDay.leader_id))).all())
    leaders = {one.id: one for one in accounts.with_role(s, court_id, Role.LEADER)}
    gone = counted.keys() - leaders.keys()
    leaders |= {one.id: one for each in gone if (one := accounts.get(s, each)) is not None}
    return [
        Year(one, counted.get(one.id, 0)) for one in sorted(leaders.values(), key=lambda one: one.username)
    ]


def late_promises(s: Session, *, today: date) -> Sequence[ReceptionPromise]:
    """Return open promises whose day is over and was not noted yet; for the job."""
    query = select(ReceptionPromise).where(
        col(ReceptionPromise.state) == PromiseState.OPEN,
        col(ReceptionPromise.due_on) < today,
        col(ReceptionPromise.noted_on).is_(None),
    )
    return s.exec(query.order_by(col(ReceptionPromise.due_on)).limit(LOT)).all()


def lines(actor: Actor, *, today: date) -> list[Line]:
    """Return what waits for the actor: promises to be done by them, and reception days on which they sit."""
    query = dated(col(ReceptionPromise.due_on), today)
    query = query.select_from(ReceptionPromise).join(
        Petition, col(ReceptionPromise.petition_id) == col(Petition.id)
    )
    query = query.where(
        col(ReceptionPromise.person_id) == actor.staff_id,
        col(ReceptionPromise.state) == PromiseState.OPEN,
        visible_to(actor),
    )
    days = select(func.count(), func.min(col(ReceptionDay.day)), literal(0)).where(
        col(ReceptionDay.leader_id) == actor.staff_id,
        col(ReceptionDay.state) == DayState.PUBLISHED,
    )
    return [
        Line("reception.waiting_promises", "/reception/promises", query),
        Line("reception.waiting_days", "/reception", days),
    ]


def sits(s: Session, leader_id: UUID, opens_at: datetime, closes_at: datetime) -> bool:
    """Say whether a leader has another day on the roster that overlaps."""
    query = select(ReceptionDay.id).where(
        col(ReceptionDay.leader_id) == leader_id,
        col(ReceptionDay.state) != DayState.CALLED_OFF,
        col(ReceptionDay.opens_at) < closes_at,
        col(ReceptionDay.closes_at) > opens_at,
    )
    return s.exec(query.limit(1)).first() is not None


def seen_petitions(s: Session, ids: set[UUID], *, actor: Actor) -> dict[UUID, Petition]:
    """Return those of some petitions that the actor may see."""
    if not ids:
        return {}
    query = select(Petition).where(col(Petition.id).in_(ids), visible_to(actor))
    return {row.id: row for row in s.exec(query).all()}


def is_barred(s: Session, row: ReceptionBooking, actor: Actor) -> bool:
    """Say whether a conflict keeps the actor from what a booking is about (Regulation arts 28, 30)."""
    if row.petition_id is None:
        return False
    query = select(ReceptionBooking.id).where(
        ReceptionBooking.id == row.id,
        not_(barred(actor, cast("SQLColumnExpression[UUID]", col(ReceptionBooking.petition_id)))),
    )
    return s.exec(query).first() is None
