"""Write tales: rows in bulk, events with their chains. One call, one batch, in the caller's transaction."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, TypeAlias

import psycopg
from sqlalchemy import Column, Dialect
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel

from central.db import is_sqlite
from central.events import log
from central.events.models import Chain, Event
from central.intake.tales import Row, Tale, table_of
from central.petitions.models import Petition
from central.vault.columns import Locked, SealedText, seal_row
from central.vault.rows import vault_of
from central.vault.vault import Vault

#: Turns a value of a column into what the driver takes.
Bind: TypeAlias = Callable[[Any], Any]


def write_tales(s: Session, tales: Sequence[Tale]) -> None:
    """Write all rows and events of new petitions. The session's own changes are flushed first."""
    s.flush()
    seal(vault_of(s), tales)
    write_sealed(s, tales)


def write_sealed(s: Session, tales: Sequence[Tale]) -> None:
    """Write tales whose rows are sealed already."""
    for kind in in_order({kind for tale in tales for kind in tale.rows}):
        insert(s, kind, [row for tale in tales for row in tale.rows.get(kind, ())])
    events, chains = chained(s, tales)
    insert(s, Event, events)
    insert(s, Chain, chains)


def in_order(kinds: Iterable[type[SQLModel]]) -> list[type[SQLModel]]:
    """Return tables so that what refers to another comes after it."""
    places = _places()
    return sorted(kinds, key=lambda kind: places[table_of(kind).name])


@cache
def _places() -> dict[str, int]:
    return {table.name: place for place, table in enumerate(SQLModel.metadata.sorted_tables)}


def seal(vault: Vault, tales: Sequence[Tale]) -> None:
    """Seal every row with the key of its petition. The events were made from the plain rows and hold digests."""
    for tale in tales:
        [petition] = tale.rows[Petition]
        for kind, rows in tale.rows.items():
            for row in rows:
                seal_row(vault, table_of(kind), row, petition["key_id"])


def chained(s: Session, tales: Sequence[Tale]) -> tuple[list[Row], list[Row]]:
    """Return the rows of the events and of the heads of their chains."""
    ids = iter(log.next_ids(s, sum(len(tale.events) for tale in tales)))
    events, chains = list[Row](), list[Row]()
    for tale in tales:
        link = log.Link(tale.stream)
        for draft in tale.events:
            row = log.chained(next(ids), link, draft)
            link = log.Link(tale.stream, row["seq"], row["hash"])
            events.append(row)
        chains.append({"stream": link.stream, "seq": link.seq, "hash": link.hash})
    return events, chains


def insert(s: Session, kind: type[SQLModel], rows: list[Row]) -> None:
    """Write whole rows of one table."""
    if not rows:
        return
    if is_sqlite(s):
        _execute(s, kind, rows)
    else:
        _copy(s, kind, rows)


def _execute(s: Session, kind: type[SQLModel], rows: list[Row]) -> None:
    """INSERT by the driver's own loop: SQLAlchemy would build each row's parameters anew."""
    statement, binds = _prepared(kind, s.get_bind().dialect)
    values = [tuple([bind(row[name]) if bind else row[name] for name, bind in binds]) for row in rows]
    s.connection().exec_driver_sql(statement, values)


@lru_cache(maxsize=64)
def _prepared(kind: type[SQLModel], dialect: Dialect) -> tuple[str, list[tuple[str, Bind | None]]]:
    """Return the statement for whole rows, and how each column's value is told to the driver."""
    columns = table_of(kind).columns
    names = ", ".join(f'"{column.name}"' for column in columns)
    statement = f'INSERT INTO "{table_of(kind).name}" ({names}) VALUES ({", ".join("?" * len(columns))})'  # noqa: S608 names of our own # nosec B608
    return statement, [(c.name, _bind(c, dialect)) for c in columns]


def _bind(column: Column[Any], dialect: Dialect) -> Bind | None:
    if isinstance(column.type, SealedText):
        return _sealed
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _sealed(value: Any) -> Any:
    """Return a sealed value as it is: the driver takes its bytes; text that was not sealed is refused."""
    if value is None or isinstance(value, Locked):
        return value
    msg = "text for a sealed column must be sealed first"
    raise TypeError(msg)


def _copy(s: Session, kind: type[SQLModel], rows: list[Row]) -> None:
    """COPY: several times as fast as INSERT, under the same constraints."""
    table = table_of(kind)
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
