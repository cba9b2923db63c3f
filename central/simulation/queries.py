"""What of the simulation stands in the database."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, case, col, func, select

from central.deadlines.models import DeadlineClock
from central.petitions.models import Petition
from central.simulation.models import Simulation, SimulationPart

#: The clock by which the summary says what was answered in time.
ANSWER = "answer"


class YearRow(NamedTuple):
    """The answers that began to be owed in one year: how many, in time, late (or open and past due), not owed any more, open."""

    year: int
    owed: int
    in_time: int
    late: int
    dropped: int
    open: int


def current(s: Session) -> Simulation | None:
    """Return the simulation that fills this installation, None in one that holds none."""
    return s.get(Simulation, 1)


def parts(s: Session) -> dict[str, SimulationPart]:
    """Return how far each court came."""
    return {part.court: part for part in s.exec(select(SimulationPart)).all()}


def petitions(s: Session) -> int:
    """Return how many petitions there are."""
    return s.exec(select(func.count()).select_from(Petition)).one()


def years(s: Session, first: date, last: date) -> Sequence[YearRow]:
    """Return what became of the answers owed since each year, up to the day `last`."""
    return [_year(s, year, last) for year in range(first.year, last.year + 1)]


def _year(s: Session, year: int, last: date) -> YearRow:
    clock = DeadlineClock
    past = func.sum(case((col(clock.due_on) < last, 1), else_=0))
    query = select(clock.outcome, func.count(), past).where(
        clock.rule == ANSWER,
        col(clock.started_on) >= date(year, 1, 1),
        col(clock.started_on) <= date(year, 12, 31),
    )
    counts = {outcome: (count, over) for outcome, count, over in s.exec(query.group_by(col(clock.outcome)))}
    running, overdue = counts.get(None, (0, 0))
    return YearRow(
        year,
        sum(count for count, _ in counts.values()),
        counts.get("met", (0, 0))[0],
        counts.get("late", (0, 0))[0] + int(overdue),
        counts.get("cancelled", (0, 0))[0],
        running,
    )
