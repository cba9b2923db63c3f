"""Rebuild every row that the events say there must be, and compare. Streams go in lots, so that memory does not grow with the log.

Rows are read twice at most: all of them fast (`stored`), and those of a stream in which anything does not fit value by value.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Row, String, Table, cast, func, literal, not_, or_, select
from sqlmodel import Session

from central.db import is_sqlite
from central.events import journal
from central.events.findings import Finding
from central.events.models import Chain, Event
from central.events.reading import any_text, rows_of
from central.events.replay import Rows, fold
from central.events.stored import images
from central.memory import no_search
from central.vault import columns
from central.vault.errors import SealBroken
from central.vault.rows import vault_of

#: Streams whose rows are fetched and compared together.
LOT = 1000
#: How the data of an event ends that goes with no row: looks, mostly. Canonical JSON has one way to say it.
_NO_ROWS = '"rows":[]}'
#: Streams from one name on and before another; None has no end there.
Range = tuple[str | None, str | None]


@dataclass
class Compared:
    """What holding the rows of some streams against their events gave: how many there are of each table, and what differs."""

    seen: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def ranges(s: Session, count: int) -> list[Range]:
    """Divide all streams into `count` ranges of about as many each."""
    name = Chain.__table__.c.stream  # type: ignore[attr-defined]
    total = s.connection().execute(select(func.count()).select_from(Chain)).scalar_one()
    if total < count:
        return [(None, None)]
    places = [total * number // count for number in range(1, count)]
    ends = [
        s.connection().execute(select(name).order_by(name).offset(place).limit(1)).scalar()
        for place in places
    ]
    return list(zip([None, *ends], [*ends, None], strict=True))


def compare(s: Session, between: Range = (None, None)) -> Compared:
    """Fold the events of each stream in a range and hold the rows of every journaled table against them."""
    found = Compared()
    with any_text(s), no_search():
        for lot in _lots(_events(s, between)):
            expected: Rows = {}
            owners: dict[str, list[str]] = {}
            for stream, events in lot:
                fold(expected, events)
                owners.setdefault(stream.partition("/")[0], []).append(stream)
            keys: dict[tuple[str, type], dict[Any, Any]] = {}
            for table in _tables():
                prefix, column = table.info["journal"]
                place = prefix, table.c[column].type.python_type
                if place not in keys:
                    keys[place] = _keys(owners.get(prefix, ()), *place)
                if keys[place]:
                    _compare(s, table, keys[place], expected, found)
            found.findings += [
                Finding(owner, 0, event_id, "row_missing", f"{table_name} {key}")
                for (table_name, key), (_, owner, event_id) in expected.items()
            ]
    return found


def _tables() -> list[Table]:
    return [kind.__table__ for kind in journal.journaled_models()]  # type: ignore[attr-defined]


def _events(s: Session, between: Range) -> Iterator[Row[Any]]:
    table = Event.__table__  # type: ignore[attr-defined]
    every = rows_of(s, table)
    end = (
        func.substr(table.c.data, -len(_NO_ROWS)) if is_sqlite(s) else func.right(table.c.data, len(_NO_ROWS))
    )
    query = every.with_only_columns(table.c.id, table.c.stream, table.c.data)
    query = query.where(or_(end != _NO_ROWS, end.is_(None))).order_by(table.c.stream, table.c.seq, table.c.id)
    begin, behind = between
    if begin is not None:
        query = query.where(table.c.stream >= begin)
    if behind is not None:
        # Somebody's NULL is in the first range.
        before = table.c.stream < behind
        query = query.where(before if begin is not None else or_(before, table.c.stream.is_(None)))
    # An option of this statement, not of the connection: other statements read whole results while it streams.
    return iter(s.connection().execute(query, execution_options={"yield_per": 2000}))


def _lots(events: Iterator[Row[Any]]) -> Iterator[list[tuple[str, list[Row[Any]]]]]:
    streams = ((stream, list(rows)) for stream, rows in groupby(events, key=lambda row: str(row.stream)))
    while lot := list(islice(streams, LOT)):
        yield lot


def _compare(s: Session, table: Table, keys: Mapping[Any, Any], expected: Rows, found: Compared) -> None:
    fitting, doubted = [], set[Any]()
    before = {name: column.info["before"] for name, column in table.c.items() if "before" in column.info}
    for key, owner, image in images(s, table, tuple(keys)):
        wanted = expected.get((table.name, key))
        if image is None or wanted is None or (image != wanted[0] and image != before | wanted[0]):
            doubted.add(owner)
        else:
            fitting.append((key, owner))
    if doubted:
        fitting = [one for one in fitting if one[1] not in doubted]
    for key, _ in fitting:
        del expected[(table.name, key)]
    found.seen[table.name] = found.seen.get(table.name, 0) + len(fitting)
    if doubted:
        _compare_by_value(s, table, [keys[each] for each in doubted if each in keys], expected, found)


def _compare_by_value(s: Session, table: Table, keys: Sequence[Any], expected: Rows, found: Compared) -> None:
    column = table.c[table.info["journal"][1]]
    rows = s.connection().execute(rows_of(s, table).where(column.in_(keys))).all()
    for values in _opened(s, table, rows):
        wanted = expected.pop((table.name, journal.key_of(table, values)), None)
        stream = journal.stream_of(table, values)
        if wanted is None:
            found.findings.append(
                Finding(stream, 0, 0, "row_unknown", f"{table.name} {journal.key_of(table, values)}")
            )
        elif differing := _differing(table, journal.row_image(table, values), wanted[0]) - _erased(
            table, values
        ):
            where = f"{table.name}: {', '.join(sorted(differing))}"
            found.findings.append(Finding(wanted[1], 0, wanted[2], "row_differs", where))
    found.seen[table.name] = found.seen.get(table.name, 0) + len(rows)


def _keys(streams: Sequence[str], prefix: str, kind: type) -> dict[Any, Any]:
    """Return the keys of those streams that have one of this kind, by what the log writes for them."""
    found = (_owner(each, prefix, kind) for each in streams)
    return {journal.plain(key): key for key in found if key is not None}


def _owner(stream: str, prefix: str, kind: type) -> Any:
    """Return the key of the rows that belong to `stream`, or None: not this table's, or a stream nobody names so."""
    name = stream.removeprefix(prefix + "/")
    try:
        key = kind(name)
    except ValueError:
        return None
    return key if stream == journal.stream_name(prefix, key) else None


def _differing(table: Table, actual: dict[str, Any], wanted: dict[str, Any]) -> set[str]:
    named = actual.keys() | wanted.keys()
    before = {name: column.info["before"] for name, column in table.c.items() if "before" in column.info}
    return {name for name in named if actual.get(name) != wanted.get(name, before.get(name))}


def _opened(s: Session, table: Table, rows: Sequence[Row[Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows with sealed columns opened. What cannot be opened stays closed, and its digest differs."""
    if not columns.sealed_columns(table):
        yield from (row._asdict() for row in rows)
        return
    vault, found = vault_of(s), [row._asdict() for row in rows]
    vault.prefetch(key for row in found for key in columns.key_ids(table, row))
    for row in found:
        try:
            yield columns.opened(vault, table, row)
        except SealBroken:
            yield row


def _erased(table: Table, values: dict[str, Any]) -> set[str]:
    """Return the columns whose key, or whose salt's key, was destroyed: nobody can compare them any more."""
    found = {name for name, value in values.items() if isinstance(value, columns.Erased)}
    if journal.SALT in found:
        found |= {column.name for column in table.columns if column.info.get("sensitive")}
    return found


def rows_without_events(s: Session, seen: Mapping[str, int]) -> Iterator[Finding]:
    """Yield rows of which no event tells; `seen` says how many of each table have events."""
    events = Event.__table__  # type: ignore[attr-defined]
    for table in _tables():
        total = s.connection().execute(select(func.count()).select_from(table)).scalar_one()
        if total == seen.get(table.name, 0):
            continue
        prefix, column = table.info["journal"]
        name = literal(prefix + "/").concat(func.replace(cast(table.c[column], String), "-", ""))
        known = select(events.c.id).where(events.c.stream == name, events.c.seq == 1).exists()
        for row in s.connection().execute(rows_of(s, table).where(not_(known)).limit(100)):
            values = row._asdict()
            yield Finding(
                journal.stream_of(table, values),
                0,
                0,
                "row_unknown",
                f"{table.name} {journal.key_of(table, values)}",
            )
