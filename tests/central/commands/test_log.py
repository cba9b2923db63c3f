"""`minyi verify` and `minyi anchor`: figures, sentences, exit codes."""

import contextlib
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from central import db
from central.courts.models import Court
from central.keys import signing_key
from tests.central.commands.conftest import Minyi
from tests.factories import petitions, world
from tests.factories.accounts import house
from tests.factories.courts import MORNING, court
from tests.support.processes import wait_until


@pytest.fixture
def filled(fresh_engine: Engine) -> Court:
    """A court with one petition."""
    with db.unit_of_work(fresh_engine) as s:
        at = court(s)
        petitions.registered(s, house(s, at))
    return at


def damage(engine: Engine) -> None:
    """Edit a petition past the program."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE petition SET state = 'closed'"))


def test_a_clean_log_ends_with_0_and_its_counts(minyi: Minyi, filled: Court) -> None:
    answer = minyi("verify")
    assert answer.code == 0, answer.err
    assert "5 events" in answer.out


def test_the_counts_of_a_clean_log_are_one_json_object(minyi: Minyi, filled: Court) -> None:
    answer = minyi("verify", "--json")
    assert (answer.code, answer.json) == (
        0,
        {"events": 5, "streams": 5, "rows": 12, "anchors": 0, "broken": 0, "first": None},
    )


def test_an_empty_database_is_clean(minyi: Minyi) -> None:
    assert minyi("verify", "--json").json["events"] == 0


def test_a_broken_log_ends_with_1_and_names_the_first_broken_link(
    minyi: Minyi, filled: Court, fresh_engine: Engine
) -> None:
    damage(fresh_engine)
    answer = minyi("verify")
    assert answer.code == 1
    assert "petition: state" in answer.out


def test_a_broken_log_names_its_first_broken_link_in_json_too(
    minyi: Minyi, filled: Court, fresh_engine: Engine
) -> None:
    damage(fresh_engine)
    answer = minyi("verify", "--json")
    assert (answer.code, answer.json["broken"]) == (1, 1)
    assert answer.json["first"]["problem"] == "row_differs"
    assert answer.json["first"]["stream"].startswith("petition/")


def test_verifying_makes_no_key(minyi: Minyi, filled: Court, data: Path) -> None:
    minyi("verify")
    assert not (data / "keys" / "anchor.key").exists()


def test_a_lost_key_is_named_and_none_is_made_in_its_place(
    minyi: Minyi, filled: Court, fresh_engine: Engine, data: Path
) -> None:
    seal(fresh_engine, data)
    (data / "keys" / "anchor.key").unlink()
    assert minyi("verify", "--json").json["first"]["problem"] == "anchor_key_missing"
    assert not (data / "keys" / "anchor.key").exists()


def test_a_damaged_key_is_named(minyi: Minyi, filled: Court, fresh_engine: Engine, data: Path) -> None:
    seal(fresh_engine, data)
    (data / "keys" / "anchor.key").write_bytes(b"short")
    assert minyi("verify", "--json").json["first"]["problem"] == "anchor_key_missing"


def seal(engine: Engine, data: Path) -> None:
    """Make the anchor that is due the day after."""
    (data / "anchors").mkdir(parents=True)
    key = signing_key(data / "keys", "anchor")
    world.seal(engine, key, data / "anchors", MORNING + timedelta(days=1))


def test_a_path_without_a_database_is_bad_use_and_makes_none(bare: Minyi, data: Path) -> None:
    answer = bare("verify")
    assert (answer.code, "There is no database at" in answer.err) == (2, True)
    assert not data.exists()


def test_a_file_that_is_no_database_is_bad_use(bare: Minyi, data: Path) -> None:
    data.mkdir()
    (data / "minyi.sqlite3").write_bytes(b"no database, but longer than its header would be" * 50)
    answer = bare("verify")
    assert (answer.code, "cannot be opened" in answer.err) == (2, True)


def test_a_database_damaged_inside_is_a_finding(bare: Minyi, data: Path) -> None:
    bare("seed")
    path = data / "minyi.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'event'").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\x99" * 4096
    path.write_bytes(content)
    answer = bare("verify", "--json")
    assert (answer.code, answer.json["first"]["problem"]) == (1, "database_unreadable")


def test_an_anchor_is_made_once_a_day(minyi: Minyi, filled: Court) -> None:
    # PostgreSQL lets a seal wait for every transaction of the server, those of other tests too.
    wait_until(lambda: minyi("anchor", "--json").json["anchored"], what="the log is sealed")
    assert minyi("anchor", "--json").json == {"anchored": ""}
    assert minyi("verify", "--json").json["anchors"] == 1


def test_with_nothing_to_seal_no_anchor_is_made(minyi: Minyi) -> None:
    answer = minyi("anchor", "--json")
    assert (answer.code, answer.json) == (0, {"anchored": ""})
