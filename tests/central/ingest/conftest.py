"""A hall with its box, committed, and a place that remembers what was published."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlmodel import select

from central import db
from central.context import Context
from central.courts.models import Court
from central.halls.models import RefusedEvent, Ticket
from central.ingest import client
from central.ingest.client import Ingest
from central.settings import Mqtt
from shared import topics, wire
from tests.factories import halls
from tests.factories.courts import court
from tests.factories.halls import Journal
from tests.support.brokers import Broker, Embedded, Guarded
from tests.support.hallbox import SimulatedBox
from tests.support.mqtt import BareBox
from tests.support.ports import HOST, free_port
from tests.support.processes import wait_until


@dataclass
class Sent:
    """What was handed to the broker, in order."""

    messages: list[tuple[str, str, bool]] = field(default_factory=list)

    def __call__(self, topic: str, payload: str, *, retain: bool = False) -> None:
        self.messages.append((topic, payload, retain))

    def acks(self, box: str) -> list[wire.Ack]:
        return [a for topic, p, _ in self.messages if topic == topics.acks(box) for a in wire.receipts(p)]

    def topics(self) -> list[str]:
        return [topic for topic, _, _ in self.messages]

    def clear(self) -> None:
        self.messages.clear()


@dataclass(frozen=True)
class Hall:
    """A court with two boxes."""

    court: Court
    journal: Journal
    other: Journal


@pytest.fixture
def hall(context: Context) -> Hall:
    with db.unit_of_work(context.engine) as s:
        at = court(s)
        return Hall(at, halls.box(s, at, 1), halls.box(s, at, 2))


@pytest.fixture
def sent() -> Sent:
    return Sent()


def numbers(context: Context) -> list[int]:
    """Return the numbers of the tickets that are kept, in the order they were taken in."""
    with context.read() as s:
        return list(s.exec(select(Ticket.number).order_by(Ticket.number)).all())  # type: ignore[arg-type]


def tray(context: Context) -> list[str]:
    """Return why each message of the tray lies there."""
    with context.read() as s:
        return list(s.exec(select(RefusedEvent.reason)).all())


@pytest.fixture
def context(context: Context) -> Context:
    """The context of all tests, its broker on ports of the test's own."""
    tls = free_port()
    mqtt = Mqtt(embedded_port=free_port(), embedded_tls_port=tls, boxes_url=f"mqtts://{HOST}:{tls}")
    settings = context.settings.model_copy(update={"mqtt": mqtt})
    return replace(context, settings=settings)


@pytest.fixture(params=["embedded", "mosquitto"])
def broker(request: pytest.FixtureRequest, context: Context, hall: Hall, tmp_path: Path) -> Iterator[Broker]:
    """The embedded broker and Mosquitto in turn, running, closed to everyone but the hall's boxes and the centre."""
    made = Embedded(context) if request.param == "embedded" else Guarded(context, tmp_path / "mosquitto")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def centre(context: Context, broker: Broker) -> Iterator[Ingest]:
    """The centre on the line."""
    ingest = client.start(context, broker.door)
    wait_until(lambda: ingest.up, what="the centre is on the line")
    yield ingest
    ingest.stop()


@pytest.fixture
def box(broker: Broker, hall: Hall) -> Iterator[BareBox]:
    """The first box of the hall, connected and listening."""
    with BareBox(broker.door.port, hall.journal.box, hall.journal.secret) as made:
        made.subscribe(topics.acks(made.name), topics.calls(made.name), topics.documents(made.name))
        yield made


@pytest.fixture
def simulated(broker: Broker, hall: Hall, tmp_path: Path) -> Iterator[SimulatedBox]:
    """The first box of the hall with its real journal and line."""
    journal = hall.journal
    made = SimulatedBox(tmp_path / "box", box=journal.box, secret=journal.secret, port=broker.door.port)
    made.start()
    yield made
    made.stop()
