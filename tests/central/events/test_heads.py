"""Signed heads: what was cut off at the end of the log is missed by the copy that lies elsewhere."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, delete

from central import db
from central.events import heads
from central.keys import signing_key
from tests.central.events.conftest import World
from tests.central.events.test_forgery import ANCHOR, CHAIN, EVENT, longest, rehash, unlink_seals
from tests.factories.world import NEXT_DAY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "elsewhere"
    made.mkdir()
    return made


def sign(province: World, connection: Connection, folder: Path) -> Path:
    """Write the head of the log as it stands into `folder`, as if nothing had been sealed yet."""
    connection.execute(delete(ANCHOR))
    unlink_seals(province)
    key = signing_key(province.anchors.parent / "keys", "anchor")
    with db.session(connection) as s:  # type: ignore[arg-type]
        s.join_transaction_mode = "create_savepoint"
        made = heads.make(s, key=key, folder=folder, now=NEXT_DAY)
    assert made is not None
    return made


def test_an_untouched_log_fits_its_head(province: World, folder: Path) -> None:
    with province.by_hand() as connection:
        sign(province, connection, folder)
        report = province.verify(connection, copies=folder)
    assert (report.heads, report.findings) == (1, [])


def test_a_whole_stream_cut_off_is_missed_by_the_head(province: World, folder: Path) -> None:
    with province.by_hand() as connection:
        sign(province, connection, folder)
        stream = longest(connection)[0].stream
        connection.execute(delete(EVENT).where(EVENT.c.stream == stream))
        connection.execute(delete(CHAIN).where(CHAIN.c.stream == stream))
        problems = {each.problem for each in province.verify(connection, copies=folder).findings}
    assert "events_cut_off" in problems


def test_a_log_made_anew_is_not_the_one_that_was_signed(province: World, folder: Path) -> None:
    with province.by_hand() as connection:
        sign(province, connection, folder)
        event = longest(connection)[-1]
        connection.execute(EVENT.update().where(EVENT.c.id == event.id).values(actor="staff:somebody else"))
        rehash(connection, event.stream)
        problems = {each.problem for each in province.verify(connection, copies=folder).findings}
    assert problems == {"anchored_events_changed"}


def test_a_head_that_was_changed_is_named(province: World, folder: Path) -> None:
    with province.by_hand() as connection:
        made = sign(province, connection, folder)
        made.write_text(made.read_text().replace('"behind":0', '"behind":1'))
        problems = {each.problem for each in province.verify(connection, copies=folder).findings}
    assert problems == {"head_file_damaged"}


def test_what_was_shipped_is_not_written_over(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    (here / heads.HEADS).mkdir(parents=True)
    seal, head = here / "2026-11-23.json", here / heads.HEADS / "20261123T010000Z.json"
    seal.write_text("{}")
    head.write_text("{}")
    assert heads.unshipped(here, there) == [seal, head]
    assert heads.ship([seal, head], folder=here, to=there, command=["true"]) == []
    assert heads.unshipped(here, there) == []
    seal.write_text("changed")
    heads.ship([seal], folder=here, to=there, command=[])
    assert (there / heads.SEALS / seal.name).read_text() == "{}"
    assert len(heads.ship([head], folder=here, to=None, command=["false"])) == 1
