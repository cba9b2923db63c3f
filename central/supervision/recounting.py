"""Due days that periods gave, counted anew after the calendar changed: orders, and what other domains date by the same periods.

What was noted as late keeps its day: a lapse is not undone afterwards. A day that somebody typed is no one's to move; it is only
said that it is a rest day now.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlmodel import Session, SQLModel, col, select

from central.actor import Actor
from central.deadlines.calendar import WorkCalendar
from central.deadlines.rules import Unit
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.petitions.models import Petition
from central.supervision import periods, queries
from central.supervision.models import SupervisionOrder
from central.supervision.periods import Period
from central.supervision.states import State
from shared.canonical import Json
from shared.clock import court_day


@dataclass(frozen=True, slots=True)
class Counting:
    """The calendar in force, the days that changed, the number of the entry that changed them, who counts and when."""

    calendar: WorkCalendar
    days: tuple[date, ...]
    entry: int
    by: Actor
    now: datetime


class Told(NamedTuple):
    """A day that moved, or (`moved` false) one that stays and is a rest day now; the courts it concerns, the days that made it."""

    thing_id: UUID
    petition_id: UUID | None
    courts: Sequence[UUID]
    period: str
    was_due_on: date
    due_on: date
    moved: bool
    days: Sequence[date]


#: Sets the new day of a row and returns the event that says so: its kind, its stream, and the facts beside the common ones.
Put = Callable[[Session, Any, date], tuple[Kind, str, dict[str, Json]]]


@dataclass(frozen=True)
class Dated:
    """Rows of one table with a due day each, in the column `due`. `runs`: the day still counts.

    `basis` gives the period that the day came from (None: it cannot be said any more) and the day it began; without `basis` and `put`
    somebody typed the day.
    """

    name: str
    model: type[SQLModel]
    runs: ColumnElement[bool]
    courts: Callable[[Session, Any], Sequence[UUID]]
    due: str = "due_on"
    basis: Callable[[Session, Any], tuple[Period | None, date]] | None = None
    put: Put | None = None
    of_petition: bool = True


def chosen_once(row: Any) -> Period | None:
    """Return the period that a row was given, if the shipped data still says the same of it."""
    return periods.by_key(row.period) if row.periods_version == periods.shipped().version else None


def own_basis(_: Session, row: Any) -> tuple[Period | None, date]:
    """Return the basis of a row that keeps period and first day itself."""
    return chosen_once(row), row.started_on


def lot(
    s: Session, dated: Dated, counting: Counting, *, after: UUID | None, size: int
) -> tuple[UUID | None, list[Told]]:
    """Count the next rows behind `after` anew; return the last one looked at (None: none was left) and what is to be told."""
    key, due = col(dated.model.id), col(getattr(dated.model, dated.due))  # type: ignore[attr-defined]
    query = select(key).where(dated.runs, due >= counting.days[0])
    if dated.put is None:
        query = query.where(due.in_(counting.days))
    if after is not None:
        query = query.where(key > after)
    ids = s.exec(query.order_by(key).limit(size)).all()
    if not ids:
        return None, []
    if dated.of_petition:
        _hold(s, dated, ids)
    rows = s.exec(
        select(dated.model)
        .where(key.in_(ids), dated.runs)
        .order_by(key)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    told = [found for row in rows if (found := _counted(s, dated, counting, row)) is not None]
    return ids[-1], told


def _hold(s: Session, dated: Dated, ids: Sequence[UUID]) -> None:
    """Lock the petitions first, as every act on one of these rows does."""
    of = select(dated.model.petition_id).where(col(dated.model.id).in_(ids))  # type: ignore[attr-defined]
    held = select(Petition.id).where(col(Petition.id).in_(of))
    s.exec(held.order_by(col(Petition.id)).with_for_update()).all()


def _counted(s: Session, dated: Dated, counting: Counting, row: Any) -> Told | None:
    was: date = getattr(row, dated.due)
    petition_id = row.petition_id if hasattr(row, "petition_id") else None
    period, began = dated.basis(s, row) if dated.basis else (None, was)
    if dated.put is None or period is None:
        if was not in counting.days or counting.calendar.is_working_day(was):
            return None
        return Told(row.id, petition_id, dated.courts(s, row), "", was, was, False, (was,))
    if not any(began <= day <= was for day in counting.days):
        return None
    derived = periods.derived(period, began, counting.calendar)
    if derived.due_on == was:
        return None
    first = began if period.unit is Unit.WORKING_DAYS else derived.ended_on
    days = [day for day in counting.days if first <= day <= max(was, derived.due_on)]
    told = Told(row.id, petition_id, dated.courts(s, row), period.key, was, derived.due_on, True, days)
    _record(s, counting, dated.put(s, row, derived.due_on), told)
    return told


def _record(s: Session, counting: Counting, event: tuple[Kind, str, dict[str, Json]], told: Told) -> None:
    kind, stream, more = event
    facts: dict[str, Json] = {
        "by": counting.by.name,
        "entry": counting.entry,
        "calendar": counting.calendar.version,
        "was": told.was_due_on.isoformat(),
        "due": told.due_on.isoformat(),
        "past": told.due_on < court_day(counting.now) <= told.was_due_on,
        "days": [day.isoformat() for day in told.days],
        **more,
    }
    log.record(s, kind=kind, stream=stream, actor=counting.by, at=counting.now, facts=facts)


def own_court(_: Session, row: Any) -> tuple[UUID, ...]:
    """Return the court that a row names."""
    return (row.court_id,)


def not_erased(petition_id: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Return the condition that the petition of a row was not erased: nothing is written about it any more."""
    return petition_id.in_(select(Petition.id).where(col(Petition.erased_at).is_(None)))


def _put(s: Session, row: SupervisionOrder, due_on: date) -> tuple[Kind, str, dict[str, Json]]:
    queries.running_round(s, row).due_on = row.due_on = due_on
    stream = stream_name("petition", row.petition_id)
    return Kind.ORDER_RECOUNTED, stream, {"order": row.id.hex, "round": row.round}


def _basis(s: Session, row: SupervisionOrder) -> tuple[Period | None, date]:
    return own_basis(s, queries.running_round(s, row))


#: Orders that wait for their answer; the day of one that was answered says only whether that came late.
ORDERS = Dated(
    "order",
    SupervisionOrder,
    runs=(col(SupervisionOrder.state) == State.ISSUED)
    & (
        col(SupervisionOrder.proposed_on).is_(None)
        # Proposed because two answers were sent back: its day still runs.
        | (col(SupervisionOrder.due_on) >= col(SupervisionOrder.proposed_on))
    )
    & not_erased(col(SupervisionOrder.petition_id)),
    courts=own_court,
    basis=_basis,
    put=_put,
)
