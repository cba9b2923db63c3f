"""Sending the journal: in order, a few at once, again until the centre says yes."""

import random
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_agent import assist, tickets
from edge_agent.box import Box
from edge_agent.outbox import Outbox
from edge_agent.pump import Pace, Pump
from shared import wire
from shared.clock import FixedClock
from tests.edge_agent.fake_centre import FakeCentre


@pytest.fixture
def sent() -> list[str]:
    return []


@pytest.fixture
def pump(outbox: Outbox, clock: FixedClock, sent: list[str]) -> Pump:
    return Pump(outbox, pace=Pace(window=4, ack_seconds=5), clock=clock, send=sent.append)


@pytest.fixture
def fill(box: Box, now: datetime) -> Callable[[int], None]:
    def filled(count: int) -> None:
        for _ in range(count):
            tickets.walk_in(box, kind=wire.VisitKind.QUERY, nonce=str(uuid4()), now=now)

    return filled


def numbers(payloads: list[str]) -> list[int]:
    return [wire.Envelope.model_validate_json(one).seq for one in payloads]


def test_one_event_goes_out_alone_until_the_centre_answers(
    pump: Pump, fill: Callable[[int], None], sent: list[str]
) -> None:
    fill(9)
    pump.tick(0)
    assert numbers(sent) == [1]
    pump.take([FakeCentre().take(sent[0])], 0)
    pump.tick(0)
    assert numbers(sent) == [1, 2, 3, 4, 5]


def test_a_centre_that_is_back_gets_what_it_missed_at_once(
    pump: Pump, fill: Callable[[int], None], sent: list[str]
) -> None:
    fill(2)
    for second in (0, 5, 15):  # the silences are waited out twice, each time longer
        pump.tick(second)
    pump.hurry()
    pump.tick(16)
    assert numbers(sent) == [1, 1, 1, 1]


def test_without_an_answer_the_oldest_is_sent_again(
    pump: Pump, fill: Callable[[int], None], sent: list[str]
) -> None:
    fill(2)
    pump.tick(0)
    pump.tick(4.9)
    assert numbers(sent) == [1]
    pump.tick(5)
    assert numbers(sent) == [1, 1]


def test_receipts_that_come_late_hold_nothing_up_and_bring_nothing_twice(
    pump: Pump, fill: Callable[[int], None], sent: list[str]
) -> None:
    fill(12)
    centre, at = FakeCentre(), 0.0
    pump.tick(at)
    for number in range(12):  # each receipt four seconds after the last, five events under way
        at += 4.0
        pump.take([centre.take(sent[number])], at)
        pump.tick(at)
    assert numbers(sent) == list(range(1, 13))


def test_after_each_silence_half_as_many_go_out_and_the_next_is_waited_for_twice_as_long(
    pump: Pump, fill: Callable[[int], None], sent: list[str]
) -> None:
    fill(9)
    pump.tick(0)
    pump.take([FakeCentre().take(sent[0])], 0)
    del sent[:]
    for second in range(36):
        pump.tick(second)
    assert numbers(sent) == [2, 3, 4, 5, 2, 3, 2, 2]


def test_a_receipt_that_alone_got_lost_is_asked_for_again_in_the_end(
    pump: Pump, fill: Callable[[int], None], sent: list[str]
) -> None:
    centre, fresh, again = FakeCentre(), 0, 0
    for second in range(70):
        fill(1)
        pump.tick(second)
        again += numbers(sent[fresh:]).count(2)
        acks = [centre.take(payload) for payload in sent[fresh:]]
        fresh = len(sent)
        pump.take([ack for ack in acks if ack.seq != 2 or second > 50], second)
    assert again == 2


def test_a_brokers_silence_about_the_centre_forgets_nothing(
    pump: Pump, outbox: Outbox, fill: Callable[[int], None]
) -> None:
    fill(3)
    for second in range(0, 100, 5):
        pump.tick(second)
    assert outbox.counts().waiting == 3


def test_a_duplicate_is_a_yes(
    pump: Pump, outbox: Outbox, fill: Callable[[int], None], sent: list[str]
) -> None:
    fill(1)
    pump.tick(0)
    centre = FakeCentre()
    centre.take(sent[0])
    pump.take([centre.take(sent[0])], 0)
    assert outbox.counts().waiting == 0


def test_a_refused_event_is_parked_and_the_next_goes_out(
    pump: Pump, outbox: Outbox, fill: Callable[[int], None], sent: list[str]
) -> None:
    fill(2)
    centre = FakeCentre(refuses=frozenset({1}))
    pump.tick(0)
    pump.take([centre.take(sent[0])], 0)
    pump.tick(0)
    pump.take([centre.take(sent[1])], 0)
    assert outbox.counts() == (0, 1)
    assert numbers(sent) == [1, 2]


def test_a_gap_is_filled_from_the_number_the_centre_expects(
    pump: Pump, outbox: Outbox, fill: Callable[[int], None], sent: list[str]
) -> None:
    fill(4)
    first = FakeCentre()
    pump.tick(0)
    pump.take([first.take(sent[0])], 0)
    pump.tick(0)
    restored = FakeCentre()  # from a backup made before the first event
    pump.take([restored.take(payload) for payload in sent[1:]], 0)
    while outbox.counts().waiting:
        before = len(sent)
        pump.tick(0)
        pump.take([restored.take(payload) for payload in sent[before:]], 0)
    assert [event.seq for event in restored.events] == [1, 2, 3, 4]


def test_a_gap_that_cannot_be_filled_stops_the_line_and_shows(
    pump: Pump, outbox: Outbox, fill: Callable[[int], None], sent: list[str], now: datetime
) -> None:
    fill(2)
    pump.tick(0)
    first = wire.Envelope.model_validate_json(sent[0])
    outbox.forget([(1, first.event_id)], now=now)
    outbox.purge(now=now.replace(year=2027), days=0)
    pump.start_over()
    gap = wire.Ack(event_id=uuid4(), epoch=first.epoch, seq=2, verdict=wire.Verdict.GAP, expected=1)
    pump.take([gap], 0)
    assert pump.missing == 1


def test_answers_to_another_epoch_are_not_for_us(
    pump: Pump, outbox: Outbox, fill: Callable[[int], None], sent: list[str]
) -> None:
    fill(1)
    pump.tick(0)
    ack = FakeCentre().take(sent[0]).model_copy(update={"epoch": uuid4()})
    pump.take([ack], 0)
    assert outbox.counts().waiting == 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_whatever_the_line_loses_doubles_or_holds_back_all_arrives_once_and_in_order(
    seed: int, box: Box, clock: FixedClock, fill: Callable[[int], None]
) -> None:
    """Both directions lose and double messages; the line breaks now and then."""
    dice = random.Random(seed)
    wire_up: list[str] = []
    outbox, centre = Outbox(box.store), FakeCentre()
    pump = Pump(outbox, pace=Pace(window=3, ack_seconds=5), clock=clock, send=wire_up.append)
    start = outbox.oldest(1)[0].seq if outbox.counts().waiting else last_seq(box) + 1
    centre.expected[(box.store.box, outbox.epoch)] = start
    fill(6)
    for second in range(400):
        calm = second > 200
        pump.tick(second)
        arrived = [one for one in wire_up for _ in range(1 if calm else dice.choice((0, 1, 1, 2)))]
        wire_up.clear()
        acks = [centre.take(payload) for payload in arrived]
        pump.take([ack for ack in acks if calm or dice.random() < 0.7], second)
        if not calm and dice.random() < 0.05:
            pump.start_over()
    assert outbox.counts().waiting == 0
    assert [event.seq for event in centre.events] == list(range(start, start + 6))


def last_seq(box: Box) -> int:
    with box.store.reading() as connection:
        return int(box.store.meta(connection, "last_seq") or 0)


def test_a_call_for_help_overtakes_a_long_journal_and_is_repeated(
    box: Box, outbox: Outbox, clock: FixedClock, now: datetime, fill: Callable[[int], None]
) -> None:
    sent: list[str] = []
    ahead: list[str] = []
    pump = Pump(
        outbox, pace=Pace(window=4, ack_seconds=5), clock=clock, send=sent.append, send_urgent=ahead.append
    )
    fill(20)
    assist.press(box, origin=wire.CallOrigin.PAGE_BUTTON, now=now)
    for second in (0, 1, 5):
        pump.tick(second)
    assert (numbers(sent), numbers(ahead)) == ([1, 1], [21, 21])
    pump.hurry()  # the centre is back: what it missed is not a few seconds away
    pump.tick(6)
    assert numbers(ahead) == [21, 21, 21]


def test_a_call_for_help_goes_in_its_order_when_little_waits(
    box: Box, outbox: Outbox, clock: FixedClock, now: datetime, fill: Callable[[int], None]
) -> None:
    ahead: list[str] = []
    pump = Pump(
        outbox, pace=Pace(window=4, ack_seconds=5), clock=clock, send=ahead.append, send_urgent=ahead.append
    )
    fill(2)
    assist.press(box, origin=wire.CallOrigin.PAGE_BUTTON, now=now)
    pump.tick(0)
    assert numbers(ahead) == [1]
