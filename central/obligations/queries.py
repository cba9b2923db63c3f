"""Counting duties by court and month, and the rows behind a number. Each statement is answered by an index of `clock`."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, literal, not_, or_, tuple_, union_all
from sqlmodel import Session, col, select

from central.actor import Actor
from central.barrier.queries import kept_from
from central.courts.models import Court
from central.courts.queries import AnyCourt
from central.deadlines.duties import Result
from central.deadlines.models import ClockPause, DeadlineClock
from central.obligations.rules import Period, Tally, What, part_of, results_of
from central.petitions import queries as petitions
from central.petitions.models import Petition

PAGE = 50
#: Court and month.
Cell = tuple[UUID, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: one duty, some courts, some months, as of a day."""

    duty: str
    courts: Sequence[AnyCourt]
    period: Period
    today: date


def tallies(s: Session, asked: Asked, *, actor: Actor) -> Mapping[Cell, Tally]:
    """Return the counts by court and month. Duties of petitions the actor is kept from (arts 28, 30) are not in them."""
    found: dict[Cell, Tally] = defaultdict(Tally)
    ids = [court.id for court in asked.courts]
    if not ids:
        return found
    for court_id, result, month, count in s.exec(_counted(asked, ids)):
        found[court_id, month] += Tally.one(part_of(Result(result), overdue=False), count)
    for court_id, month, count in s.exec(_overdue(asked, ids)):
        found[court_id, month] += Tally(open_overdue=count, open_in_time=-count)
    for court_id, month, result, overdue in _hidden(s, asked, ids, actor):
        found[court_id, month] += Tally.one(part_of(Result(result), overdue=overdue), -1)
    return found


def has_older(s: Session) -> bool:
    """Say whether there are clocks from before the ledger was kept, which are in no number: the first answer that was ever owed tells."""
    query = select(DeadlineClock.result).where(col(DeadlineClock.rule) == "answer")
    first = s.exec(query.order_by(col(DeadlineClock.id)).limit(1)).all()
    return first == [None]


def _within(asked: Asked, ids: Collection[UUID]) -> list[ColumnElement[bool]]:
    return [
        col(DeadlineClock.rule) == asked.duty,
        col(DeadlineClock.court_id).in_(ids),
        col(DeadlineClock.owed_month).between(asked.period.first, asked.period.last),
    ]


def _counted(asked: Asked, ids: Collection[UUID]) -> Any:
    """One range of `ix_clock_duty` for each court and result: it goes by month, so no other month is read."""
    keys = (col(DeadlineClock.court_id), col(DeadlineClock.result), col(DeadlineClock.owed_month))
    results = col(DeadlineClock.result).in_([str(result) for result in Result])
    return select(*keys, func.count()).where(*_within(asked, ids), results).group_by(*keys)


def _overdue(asked: Asked, ids: Collection[UUID]) -> Any:
    """The part of `ix_clock_duty_open` before today."""
    keys = (col(DeadlineClock.court_id), col(DeadlineClock.owed_month))
    is_open = col(DeadlineClock.result) == Result.OPEN
    query = select(*keys, func.count()).where(*_within(asked, ids), is_open, overdue(asked.today))
    return query.group_by(*keys)


def overdue(today: date) -> ColumnElement[bool]:
    """Return the condition that an open duty is overdue; one that stands still is only if it was before."""
    stopped_late = exists().where(
        col(ClockPause.petition_id) == col(DeadlineClock.petition_id),
        col(ClockPause.clock_id) == col(DeadlineClock.id),
        col(ClockPause.until_on).is_(None),
        col(ClockPause.from_on) > col(DeadlineClock.due_on),
    )
    stands = col(DeadlineClock.standing_still)
    return and_(col(DeadlineClock.due_on) < today, or_(not_(stands), stopped_late))


def _hidden(s: Session, asked: Asked, ids: Collection[UUID], actor: Actor) -> Sequence[Any]:
    """Return the duties of those few petitions that the barrier keeps from the actor."""
    kept = kept_from(actor)
    if kept is None:
        return []
    late = overdue(asked.today).label("overdue")
    query = select(DeadlineClock.court_id, DeadlineClock.owed_month, DeadlineClock.result, late).where(
        col(DeadlineClock.petition_id).in_(kept), col(DeadlineClock.result).is_not(None), *_within(asked, ids)
    )
    return s.exec(query).all()


@dataclass(frozen=True, slots=True)
class After:
    """The last row of the page before."""

    path: str
    result: str
    month: int
    clock_id: UUID


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty with its petition."""

    clock: DeadlineClock
    petition: Petition
    court: AnyCourt


def behind(
    s: Session,
    asked: Asked,
    what: What,
    *,
    actor: Actor,
    after: After | None = None,
    limit: int = PAGE,
) -> list[Duty]:
    """Return the duties behind a number whose petitions the actor may see: court by court, by result, by month.

    One range of `ix_clock_duty` after the other until the page is full. `asked.courts` are those where there are any.
    """
    found: list[tuple[DeadlineClock, AnyCourt]] = []
    for court, result in _filled(s, asked, what):
        if after is not None and (court.path, result) < (after.path, after.result):
            continue
        if len(found) < limit:
            rows = _range(s, asked, court, result, what, actor, after, limit - len(found))
            found += [(row, court) for row in rows]
    known = petitions.of_ids(s, {clock.petition_id for clock, _ in found}, actor=actor)
    return [Duty(clock, known[clock.petition_id], court) for clock, court in found]


def _filled(s: Session, asked: Asked, what: What) -> list[tuple[AnyCourt, Result]]:
    """Return the ranges where there is anything, in the order of a page: one probe of the index for each, in one statement."""
    by_id = {court.id: court for court in asked.courts}
    if not by_id:
        return []
    probes = []
    for result in results_of(what):
        there = select(DeadlineClock.id).where(
            col(DeadlineClock.rule) == asked.duty,
            col(DeadlineClock.court_id) == col(Court.id),
            col(DeadlineClock.owed_month).between(asked.period.first, asked.period.last),
            col(DeadlineClock.result) == str(result),
        )
        if result is Result.OPEN and what is What.OPEN_OVERDUE:
            there = there.where(col(DeadlineClock.due_on) < asked.today)
        held = literal(str(result)).label("result")
        probes.append(select(Court.id, held).where(col(Court.id).in_(by_id), there.exists()))
    ranges = [(by_id[court_id], Result(result)) for court_id, result in s.execute(union_all(*probes))]
    return sorted(ranges, key=lambda each: (each[0].path, each[1]))


def _range(
    s: Session,
    asked: Asked,
    court: AnyCourt,
    result: Result,
    what: What,
    actor: Actor,
    after: After | None,
    limit: int,
) -> Sequence[DeadlineClock]:
    query = (
        select(DeadlineClock)
        .join(Petition, col(Petition.id) == col(DeadlineClock.petition_id))
        .where(
            *_within(asked, [court.id]),
            col(DeadlineClock.result) == str(result),
            petitions.visible_to(actor),
        )
    )
    if result is Result.OPEN and what is not What.OWED:
        late = overdue(asked.today)
        query = query.where(late if what is What.OPEN_OVERDUE else not_(late))
    key = tuple_(col(DeadlineClock.owed_month), col(DeadlineClock.id))
    if after is not None and (court.path, str(result)) == (after.path, after.result):
        query = query.where(key > tuple_(after.month, after.clock_id))
    order = (col(DeadlineClock.owed_month), col(DeadlineClock.id))
    return s.exec(query.order_by(*order).limit(limit)).all()
