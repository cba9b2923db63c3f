"""Many petitions with what already happened to them, as rows and events ready to be written: no session.

The rules are those of every act (`petitions.steps`, `deadlines.advance`, `events.journal`); only the writing is done in bulk.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple, cast
from uuid import UUID

from pydantic_core import PydanticUndefined
from sqlalchemy import Table
from sqlmodel import SQLModel

from central.deadlines import service as deadlines
from central.deadlines.books import Book
from central.deadlines.calendar import WorkCalendar
from central.deadlines.models import ClockPause, DeadlineClock
from central.deadlines.rules import Ground, Moment
from central.events import journal
from central.events.kinds import Kind
from central.events.log import Draft
from central.petitions import steps
from central.petitions.models import Petition, new_salt
from central.petitions.states import ENDED, Act, Clocks, State, Step, Who
from shared.canonical import Json, canonical
from shared.clock import court_day
from shared.ids import new_id

Row = dict[str, Any]
#: The columns that every act may move.
MOVED = (
    "state",
    "is_open",
    "closed_at",
    "version",
    "next_act",
    "next_role",
    "next_person_id",
    "next_rule",
    "next_due_on",
)


@dataclass(frozen=True, slots=True)
class Told:
    """One act as it happened: the petition's columns it sets, the rows it adds, further moments, further facts."""

    act: Act
    at: datetime
    changes: Mapping[str, Any] = field(default_factory=dict)
    rows: Sequence[tuple[type[SQLModel], Row]] = ()
    facts: Mapping[str, Json] = field(default_factory=dict)
    #: Columns of rows of earlier acts that it sets: table, row, columns.
    updates: Sequence[tuple[type[SQLModel], Row, Row]] = ()
    #: Columns it sets in the clocks of the petition before they move.
    of_clocks: Callable[[Sequence[Row]], Sequence[tuple[Row, Row]]] | None = None
    #: Dated moments it brings with it, beside those of the table.
    moments: tuple[Moment, ...] = ()
    #: More days for the running clock of a rule.
    extends: tuple[str, int] | None = None
    #: Another name for the event than the table's.
    kind: Kind | None = None
    #: Who did it, if not who tells the whole.
    teller: "Teller | None" = None


@dataclass(slots=True)
class Tale:
    """One petition: its rows as they stand in the end, by table, and its events in order."""

    stream: str
    rows: dict[type[SQLModel], list[Row]]
    events: list[Draft]


class Teller(NamedTuple):
    """Who writes it down and when, and what every event says beside its own facts."""

    label: str
    now: datetime
    facts: Mapping[str, Json]
    book: Book
    calendar: WorkCalendar


def table_of(kind: type[SQLModel]) -> Table:
    """Return the table of a model."""
    return cast("Table", kind.__table__)  # type: ignore[attr-defined]


@lru_cache
def _blank(kind: type[SQLModel]) -> tuple[Row, bool, bool]:
    fields = kind.model_fields
    row = {n: None if f.default is PydanticUndefined else f.default for n, f in fields.items()}
    return row, "id" in fields, "salt" in fields


def new_row(kind: type[SQLModel], /, **values: Any) -> Row:
    """Return a whole row of a table with its defaults, a fresh id and a fresh salt."""
    blank, has_id, has_salt = _blank(kind)
    row = {**blank, **values}
    if has_id and row["id"] is None:
        row["id"] = new_id()
    if has_salt and row["salt"] is None:
        row["salt"] = new_salt()
    return row


def tell(petition: Row, acts: Sequence[Told], teller: Teller) -> Tale:
    """Return the tale of a new petition; raise `IllegalStep` for an act that its state does not know.

    `petition` is a row of its own, without state; the first act is the registration.
    """
    way = _way(tuple(told.act for told in acts))
    version = teller.book.version(petition["rules_version"], petition["kind"])
    ticks = tuple(
        ((*step.moments, *told.moments), court_day(told.at), step.clocks, told.extends)
        for step, told in zip(way, acts, strict=True)
    )
    clocks = _clocks(ticks, version, deadlines.By(teller.calendar, teller.book))
    tale = Tale(journal.stream_name("petition", petition["id"]), defaultdict(list), [])
    tale.rows[Petition].append(petition)
    running, pauses = list[Row](), list[Row]()
    for told, step, ticked in zip(acts, way, clocks, strict=True):
        was = {name: petition[name] for name in (*MOVED, *told.changes)} if tale.events else None
        _move(petition, told, step, ticked)
        changes = [_petition_change(petition, was)]
        changes += [_added(tale, kind, row) for kind, row in told.rows]
        changes += [change for update in told.updates if (change := _updated(*update))["s"]]
        clocks_set = told.of_clocks(running) if told.of_clocks else ()
        changes += _tick(tale, running, petition, ticked, clocks_set)
        if ticked.paused or ticked.resumed:
            changes += _pause(tale, running, pauses, petition["id"], ticked)
        by = told.teller or teller
        data = _data(told, step, was["state"] if was else step.to, by, changes, _extended(told, running))
        tale.events.append(Draft(told.kind or step.kind, told.at, by.now, by.label, data))
    return tale


@lru_cache
def _way(acts: tuple[Act, ...]) -> tuple[Step, ...]:
    state: State | None = None
    found = []
    for act in acts:
        step = steps.find(state, act)
        state = step.to
        found.append(step)
    return tuple(found)


class Clock:
    """A clock while it is reckoned: the columns of the table, except those that say whose it is."""

    rule: str
    rules_version: str
    started_on: date
    occurrence: int
    due_on: date
    extension_days: int
    ended_on: date | None
    outcome: str | None
    result: str | None
    standing_still: bool

    def __init__(self, **columns: Any) -> None:
        self.__dict__ = {**_blank_clock(), **columns}


class Ticked(NamedTuple):
    """What one act does to the clocks: those it starts, columns it sets by place, pauses it begins and ends, what is due next."""

    started: tuple[Row, ...]
    changed: tuple[tuple[int, Row], ...]
    #: Places of the clocks that stand still from here on, and of the pauses that end, each with the day.
    paused: tuple[tuple[int, date], ...]
    resumed: tuple[tuple[int, date], ...]
    nearest: deadlines.Nearest


@dataclass(slots=True)
class _Pause:
    place: int
    from_on: date
    until_on: date | None = None


@lru_cache(maxsize=2048)
def _clocks(
    acts: tuple[tuple[tuple[Moment, ...], date, Clocks, tuple[str, int] | None], ...],
    version: str,
    by: deadlines.By,
) -> tuple[Ticked, ...]:
    """Return what acts on these days do to the clocks of a petition. Many petitions share their days."""
    clocks, pauses, found = list[Clock](), list[_Pause](), list[Ticked]()
    for moments, day, effect, extends in acts:
        before = [(place, dict(vars(clock))) for place, clock in enumerate(clocks) if clock.ended_on is None]
        resumed = _resume(clocks, pauses, day, by) if effect is Clocks.RESUME else []
        running = [(place, clock) for place, clock in enumerate(clocks) if clock.ended_on is None]
        still = [(place, clock) for place, clock in running if clock.standing_still]
        for place, clock in still:  # what ends now was not late while it stood still
            clock.due_on = _due(clock, place, pauses, by, today=day)
        if extends:
            _extend(clocks, pauses, *extends, by)
        started = deadlines.advanced(
            [clock for _, clock in running],
            make=Clock,
            moments=moments,
            on=day,
            calendar=by.calendar,
            book=by.book,
            version=version,
        )
        clocks += started
        resumed += _over(still, pauses, day)
        paused = _stand_still(clocks, pauses, day, by) if effect is Clocks.PAUSE else []
        changed = tuple((place, row) for place, was in before if (row := _changed(was, clocks[place])))
        rows = tuple(dict(vars(one)) for one in started)
        nearest = deadlines.nearest(clocks, by.book)
        found.append(Ticked(rows, changed, tuple(paused), tuple(resumed), nearest))
    return tuple(found)


@cache
def _blank_clock() -> Row:
    whose = {"id", "petition_id", "court_id"}
    return {name: value for name, value in _blank(DeadlineClock)[0].items() if name not in whose}


def _changed(was: Row, clock: Clock) -> Row:
    now = vars(clock)
    return {} if now == was else {name: now[name] for name, value in was.items() if now[name] != value}


def _due(clock: Clock, place: int, pauses: list[_Pause], by: deadlines.By, today: date | None = None) -> date:
    own = [(pause.from_on, pause.until_on) for pause in pauses if pause.place == place]
    return deadlines.due_of(clock, own, by.calendar, by.book, today).due_on


def _extend(clocks: list[Clock], pauses: list[_Pause], rule: str, days: int, by: deadlines.By) -> None:
    place = next(at for at, clock in enumerate(clocks) if clock.rule == rule and clock.ended_on is None)
    clocks[place].extension_days += days
    clocks[place].due_on = _due(clocks[place], place, pauses, by)


def _stand_still(
    clocks: list[Clock], pauses: list[_Pause], day: date, by: deadlines.By
) -> list[tuple[int, date]]:
    still = [
        place
        for place, clock in enumerate(clocks)
        if clock.ended_on is None and Ground.SUPPLEMENT in by.rule(clock).paused_by
    ]
    for place in still:
        clocks[place].standing_still = True
    pauses += [_Pause(place, day) for place in still]
    return [(place, day) for place in still]


def _resume(clocks: list[Clock], pauses: list[_Pause], day: date, by: deadlines.By) -> list[tuple[int, date]]:
    ended = _end_pauses(pauses, day, {pause.place for pause in pauses})
    for place, clock in enumerate(clocks):
        if clock.ended_on is None:
            clock.standing_still = False
            clock.due_on = _due(clock, place, pauses, by)
    return ended


def _over(still: list[tuple[int, Clock]], pauses: list[_Pause], day: date) -> list[tuple[int, date]]:
    """End the pauses of clocks that stood still and have ended."""
    over = {place for place, clock in still if clock.ended_on is not None}
    for place, clock in still:
        clock.standing_still = place not in over
    return _end_pauses(pauses, day, over)


def _end_pauses(pauses: list[_Pause], day: date, of: set[int]) -> list[tuple[int, date]]:
    ended = [at for at, pause in enumerate(pauses) if pause.until_on is None and pause.place in of]
    for at in ended:
        pauses[at].until_on = max(day, pauses[at].from_on)
    return [(at, max(day, pauses[at].from_on)) for at in ended]


def _move(petition: Row, told: Told, step: Step, ticked: Ticked) -> None:
    petition.update(told.changes)
    ended = step.to in ENDED
    petition["state"], petition["is_open"] = str(step.to), not ended
    petition["closed_at"] = told.at if ended else None
    petition["version"] += 1
    rule, due_on = (None, None) if ended else ticked.nearest
    petition["next_rule"], petition["next_due_on"] = rule, due_on
    upcoming = steps.next_step(
        step.to,
        delivered=petition["delivered_on"] is not None,
        has_handler=petition["handler_id"] is not None,
        extension_asked=petition["extension_rule"] is not None,
        undecided=petition["undecided"],
    )
    petition["next_act"] = str(upcoming.act) if upcoming else None
    petition["next_role"] = str(upcoming.role) if upcoming else None
    person = {
        Who.THE_HANDLER: petition["handler_id"],
        Who.THE_LEADER: petition["leader_id"],
        Who.THE_APPROVER: petition["leader_id"],
        Who.THE_DECIDER: petition["decider_id"],
    }
    petition["next_person_id"] = person.get(upcoming.who) if upcoming else None


def _petition_change(petition: Row, was: Row | None) -> journal.Change:
    table = table_of(Petition)
    if was is None:
        return journal.inserted(table, petition)
    salt = petition["salt"]
    changed = {
        name: journal.logged(table.c[name], value, salt)
        for name, before in was.items()
        if (value := petition[name]) != before
    }
    return {"t": table.name, "k": petition["id"].hex, "s": changed}


def _added(tale: Tale, kind: type[SQLModel], row: Row) -> journal.Change:
    tale.rows[kind].append(row)
    return journal.inserted(table_of(kind), row)


def _tick(
    tale: Tale, running: list[Row], petition: Row, ticked: Ticked, clocks_set: Sequence[tuple[Row, Row]]
) -> list[journal.Change]:
    """Set what the act itself sets in clocks, then what the moments do to them: one line for each clock."""
    lines: dict[str, journal.Change] = {}
    moved = [(running[place], row) for place, row in ticked.changed]
    for clock, columns in (*clocks_set, *moved):
        change = _updated(DeadlineClock, clock, columns)
        lines.setdefault(change["k"], change)["s"].update(change["s"])
    changes = [change for change in lines.values() if change["s"]]
    for clock in ticked.started:
        row = new_row(DeadlineClock, petition_id=petition["id"], court_id=petition["court_id"], **clock)
        running.append(row)
        changes.append(_added(tale, DeadlineClock, row))
    return changes


def _pause(
    tale: Tale, running: list[Row], pauses: list[Row], petition_id: UUID, ticked: Ticked
) -> list[journal.Change]:
    changes = [_updated(ClockPause, pauses[place], {"until_on": day}) for place, day in ticked.resumed]
    for place, day in ticked.paused:
        row = new_row(
            ClockPause,
            petition_id=petition_id,
            clock_id=running[place]["id"],
            from_on=day,
            ground=str(Ground.SUPPLEMENT),
        )
        pauses.append(row)
        changes.append(_added(tale, ClockPause, row))
    return changes


def _updated(kind: type[SQLModel], row: Row, columns: Row) -> journal.Change:
    """Set columns of a row that was told of before; only what differs is a change."""
    table, salt = table_of(kind), journal.salt_of(row)
    new = {name: value for name, value in columns.items() if row[name] != value}
    row.update(new)
    logged = {
        name: journal.logged(table.c[name], value, salt)
        for name, value in new.items()
        if table.c[name].info.get("logged", True)
    }
    return {"t": table.name, "k": journal.key_of(table, row), "s": logged}


def _extended(told: Told, clocks: Sequence[Row]) -> dict[str, Json]:
    """Return what the event of an extension says of the clock as it stands now."""
    if told.extends is None:
        return {}
    rule, days = told.extends
    clock = next(row for row in clocks if row["rule"] == rule and row["ended_on"] is None)
    return {"days": days, "total": clock["extension_days"], "due_on": clock["due_on"].isoformat()}


def _data(
    told: Told,
    step: Step,
    was: str,
    teller: Teller,
    changes: list[journal.Change],
    more: Mapping[str, Json],
) -> str:
    facts = {"act": str(told.act), "from": str(was), "to": str(step.to), **teller.facts, **told.facts, **more}
    return canonical({"facts": facts, "rows": changes})  # type: ignore[dict-item]
