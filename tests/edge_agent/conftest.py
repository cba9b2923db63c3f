"""A box of the test's own on a file of the test's own, and a centre's key."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from edge_agent.board import Board
from edge_agent.box import Box, Rules
from edge_agent.desk import Desk
from edge_agent.opening import open_store
from edge_agent.outbox import Outbox
from edge_agent.policy import Window
from edge_agent.settings import Hall, Settings
from edge_agent.store import Store
from edge_agent.texts import catalogue
from shared import wire
from shared.clock import FixedClock
from tests.edge_agent.papers import BOX_ID, COURT

RULES = Rules(
    window=Window(COURT, timedelta(minutes=30), timedelta(seconds=60)),
    counters=4,
    kinds=(wire.VisitKind.LETTER_DROP, wire.VisitKind.QUERY, wire.VisitKind.LEADER_RECEPTION),
    in_a_row=2,
    tickets_per_minute=600,
    place="大厅",
)


@pytest.fixture
def centre_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def opened(tmp_path: Path, now: datetime) -> Iterator[Callable[[], Box]]:
    """`opened()` gives the box as after a start; called again, as after a power cut and a restart."""
    stores: list[Store] = []

    def start() -> Box:
        for store in stores:
            store.close()
        stores.append(open_store(tmp_path / "box", box=BOX_ID, now=now))
        return Box(stores[-1], RULES)

    yield start
    for store in stores:
        store.close()


@pytest.fixture
def box(opened: Callable[[], Box]) -> Box:
    return opened()


@pytest.fixture
def outbox(box: Box) -> Outbox:
    return Outbox(box.store)


@pytest.fixture
def reported(box: Box) -> Callable[[], list[wire.Body]]:
    """`reported()` gives what the journal holds for the centre, in order."""

    def bodies() -> list[wire.Body]:
        rows = Outbox(box.store).oldest(1000)
        return [wire.Envelope.model_validate_json(row.payload).body for row in rows]

    return bodies


@pytest.fixture
def appointment_id() -> UUID:
    return UUID("01978a3c-0000-7000-8000-000000000001")


PIN = "2468"


@pytest.fixture
def desk(box: Box, clock: FixedClock, centre_key: Ed25519PrivateKey, tmp_path: Path) -> Desk:
    """A running box without web server, devices and line."""
    hall = Hall(court_name="沈阳市和平区人民法院", counter_pin=SecretStr(PIN))
    settings = Settings(box=BOX_ID, data=tmp_path / "box", hall=hall)
    box.today(clock.now())
    return Desk(settings, box, Outbox(box.store), Board(), clock, catalogue(), [centre_key.public_key()])
