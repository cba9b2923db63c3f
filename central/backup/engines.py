"""Rows into a database of either engine, as fast as it takes them, and what must be out of the way meanwhile."""

import sqlite3
from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection, inspect, text

from central.backup.errors import PlaceRefused
from central.backup.rows import Shape

VERSION_TABLE = "alembic_version"
_FOREIGN_KEYS = """
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
           format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"""
_FUNCTIONS = """
    SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure) FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"""


def is_empty(connection: Connection) -> bool:
    """Say whether nothing was recorded yet; raise `PlaceRefused` if there are tables and they are not ours."""
    names = inspect(connection).get_table_names()
    if names and VERSION_TABLE not in names:
        raise PlaceRefused("backup.not_ours", tables=", ".join(sorted(names)[:5]))
    return "event" not in names or connection.execute(text("SELECT id FROM event LIMIT 1")).first() is None


def others(connection: Connection) -> int:
    """Return how many other connections PostgreSQL has to this database."""
    query = """SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
    return int(connection.execute(text(query)).scalar_one())


def drop_all(connection: Connection) -> None:
    """Drop our tables, functions and sequences on PostgreSQL, inside the caller's transaction: until it commits, nothing is gone."""
    for name in inspect(connection).get_table_names():
        connection.exec_driver_sql(f'DROP TABLE "{name}" CASCADE')
    for (statement,) in connection.execute(text(_FUNCTIONS)).all():
        connection.exec_driver_sql(statement)
    for name in inspect(connection).get_sequence_names():
        connection.exec_driver_sql(f'DROP SEQUENCE "{name}" CASCADE')


def without_foreign_keys(connection: Connection) -> list[str]:
    """Take foreign keys away while rows come in any order; return the statements that put them back (PostgreSQL)."""
    found = connection.execute(text(_FOREIGN_KEYS)).all()
    for drop, _ in found:
        connection.exec_driver_sql(drop)
    return [add for _, add in found]


def count_on(connection: Connection) -> None:
    """Let the ids of events go on behind the last that was put in (PostgreSQL; SQLite takes the greatest that is there)."""
    connection.exec_driver_sql(
        "SELECT setval('event_id_seq', greatest((SELECT coalesce(max(id), 0) FROM event), 1))"
    )


def put(connection: Connection, shape: Shape, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows; raise `PlaceRefused` if the database will not have them."""
    names = ", ".join(f'"{name}"' for name, _ in shape.columns)
    raw: Any = connection.connection.driver_connection
    try:
        if connection.dialect.name == "postgresql":
            with raw.cursor().copy(f'COPY "{shape.name}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join("?" * len(shape.columns))
        statement = f'INSERT INTO "{shape.name}" ({names}) VALUES ({marks})'  # noqa: S608 names authenticated with the file # nosec B608
        raw.executemany(statement, rows)
    except (sqlite3.Error, psycopg.Error, ValueError) as error:
        raise PlaceRefused(
            "backup.row_refused", table=shape.name, reason=str(error).splitlines()[0]
        ) from None
