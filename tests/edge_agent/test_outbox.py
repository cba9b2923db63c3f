"""The journal: numbers without gaps, nothing forgotten without a yes, nothing readable without the key."""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from edge_agent import tickets
from edge_agent.box import Box
from edge_agent.outbox import Outbox, Row
from edge_agent.sealing import BrokenSeal
from edge_agent.store import FILE
from shared import wire


def take(box: Box, count: int, now: datetime) -> None:
    for _ in range(count):
        tickets.walk_in(box, kind=wire.VisitKind.QUERY, nonce=str(uuid4()), now=now)


def pairs(rows: list[Row]) -> list[tuple[int, UUID]]:
    return [(row.seq, row.event_id) for row in rows]


def test_events_are_numbered_from_one_without_gaps(box: Box, outbox: Outbox, now: datetime) -> None:
    take(box, 3, now)
    assert [row.seq for row in outbox.oldest(10)] == [1, 2, 3]


def test_a_refused_act_uses_no_number(box: Box, outbox: Outbox, now: datetime) -> None:
    take(box, 1, now)
    with contextlib.suppress(ZeroDivisionError), box.act(now=now) as act:
        act.report(wire.CheckinRefused(reason=wire.Refusal.UNKNOWN))
        raise ZeroDivisionError
    take(box, 1, now)
    assert [row.seq for row in outbox.oldest(10)] == [1, 2]


def test_numbers_go_on_after_everything_was_sent_and_purged(
    box: Box, outbox: Outbox, opened: Callable[[], Box], now: datetime
) -> None:
    take(box, 2, now)
    outbox.forget(pairs(outbox.oldest(10)), now=now)
    assert outbox.purge(now=now + timedelta(seconds=1), days=0) == 2
    again = opened()
    take(again, 1, now)
    assert [row.seq for row in Outbox(again.store).oldest(10)] == [3]


def test_an_event_is_only_forgotten_when_number_and_id_both_fit(
    box: Box, outbox: Outbox, now: datetime
) -> None:
    take(box, 2, now)
    first, second = outbox.oldest(2)
    assert outbox.forget([(first.seq, second.event_id)], now=now) == 0
    assert outbox.forget([(first.seq, first.event_id)], now=now) == 1
    assert outbox.counts().waiting == 1


def test_a_parked_event_is_not_sent_again_and_stays_visible(box: Box, outbox: Outbox, now: datetime) -> None:
    take(box, 2, now)
    outbox.park(outbox.oldest(1)[0].event_id, "no such court")
    assert [row.seq for row in outbox.oldest(10)] == [2]
    assert [(one.seq, one.type, one.reason) for one in outbox.parked()] == [
        (1, "ticket.taken", "no such court")
    ]


def test_a_restored_centre_gets_again_what_it_had_acknowledged(
    box: Box, outbox: Outbox, now: datetime
) -> None:
    take(box, 3, now)
    outbox.forget(pairs(outbox.oldest(10)), now=now)
    assert outbox.rewind(2)
    assert [row.seq for row in outbox.oldest(10)] == [2, 3]
    assert not outbox.rewind(99)


def test_the_file_holds_no_word_of_what_happened(box: Box, outbox: Outbox, now: datetime) -> None:
    take(box, 1, now)
    box.store.close()
    stored = b"".join(path.read_bytes() for path in box.store.path.parent.glob(f"{FILE}*"))
    assert b"ticket.taken" not in stored


def test_a_record_moved_to_another_place_does_not_open(box: Box, outbox: Outbox, now: datetime) -> None:
    take(box, 2, now)
    with box.store.transaction() as connection:
        connection.execute(
            "update outbox set payload = (select payload from outbox where seq = 1) where seq = 2"
        )
    with pytest.raises(BrokenSeal):
        outbox.oldest(10)
