"""A hall with its box, committed, and a place that remembers what was published."""

from dataclasses import dataclass, field

import pytest
from sqlmodel import select

from central import db
from central.context import Context
from central.courts.models import Court
from central.halls.models import RefusedEvent, Ticket
from shared import topics, wire
from tests.factories import halls
from tests.factories.courts import court
from tests.factories.halls import Journal


@dataclass
class Sent:
    """What was handed to the broker, in order."""

    messages: list[tuple[str, str, bool]] = field(default_factory=list)

    def __call__(self, topic: str, payload: str, *, retain: bool = False) -> None:
        self.messages.append((topic, payload, retain))

    def acks(self, box: str) -> list[wire.Ack]:
        return [wire.Ack.model_validate_json(p) for topic, p, _ in self.messages if topic == topics.acks(box)]

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
