"""The sweep: note each period that ran out, once, with its event. It can run as often as one likes, after whatever pause.

A petition's rows are locked before its events' chain, in the order in which acts lock them, and what an act holds is left for the
next waking. Transactions are short: acts wait for one of them, reading pages for none.
"""

import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlmodel import Session, col

from central import db
from central.actor import Via, system
from central.context import Context
from central.db import is_sqlite
from central.deadlines import queries as deadlines
from central.deadlines import service as clocks
from central.deadlines.calendar import WorkCalendar
from central.deadlines.in_force import calendar_in_force
from central.deadlines.models import DeadlineClock
from central.deadlines.shipped import book_of
from central.events import bulk, journal, log
from central.events.kinds import Kind
from central.notifications.models import Notice, SweepMark
from central.petitions.models import Petition
from central.petitions.moves import stream_of
from shared.canonical import Json
from shared.clock import court_day
from shared.ids import new_id

#: Clocks noted with one commit.
LOT = 4000
#: Sweepers side by side: PostgreSQL writes the lot of one while the next is put together; SQLite has one writer.
SWEEPERS = {True: 1, False: 2}
#: Notes taken back with one commit, object by object.
TAKEN_BACK = 400
#: Others who want to write get their turn between two commits.
PAUSE_SECONDS = 0.01
MARK = "overdue"
_BY = system(Via.JOB)
_CLOCK: Table = DeadlineClock.__table__  # type: ignore[attr-defined]
#: A clock that has just begun, as far as its columns do not depend on which.
_EMPTY: dict[str, Any] = dict.fromkeys(_CLOCK.columns.keys()) | {"extension_days": 0, "standing_still": False}
_COLUMNS = ("id", "petition_id", "court_id", "rule", "rules_version", "started_on", "occurrence", "due_on")


def run(context: Context, now: datetime, *, limit: int | None = None) -> int:
    """Note what is overdue on the court day of `now`, and take back what a clock that ran ahead noted; return how many.

    `limit` clocks with one commit, if it is not to be the usual number.
    """
    today = court_day(now)
    total, lot = _ahead(context, today, now), limit or LOT
    first = _note_next(context, today, now, lot)
    if not first:
        return total
    # What begins with a lapse may be over as well: it goes on until nothing is found.
    side_by_side = SWEEPERS[context.engine.dialect.name == "sqlite"] if first == lot else 1
    with ThreadPoolExecutor(side_by_side) as pool:
        return total + first + sum(pool.map(lambda _: _sweep(context, today, now, lot), range(side_by_side)))


def _sweep(context: Context, today: date, now: datetime, lot: int) -> int:
    """Note lot after lot until nothing is left, or what is left is in somebody else's hands."""
    total = 0
    while True:
        time.sleep(PAUSE_SECONDS)
        found = _note_next(context, today, now, lot)
        if not found:
            return total
        total += found


def _note_next(context: Context, today: date, now: datetime, lot: int) -> int:
    with db.unit_of_work(context.engine) as s:
        found = note_lot(s, today=today, now=now, calendar=calendar_in_force(s), limit=lot)
    if found:
        context.wake.notify()
    return found


def note(s: Session, *, clock: DeadlineClock, now: datetime, calendar: WorkCalendar) -> bool:
    """Note that `clock` ran out, start what begins with that, record it; False if there is nothing to note (any more)."""
    today = court_day(now)
    if (
        clock.noted_on is not None
        or clock.ended_on is not None
        or clock.standing_still
        or clock.due_on >= today
    ):
        return False
    clocks.lapse(s, clock=clock, today=today, calendar=calendar)
    clock.noted_on = today
    log.record(
        s,
        kind=Kind.DEADLINE_PASSED,
        stream=stream_of(clock.petition_id),
        actor=_BY,
        at=now,
        facts=_facts(clock),
    )
    return True


def note_lot(s: Session, *, today: date, now: datetime, calendar: WorkCalendar, limit: int) -> int:
    """Do for up to `limit` clocks, longest overdue first, what `note` does for one, past the session; return how many."""
    rows = _found(s, today, limit)
    if not rows:
        return 0
    lot = _Lot(today, now, clocks.By(calendar, book_of(s)))
    lot.look(s, rows)
    started: list[dict[str, Any]] = []
    drafts = [(stream_of(row.petition_id), lot.draft(row, started)) for row in rows]
    bulk.insert(s, DeadlineClock, started)
    bulk.change(s, DeadlineClock, ["noted_on"], [{"id": row.id, "noted_on": today} for row in rows])
    bulk.append(s, drafts)
    return len(rows)


def _found(s: Session, today: date, limit: int) -> Sequence[Any]:
    """Return clocks to note, their petitions locked; what somebody else has locked is passed over."""
    query = deadlines.to_note(today, limit=limit).with_only_columns(*(_CLOCK.c[name] for name in _COLUMNS))
    # What is found is neither ended nor standing still: the query says so, and the rules ask.
    query = query.add_columns(_CLOCK.c.ended_on, _CLOCK.c.standing_still)
    if not is_sqlite(s):
        query = query.join(Petition, col(Petition.id) == _CLOCK.c.petition_id)
        query = query.with_for_update(skip_locked=True, key_share=True)
    return s.connection().execute(query).all()


@dataclass(slots=True)
class _Begun:
    """A clock that begins, as the rules see it: making objects of the session would take most of the sweep's time."""

    rule: str
    rules_version: str
    started_on: date
    occurrence: int
    due_on: date
    result: str | None
    owed_month: int | None
    ended_on: date | None = None
    outcome: str | None = None
    standing_still: bool = False

    @property
    def turn(self) -> "Turn":
        """What tells it from other clocks of its petition."""
        return self.rule, self.started_on, self.occurrence

    def columns(self) -> dict[str, Any]:
        """Return the row of the table, but for whose it is."""
        return _EMPTY | {
            "rule": self.rule,
            "rules_version": self.rules_version,
            "started_on": self.started_on,
            "occurrence": self.occurrence,
            "due_on": self.due_on,
            "result": self.result,
            "owed_month": self.owed_month,
        }


Turn: TypeAlias = tuple[str, date, int]


@dataclass
class _Lot:
    """What the clocks of one lot have in common: those of one rule and day begin the same, and their events differ in ids alone."""

    today: date
    now: datetime
    by: clocks.By
    known: dict[UUID, set[Turn]] = field(default_factory=lambda: defaultdict(set))
    begun: dict[tuple[Any, ...], list[_Begun]] = field(default_factory=dict)
    patterns: dict[tuple[Any, ...], tuple[list[dict[str, Any]], bulk.Pattern]] = field(default_factory=dict)

    def look(self, s: Session, rows: Sequence[Any]) -> None:
        """Look up which of the clocks that might begin are there already."""
        wanted = {row.petition_id for row in rows if self.lapsing(row, _kind_of(row))}
        rules = {each.rule for begun in self.begun.values() for each in begun}
        columns = (_CLOCK.c.petition_id, _CLOCK.c.rule, _CLOCK.c.started_on, _CLOCK.c.occurrence)
        # Compared as numbers: `UUID` compares in Python.
        for lot in bulk.lots(sorted(wanted, key=attrgetter("int"))):
            query = select(*columns).where(_CLOCK.c.petition_id.in_(lot), _CLOCK.c.rule.in_(rules))
            for petition_id, *turn in s.connection().execute(query):
                self.known[petition_id].add(tuple(turn))

    def lapsing(self, row: Any, key: tuple[Any, ...]) -> list[_Begun]:
        """Return what begins because a clock of this kind was not met, if it is not there yet."""
        if key not in self.begun:
            self.begun[key] = clocks.lapsing(row, (), make=_Begun, today=self.today, by=self.by)
        return self.begun[key]

    def draft(self, row: Any, started: list[dict[str, Any]]) -> log.Draft:
        """Add what begins with the lapse of `row` to `started`; return the event as the journal would make it."""
        known, kind = self.known[row.petition_id], _kind_of(row)
        new = [each for each in self.lapsing(row, kind) if each.turn not in known]
        turns = [each.turn for each in new]
        known.update(turns)
        key = (*kind, *turns)
        if key not in self.patterns:
            self.patterns[key] = self._pattern(row, new)
        columns, pattern = self.patterns[key]
        petition_id, court_id = row.petition_id, row.court_id
        ids = [row.id.hex, petition_id.hex, court_id.hex if court_id else ""]
        for each in columns:
            own = new_id()
            started.append({**each, "petition_id": petition_id, "court_id": court_id, "id": own})
            ids.append(own.hex)
        return log.Draft(Kind.DEADLINE_PASSED, self.now, self.now, _BY.label, pattern.filled(ids))

    def _pattern(self, row: Any, new: Sequence[_Begun]) -> tuple[list[dict[str, Any]], bulk.Pattern]:
        """Return rows without ids, and their event: what is new first, then what changed."""
        marks = [bulk.mark(number) for number in range(3 + len(new))]
        columns = [each.columns() for each in new]
        court = marks[2] if row.court_id else None
        rows: list[journal.Change] = [
            journal.inserted(_CLOCK, each | {"id": own, "petition_id": marks[1], "court_id": court})
            for each, own in zip(columns, marks[3:], strict=True)
        ]
        rows.append({"t": _CLOCK.name, "k": marks[0], "s": {"noted_on": self.today.isoformat()}})
        facts = {"clock": marks[0], "rule": row.rule, "due_on": row.due_on.isoformat()}
        return columns, bulk.Pattern({"facts": facts, "rows": rows}, marks)  # type: ignore[dict-item]


def _kind_of(row: Any) -> tuple[Any, ...]:
    """Return what decides how the lapse of a clock reads, beside ids."""
    return (row.rule, row.rules_version, row.started_on, row.occurrence, row.due_on, row.court_id is None)


def _facts(clock: Any) -> dict[str, Json]:
    return {"clock": clock.id.hex, "rule": clock.rule, "due_on": clock.due_on.isoformat()}


def _ahead(context: Context, today: date, now: datetime) -> int:
    """Move the mark of the last day noted for to `today`; if it lay ahead, take back what was noted on days yet to come."""
    with db.unit_of_work(context.engine) as s:
        mark = s.get(SweepMark, MARK, with_for_update=not is_sqlite(s))
        if mark is not None and mark.day <= today:
            mark.day = today
            return 0
        if mark is None:
            s.add(SweepMark(name=MARK, day=today))
            return 0
    count = 0
    while True:
        with db.unit_of_work(context.engine) as s:
            query = select(DeadlineClock).where(col(DeadlineClock.noted_on) > today)
            query = query.with_for_update(skip_locked=True).limit(TAKEN_BACK)
            early = s.execute(query).scalars().all()
            for clock in early:
                withdraw(s, clock=clock, now=now)
            if not early:
                s.get_one(SweepMark, MARK).day = today
                return count
            count += len(early)


def withdraw(s: Session, *, clock: DeadlineClock, now: datetime) -> None:
    """Take back the note that `clock` ran out: the machine's clock was ahead. What began with it goes as well."""
    by = clocks.By(calendar_in_force(s), book_of(s))
    for each in deadlines.running(s, clock.petition_id):
        if _began_with(each, clock, by):
            # Somebody may have been told of it already.
            s.execute(update(Notice).where(col(Notice.clock_id) == each.id).values(clock_id=None))
            s.delete(each)
    clock.noted_on = None
    log.record(
        s,
        kind=Kind.DEADLINE_WITHDRAWN,
        stream=stream_of(clock.petition_id),
        actor=_BY,
        at=now,
        facts=_facts(clock),
    )


def _began_with(one: DeadlineClock, missed: DeadlineClock, by: clocks.By) -> bool:
    """Say whether `one` is what the lapse of `missed` started: its next turn, or the first of the duty that follows it."""
    if one.rule == missed.rule:
        return one.started_on == missed.started_on and one.occurrence == missed.occurrence + 1
    return clocks.lapses(missed, by) and one.started_on == missed.due_on and one.occurrence == 1
