"""What the staff's pages read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, literal, union_all
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from central.accounts import queries as accounts
from central.actor import Actor
from central.asks import queries as asks
from central.batches import queries as batches
from central.courts.models import Court
from central.db import is_sqlite
from central.deadlines import queries as deadlines
from central.deadlines.levels import Level, Term, level_of, paused_days
from central.delivery import queries as delivery
from central.halls import queries as halls
from central.instructions import queries as instructions
from central.neglect import service as neglect
from central.packaged import queries as packaged
from central.petitions import queries as petitions
from central.petitions import worklists
from central.petitions.invariants import INVARIANTS
from central.petitions.models import Petition
from central.petitions.states import State
from central.petitions.tallies import InvariantCheck
from central.petitions.worklists import Measure, Tab
from central.reception import queries as reception
from central.settings import Neglect
from central.supervision import queries as supervision
from central.supervision.today import Line


@dataclass(frozen=True, slots=True)
class Tile:
    """One invariant on the home page: its count, and when it was counted if not just now."""

    number: int
    key: str
    count: int
    checked_at: datetime | None = None


def tiles(s: Session, actor: Actor) -> list[Tile]:
    """Return the five counts for the actor's court. 1, 2, 4 and 5 are counted now, 3 is last night's walk of the chain."""
    last = s.exec(
        select(InvariantCheck)
        .where(InvariantCheck.number == 3)
        .order_by(col(InvariantCheck.checked_at).desc())
        .limit(1)
    ).first()
    counted = {row[0]: row[1] for row in s.connection().execute(_counting(actor, on_sqlite=is_sqlite(s)))}
    return [
        Tile(3, each.key, last.count if last else 0, last.checked_at if last else None)
        if each.number == 3
        else Tile(each.number, each.key, counted[each.number])
        for each in INVARIANTS
    ]


@lru_cache(maxsize=petitions.KEPT)
def _counting(actor: Actor, *, on_sqlite: bool) -> CompoundSelect[Any]:
    """Return the statement that counts what breaks the rules about petitions and the tray, at the actor's court."""
    parts = {5: halls.untreated(actor.court_id)}
    for each in INVARIANTS:
        query = petitions.broken(each, on_sqlite=on_sqlite, court_id=actor.court_id, actor=actor)
        if query is not None:
            parts[each.number] = query
    return union_all(
        *(core_select(literal(number), query.scalar_subquery()) for number, query in parts.items())
    )


@lru_cache(maxsize=petitions.KEPT)
def lines(actor: Actor, today: date) -> tuple[Line, ...]:
    """Return what else waits for the actor, to be counted: the lines of all domains that have some."""
    domains = (asks, supervision, reception, packaged, instructions, batches, delivery)
    return tuple(line for each in domains for line in each.lines(actor, today=today))


@dataclass(frozen=True, slots=True)
class Pressing:
    """How pressing the next due date of a petition is, and by how many days it was extended."""

    level: Level
    extended: int = 0


@dataclass(frozen=True, slots=True)
class TabCount:
    """A worklist with how many wait on it."""

    tab: Tab
    count: worklists.Count


@dataclass(frozen=True, slots=True)
class Listed:
    """Petitions with the names a list shows."""

    rows: Sequence[Petition]
    courts: Mapping[UUID, Court]
    people: Mapping[UUID, str]
    pressing: Mapping[UUID, Pressing] = field(default_factory=dict)
    #: Chance in hundredths that the next deadline is missed, where it is high.
    warned: Mapping[UUID, int] = field(default_factory=dict)


def listed(s: Session, rows: Sequence[Petition]) -> Listed:
    """Return `rows` with courts and people: two statements, however many rows."""
    ids = {row.court_id for row in rows}
    found = s.exec(select(Court).where(col(Court.id).in_(ids))).all() if ids else []
    people = {person for row in rows for person in (row.handler_id, row.leader_id) if person}
    return Listed(rows, {court.id: court for court in found}, accounts.names(s, people))


@dataclass(frozen=True, slots=True)
class Work:
    """The actor's worklist, and how much of this page is overdue."""

    listed: Listed
    overdue: int


def work(s: Session, actor: Actor, *, after: petitions.AfterDue | None, measure: Measure) -> Work:
    """Return what waits for the actor, overdue and nearest first."""
    rows = petitions.worklist(s, actor=actor, after=after)
    overdue = sum(1 for row in rows if row.next_due_on and row.next_due_on < measure.today)
    return Work(worked(s, rows, measure), overdue)


def tabs(s: Session, actor: Actor, today: date) -> list[TabCount]:
    """Return the worklists of a person with their counts."""
    found = worklists.counts(s, actor=actor, today=today)
    return [TabCount(tab, count) for tab, count in found.items()]


def worked(s: Session, rows: Sequence[Petition], measure: Measure, warns: Neglect | None = None) -> Listed:
    """Return `rows` of a worklist with how pressing each is: two statements more, however many rows.

    `warns` for those who may see which deadlines are likely to be missed.
    """
    found = listed(s, rows)
    ids = [row.id for row in rows]
    clocks = deadlines.running_of(s, ids)
    spans: dict[UUID, list[tuple[date, date | None]]] = {}
    pauses = deadlines.pauses_of(s, ids)
    for pause in pauses:
        spans.setdefault(pause.clock_id, []).append((pause.from_on, pause.until_on))
    pressing = {}
    for row in rows:
        next_ = next(
            (c for c in clocks.get(row.id, ()) if (c.rule, c.due_on) == (row.next_rule, row.next_due_on)),
            None,
        )
        if next_ is not None:
            waits = row.state == State.AWAITING_SUPPLEMENT and next_.due_on >= measure.today
            term = Term(
                next_.started_on,
                next_.due_on,
                next_.occurrence,
                next_.standing_still or waits,
                paused_days(spans.get(next_.id, ())),
            )
            level = level_of(term, measure.today, measure.shares)
            pressing[row.id] = Pressing(level, next_.extension_days)
    if warns is None:
        return replace(found, pressing=pressing)
    warnings = neglect.of_petitions(s, rows, clocks, pauses, day=measure.today, wanted=warns)
    return replace(found, pressing=pressing, warned={key: each.percent for key, each in warnings.items()})
