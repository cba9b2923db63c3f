"""Reading clocks."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, cast, func
from sqlalchemy import select as core_select
from sqlmodel import Session, and_, col, not_, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from central.db import is_sqlite
from central.deadlines.models import ClockPause, DeadlineClock


def of_petition(s: Session, petition_id: UUID) -> Sequence[DeadlineClock]:
    """Return all clocks of a petition, running ones first, each group by due date."""
    query = select(DeadlineClock).where(DeadlineClock.petition_id == petition_id)
    clocks = s.exec(query).all()
    return sorted(clocks, key=lambda clock: (clock.ended_on is not None, clock.due_on, clock.rule))


def running(s: Session, petition_id: UUID) -> list[DeadlineClock]:
    """Return the running clocks of a petition, nearest first."""
    return [clock for clock in of_petition(s, petition_id) if clock.ended_on is None]


def running_of(s: Session, petition_ids: Collection[UUID]) -> dict[UUID, list[DeadlineClock]]:
    """Return the running clocks of some petitions, nearest first: one statement."""
    found: dict[UUID, list[DeadlineClock]] = {}
    query = select(DeadlineClock).where(
        col(DeadlineClock.petition_id).in_(petition_ids), col(DeadlineClock.ended_on).is_(None)
    )
    for clock in s.exec(query.order_by(col(DeadlineClock.due_on), col(DeadlineClock.rule))).all():
        found.setdefault(clock.petition_id, []).append(clock)
    return found


def pauses_of(s: Session, petition_ids: Collection[UUID]) -> Sequence[ClockPause]:
    """Return the pauses of the clocks of some petitions: one statement."""
    return s.exec(select(ClockPause).where(col(ClockPause.petition_id).in_(petition_ids))).all()


def pauses(s: Session, petition_id: UUID) -> Sequence[ClockPause]:
    """Return all pauses of a petition's clocks in the order in which they began."""
    query = select(ClockPause).where(ClockPause.petition_id == petition_id)
    return s.exec(query.order_by(col(ClockPause.from_on), col(ClockPause.id))).all()


def to_note(
    today: date, *, after: tuple[date, UUID] | None = None, limit: int
) -> SelectOfScalar[DeadlineClock]:
    """Return the query for the running clocks that are overdue on `today` and not noted yet, longest overdue first.

    Those that stand still are left out. `after` is due day and id of the last clock of the page before.
    Served by `ix_clock_to_note`: its condition must be written just so.
    """
    due_on, key = col(DeadlineClock.due_on), col(DeadlineClock.id)
    query = select(DeadlineClock).where(
        col(DeadlineClock.ended_on).is_(None),
        col(DeadlineClock.noted_on).is_(None),
        not_(col(DeadlineClock.standing_still)),
        due_on < today,
    )
    if after is not None:
        query = query.where(or_(due_on > after[0], and_(due_on == after[0], key > after[1])))
    return query.order_by(due_on, key).limit(limit)


def days_between(s: Session, earlier: Any, later: Any) -> Any:
    """Return SQL for the days from one day to another, in the words of the engine."""
    if is_sqlite(s):
        return func.julianday(later) - func.julianday(earlier)
    return cast(later, Date) - cast(earlier, Date)


def days_left_out(s: Session) -> Any:
    """Return SQL for the days that ended pauses left out of a clock, as `levels.paused_days` counts them: part of a query of clocks."""
    days = days_between(s, col(ClockPause.from_on), col(ClockPause.until_on))
    query = core_select(func.coalesce(func.sum(days), 0)).where(
        col(ClockPause.petition_id) == col(DeadlineClock.petition_id),
        col(ClockPause.clock_id) == col(DeadlineClock.id),
        col(ClockPause.until_on).is_not(None),
    )
    return query.correlate(DeadlineClock).scalar_subquery()
