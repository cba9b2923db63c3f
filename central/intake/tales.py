"""Many petitions with what already happened to them, as rows and events ready to be written: no session.

The rules are those of every act (`petitions.steps`, `deadlines.advance`, `events.journal`); only the writing is done in bulk.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import SQLModel

from central.deadlines import service as deadlines
from central.deadlines.books import Book
from central.deadlines.calendar import WorkCalendar
from central.deadlines.models import ClockPause, DeadlineClock
from central.deadlines.rules import Ground, Moment
from central.events import images, journal
from central.events.kinds import Kind
from central.events.log import Draft
from central.intake import ticking
from central.intake.blanks import Row, new_row, open_columns, table_of
from central.petitions import steps
from central.petitions.models import Petition
from central.petitions.states import ENDED, Act, State, Step, Who
from shared.canonical import Json
from shared.clock import court_day

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
    clocks = ticking.clocks(ticks, version, deadlines.By(teller.calendar, teller.book))
    tale = Tale(journal.stream_name("petition", petition["id"]), defaultdict(list), [])
    tale.rows[Petition].append(petition)
    running, pauses = list[Row](), list[Row]()
    for told, step, ticked in zip(acts, way, clocks, strict=True):
        was = {name: petition[name] for name in (*MOVED, *told.changes)} if tale.events else None
        _move(petition, told, step, ticked)
        changes = [_petition_change(petition, was)]
        changes += [_added(tale, kind, row) for kind, row in told.rows]
        changes += [images.changed(change) for update in told.updates if (change := _updated(*update))["s"]]
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


def _move(petition: Row, told: Told, step: Step, ticked: ticking.Ticked) -> None:
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


def _petition_change(petition: Row, was: Row | None) -> str:
    table = table_of(Petition)
    if was is None:
        return images.inserted(table, petition)
    changed = {name: value for name, before in was.items() if (value := petition[name]) != before}
    if not open_columns(table).issuperset(changed):
        salt = petition["salt"]
        changed = {name: journal.logged(table.c[name], value, salt) for name, value in changed.items()}
    return images.line(table.name, petition["id"].hex, images.object_(changed))


def _added(tale: Tale, kind: type[SQLModel], row: Row) -> str:
    tale.rows[kind].append(row)
    return images.inserted(table_of(kind), row)


def _tick(
    tale: Tale,
    running: list[Row],
    petition: Row,
    ticked: ticking.Ticked,
    clocks_set: Sequence[tuple[Row, Row]],
) -> list[str]:
    """Set what the act itself sets in clocks, then what the moments do to them: one line for each clock."""
    if clocks_set:
        changes = _set(clocks_set, [(running[place], row) for place, row, _ in ticked.changed])
    else:
        changes = []
        for place, columns, said in ticked.changed:
            clock = running[place]
            clock.update(columns)
            if said != "{}":
                changes.append(images.line(DeadlineClock.__tablename__, clock["id"].hex, said))
    whose = {"petition_id": petition["id"], "court_id": petition["court_id"]}
    for columns, line in ticked.started:
        row = new_row(DeadlineClock, **whose, **columns)
        running.append(row)
        tale.rows[DeadlineClock].append(row)
        changes.append(line.filled((row["id"].hex, whose["petition_id"].hex, whose["court_id"].hex)))
    return changes


def _set(first: Sequence[tuple[Row, Row]], then: Sequence[tuple[Row, Row]]) -> list[str]:
    lines: dict[str, journal.Change] = {}
    for clock, columns in (*first, *then):
        change = _updated(DeadlineClock, clock, columns)
        lines.setdefault(change["k"], change)["s"].update(change["s"])
    return [images.changed(change) for change in lines.values() if change["s"]]


def _pause(
    tale: Tale, running: list[Row], pauses: list[Row], petition_id: UUID, ticked: ticking.Ticked
) -> list[str]:
    changes = [
        images.changed(_updated(ClockPause, pauses[place], {"until_on": day}))
        for place, day in ticked.resumed
    ]
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
    changes: list[str],
    more: Mapping[str, Json],
) -> str:
    facts = {"act": str(told.act), "from": str(was), "to": str(step.to), **teller.facts, **told.facts, **more}
    return images.event(facts, changes)
