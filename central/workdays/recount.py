"""Count anew what runs, petition by petition in batches, and write down each due date that moved and why.

Only what a changed day can touch is derived: a clock whose days from start to due date hold one. What has ended, was noted as overdue or
stands still is left; what stands still is derived by the calendar in force when it goes on. Most clocks were neither paused nor
extended, so their due dates follow from rule and day of start and are derived once for all that share them.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, and_, not_, select
from sqlmodel import Session, col

from central.actor import Actor
from central.deadlines import in_force
from central.deadlines import service as deadlines
from central.deadlines.books import Book
from central.deadlines.calendar import WorkCalendar, differing
from central.deadlines.due import Due
from central.deadlines.entries import changed_days
from central.deadlines.models import ClockPause, DeadlineClock
from central.deadlines.rules import Unit
from central.deadlines.shipped import book_of
from central.events import bulk, journal
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.events.log import Draft
from central.petitions.models import Petition
from central.workdays.models import MovedDate, Recount
from shared.canonical import Json
from shared.clock import court_day
from shared.ids import new_id

#: Clocks looked at in one transaction.
BATCH = 10_000
_CLOCK = DeadlineClock.__table__  # type: ignore[attr-defined]
_COLUMNS: Any = (
    _CLOCK.c.petition_id,
    _CLOCK.c.id,
    _CLOCK.c.rule,
    _CLOCK.c.rules_version,
    _CLOCK.c.started_on,
    _CLOCK.c.occurrence,
    _CLOCK.c.due_on,
    _CLOCK.c.extension_days,
    _CLOCK.c.ended_on,
    _CLOCK.c.outcome,
    _CLOCK.c.noted_on,
    _CLOCK.c.standing_still,
)
#: Clocks that a recount may move.
COUNTED = and_(
    col(DeadlineClock.ended_on).is_(None),
    col(DeadlineClock.noted_on).is_(None),
    not_(col(DeadlineClock.standing_still)),
)
Pauses = tuple[tuple[date, date | None], ...]


@dataclass
class Counter:
    """Derives due dates by the calendar in force, each kind of clock once."""

    calendar: WorkCalendar
    days: tuple[date, ...]
    book: Book
    known: dict[tuple[Any, ...], Due] = field(default_factory=dict)

    def touched(self, clock: Any) -> bool:
        """Say whether a changed day lies between start and due date."""
        place = bisect_left(self.days, clock.started_on)
        return place < len(self.days) and self.days[place] <= clock.due_on

    def due(self, clock: Any, pauses: Pauses = ()) -> Due:
        """Return the due date of a clock as it would be derived now."""
        key = (
            clock.rule,
            clock.rules_version,
            clock.started_on,
            clock.occurrence,
            clock.extension_days,
            pauses,
        )
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = _derived(clock, pauses, self.calendar, self.book)
        return found

    def reasons(self, clock: Any, derived: Due) -> list[str]:
        """Return the changed days that made the difference: where working days count, all on the way, else those at the end."""
        counts = derived.rule.unit is Unit.WORKING_DAYS
        first = clock.started_on if counts else derived.ended_on
        last = max(clock.due_on, derived.due_on)
        return [day.isoformat() for day in self.days if first <= day <= last]


def _derived(clock: Any, pauses: Pauses, calendar: WorkCalendar, book: Book) -> Due:
    row = DeadlineClock(
        petition_id=clock.petition_id,
        rule=clock.rule,
        rules_version=clock.rules_version,
        started_on=clock.started_on,
        occurrence=clock.occurrence,
        due_on=clock.due_on,
        extension_days=clock.extension_days,
    )
    held = [
        ClockPause(petition_id=clock.petition_id, clock_id=row.id, from_on=begin, until_on=until)
        for begin, until in pauses
    ]
    return deadlines.derive(row, held, calendar, book)


class Done(NamedTuple):
    """What one batch came to; `upto` None: nothing was left."""

    upto: UUID | None
    petitions: int = 0
    clocks: int = 0
    moved: int = 0
    past: int = 0


def counter(s: Session, number: int) -> Counter:
    """Return what counts after entry `number`: by the calendar in force now, and the days changed since before that entry.

    An entry that came meanwhile counts at once; its own recount then finds these clocks as they should be.
    """
    now = in_force.in_force(s)
    earlier = in_force.before(s, number)
    years = {
        year
        for entry in in_force.entries(s)
        if entry.number >= number
        for year in (entry.year - 1, entry.year)
    } | differing(earlier.calendar, now.calendar)
    return Counter(now.calendar, changed_days(earlier.calendar, now.calendar, years), book_of(s))


def batch(s: Session, work: Recount, counts: Counter, *, by: Actor, now: datetime, size: int = BATCH) -> Done:
    """Count the next clocks behind `work.cursor` anew and write what moved; the caller holds `work` and commits."""
    if not counts.days:
        return Done(None)
    found, upto = _next(s, work.cursor, counts, size)
    if upto is None:
        return Done(None)
    touched = [row for row in found if counts.touched(row)]
    pauses = _pauses(s, found[0].petition_id, upto)
    movers = {
        row.petition_id for row in touched if counts.due(row, pauses.get(row.id, ())).due_on != row.due_on
    }
    moved = _move(s, work, counts, sorted(movers), by=by, now=now) if movers else []
    petitions = len({row.petition_id for row in found})
    return Done(upto, petitions, len(found), len(moved), sum(row["past"] for row in moved))


def _next(s: Session, cursor: UUID | None, counts: Counter, size: int) -> tuple[list[Row[Any]], UUID | None]:
    """Return the next clocks that may move, whole petitions; and the last petition among them."""
    query = select(*_COLUMNS).where(
        COUNTED, _CLOCK.c.started_on <= counts.days[-1], _CLOCK.c.due_on >= counts.days[0]
    )
    if cursor is not None:
        query = query.where(_CLOCK.c.petition_id > cursor)
    rows = list(s.connection().execute(query.order_by(_CLOCK.c.petition_id).limit(size)))
    if not rows:
        return [], None
    last = rows[-1].petition_id
    if len(rows) == size and rows[0].petition_id != last:
        # The petition at the cut may have further clocks: it comes with the next batch.
        rows = [row for row in rows if row.petition_id != last]
        last = rows[-1].petition_id
    return rows, last


def _pauses(s: Session, first: UUID, last: UUID) -> dict[UUID, Pauses]:
    """Return the pauses of all clocks of the petitions from `first` to `last`."""
    found: dict[UUID, list[tuple[date, date | None]]] = defaultdict(list)
    columns = (col(ClockPause.clock_id), col(ClockPause.from_on), col(ClockPause.until_on))
    query = select(*columns).where(col(ClockPause.petition_id).between(first, last))
    for row in s.connection().execute(query):
        found[row.clock_id].append((row.from_on, row.until_on))
    return {key: tuple(sorted(pauses, key=lambda each: each[0])) for key, pauses in found.items()}


@dataclass
class _Change:
    """What becomes of one petition."""

    petition: Row[Any]
    moved: list[dict[str, Any]] = field(default_factory=list)
    next_rule: str | None = None
    next_due_on: date | None = None


def _move(
    s: Session, work: Recount, counts: Counter, movers: Sequence[UUID], *, by: Actor, now: datetime
) -> list[dict[str, Any]]:
    """Write what moves of these petitions. They are locked first, then read again: an act may have come between."""
    held = _held(s, movers)
    clocks = _running(s, list(held), movers[-1])
    pauses = _pauses(s, movers[0], movers[-1])
    today = court_day(now)
    changes = [
        change
        for key, petition in held.items()
        if (change := _changed(work, petition, clocks.get(key, []), pauses, counts, today)).moved
    ]
    moved = [row for change in changes for row in change.moved]
    clocks_set = [{"id": row["clock_id"], "due_on": row["due_on"]} for row in moved]
    bulk.change(s, DeadlineClock, ["due_on"], clocks_set)
    next_set = [
        {"id": each.petition.id, "next_rule": each.next_rule, "next_due_on": each.next_due_on}
        for each in changes
        if _next_changes(each)
    ]
    bulk.change(s, Petition, ["next_rule", "next_due_on"], next_set)
    drafts = Drafts(work, counts, by, now)
    bulk.append(s, [(stream_name("petition", each.petition.id), drafts.of(each)) for each in changes])
    bulk.insert(s, MovedDate, moved)
    return moved


def _held(s: Session, ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    columns = (
        col(Petition.id),
        col(Petition.court_id),
        col(Petition.is_open),
        col(Petition.next_rule),
        col(Petition.next_due_on),
    )
    found: dict[UUID, Row[Any]] = {}
    for lot in bulk.lots(ids):
        query = select(*columns).where(col(Petition.id).in_(lot)).order_by(col(Petition.id))
        found |= {row.id: row for row in s.connection().execute(query.with_for_update())}
    return found


def _running(s: Session, ids: Sequence[UUID], upto: UUID) -> dict[UUID, list[Row[Any]]]:
    """Return all running clocks of these petitions, in the order of their ids: one walk of the index from the first to the last."""
    found: dict[UUID, list[Row[Any]]] = {key: [] for key in ids}
    between = _CLOCK.c.petition_id.between(ids[0], upto)
    for row in s.connection().execute(select(*_COLUMNS).where(between, _CLOCK.c.ended_on.is_(None))):
        if row.petition_id in found:
            found[row.petition_id].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: row.id)
    return found


class _Running(NamedTuple):
    """A running clock with its new due date, as `deadlines.nearest` looks at it."""

    rule: str
    rules_version: str
    due_on: date
    standing_still: bool
    ended_on: date | None = None


def _changed(
    work: Recount,
    petition: Row[Any],
    clocks: Iterable[Row[Any]],
    pauses: dict[UUID, Pauses],
    counts: Counter,
    today: date,
) -> _Change:
    change, running = _Change(petition), list[Any]()
    for clock in clocks:
        due_on = clock.due_on
        if clock.noted_on is None and not clock.standing_still and counts.touched(clock):
            derived = counts.due(clock, pauses.get(clock.id, ()))
            due_on = derived.due_on
            if due_on != clock.due_on:
                change.moved.append(_row(work, petition, clock, derived, counts, today))
        running.append(_Running(clock.rule, clock.rules_version, due_on, clock.standing_still))
    change.next_rule, change.next_due_on = (
        deadlines.nearest(running, counts.book) if petition.is_open else (None, None)
    )
    return change


def _row(
    work: Recount, petition: Row[Any], clock: Row[Any], derived: Due, counts: Counter, today: date
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "notice_id": work.notice_id,
        "petition_id": petition.id,
        "court_id": petition.court_id,
        "clock_id": clock.id,
        "rule": clock.rule,
        "was_due_on": clock.due_on,
        "due_on": derived.due_on,
        "past": derived.due_on < today <= clock.due_on,
        "days": ",".join(counts.reasons(clock, derived)),
    }


def _next_changes(change: _Change) -> bool:
    before = (change.petition.next_rule, change.petition.next_due_on)
    return before != (change.next_rule, change.next_due_on)


@dataclass
class Drafts:
    """The events of petitions whose dates moved: many differ in ids alone, which are filled in."""

    work: Recount
    counts: Counter
    by: Actor
    now: datetime
    known: dict[tuple[Any, ...], bulk.Pattern] = field(default_factory=dict)

    def of(self, change: _Change) -> Draft:
        """Return the event of one petition, as the journal would make it."""
        petition = change.petition
        key = (
            *(
                (row["rule"], row["was_due_on"], row["due_on"], row["past"], row["days"])
                for row in change.moved
            ),
            (petition.next_rule, petition.next_due_on, change.next_rule, change.next_due_on),
        )
        pattern = self.known.get(key)
        if pattern is None:
            pattern = self.known[key] = self._pattern(change)
        ids = [petition.id.hex, *(row["clock_id"].hex for row in change.moved)]
        return Draft(Kind.PETITION_DATES_RECOUNTED, self.now, self.now, self.by.label, pattern.filled(ids))

    def _pattern(self, change: _Change) -> bulk.Pattern:
        marks = [bulk.mark(number) for number in range(1 + len(change.moved))]
        rows: list[journal.Change] = [
            {"t": "clock", "k": own, "s": {"due_on": row["due_on"].isoformat()}}
            for own, row in zip(marks[1:], change.moved, strict=True)
        ]
        if _next_changes(change):
            rows.append({"t": "petition", "k": marks[0], "s": _next_columns(change)})
        facts = facts_of(self.work, self.counts, change.moved, self.by)
        return bulk.Pattern({"facts": facts, "rows": rows}, marks)  # type: ignore[dict-item]


def _next_columns(change: _Change) -> dict[str, Json]:
    found: dict[str, Json] = {}
    if change.next_rule != change.petition.next_rule:
        found["next_rule"] = change.next_rule
    if change.next_due_on != change.petition.next_due_on:
        found["next_due_on"] = journal.plain(change.next_due_on)
    return found


def facts_of(work: Recount, counts: Counter, moved: Iterable[dict[str, Any]], by: Actor) -> dict[str, Json]:
    """Return what the event of a petition says of its dates that moved."""
    return {
        "by": by.name,
        "entry": work.number,
        "calendar": counts.calendar.version,
        "moved": [
            {
                "rule": row["rule"],
                "was": row["was_due_on"].isoformat(),
                "due": row["due_on"].isoformat(),
                "past": row["past"],
                "days": row["days"].split(","),
            }
            for row in moved
        ],
    }
