"""Many rows changed by few statements: what a recount writes. The values are those that `events.log.record` would write."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select, text
from sqlmodel import Session, col

from central.db import is_sqlite
from central.events import log
from central.events.models import Chain, Event

#: Ids in one statement: SQLite takes 32,766 values.
_TOGETHER = 10_000


def lots(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield ids in lots that fit into one statement."""
    return log.in_batches(ids, _TOGETHER)


def set_due(s: Session, rows: Sequence[tuple[UUID, date]]) -> None:
    """Set the due days of clocks."""
    if is_sqlite(s):
        values: list[Any] = [(due_on.isoformat(), key.hex) for key, due_on in rows]
        _many(s, "UPDATE clock SET due_on = ? WHERE id = ?", values)
        return
    statement = text(
        "UPDATE clock SET due_on = new.due_on"
        " FROM unnest(CAST(:keys AS uuid[]), CAST(:days AS date[])) AS new(id, due_on) WHERE clock.id = new.id"
    )
    s.connection().execute(statement, {"keys": [key for key, _ in rows], "days": [day for _, day in rows]})


def set_next(s: Session, rows: Sequence[tuple[UUID, str | None, date | None]]) -> None:
    """Set what is due next of petitions."""
    if not rows:
        return
    if is_sqlite(s):
        values: list[Any] = [(rule, day.isoformat() if day else None, key.hex) for key, rule, day in rows]
        _many(s, "UPDATE petition SET next_rule = ?, next_due_on = ? WHERE id = ?", values)
        return
    statement = text(
        "UPDATE petition SET next_rule = new.rule, next_due_on = new.due_on"
        " FROM unnest(CAST(:keys AS uuid[]), CAST(:rules AS text[]), CAST(:days AS date[])) AS new(id, rule, due_on)"
        " WHERE petition.id = new.id"
    )
    keys, rules, days = zip(*rows, strict=True)
    s.connection().execute(statement, {"keys": list(keys), "rules": list(rules), "days": list(days)})


def write_events(s: Session, drafts: Mapping[str, log.Draft]) -> None:
    """Write one event to each stream, behind its last. The caller holds what the streams are of."""
    links = _links(s, list(drafts))
    rows = [
        log.chained(event_id, links.get(stream) or log.Link(stream), draft)
        for event_id, (stream, draft) in zip(log.next_ids(s, len(drafts)), drafts.items(), strict=True)
    ]
    insert(s, Event.__table__, rows)  # type: ignore[attr-defined]
    _move_heads(s, rows)


def _links(s: Session, streams: Sequence[str]) -> dict[str, log.Link]:
    found: dict[str, log.Link] = {}
    for lot in lots(streams):
        query = select(col(Chain.stream), col(Chain.seq), col(Chain.hash)).where(col(Chain.stream).in_(lot))
        for row in s.connection().execute(query.order_by(col(Chain.stream)).with_for_update()):
            found[row.stream] = log.Link(row.stream, row.seq, row.hash)
    return found


def _move_heads(s: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    if is_sqlite(s):
        _many(
            s,
            "INSERT INTO chain (stream, seq, hash) VALUES (?, ?, ?)"
            " ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
            [(row["stream"], row["seq"], row["hash"]) for row in rows],
        )
        return
    statement = text(
        "INSERT INTO chain (stream, seq, hash)"
        " SELECT * FROM unnest(CAST(:streams AS text[]), CAST(:seqs AS int[]), CAST(:hashes AS text[]))"
        " ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, hash = excluded.hash"
    )
    values = {
        "streams": [row["stream"] for row in rows],
        "seqs": [row["seq"] for row in rows],
        "hashes": [row["hash"] for row in rows],
    }
    s.connection().execute(statement, values)


def insert(s: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert whole rows: COPY on PostgreSQL, the driver's own loop on SQLite."""
    names = [column.name for column in table.columns]
    if is_sqlite(s):
        binds = _binds(table, s.get_bind().dialect)
        marks = ", ".join("?" * len(names))
        columns = ", ".join(f'"{name}"' for name in names)
        statement = f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})'  # noqa: S608 names of our own # nosec B608
        _many(s, statement, [tuple([bind(row[n]) if bind else row[n] for n, bind in binds]) for row in rows])
        return
    raw: Any = s.connection().connection.dbapi_connection
    columns = ", ".join(f'"{name}"' for name in names)
    with raw.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row([row[name] for name in names])


@lru_cache
def _binds(table: Table, dialect: Any) -> list[tuple[str, Any]]:
    return [(c.name, c.type.dialect_impl(dialect).bind_processor(dialect)) for c in table.columns]


def _many(s: Session, statement: str, values: list[Any]) -> None:
    if values:
        s.connection().exec_driver_sql(statement, values)
