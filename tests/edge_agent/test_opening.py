"""Starting again after the worst: cut power, a damaged file, a lost key, a wrong box."""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from edge_agent import assist, tickets
from edge_agent.box import Box
from edge_agent.errors import CannotKeep
from edge_agent.opening import open_store
from edge_agent.outbox import Outbox
from edge_agent.store import FILE, OtherBox, damaged_files
from shared import wire
from tests.edge_agent.papers import BOX_ID


def take(box: Box, nonce: str, now: datetime) -> str:
    return tickets.walk_in(box, kind=wire.VisitKind.QUERY, nonce=nonce, now=now).label


def test_after_a_restart_the_hall_is_as_it_was(box: Box, opened: Callable[[], Box], now: datetime) -> None:
    take(box, "a", now)
    tickets.call_next(box, counter=2, now=now)
    assist.press(box, origin=wire.CallOrigin.PAGE_BUTTON, now=now)
    again = opened()
    assert again.today(now).tickets == box.hall.tickets
    assert again.hall.calls == box.hall.calls
    assert take(again, "b", now) == "C002"


def spoil(path: Path, event: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("update outbox set payload = zeroblob(40) where event_id = ?", (event,))
    connection.close()


def test_a_damaged_file_is_set_aside_and_the_rest_goes_on_under_a_new_epoch(
    box: Box, opened: Callable[[], Box], now: datetime
) -> None:
    for nonce in "abc":
        take(box, nonce, now)
    first, second, third = Outbox(box.store).oldest(3)
    epoch, path = box.store.epoch, box.store.path
    box.store.close()
    spoil(path, str(second.event_id))
    again = opened()
    rows = Outbox(again.store).oldest(10)
    assert [(row.seq, row.event_id) for row in rows] == [(1, first.event_id), (2, third.event_id)]
    assert again.store.epoch != epoch
    assert len(damaged_files(path.parent)) == 1
    assert take(again, "d", now) == "C004"


def test_a_bit_that_makes_an_id_no_text_is_turned_back_and_costs_no_row_behind_it(
    box: Box, opened: Callable[[], Box], now: datetime
) -> None:
    for nonce in "abc":
        take(box, nonce, now)
    events = [row.event_id for row in Outbox(box.store).oldest(3)]
    path = box.store.path
    box.store.close()
    broken = bytearray(str(events[1]).encode())
    broken[3] ^= 0x80
    with sqlite3.connect(path) as connection:
        connection.execute(
            "update outbox set event_id = cast(? as text) where event_id = ?", (broken, str(events[1]))
        )
        # A record of state whose text is broken is left out; the box starts all the same.
        connection.execute("update ticket set nonce = cast(? as text) where number = 3", (b"\xffc",))
    connection.close()
    again = opened()
    assert [row.event_id for row in Outbox(again.store).oldest(10)] == events
    assert {one.number for one in again.today(now).tickets.values()} == {1, 2}


def test_a_file_that_is_no_database_is_set_aside_whole(
    box: Box, opened: Callable[[], Box], now: datetime
) -> None:
    box.store.close()
    box.store.path.write_bytes(b"not a database at all" * 100)
    again = opened()
    (name,) = damaged_files(box.store.path.parent)
    assert box.store.path.with_name(name).read_bytes().startswith(b"not a database")
    assert take(again, "a", now) == "C001"


def test_with_a_lost_key_the_old_file_is_set_aside(
    box: Box, opened: Callable[[], Box], now: datetime
) -> None:
    take(box, "a", now)
    (box.store.path.parent / "keys" / "box.key").unlink()
    assert Outbox(opened().store).counts().waiting == 0
    assert len(damaged_files(box.store.path.parent)) == 1


def test_the_key_is_for_the_box_alone_to_read(box: Box) -> None:
    assert (box.store.path.parent / "keys" / "box.key").stat().st_mode & 0o777 == 0o600


def test_a_file_of_another_box_is_not_touched(box: Box, now: datetime) -> None:
    box.store.close()
    with pytest.raises(OtherBox):
        open_store(box.store.path.parent, box="ln0103-1", now=now)
    assert damaged_files(box.store.path.parent) == []


def test_what_cannot_be_written_did_not_happen(box: Box, now: datetime) -> None:
    with box.store.reading() as connection:
        connection.execute("pragma query_only = on")
    with pytest.raises(CannotKeep):
        take(box, "a", now)
    assert box.hall.tickets == {}


def test_a_cry_for_help_is_shown_even_when_the_disk_is_full_and_written_later(
    box: Box, outbox: Outbox, now: datetime
) -> None:
    with box.store.reading() as connection:
        connection.execute("pragma query_only = on")
        call = assist.press(box, origin=wire.CallOrigin.DEVICE_BUTTON, now=now)
        assert box.hall.calls == {call.id: call}
        connection.execute("pragma query_only = off")
    assist.write_unkept(box, now=now)
    assert outbox.counts().waiting == 1
    assert not box.unkept


def test_the_file_is_named_and_found(tmp_path: Path, now: datetime) -> None:
    store = open_store(tmp_path, box=BOX_ID, now=now)
    assert store.path == tmp_path / FILE
    store.close()
