"""The embedded broker's own promises: its port, its rights, what it does to clients that misbehave."""

import socket
import struct
from collections.abc import Iterator
from contextlib import closing

import pytest
from amqtt.contexts import Action

from central import db
from central.context import Context
from central.halls import service
from central.ingest import broker, client
from central.ingest.broker import EmbeddedBroker, PortTaken, Rights
from central.ingest.tls import Shown
from shared import topics
from tests.central.ingest.conftest import Hall
from tests.factories.courts import SEED
from tests.support.mqtt import BareBox
from tests.support.ports import HOST, accepts
from tests.support.processes import wait_until

pytestmark = pytest.mark.hall


@pytest.fixture
def embedded(context: Context) -> Iterator[EmbeddedBroker]:
    made = broker.start(context)
    yield made
    made.stop()


@pytest.fixture
def rights(context: Context, embedded: EmbeddedBroker) -> Rights:
    return Rights(context, embedded.door)


def test_a_taken_port_gets_a_sentence(context: Context, embedded: EmbeddedBroker) -> None:
    with pytest.raises(PortTaken) as refusal:
        broker.start(context)
    assert refusal.value.values["port"] == embedded.door.port


def test_it_listens_on_this_machine_alone_and_is_gone_after_its_stop(embedded: EmbeddedBroker) -> None:
    assert embedded.door.host == "127.0.0.1"
    embedded.stop()
    wait_until(lambda: not accepts(embedded.door.port))


def test_nobody_can_guess_the_centres_password(
    context: Context, hall: Hall, embedded: EmbeddedBroker
) -> None:
    assert len(embedded.door.password) >= 32
    with BareBox(embedded.door.port, "centre", "centre") as stranger:
        assert stranger.refused


MAY = [
    ("up/events", Action.PUBLISH, True),
    ("up/presence", Action.PUBLISH, True),
    ("down/acks", Action.PUBLISH, False),
    ("down/acks", Action.SUBSCRIBE, True),
    ("down/calls/+", Action.SUBSCRIBE, True),
    ("up/events", Action.SUBSCRIBE, False),
    ("up/events", Action.RECEIVE, False),
]


@pytest.mark.parametrize(("path", "action", "allowed"), MAY)
def test_a_box_speaks_upwards_and_listens_downwards_on_its_own_topics(
    rights: Rights, path: str, action: Action, allowed: bool
) -> None:
    assert rights.may("ln0102-1", f"minyi/ln0102-1/{path}", action) is allowed
    assert not rights.may("ln0102-2", f"minyi/ln0102-1/{path}", action)


@pytest.mark.parametrize("topic", ["#", "minyi/#", "minyi/+/down/acks", "$SYS/#", "minyi/ln0102-1", ""])
def test_wide_filters_are_not_for_boxes(rights: Rights, topic: str) -> None:
    assert not rights.may("ln0102-1", topic, Action.SUBSCRIBE)


def test_a_revoked_box_is_let_in_no_more_and_is_named_to_be_cut_off(
    context: Context, hall: Hall, rights: Rights, embedded: EmbeddedBroker
) -> None:
    with db.unit_of_work(context.engine) as s:
        service.revoke_box(s, box_id=hall.journal.box, by=SEED, now=context.clock.now())
    boxes = [Shown(journal.box, secret=journal.secret) for journal in (hall.journal, hall.other)]
    assert rights.out_of(boxes) == [hall.journal.box]
    with BareBox(embedded.door.port, hall.journal.box, hall.journal.secret) as box:
        assert box.refused


def test_a_box_that_connects_anew_ends_the_connection_it_had(hall: Hall, embedded: EmbeddedBroker) -> None:
    journal, port = hall.journal, embedded.door.port
    with BareBox(port, journal.box, journal.secret) as first, BareBox(port, journal.box, journal.secret):
        wait_until(lambda: not first.up, what="the first connection is ended")


def test_a_will_on_a_foreign_topic_is_not_accepted(hall: Hall, embedded: EmbeddedBroker) -> None:
    box = BareBox(embedded.door.port, hall.journal.box, hall.journal.secret)
    box.client.will_set(topics.presence(hall.other.box), b"{}", qos=1, retain=True)
    with box:
        assert box.refused


#: CONNECT whose announced length is 200 MB; PUBLISH before any CONNECT; bytes that are no MQTT.
RUDE = {
    "giant": b"\x10" + b"\xff\xff\xff\x5f" + b"x" * 100,
    "unasked": b"\x32\x0a" + struct.pack(">H", 4) + b"abcd" + b"\0\1hi",
    "noise": bytes(range(1, 200)),
    "nothing": b"",
}


@pytest.mark.parametrize("data", RUDE.values(), ids=RUDE.keys())
def test_rude_clients_are_let_go_and_the_others_served(
    hall: Hall, embedded: EmbeddedBroker, data: bytes
) -> None:
    with closing(socket.create_connection((HOST, embedded.door.port), timeout=5)) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        sock.settimeout(15)
        assert sock.recv(100) in {b"", b"\x20\x02\0\x05", b"\x20\x02\0\x01"}
    with BareBox(embedded.door.port, hall.journal.box, hall.journal.secret) as box:
        assert box.up


def test_a_packet_too_long_ends_the_connection(hall: Hall, embedded: EmbeddedBroker) -> None:
    with BareBox(embedded.door.port, hall.journal.box, hall.journal.secret) as box:
        box.client.publish(topics.events(box.name), b"x" * 300_000, qos=1)
        wait_until(lambda: not box.up, what="the connection is ended")


def test_the_centre_starts_without_a_broker_and_finds_it_later(context: Context, hall: Hall) -> None:
    first = broker.start(context, password="p" * 32)
    first.stop()
    ingest = client.start(context, first.door)
    assert not ingest.up
    second = broker.start(context, password="p" * 32)
    wait_until(lambda: ingest.up, what="the centre is on the line")
    ingest.stop()
    second.stop()
