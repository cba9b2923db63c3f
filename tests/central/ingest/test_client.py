"""The centre on the line, with both brokers: once, in order, acknowledged, whatever is repeated or cut."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from central import db
from central.actor import Role
from central.context import Context
from central.halls import service
from central.halls.models import Ticket
from central.ingest.client import Ingest
from shared import topics, wire
from shared.wire import Verdict
from tests.central.ingest.conftest import Hall, numbers, tray
from tests.factories import accounts as people
from tests.factories import halls
from tests.factories.courts import MORNING, SEED
from tests.support.brokers import Broker, Guarded
from tests.support.hallbox import SimulatedBox
from tests.support.mqtt import BareBox
from tests.support.processes import wait_until

pytestmark = pytest.mark.hall


def answered(box: BareBox, n: int) -> list[tuple[int, Verdict]]:
    """Wait for `n` receipts and return their numbers and verdicts."""
    wait_until(lambda: len(box.acks()) >= n, what=f"{n} receipts; heard {box.acks()}")
    return [(ack.seq, ack.verdict) for ack in box.acks()]


def test_lost_doubled_and_overtaking_events_are_taken_once_and_in_order(
    context: Context, hall: Hall, centre: Ingest, box: BareBox
) -> None:
    one, two, three = (hall.journal.ticket(n) for n in (1, 2, 3))
    for count, event in enumerate((one, one, three, two, three, two), 1):
        box.send(event)
        answered(box, count)  # what still waits is not taken twice
    assert answered(box, 6) == [
        (1, Verdict.ACCEPTED),
        (1, Verdict.DUPLICATE),
        (3, Verdict.GAP),
        (2, Verdict.ACCEPTED),
        (3, Verdict.ACCEPTED),
        (2, Verdict.DUPLICATE),
    ]
    assert numbers(context) == [1, 2, 3]


def test_nonsense_on_the_line_holds_nothing_up(
    context: Context, hall: Hall, centre: Ingest, box: BareBox
) -> None:
    mine = topics.events(box.name)
    for payload in (b"", b"\xff\x00", b"{}", b"[" * 5000, b"x" * 100_000):
        box.client.publish(mine, payload, qos=1)
    box.client.publish(topics.presence(box.name), b"{", qos=1)
    box.client.publish(f"minyi/{box.name}/up/other", b"?", qos=1)
    box.send(hall.journal.ticket(1))
    assert answered(box, 1) == [(1, Verdict.ACCEPTED)]
    assert set(tray(context)) == {"unreadable"}


def test_nobody_speaks_or_listens_as_another_box(
    context: Context, hall: Hall, broker: Broker, centre: Ingest, box: BareBox
) -> None:
    with BareBox(broker.door.port, hall.other.box, hall.other.secret) as other:
        other.subscribe(topics.acks(other.name))
        other.subscribe(topics.acks(box.name), "minyi/#", "#")
        other.send(hall.journal.ticket(9), to=topics.events(box.name))
        other.send(hall.other.ticket(1))
        answered(other, 1)
        hall.journal.seq = 0
        box.send(hall.journal.ticket(2))
        answered(box, 1)
        assert numbers(context) == [1, 2]
        assert all(topic.startswith(f"minyi/{other.name}/down/") for topic, _ in other.heard)


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_is_refused(hall: Hall, broker: Broker, password: str) -> None:
    with BareBox(broker.door.port, hall.journal.box, password) as stranger:
        assert stranger.refused


@pytest.mark.parametrize("broker", ["mosquitto"], indirect=True)
def test_a_revoked_box_is_cut_off_when_mosquitto_reads_its_passwords_anew(
    context: Context, hall: Hall, broker: Guarded, box: BareBox
) -> None:
    with db.unit_of_work(context.engine) as s:
        service.revoke_box(s, box_id=hall.journal.box, by=SEED, now=context.clock.now())
    broker.reload()
    wait_until(lambda: not box.up, what="the box is cut off")


def test_a_strangers_connection_does_not_disturb_the_box_whose_name_it_takes(
    hall: Hall, broker: Broker, centre: Ingest, box: BareBox
) -> None:
    with BareBox(broker.door.port, box.name, "wrong", client_id=f"bare-{box.name}") as stranger:
        assert stranger.refused
    box.send(hall.journal.ticket(1))
    assert answered(box, 1) == [(1, Verdict.ACCEPTED)]


def test_what_happens_while_the_broker_is_away_arrives_with_its_own_times(
    context: Context, hall: Hall, broker: Broker, centre: Ingest, simulated: SimulatedBox
) -> None:
    times = [MORNING + timedelta(minutes=n) for n in range(20)]
    for n in range(10):
        simulated.ticket(n + 1, at=times[n])
    wait_until(lambda: simulated.waiting == 0, what="the first ten are acknowledged")
    broker.stop()
    for n in range(10, 20):
        simulated.ticket(n + 1, at=times[n])
    broker.start()
    wait_until(lambda: simulated.waiting == 0, timeout=40, what="all twenty are acknowledged")
    with context.read() as s:
        rows = s.exec(select(Ticket).order_by(Ticket.number)).all()  # type: ignore[arg-type]
    assert [(row.number, row.taken_at) for row in rows] == [(n + 1, times[n]) for n in range(20)]


def test_an_answer_from_the_centre_reaches_the_box_also_after_the_broker_lost_it(
    context: Context, hall: Hall, broker: Broker, centre: Ingest, box: BareBox
) -> None:
    call = _acknowledged(context, hall)
    wait_until(lambda: call in _calls(box), what="the answer")
    broker.stop()
    broker.start()
    with BareBox(broker.door.port, hall.journal.box, hall.journal.secret) as again:
        again.subscribe(topics.calls(again.name))
        wait_until(lambda: call in _calls(again), what="the answer again")


def _acknowledged(context: Context, hall: Hall) -> UUID:
    with db.unit_of_work(context.engine) as s:
        staff = people.actor(s, hall.court, Role.HALL_STAFF)
        call = halls.raise_call(s, hall.journal)
        service.acknowledge(s, call_id=call, by=staff, now=context.clock.now())
    context.wake.notify()
    return call


def _calls(box: BareBox) -> set[UUID]:
    states = [payload for topic, payload in box.heard if "/down/calls/" in topic]
    return {wire.CallState.model_validate_json(payload).call_id for payload in states}
