"""A sealed province, made once for each engine, in which somebody works past the program; nothing of that is kept."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from sqlalchemy import Connection, Engine, Row, Table, select, text

from central import db
from central.access.checks import check_entries
from central.events.verify import Report, verify
from central.keys import signing_key
from central.petitions.checks import check_numbers
from tests.support.engines import engine_on
from tests.support.vaults import vault_in
from tests.support.worlds import Worlds

#: Not in the log by design: the salt only makes digests unguessable; how far a file is written proves nothing; the others follow from the key ring.
UNLOGGED = {
    "salt",
    "key_id",
    "phone_index",
    "id_number_index",
    "case_number_index",
    "likeness",
    "done",
    "standing_still",
}
#: An ordinary run tries one value for each column of a row, PostgreSQL each third column; with `MINYI_TEST_ROUNDS` all are tried.
EVERY = bool(os.environ.get("MINYI_TEST_ROUNDS"))


def tried(values: Sequence[Any], *place: object) -> Sequence[Any]:
    """Return the values to try at a place: all, or one that the place alone decides."""
    return values if EVERY or not values else [values[crc32(repr(place).encode()) % len(values)]]


def unguard(connection: Connection) -> None:
    """Take the guards off the tables of the log of an SQLite database, as somebody with the file can."""
    names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    for name in connection.execute(text(names)).scalars().all():
        connection.execute(text(f"DROP TRIGGER {name}"))


@dataclass
class World:
    """A sealed province and how to tamper with it; everything done to it is rolled back."""

    engine: Engine
    anchors: Path

    def verify(self, connection: Connection, *, with_key: bool = True, copies: Path | None = None) -> Report:
        with db.session(connection) as s:  # type: ignore[arg-type]
            s.join_transaction_mode = "create_savepoint"
            key = signing_key(self.anchors.parent / "keys", "anchor").public_key()
            return verify(
                s,
                public_key=key if with_key else None,
                anchor_folder=self.anchors,
                copies=copies,
                checks=(check_numbers, check_entries),
            )

    @contextmanager
    def by_hand(self) -> Iterator[Connection]:
        """A connection with which somebody works past the program: no foreign keys, nothing kept, no file either."""
        files = {path: path.read_bytes() for path in self.anchors.iterdir()}
        try:
            with self._forging() as connection:
                yield connection
        finally:
            for path, content in files.items():
                path.write_bytes(content)

    @contextmanager
    def _forging(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            outer = connection.begin()
            if connection.dialect.name == "sqlite":
                connection.execute(text("PRAGMA defer_foreign_keys=ON"))
                unguard(connection)
            else:  # no trigger fires
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            yield connection
            outer.rollback()

    def rows(self, table: Table) -> list[Row[Any]]:
        with self.engine.connect() as connection:
            return list(connection.execute(select(table).order_by(*table.primary_key.columns)))


@pytest.fixture(scope="session")
def _provinces(worlds: Worlds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], World]]:
    made: dict[str, World] = {}

    def of(kind: str) -> World:
        if kind not in made:
            folder = tmp_path_factory.mktemp("world")
            url = worlds.copied(kind, folder)
            made[kind] = World(engine_on(url, vault=vault_in(folder)), folder / "anchors")
        return made[kind]

    yield of
    for each in made.values():
        each.engine.dispose()


@pytest.fixture
def province(database_kind: str, _provinces: Callable[[str], World]) -> World:
    return _provinces(database_kind)
