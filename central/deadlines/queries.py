"""Reading clocks."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from central.deadlines.models import ClockPause, DeadlineClock


def of_petition(s: Session, petition_id: UUID) -> Sequence[DeadlineClock]:
    """Return all clocks of a petition, running ones first, each group by due date."""
    query = select(DeadlineClock).where(DeadlineClock.petition_id == petition_id)
    clocks = s.exec(query).all()
    return sorted(clocks, key=lambda clock: (clock.ended_on is not None, clock.due_on, clock.rule))


def running(s: Session, petition_id: UUID) -> list[DeadlineClock]:
    """Return the running clocks of a petition, nearest first."""
    return [clock for clock in of_petition(s, petition_id) if clock.ended_on is None]


def pauses(s: Session, petition_id: UUID) -> Sequence[ClockPause]:
    """Return all pauses of a petition's clocks in the order in which they began."""
    query = select(ClockPause).where(ClockPause.petition_id == petition_id)
    return s.exec(query.order_by(col(ClockPause.from_on), col(ClockPause.id))).all()
