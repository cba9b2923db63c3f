"""Many petitions with what already happened to them, as rows and events ready to be written: no session.

The rules are those of every act (`petitions.steps`, `deadlines.advance`, `events.journal`); only the writing is done in bulk.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast

from pydantic_core import PydanticUndefined
from sqlalchemy import Table
from sqlmodel import SQLModel

from central.deadlines import service as deadlines
from central.deadlines.books import Book
from central.deadlines.calendar import WorkCalendar
from central.deadlines.models import DeadlineClock
from central.deadlines.rules import Moment
from central.events import journal
from central.events.kinds import Kind
from central.events.log import Draft
from central.petitions import steps
from central.petitions.models import Petition, new_salt
from central.petitions.states import ENDED, Act, State, Step, Who
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
    #: Another name for the event than the table's.
    kind: Kind | None = None


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


def new_row(kind: type[SQLModel], **values: Any) -> Row:
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
    moments = tuple((step.moments, court_day(told.at)) for step, told in zip(way, acts, strict=True))
    clocks = _clocks(moments, version, deadlines.By(teller.calendar, teller.book))
    tale = Tale(journal.stream_name("petition", petition["id"]), defaultdict(list), [])
    tale.rows[Petition].append(petition)
    running: list[Row] = []
    for told, step, ticked in zip(acts, way, clocks, strict=True):
        was = {name: petition[name] for name in (*MOVED, *told.changes)} if tale.events else None
        _move(petition, told, step, ticked)
        changes = [_petition_change(petition, was)]
        changes += [_added(tale, kind, row) for kind, row in told.rows]
        changes += _tick(tale, running, petition, ticked)
        data = _data(told, step, was["state"] if was else step.to, teller, changes)
        tale.events.append(Draft(told.kind or step.kind, told.at, teller.now, teller.label, data))
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


@dataclass(slots=True)
class Clock:
    """A clock while it is reckoned; its fields are those of the table."""

    rule: str
    rules_version: str
    started_on: date
    occurrence: int
    due_on: date
    ended_on: date | None = None
    outcome: str | None = None
    result: str | None = None
    owed_month: int | None = None
    standing_still: bool = False


class Ticked(NamedTuple):
    """What one act does to the clocks: those it starts, those it ends (place and what changes), what is due next."""

    started: tuple[Row, ...]
    ended: tuple[tuple[int, Row], ...]
    nearest: deadlines.Nearest


@lru_cache(maxsize=2048)
def _clocks(
    acts: tuple[tuple[tuple[Moment, ...], date], ...], version: str, by: deadlines.By
) -> tuple[Ticked, ...]:
    """Return what acts on these days do to the clocks of a petition. Many petitions share their days."""
    clocks: list[Clock] = []
    found = []
    for moments, day in acts:
        open_before = [place for place, clock in enumerate(clocks) if clock.ended_on is None]
        started = deadlines.advanced(
            clocks,
            make=Clock,
            moments=moments,
            on=day,
            calendar=by.calendar,
            book=by.book,
            version=version,
        )
        ended = tuple(
            (place, {name: getattr(clocks[place], name) for name in ("ended_on", "outcome", "result")})
            for place in open_before
            if clocks[place].ended_on is not None
        )
        clocks += started
        found.append(Ticked(tuple(map(_as_row, started)), ended, deadlines.nearest(clocks, by.book)))
    return tuple(found)


def _as_row(clock: Clock) -> Row:
    return {name: getattr(clock, name) for name in Clock.__slots__}


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
    )
    petition["next_act"] = str(upcoming.act) if upcoming else None
    petition["next_role"] = str(upcoming.role) if upcoming else None
    person = {Who.THE_HANDLER: petition["handler_id"], Who.THE_LEADER: petition["leader_id"]}
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


def _tick(tale: Tale, running: list[Row], petition: Row, ticked: Ticked) -> list[journal.Change]:
    table, changes = table_of(DeadlineClock), list[journal.Change]()
    for place, ended in ticked.ended:
        row = running[place]
        changed = {name: journal.plain(value) for name, value in ended.items() if value != row[name]}
        row.update(ended)
        changes.append({"t": table.name, "k": row["id"].hex, "s": changed})
    for clock in ticked.started:
        row = new_row(DeadlineClock, petition_id=petition["id"], court_id=petition["court_id"], **clock)
        running.append(row)
        changes.append(_added(tale, DeadlineClock, row))
    return changes


def _data(told: Told, step: Step, was: str, teller: Teller, changes: list[journal.Change]) -> str:
    facts = {"act": str(told.act), "from": str(was), "to": str(step.to), **teller.facts, **told.facts}
    return canonical({"facts": facts, "rows": changes})  # type: ignore[dict-item]
