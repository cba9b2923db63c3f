"""Following SQLite: whatever is written, checkpointed, cut or started anew, the copy is the database, and what is uncertain is said."""

import os
import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from central.copies import wal
from central.copies.errors import Lost
from central.copies.pieces import PAGES, Record
from central.copies.wal import WalSource


class Replica:
    """Takes what a source gives."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def take(self, records: Iterator[Record]) -> None:
        for kind, content in records:
            assert kind == PAGES
            wal.put(self._file, content)

    def dump(self) -> list[str]:
        """Return all of it, after looking whether it is sound; a copy of the file, which SQLite may change, is read."""
        read = self.path.with_suffix(".read")
        read.write_bytes(self.path.read_bytes())
        with closing(sqlite3.connect(read)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return list(connection.iterdump())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "one.sqlite3"
    with closing(connect(made)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB)")
        connection.execute("CREATE INDEX i ON t (v)")
    return made


@pytest.fixture
def replica(tmp_path: Path) -> Replica:
    return Replica(tmp_path / "copy.sqlite3")


@pytest.fixture
def source(path: Path) -> Iterator[WalSource]:
    made = WalSource(path, many=50)
    yield made
    made.close(for_good=True)


def connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)


def dump(path: Path) -> list[str]:
    with closing(connect(path)) as connection:
        return list(connection.iterdump())


def churn(connection: sqlite3.Connection, chance: random.Random, times: int) -> None:
    """Write as the server does: inserts, changes, deletions, some rolled back, some large."""
    for _ in range(times):
        connection.execute("BEGIN IMMEDIATE")
        for _ in range(chance.randrange(1, 20)):
            connection.execute("INSERT INTO t (v) VALUES (?)", (chance.randbytes(chance.randrange(9000)),))
        connection.execute("UPDATE t SET v = ? WHERE id % 7 = ?", (chance.randbytes(30), chance.randrange(7)))
        connection.execute("DELETE FROM t WHERE id % 5 = ?", (chance.randrange(5),))
        connection.execute("ROLLBACK" if chance.random() < 0.2 else "COMMIT")


def ship(source: WalSource, replica: Replica) -> None:
    more = source.look()
    while more:
        replica.take(source.changes())
        more = source.shipped()


@pytest.mark.parametrize("seed", range(4))
def test_the_copy_is_the_database_after_every_look(
    path: Path, source: WalSource, replica: Replica, seed: int
) -> None:
    """With a log that starts anew often: SQLite is told to move it after every few pages, and so is the source."""
    chance = random.Random(seed)
    replica.take(source.base())
    with closing(connect(path)) as writer:
        writer.execute(f"PRAGMA wal_autocheckpoint = {chance.choice([1, 10, 1000])}")
        for _ in range(12):
            churn(writer, chance, chance.randrange(6))
            if chance.random() < 0.2:
                writer.execute("VACUUM")
            if chance.random() < 0.3:
                writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            ship(source, replica)
            assert replica.dump() == dump(path)


def test_the_copy_is_a_state_that_was_committed_while_others_write(
    path: Path, source: WalSource, replica: Replica
) -> None:
    """Three writers, each transaction with two rows of one number: a copy with one of them was torn."""
    stop = threading.Event()

    def write(number: int) -> None:
        with closing(connect(path)) as connection:
            connection.execute("PRAGMA wal_autocheckpoint = 20")
            count = 0
            while not stop.is_set():
                connection.execute("BEGIN IMMEDIATE")
                for _ in range(2):
                    connection.execute("INSERT INTO t (v) VALUES (?)", (f"{number}:{count}:{'x' * 800}",))
                connection.execute("COMMIT")
                count += 1

    threads = [threading.Thread(target=write, args=(each,)) for each in range(3)]
    for thread in threads:
        thread.start()
    try:
        replica.take(source.base())
        rows = 0
        for _ in range(25):
            ship(source, replica)
            replica.dump()
            with closing(sqlite3.connect(replica.path.with_suffix(".read"))) as read:
                found = [value.split(":")[:2] for (value,) in read.execute("SELECT v FROM t ORDER BY id")]
            assert found[::2] == found[1::2]
            assert len(found) >= rows
            rows = len(found)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    ship(source, replica)
    assert replica.dump() == dump(path)


def test_the_log_does_not_grow_for_ever(path: Path, source: WalSource, replica: Replica) -> None:
    replica.take(source.base())
    with closing(connect(path)) as writer:
        for _ in range(40):
            churn(writer, random.Random(1), 5)
            ship(source, replica)
    assert path.with_name(path.name + "-wal").stat().st_size < 60 * 200 * 4096
    assert replica.dump() == dump(path)


def test_a_source_goes_on_where_the_last_one_stopped(path: Path, replica: Replica) -> None:
    """The log is as it was: a process that was killed, and one that starts a moment later."""
    with closing(connect(path)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        first = WalSource(path)
        replica.take(first.base())
        churn(writer, random.Random(2), 3)
        ship(first, replica)
        position = first.position()
        churn(writer, random.Random(3), 3)
        second = WalSource(path)
        assert second.resume(position)
        ship(second, replica)
        assert replica.dump() == dump(path)
        second.close(for_good=False)
        first.close(for_good=False)


def test_a_source_does_not_go_on_once_the_log_began_anew(path: Path, replica: Replica) -> None:
    with closing(connect(path)) as writer:
        first = WalSource(path)
        replica.take(first.base())
        churn(writer, random.Random(2), 3)
        ship(first, replica)
        position = first.position()
        first.close(for_good=False)
        churn(writer, random.Random(3), 3)
        writer.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
        churn(writer, random.Random(4), 3)
        second = WalSource(path)
        assert not second.resume(position)
        second.close(for_good=False)


def test_a_log_that_began_anew_unseen_is_lost(path: Path, source: WalSource, replica: Replica) -> None:
    """Nobody can do that while the source holds the state; here it is made to let go."""
    replica.take(source.base())
    with closing(connect(path)) as writer:
        for _ in range(2):
            for reader in source._readers:
                if reader.in_transaction:
                    reader.execute("ROLLBACK")
            writer.execute("INSERT INTO t (v) VALUES ('unseen')")
            writer.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
        writer.execute("INSERT INTO t (v) VALUES ('seen')")
        with pytest.raises(Lost):
            source.look()


def test_another_file_in_the_place_of_the_database_is_noticed(
    path: Path, source: WalSource, replica: Replica
) -> None:
    replica.take(source.base())
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    other.replace(path)
    with pytest.raises(Lost):
        source.look()


def test_a_writer_waits_no_longer_than_it_takes_to_note_a_position(
    path: Path, source: WalSource, replica: Replica
) -> None:
    """In the middle of a base, and between looks, somebody writes without waiting at all."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as writer:
        churn(writer, random.Random(7), 60)
        base = source.base()
        first = next(base)
        churn(writer, random.Random(8), 5)
        replica.take(iter([first, *base]))
        churn(writer, random.Random(9), 5)
        ship(source, replica)
        churn(writer, random.Random(10), 5)
    ship(source, replica)
    assert replica.dump() == dump(path)
