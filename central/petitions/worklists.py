"""The open petitions that wait for a person, at a court, or below it: overdue and nearest first, in pages, with counts.

Each list is read from an index that holds the open ones alone, in the order of their due dates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    not_,
    or_,
    union_all,
)
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from central.accounts.permissions import sight_of
from central.actor import Actor
from central.barrier.queries import kept_from
from central.courts.models import Court
from central.deadlines import queries as deadlines
from central.deadlines.levels import TURN, Level, Shares
from central.deadlines.models import DeadlineClock
from central.petitions.models import Petition
from central.petitions.queries import BY_DUE, KEPT, PAGE, AfterDue, behind, first_of, mine, visible_to
from central.petitions.states import State
from shared.clock import COURT_ZONE


class Tab(StrEnum):
    """Whose work; `desk.work.<value>` names it."""

    MINE = "mine"
    COURT = "court"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to. Empty fields narrow nothing."""

    rule: str | None = None
    level: Level | None = None
    handler_id: UUID | None = None
    department_id: UUID | None = None
    court_id: UUID | None = None
    #: Registered since this day: what has just come in.
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """By what levels are told: today, and the shares of the settings."""

    today: date
    shares: Shares


@dataclass(frozen=True, slots=True)
class Count:
    """How many wait, and how many of them are overdue."""

    open: int = 0
    overdue: int = 0


def tabs_of(actor: Actor) -> list[Tab]:
    """Return the lists a person has: one's own, the court's for those who see it, below for those who see further."""
    sight = sight_of(actor)
    found = [Tab.MINE]
    if actor.court_id in sight.courts or any(actor.court_path.startswith(root) for root in sight.roots):
        found.append(Tab.COURT)
    if sight.roots:
        found.append(Tab.BELOW)
    return found


def page(
    s: Session,
    *,
    actor: Actor,
    tab: Tab,
    wanted: Wanted,
    measure: Measure,
    after: AfterDue | None = None,
    limit: int = PAGE,
) -> Sequence[Petition]:
    """Return one page of a list, overdue and nearest first."""
    ways = _ways(actor, tab, ordered=True)
    if not ways:
        return []
    conditions = [
        visible_to(actor),
        and_(col(Petition.is_open)),
        *_narrowed(s, wanted, measure),
        *behind(after),
    ]
    return s.exec(first_of(ways, conditions, BY_DUE, limit)).all()


def counts(s: Session, *, actor: Actor, today: date) -> dict[Tab, Count]:
    """Return how many wait on each of the person's lists: one statement. What the barrier keeps away is taken off."""
    found = dict.fromkeys(tabs_of(actor), Count())
    for tab, sign, number, late in s.connection().execute(_counting(actor, today)):
        was = found[Tab(tab)]
        found[Tab(tab)] = Count(was.open + sign * number, was.overdue + sign * int(late))
    return found


@lru_cache(maxsize=KEPT)
def _counting(actor: Actor, today: date) -> CompoundSelect[Any]:
    parts, kept = list[Select[Any]](), kept_from(actor)
    for tab in tabs_of(actor):
        for way in _ways(actor, tab, ordered=False):
            parts.append(_counted(tab, 1, today, way))
            if kept is not None:
                parts.append(_counted(tab, -1, today, way, col(Petition.id).in_(kept)))
    return union_all(*parts)


def _counted(tab: Tab, sign: int, today: date, *conditions: ColumnElement[bool]) -> Select[Any]:
    late = func.coalesce(func.sum(case((col(Petition.next_due_on) < today, 1), else_=0)), 0)
    query = core_select(literal(str(tab)), literal(sign), func.count(), late).select_from(Petition)
    return query.where(*conditions, col(Petition.is_open))


def _ways(actor: Actor, tab: Tab, *, ordered: bool) -> Sequence[ColumnElement[bool]]:
    """Return the conditions of a list, each read from one index. `ordered`: in the order of due dates over all courts."""
    if tab not in tabs_of(actor):
        return []
    if tab is Tab.MINE:
        return mine(actor)
    if tab is Tab.COURT:
        return [col(Petition.court_id) == actor.court_id]
    below = or_(*(col(Court.path).startswith(root) for root in sight_of(actor).roots))
    others = and_(below, col(Court.id) != actor.court_id) if actor.court_id else below
    if ordered:
        return [exists().where(col(Court.id) == col(Petition.court_id), others)]
    return [col(Petition.court_id).in_(select(Court.id).where(others))]


def _narrowed(s: Session, wanted: Wanted, measure: Measure) -> list[ColumnElement[bool]]:
    given = {
        Petition.next_rule: wanted.rule,
        Petition.handler_id: wanted.handler_id,
        Petition.department_id: wanted.department_id,
        Petition.court_id: wanted.court_id,
    }
    found: list[ColumnElement[bool]] = [col(name) == value for name, value in given.items() if value]
    if wanted.since is not None:
        begun = datetime.combine(wanted.since, time.min, COURT_ZONE)
        found.append(col(Petition.registered_at) >= begun)
    if wanted.level is Level.OVERDUE:
        found.append(col(Petition.next_due_on) < measure.today)
    elif wanted.level is not None and wanted.level is not Level.PAUSED:
        found.append(col(Petition.next_due_on) >= measure.today)
    if wanted.level is not None:
        found.append(_at_level(s, wanted.level, measure))
    return found


def _at_level(s: Session, level: Level, measure: Measure) -> ColumnElement[bool]:
    """Return the condition that the clock which is next has a level: one probe by petition for each row that is looked at."""
    next_clock = exists().where(
        col(DeadlineClock.petition_id) == col(Petition.id),
        col(DeadlineClock.ended_on).is_(None),
        col(DeadlineClock.rule) == col(Petition.next_rule),
        col(DeadlineClock.due_on) == col(Petition.next_due_on),
    )
    stands = or_(col(DeadlineClock.standing_still), col(Petition.state) == State.AWAITING_SUPPLEMENT)
    if level is Level.OVERDUE:
        return next_clock.where(not_(col(DeadlineClock.standing_still)))
    if level is Level.PAUSED:
        waits = and_(
            col(Petition.state) == State.AWAITING_SUPPLEMENT, col(Petition.next_due_on) >= measure.today
        )
        return next_clock.where(or_(col(DeadlineClock.standing_still), waits))
    red, amber = (_used(s, measure.today, share) for share in (measure.shares.red, measure.shares.amber))
    told = {Level.RED: red, Level.AMBER: and_(amber, not_(red)), Level.GREEN: not_(amber)}
    return next_clock.where(not_(stands), told[level])


def _used(s: Session, today: date, share: float) -> ColumnElement[bool]:
    """Return the condition that at least `share` of the time of a clock is used, as `levels.level_of` counts it."""
    clock = DeadlineClock
    length = case(
        (col(clock.occurrence) > 1, TURN.days),
        else_=deadlines.days_between(s, col(clock.started_on), col(clock.due_on)),
    )
    left = deadlines.days_between(s, today, col(clock.due_on))
    whole = length - deadlines.days_left_out(s)
    used: ColumnElement[bool] = (whole - left) >= share * whole
    return used
