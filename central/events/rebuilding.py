"""Rebuild every row that the events say there must be, and compare. Streams go in lots, so that memory does not grow with the log."""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Row, String, Table, cast, func, literal, not_, or_, select
from sqlmodel import Session

from central.db import is_sqlite
from central.events import journal
from central.events.findings import Finding, Report
from central.events.models import Event
from central.events.reading import rows_of
from central.events.replay import Rows, fold
from central.vault import columns
from central.vault.errors import SealBroken
from central.vault.rows import vault_of

#: Streams whose rows are fetched and compared together.
LOT = 400
#: How the data of an event ends that goes with no row: looks, mostly. Canonical JSON has one way to say it.
_NO_ROWS = '"rows":[]}'


def compare(s: Session, report: Report) -> None:
    """Fold the events of each stream and hold the rows of every journaled table against them."""
    seen: dict[str, int] = {}
    for lot in _lots(_events(s)):
        expected: Rows = {}
        for _, events in lot:
            fold(expected, events)
        streams = [stream for stream, _ in lot]
        for table in (kind.__table__ for kind in journal.journaled_models()):  # type: ignore[attr-defined]
            report.rows += _compare(s, table, streams, expected, report, seen)
        report.findings += [
            Finding(owner, 0, event_id, "row_missing", f"{table_name} {key}")
            for (table_name, key), (_, owner, event_id) in expected.items()
        ]
    report.findings += _rows_without_events(s, seen)


def _events(s: Session) -> Iterator[Row[Any]]:
    table = Event.__table__  # type: ignore[attr-defined]
    every = rows_of(s, table)
    end = (
        func.substr(table.c.data, -len(_NO_ROWS)) if is_sqlite(s) else func.right(table.c.data, len(_NO_ROWS))
    )
    query = every.with_only_columns(table.c.id, table.c.stream, table.c.data)
    query = query.where(or_(end != _NO_ROWS, end.is_(None))).order_by(table.c.stream, table.c.seq, table.c.id)
    # An option of this statement, not of the connection: other statements read whole results while it streams.
    return iter(s.connection().execute(query, execution_options={"yield_per": 2000}))


def _lots(events: Iterator[Row[Any]]) -> Iterator[list[tuple[str, list[Row[Any]]]]]:
    streams = ((stream, list(rows)) for stream, rows in groupby(events, key=lambda row: str(row.stream)))
    while lot := list(islice(streams, LOT)):
        yield lot


def _compare(
    s: Session, table: Table, streams: list[str], expected: Rows, report: Report, seen: dict[str, int]
) -> int:
    prefix, column = table.info["journal"]
    kind = table.c[column].type.python_type
    keys = [key for stream in streams if (key := _owner(stream, prefix, kind)) is not None]
    if not keys:
        return 0
    rows = s.connection().execute(rows_of(s, table).where(table.c[column].in_(keys))).all()
    for values in _opened(s, table, rows):
        wanted = expected.pop((table.name, journal.key_of(table, values)), None)
        stream = journal.stream_of(table, values)
        if wanted is None:
            report.findings.append(
                Finding(stream, 0, 0, "row_unknown", f"{table.name} {journal.key_of(table, values)}")
            )
        elif differing := _differing(table, journal.row_image(table, values), wanted[0]) - _erased(
            table, values
        ):
            where = f"{table.name}: {', '.join(sorted(differing))}"
            report.findings.append(Finding(wanted[1], 0, wanted[2], "row_differs", where))
    seen[table.name] = seen.get(table.name, 0) + len(rows)
    return len(rows)


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


def _rows_without_events(s: Session, seen: dict[str, int]) -> Iterator[Finding]:
    events = Event.__table__  # type: ignore[attr-defined]
    for table in (kind.__table__ for kind in journal.journaled_models()):  # type: ignore[attr-defined]
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
