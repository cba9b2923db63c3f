"""The one file: whole acts or none, and one owner."""

import contextlib
import sqlite3
import threading
from pathlib import Path

import pytest

from edge_agent import schema
from edge_agent.errors import CannotKeep
from edge_agent.sealing import BrokenSeal, Sealer, load_key
from edge_agent.store import FILE, Damaged, Store, damaged_files, set_aside
from shared.clock import FixedClock

KEY = bytes(32)


def opened(folder: Path, key: bytes = KEY) -> Store:
    return Store(folder / FILE, Sealer(key, "ln0102-1"), box="ln0102-1")


def test_every_commit_waits_for_the_disk(tmp_path: Path) -> None:
    store = opened(tmp_path)
    with store.reading() as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
        assert connection.execute("pragma synchronous").fetchone() == (2,)
    store.close()


def test_an_act_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = opened(tmp_path)
    with contextlib.suppress(ZeroDivisionError), store.transaction() as connection:
        connection.execute("insert into meta values ('a', '1')")
        raise ZeroDivisionError
    with store.reading() as connection:
        assert store.meta(connection, "a") is None
    store.close()


def test_a_disk_that_refuses_is_said_and_the_next_act_can_be_written(tmp_path: Path) -> None:
    store = opened(tmp_path)
    with store.reading() as connection:
        connection.execute("pragma max_page_count = 1")
        with pytest.raises(CannotKeep), store.transaction():
            connection.execute("insert into meta values ('big', ?)", ("x" * 1_000_000,))
        connection.execute("pragma max_page_count = 100000")
    with store.transaction() as connection:
        connection.execute("insert into meta values ('a', '1')")
    store.close()


def test_an_epoch_is_drawn_once_for_each_file(tmp_path: Path) -> None:
    first = opened(tmp_path)
    epoch = first.epoch
    first.close()
    again = opened(tmp_path)
    assert again.epoch == epoch
    again.close()
    (tmp_path / "other").mkdir()
    other = opened(tmp_path / "other")
    assert other.epoch != epoch
    other.close()


def test_another_key_does_not_open_the_file(tmp_path: Path) -> None:
    opened(tmp_path).close()
    with pytest.raises(Damaged):
        opened(tmp_path, key=bytes(31) + b"1")


def test_acts_of_several_threads_come_one_after_the_other(tmp_path: Path) -> None:
    store = opened(tmp_path)

    def count() -> None:
        for _ in range(20):
            with store.transaction() as connection:
                last = int(store.meta(connection, "last_seq") or 0)
                connection.execute("update meta set value = ? where key = 'last_seq'", (str(last + 1),))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as connection:
        assert store.meta(connection, "last_seq") == "80"
    store.close()


def test_a_file_set_aside_keeps_its_log_beside_it(tmp_path: Path, clock: FixedClock) -> None:
    for suffix in ("", "-wal"):
        (tmp_path / f"{FILE}{suffix}").write_bytes(suffix.encode())
    aside = set_aside(tmp_path / FILE, now=clock.now())
    assert damaged_files(tmp_path) == [aside.name]
    assert aside.with_name(aside.name + "-wal").read_bytes() == b"-wal"


def test_a_schema_step_is_taken_once(tmp_path: Path) -> None:
    opened(tmp_path).close()
    opened(tmp_path).close()
    connection = sqlite3.connect(tmp_path / FILE)
    assert connection.execute("pragma user_version").fetchone() == (len(schema.STEPS),)
    connection.close()


def test_a_key_of_the_wrong_length_is_refused(tmp_path: Path) -> None:
    (tmp_path / "box.key").write_bytes(b"short")
    with pytest.raises(BrokenSeal):
        load_key(tmp_path / "box.key")
