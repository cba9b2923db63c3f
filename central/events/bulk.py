"""Many rows and events at once, past the session: as fast as the database takes them. For imports and sweeps."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import psycopg
from sqlalchemy import Dialect, Table, bindparam, select, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel

from central.db import is_sqlite
from central.events import log
from central.events.models import Chain, Event

Row: TypeAlias = Mapping[str, Any]
#: Turns a value of a column into what the driver takes.
Bind: TypeAlias = Callable[[Any], Any]

_CHAIN: Table = Chain.__table__  # type: ignore[attr-defined]
_MOVE = text(
    "UPDATE chain SET seq = moved.seq, hash = moved.hash FROM"
    " unnest(cast(:streams AS text[]), cast(:seqs AS int[]), cast(:hashes AS text[])) AS moved (stream, seq, hash)"
    " WHERE chain.stream = moved.stream"
)


def insert(s: Session, kind: type[SQLModel], rows: Sequence[Row]) -> None:
    """Write whole rows: every column is named. Nothing is sealed, nothing collected for an event."""
    if not rows:
        return
    if is_sqlite(s):
        _execute(s, kind, rows)
    else:
        _copy(s, kind, rows)


def append(s: Session, drafts: Sequence[tuple[str, log.Draft]]) -> None:
    """Write events of streams that are there already, each behind the last of its stream, in the given order."""
    links = _heads(s, sorted({stream for stream, _ in drafts}))
    events, moved = list[dict[str, Any]](), dict[str, log.Link]()
    for event_id, (stream, draft) in zip(log.next_ids(s, len(drafts)), drafts, strict=True):
        row = log.chained(event_id, moved.get(stream) or links[stream], draft)
        moved[stream] = log.Link(stream, row["seq"], row["hash"])
        events.append(row)
    insert(s, Event, events)
    _move(s, list(moved.values()))


def _heads(s: Session, streams: Sequence[str]) -> dict[str, log.Link]:
    """Return where streams stand, locked against other writers."""
    columns = (_CHAIN.c.stream, _CHAIN.c.seq, _CHAIN.c.hash)
    query = select(*columns).where(_CHAIN.c.stream.in_(streams)).order_by(_CHAIN.c.stream)
    if not is_sqlite(s):
        query = query.with_for_update()
    return {row.stream: log.Link(row.stream, row.seq, row.hash) for row in s.connection().execute(query)}


def _move(s: Session, links: Sequence[log.Link]) -> None:
    if not is_sqlite(s):
        values = {
            "streams": [link.stream for link in links],
            "seqs": [link.seq for link in links],
            "hashes": [link.hash for link in links],
        }
        s.connection().execute(_MOVE, values)
        return
    statement = (
        _CHAIN.update()
        .where(_CHAIN.c.stream == bindparam("which"))
        .values(seq=bindparam("to"), hash=bindparam("digest"))
    )
    s.connection().execute(
        statement, [{"which": link.stream, "to": link.seq, "digest": link.hash} for link in links]
    )


def _table(kind: type[SQLModel]) -> Table:
    table: Table = kind.__table__  # type: ignore[attr-defined]
    return table


def _execute(s: Session, kind: type[SQLModel], rows: Sequence[Row]) -> None:
    """INSERT by the driver's own loop: SQLAlchemy would build each row's parameters anew."""
    statement, binds = _prepared(kind, s.get_bind().dialect)
    values = [tuple([bind(row[name]) if bind else row[name] for name, bind in binds]) for row in rows]
    s.connection().exec_driver_sql(statement, values)


@lru_cache(maxsize=64)
def _prepared(kind: type[SQLModel], dialect: Dialect) -> tuple[str, list[tuple[str, Bind | None]]]:
    """Return the statement for whole rows, and how each column's value is told to the driver."""
    columns = _table(kind).columns
    names = ", ".join(f'"{column.name}"' for column in columns)
    statement = f'INSERT INTO "{_table(kind).name}" ({names}) VALUES ({", ".join("?" * len(columns))})'  # noqa: S608 names of our own # nosec B608
    return statement, [(c.name, c.type.dialect_impl(dialect).bind_processor(dialect)) for c in columns]


def _copy(s: Session, kind: type[SQLModel], rows: Sequence[Row]) -> None:
    """COPY: several times as fast as INSERT, under the same constraints."""
    table = _table(kind)
    names = [column.name for column in table.columns]
    columns = ", ".join(f'"{name}"' for name in names)
    statement = f'COPY "{table.name}" ({columns}) FROM STDIN'
    raw: Any = s.connection().connection.dbapi_connection
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([row[name] for name in names])
    except psycopg.IntegrityError as error:
        # The driver is spoken to directly, so nobody else translates: the runner waits for this one, to try again.
        raise IntegrityError(statement, None, error) from error
