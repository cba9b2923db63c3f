"""The line: subscribes anew, says once that it is down and once that it is back, drops nothing."""

import json
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest

from edge_agent import assist, tickets
from edge_agent.box import Box
from edge_agent.inbox import BoxInbox
from edge_agent.link import FIRST_WAIT, LONGEST_WAIT, Link, wait_seconds
from edge_agent.outbox import Outbox
from edge_agent.pump import Pace
from shared import topics, wire
from shared.clock import FixedClock
from tests.edge_agent.fake_centre import FakeCentre
from tests.edge_agent.papers import BOX_ID


class FakeLine:
    """A line to a fake centre that ends when everything sent was answered."""

    def __init__(
        self, centre: FakeCentre, will: wire.Presence, *, news: list[tuple[str, str]], fails: bool
    ) -> None:
        self.centre, self.will, self.news, self.fails = centre, will, news, fails
        self.filters: list[str] = []
        self.published: list[tuple[str, str, bool]] = []
        self.enough: Callable[[], bool] = lambda: True
        #: The centre is away for the first event; when it is back it says so.
        self.missed = False

    def open(self, on_message: Callable[[str, bytes], None], on_down: Callable[[str], None]) -> None:
        if self.fails:
            raise ConnectionRefusedError("nobody there")
        self.on_message, self.on_down = on_message, on_down

    def subscribe(self, filters: list[str]) -> None:
        self.filters = filters
        for topic, payload in self.news:
            self.on_message(topic, payload.encode())

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        self.published.append((topic, payload, retain))
        if topic == topics.events(BOX_ID) and self.missed:
            self.missed = False
            self.on_message(topics.acks(BOX_ID), wire.Acks(acks=()).model_dump_json().encode())
        elif topic == topics.events(BOX_ID):
            ack = self.centre.take(payload).model_dump_json()
            self.on_message(topics.acks(BOX_ID), ack.encode())
        if self.enough():
            self.on_down("enough")

    def close(self) -> None:
        pass


class World:
    """A link with every line it made, and what it told the screens."""

    def __init__(self, box: Box, clock: FixedClock) -> None:
        self.outbox, self.centre = Outbox(box.store), FakeCentre()
        self.lines: list[FakeLine] = []
        self.news: list[tuple[str, str]] = []
        self.fails = self.missed = False
        self.changes: list[bool] = []
        self.link = Link(
            box=BOX_ID,
            software="test",
            outbox=self.outbox,
            inbox=BoxInbox(box, keys=[], clock=clock),
            pace=Pace(window=4, ack_seconds=3600),
            clock=clock,
            lines=self.make,
            on_change=lambda: self.changes.append(self.link.state.up),
            on_damage=lambda: None,
        )

    def make(self, will: wire.Presence) -> FakeLine:
        line = FakeLine(self.centre, will, news=self.news, fails=self.fails)
        line.missed = self.missed
        line.enough = lambda: self.outbox.counts().waiting <= len(self.centre.events)
        self.lines.append(line)
        return line


@pytest.fixture
def world(box: Box, clock: FixedClock) -> World:
    return World(box, clock)


def test_each_connection_subscribes_anew(world: World) -> None:
    world.link.session()
    world.link.session()
    wanted = [topics.acks(BOX_ID), topics.calls(BOX_ID), topics.documents(BOX_ID)]
    assert [line.filters for line in world.lines] == [wanted, wanted]


def test_what_happened_without_the_line_arrives_with_its_own_times(
    world: World, box: Box, now: datetime
) -> None:
    for nonce in "abc":
        tickets.walk_in(box, kind=wire.VisitKind.QUERY, nonce=nonce, now=now)
    world.link.session()
    assert [(event.seq, event.at) for event in world.centre.events] == [(1, now), (2, now), (3, now)]


def test_what_met_no_centre_is_sent_again_when_it_says_that_it_is_back(
    world: World, box: Box, now: datetime
) -> None:
    assist.press(box, origin=wire.CallOrigin.PAGE_BUTTON, now=now)
    world.missed = True
    world.link.session()
    assert [event.seq for event in world.centre.events] == [1]


def test_presence_is_retained_and_the_will_says_offline(world: World) -> None:
    world.link.session()
    topic, payload, retained = world.lines[0].published[0]
    assert (topic, retained) == (topics.presence(BOX_ID), True)
    assert wire.Presence.model_validate_json(payload).online
    assert not world.lines[0].will.online


def test_a_dead_line_is_said_once_and_its_return_once(world: World) -> None:
    world.fails = True
    world.link.session()
    world.link.session()
    world.fails = False
    world.link.session()
    assert world.changes == [False, True, False]


def test_the_centres_answer_to_a_call_reaches_the_screen(world: World, box: Box, now: datetime) -> None:
    call = assist.press(box, origin=wire.CallOrigin.PAGE_BUTTON, now=now)
    state = wire.CallState(call_id=call.id, status=wire.CallStatus.ACKNOWLEDGED, by="王", at=now)
    world.news = [(topics.call(BOX_ID, call.id), state.model_dump_json())]
    world.link.session()
    assert box.hall.calls[call.id].by == "王"


def test_a_centre_a_version_ahead_is_understood_as_far_as_it_is_known(
    world: World, box: Box, now: datetime
) -> None:
    call = assist.press(box, origin=wire.CallOrigin.PAGE_BUTTON, now=now)
    state = wire.CallState(call_id=call.id, status=wire.CallStatus.ACKNOWLEDGED, by="王", at=now)
    event = world.outbox.oldest(1)[0]
    ack = wire.Ack(event_id=event.event_id, epoch=world.outbox.epoch, seq=1, verdict=wire.Verdict.ACCEPTED)
    told = {**ack.model_dump(mode="json"), "of_a_later_version": 1}
    together = {"version": 1, "acks": [told], "of_a_later_version": 1}
    assert wire.receipts(json.dumps(told)) == wire.receipts(json.dumps(together)) == (ack,)
    later = json.dumps({**state.model_dump(mode="json"), "of_a_later_version": {}})
    world.news = [(topics.call(BOX_ID, call.id), later), (topics.acks(BOX_ID), json.dumps(together))]
    world.link.session()
    assert box.hall.calls[call.id].by == "王"


def test_a_tidied_away_call_is_over(world: World, box: Box, now: datetime) -> None:
    call = assist.press(box, origin=wire.CallOrigin.PAGE_BUTTON, now=now)
    world.news = [(topics.call(BOX_ID, call.id), "")]
    world.link.session()
    assert not box.hall.calls[call.id].open


@pytest.mark.parametrize(
    "topic",
    [topics.acks(BOX_ID), topics.call(BOX_ID, uuid4()), "minyi/ln0102-1/down/x", "junk"],
    ids=["acks", "call", "unknown", "junk"],  # workers that run tests in parallel must agree on the names
)
def test_rubbish_from_the_line_changes_nothing(world: World, box: Box, topic: str) -> None:
    world.news = [(topic, "\x00{]")]
    assert world.link.session()
    assert box.hall.calls == {}


def test_waiting_is_short_at_first_then_doubles_to_a_minute_and_is_spread() -> None:
    assert wait_seconds(0, chance=1) == FIRST_WAIT
    assert wait_seconds(3, chance=1) == 8 * FIRST_WAIT
    assert wait_seconds(99, chance=1) == LONGEST_WAIT
    assert wait_seconds(3, chance=0) == 4 * FIRST_WAIT
