"""An enrolled box and the centre need not trust the broker between them: forged texts change nothing on either side."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import select

from central import db
from central.actor import Role
from central.context import Context
from central.halls import service
from central.halls.line_keys import line_keys
from central.halls.models import AssistanceCall, RefusedEvent
from central.ingest import storing
from central.ingest.client import Ingest
from edge_agent.identity import Identity
from edge_agent.voice import Voice
from shared import sealed, topics, wire
from shared.clock import SystemClock
from shared.ids import new_id
from tests.central.ingest.conftest import Hall, numbers, tray
from tests.factories import accounts as people
from tests.factories import identities
from tests.support.brokers import Broker
from tests.support.hallbox import SimulatedBox
from tests.support.processes import wait_until

NAME = "赵桂兰"


@pytest.fixture
def context(context: Context) -> Context:
    """TLS looks at the machine's own clock."""
    return replace(context, clock=SystemClock())


@pytest.fixture
def own(context: Context, hall: Hall) -> Identity:
    """The hall's first box, enrolled."""
    return identities.enrolled(context, hall.journal.box)


def taken(context: Context, topic: str, payload: str) -> list[wire.Ack]:
    """Give the centre a message as its line does; return the receipts."""
    keys = line_keys(context.settings.data / "keys")
    messages = [storing.Message(topic, payload.encode())]
    answers = storing.store(context.engine, messages, now=context.clock.now(), opening=keys.opening)
    return [ack for answer in answers for ack in wire.receipts(answer.payload)]


def test_a_signed_event_is_taken(context: Context, hall: Hall, own: Identity) -> None:
    topic, event = topics.events(hall.journal.box), hall.journal.ticket(7)
    payload = sealed.signed(topic, event.model_dump_json(), own.private)
    assert [ack.verdict for ack in taken(context, topic, payload)] == [wire.Verdict.ACCEPTED]
    assert numbers(context) == [7]


def test_what_the_broker_makes_up_in_a_boxs_name_is_not_taken(
    context: Context, hall: Hall, own: Identity
) -> None:
    topic, text = topics.events(hall.journal.box), hall.journal.ticket(7).model_dump_json()
    elsewhere = sealed.signed(topics.presence(hall.journal.box), text, own.private)
    stranger = sealed.signed(topic, text, Ed25519PrivateKey.generate())
    other = sealed.signed(topic, text, identities.enrolled(context, hall.other.box).private)
    for payload in (text, elsewhere, stranger, other, ""):
        assert taken(context, topic, payload) == []
    assert numbers(context) == []
    assert set(tray(context)) == {"not_signed"}


def test_a_signature_of_a_key_that_was_replaced_counts_no_more(
    context: Context, hall: Hall, own: Identity
) -> None:
    identities.enrolled(context, hall.journal.box)
    topic = topics.events(hall.journal.box)
    assert (
        taken(context, topic, sealed.signed(topic, hall.journal.ticket().model_dump_json(), own.private))
        == []
    )


def test_a_sealed_body_is_opened_and_kept_in_the_clear(context: Context, hall: Hall, own: Identity) -> None:
    topic, event = topics.events(hall.journal.box), hall.journal.answered(new_id(), NAME)
    assert own.sealing_key is not None
    assert not isinstance(event.body, wire.SealedBody)
    hidden = sealed.seal(event.body, own.sealing_key, box=event.box, event_id=event.event_id)
    payload = event.model_copy(update={"body": hidden}).model_dump_json()
    assert NAME not in payload
    (ack,) = taken(context, topic, sealed.signed(topic, payload, own.private))
    assert (ack.verdict, ack.reason) == (wire.Verdict.REFUSED, "call_unknown")
    with context.read() as s:
        assert NAME in s.exec(select(RefusedEvent)).one().raw


def test_a_body_sealed_for_another_event_is_set_aside(context: Context, hall: Hall, own: Identity) -> None:
    topic, event = topics.events(hall.journal.box), hall.journal.ticket()
    assert own.sealing_key is not None
    assert not isinstance(event.body, wire.SealedBody)
    hidden = sealed.seal(event.body, own.sealing_key, box=event.box, event_id=new_id())
    payload = event.model_copy(update={"body": hidden}).model_dump_json()
    (ack,) = taken(context, topic, sealed.signed(topic, payload, own.private))
    assert (ack.verdict, ack.reason) == (wire.Verdict.REFUSED, "malformed")


def test_an_enrolled_box_hears_the_centre_alone(context: Context, hall: Hall, own: Identity) -> None:
    centre = line_keys(context.settings.data / "keys").signing
    voice = Voice(own.private, [centre.public_key()])
    mine, other = topics.acks(hall.journal.box), topics.acks(hall.other.box)
    assert voice.heard(mine, sealed.signed(mine, "yes", centre).encode()) == b"yes"
    for payload in (
        b"yes",
        b"",
        sealed.signed(mine, "yes", own.private).encode(),
        sealed.signed(other, "yes", centre).encode(),
    ):
        assert voice.heard(mine, payload) is None


@pytest.fixture
def enrolled(
    own: Identity, broker: Broker, context: Context, hall: Hall, tmp_path: Path
) -> Iterator[SimulatedBox]:
    """The first box of the hall with its real journal and line, by certificate."""
    del broker
    port = context.settings.mqtt.embedded_tls_port
    made = SimulatedBox(tmp_path / "box", box=hall.journal.box, port=port, own=own)
    made.start()
    yield made
    made.stop()


@pytest.mark.hall
def test_events_and_answers_pass_both_brokers_signed_and_sealed(
    context: Context, hall: Hall, centre: Ingest, enrolled: SimulatedBox
) -> None:
    del centre
    call = new_id()
    for number in (1, 2, 3):
        enrolled.ticket(number, at=datetime.now(UTC))
    enrolled.put(
        wire.AssistanceRaised(call_id=call, place="大厅", origin=wire.CallOrigin.COUNTER),
        at=datetime.now(UTC),
    )
    wait_until(lambda: enrolled.waiting == 0, what="every event has its receipt")
    assert numbers(context) == [1, 2, 3]
    with db.unit_of_work(context.engine) as s:
        assert s.get(AssistanceCall, call) is not None
        staff = people.actor(s, hall.court, Role.HALL_STAFF)
        service.close(s, call_id=call, note="已扶到窗口", by=staff, now=context.clock.now())
    wait_until(lambda: any(str(call) in path for path, _ in enrolled.heard), what="the box hears of it")
    assert enrolled.parked == 0
