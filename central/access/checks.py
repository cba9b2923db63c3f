"""Hold the rows of looks against the events they were made from: a look taken out of the pages alone is found too."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, Table
from sqlmodel import Session

from central.access.entries import rows_of
from central.access.models import AccessEntry, Look
from central.events import reading
from central.events.findings import Finding
from central.events.models import Event

_KINDS = [f"look.{look}" for look in Look]
_RUN = 4000


def check_entries(s: Session) -> Iterator[Finding]:
    """Walk events and rows side by side in the order of the events; yield what one has and the other has not, or has otherwise."""
    entry: Table = AccessEntry.__table__  # type: ignore[attr-defined]
    query = reading.rows_of(s, entry).order_by(entry.c.event_id, entry.c.place)
    there = iter(s.connection().execute(query, execution_options={"yield_per": _RUN}))
    row = next(there, None)
    for stream, wanted in _wanted(s):
        place = (wanted["event_id"], wanted["place"])
        while row is not None and (row.event_id, row.place) < place:
            yield _finding(stream, row, "row_unknown")
            row = next(there, None)
        if row is None or (row.event_id, row.place) != place:
            yield Finding(stream, 0, place[0], "row_missing", f"access_entry {place[0]}|{place[1]}")
            continue
        if differing := sorted(name for name, value in wanted.items() if getattr(row, name) != value):
            yield Finding(stream, 0, place[0], "row_differs", f"access_entry: {', '.join(differing)}")
        row = next(there, None)
    while row is not None:
        yield _finding("access", row, "row_unknown")
        row = next(there, None)


def _finding(stream: str, row: Row[Any], problem: str) -> Finding:
    return Finding(stream, 0, 0, problem, f"access_entry {row.event_id}|{row.place}")


def _wanted(s: Session) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield stream and row for each look of the log. An event that cannot be read is named by its chain."""
    table: Table = Event.__table__  # type: ignore[attr-defined]
    every = reading.rows_of(s, table)
    needed = [each for each in every.selected_columns if each.name in {"id", "stream", "at", "actor", "data"}]
    query = every.with_only_columns(*needed)
    query = query.where(table.c.kind.in_(_KINDS)).order_by(table.c.id)
    for row in s.connection().execute(query, execution_options={"yield_per": _RUN}):
        try:
            made = rows_of(row.id, row.at, row.actor, json.loads(row.data)["facts"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
        yield from ((str(row.stream), each) for each in made)
