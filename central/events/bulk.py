"""Many rows and events at once, past the session: as fast as the database takes them. For imports, recounts and the sweep.

The values are those that the session and `log.record` would write. Nothing is sealed here, nothing collected for an event.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, TypeAlias
from uuid import UUID

import psycopg
from sqlalchemy import Column, Date, Dialect, Table, Uuid, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, SQLModel

from central.db import UtcDateTime, is_sqlite
from central.events import log
from central.events.models import Chain, Event
from central.vault.columns import Locked, SealedText
from shared.canonical import Json, canonical

Row: TypeAlias = Mapping[str, Any]
#: A whole row as the driver takes it.
Bound: TypeAlias = tuple[Any, ...]
#: Turns a value of a column into what the driver takes.
Bind: TypeAlias = Callable[[Any], Any]

#: Values in one statement: SQLite takes 32,766.
_TOGETHER = 10_000
_DIALECTS: dict[str, Dialect] = {
    "sqlite": sqlite.dialect(),
    "postgresql": postgresql.dialect(),  # type: ignore[no-untyped-call]
}
_CHAIN: Table = Chain.__table__  # type: ignore[attr-defined]
_MOVE = {
    True: (
        "INSERT INTO chain (stream, seq, hash) VALUES (?, ?, ?)"
        " ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, hash = excluded.hash"
    ),
    False: (
        "INSERT INTO chain (stream, seq, hash)"
        " SELECT * FROM unnest(CAST(:streams AS text[]), CAST(:seqs AS int[]), CAST(:hashes AS text[]))"
        " ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, hash = excluded.hash"
    ),
}


def lots(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield ids in lots that fit into one statement."""
    return log.in_batches(ids, _TOGETHER)


def insert(s: Session, kind: type[SQLModel], rows: Sequence[Row]) -> None:
    """Write whole rows: every column is named. Sealed columns must be sealed."""
    insert_bound(s, kind, bound(kind, rows, s.get_bind().dialect.name))


def bound(kind: type[SQLModel], rows: Sequence[Row], engine: str) -> list[Bound]:
    """Return whole rows as the driver of an engine (`sqlite`, `postgresql`) takes them; for `insert_bound`, in any process."""
    binds = _insertion(kind, engine)[1]
    return [tuple([bind(row[name]) if bind else row[name] for name, bind in binds]) for row in rows]


def insert_bound(s: Session, kind: type[SQLModel], rows: Sequence[Bound]) -> None:
    """Write rows that `bound` made."""
    if not rows:
        return
    if is_sqlite(s):
        # By the driver's own loop: SQLAlchemy would build each row's parameters anew.
        s.connection().exec_driver_sql(_insertion(kind, "sqlite")[0], rows)
    else:
        _copy(s, kind, rows)


def change(s: Session, kind: type[SQLModel], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Set the named columns of rows that are there, each found by its `id`."""
    if not rows:
        return
    if is_sqlite(s):
        statement, binds = _alteration(kind, tuple(columns), s.get_bind().dialect)
        _many(s, statement, binds, rows)
        return
    table = _table(kind)
    names = ["id", *columns]
    arrays = ", ".join(f"CAST(:{n} AS {table.c[n].type.compile(s.get_bind().dialect)}[])" for n in names)
    new, listed = ", ".join(f'"{n}" = new."{n}"' for n in columns), ", ".join(f'"{n}"' for n in names)
    statement = (
        f'UPDATE "{table.name}" SET {new} FROM unnest({arrays}) AS new({listed})'  # noqa: S608 names of our own # nosec B608
        f' WHERE "{table.name}".id = new.id'
    )
    s.connection().execute(text(statement), {name: [row[name] for row in rows] for name in names})


def append(s: Session, drafts: Sequence[tuple[str, log.Draft]]) -> None:
    """Write events, each behind the last of its stream, in the given order. The caller holds what the streams are of."""
    if not drafts:
        return
    links = _heads(s, sorted({stream for stream, _ in drafts}))
    events, moved = list[dict[str, Any]](), dict[str, log.Link]()
    for event_id, (stream, draft) in zip(log.next_ids(s, len(drafts)), drafts, strict=True):
        link = moved.get(stream) or links.get(stream) or log.Link(stream)
        row = log.chained(event_id, link, draft)
        moved[stream] = log.Link(stream, row["seq"], row["hash"])
        events.append(row)
    insert(s, Event, events)
    _move(s, list(moved.values()))
    log.forget_heads(s, moved)


class Pattern:
    """The data of events that differ in some ids alone: written once as canonical JSON, filled in for each event.

    `marks` are texts that stand for those ids and occur nowhere else.
    """

    def __init__(self, data: Mapping[str, Json], marks: Sequence[str]) -> None:
        pieces = re.split(f"({'|'.join(marks)})", canonical(data))
        self._parts, self._order = pieces[::2], [marks.index(each) for each in pieces[1::2]]

    def filled(self, ids: Sequence[str]) -> str:
        """Return the data with `ids` in place of the marks."""
        parts = [self._parts[0]]
        for place, after in zip(self._order, self._parts[1:], strict=True):
            parts += (ids[place], after)
        return "".join(parts)


def mark(number: int) -> str:
    """Return a text that can stand for an id in a pattern: no id of ours looks like it."""
    return f"{number:032d}"


def _heads(s: Session, streams: Sequence[str]) -> dict[str, log.Link]:
    """Return where streams stand, locked against other writers."""
    columns = (_CHAIN.c.stream, _CHAIN.c.seq, _CHAIN.c.hash)
    found: dict[str, log.Link] = {}
    for lot in lots(streams):
        query = select(*columns).where(_CHAIN.c.stream.in_(lot)).order_by(_CHAIN.c.stream)
        if not is_sqlite(s):
            query = query.with_for_update()
        for stream, seq, digest in s.connection().execute(query):
            found[stream] = log.Link(stream, seq, digest)
    return found


def _move(s: Session, links: Sequence[log.Link]) -> None:
    if is_sqlite(s):
        values = [(link.stream, link.seq, link.hash) for link in links]
        s.connection().exec_driver_sql(_MOVE[True], values)
        return
    arrays = {
        "streams": [link.stream for link in links],
        "seqs": [link.seq for link in links],
        "hashes": [link.hash for link in links],
    }
    s.connection().execute(text(_MOVE[False]), arrays)


def _table(kind: type[SQLModel]) -> Table:
    table: Table = kind.__table__  # type: ignore[attr-defined]
    return table


def _many(s: Session, statement: str, binds: Sequence[tuple[str, Bind | None]], rows: Sequence[Row]) -> None:
    """Execute by the driver's own loop: SQLAlchemy would build each row's parameters anew."""
    values = [tuple([bind(row[name]) if bind else row[name] for name, bind in binds]) for row in rows]
    s.connection().exec_driver_sql(statement, values)


@lru_cache(maxsize=64)
def _insertion(kind: type[SQLModel], engine: str) -> tuple[str, list[tuple[str, Bind | None]]]:
    """Return the statement for whole rows, and how each column's value is told to the driver."""
    columns = _table(kind).columns
    names = ", ".join(f'"{column.name}"' for column in columns)
    statement = f'INSERT INTO "{_table(kind).name}" ({names}) VALUES ({", ".join("?" * len(columns))})'  # noqa: S608 names of our own # nosec B608
    return statement, [(c.name, _bind(c, _DIALECTS[engine], engine)) for c in columns]


@lru_cache(maxsize=64)
def _alteration(
    kind: type[SQLModel], columns: tuple[str, ...], dialect: Dialect
) -> tuple[str, list[tuple[str, Bind | None]]]:
    table = _table(kind)
    new = ", ".join(f'"{name}" = ?' for name in columns)
    statement = f'UPDATE "{table.name}" SET {new} WHERE id = ?'  # noqa: S608 names of our own # nosec B608
    return statement, [(name, _bind(table.c[name], dialect, "sqlite")) for name in (*columns, "id")]


def _bind(column: Column[Any], dialect: Dialect, engine: str) -> Bind | None:
    """Return what SQLAlchemy would make of a value, by a shorter way where there are many.

    COPY takes every value as text, so ids and dates go there as on SQLite, and moments with their zone.
    """
    kind, moment = column.type, _moment if engine == "sqlite" else _moment_with_zone
    for known, bind in ((SealedText, _sealed), (UtcDateTime, moment), (Date, _day), (Uuid, _hex)):
        if isinstance(kind, known):
            return bind
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _sealed(value: Any) -> Any:
    """Return a sealed value as it is: the driver takes its bytes; text that was not sealed is refused."""
    if value is None:
        return None
    if isinstance(value, Locked):
        return bytes(value)
    msg = "text for a sealed column must be sealed first"
    raise TypeError(msg)


def _hex(value: UUID | None) -> str | None:
    return None if value is None else value.hex


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


@lru_cache(maxsize=4096)
def _moment(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        msg = "naive datetime refused: every moment carries its zone"
        raise ValueError(msg)
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


@lru_cache(maxsize=4096)
def _moment_with_zone(value: datetime | None) -> str | None:
    naive = _moment(value)
    return naive and naive + "+00:00"


def _copy(s: Session, kind: type[SQLModel], rows: Sequence[Bound]) -> None:
    """COPY: several times as fast as INSERT, under the same constraints."""
    table = _table(kind)
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    statement = f'COPY "{table.name}" ({columns}) FROM STDIN'
    raw: Any = s.connection().connection.dbapi_connection
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.IntegrityError as error:
        # The driver is spoken to directly, so nobody else translates: the runner waits for this one, to try again.
        raise IntegrityError(statement, None, error) from error
    except psycopg.OperationalError as error:
        raise OperationalError(
            statement, None, error
        ) from error  # the line to the database broke, or a lock did
