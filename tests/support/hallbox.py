"""The box's real journal and line, without pages and devices: what the centre sees of a hall."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from edge_agent import identity, mqtt, outbox
from edge_agent.identity import Identity
from edge_agent.link import Link
from edge_agent.opening import open_store
from edge_agent.outbox import Outbox
from edge_agent.pump import Pace
from edge_agent.settings import Settings
from edge_agent.voice import Voice
from shared import wire
from shared.clock import SystemClock
from shared.ids import new_id
from tests.support.ports import HOST


class SimulatedBox:
    """One box on the line from `start` to `stop`; what it hears beside receipts goes to `heard`."""

    def __init__(
        self,
        folder: Path,
        *,
        box: str,
        secret: str = "",
        port: int,
        own: Identity | None = None,
        journal: type[Outbox] = Outbox,
    ) -> None:
        self.heard: list[tuple[str, bytes]] = []
        scheme = "mqtt" if own is None else "mqtts"
        line = {"url": f"{scheme}://{HOST}:{port}", "password": secret, "ack_seconds": 1}
        given = Settings.model_validate({"box": box, "data": str(folder), "mqtt": line})
        settings = identity.applied(given, own)
        voice = Voice(own.private if own else None, settings.public_keys)
        clock = SystemClock()
        self._store = open_store(folder, box=box, now=clock.now())
        self._store.centre_key = own.sealing_key if own else None
        self._outbox = journal(self._store)
        assert settings.broker is not None
        self._link = Link(
            box=box,
            software="simulated",
            outbox=self._outbox,
            inbox=self,
            pace=Pace(settings.mqtt.window, settings.mqtt.ack_seconds),
            clock=clock,
            lines=mqtt.lines(settings, settings.broker, voice),
            on_change=lambda: None,
            on_damage=lambda: None,
        )

    @property
    def up(self) -> bool:
        """Whether the box has its line."""
        return self._link.state.up

    @property
    def journal(self) -> Outbox:
        """The sender's side of what was noted."""
        return self._outbox

    @property
    def waiting(self) -> int:
        """How many events are not acknowledged."""
        return self._outbox.counts().waiting

    @property
    def parked(self) -> int:
        """How many events the centre refused."""
        return self._outbox.counts().parked

    def ticket(self, number: int, *, at: datetime) -> wire.Envelope:
        """Note a ticket and send it as soon as there is a line."""
        facts: dict[str, Any] = {"ticket_id": new_id(), "day": "2026-11-23", "kind": "query"}
        return self.put(wire.TicketTaken.model_validate(facts | {"number": number}), at=at)

    def fill(self, count: int, *, at: datetime) -> None:
        """Note so many tickets at once, as after a long time without a line; numbers rise over the days they fill."""
        with self._store.transaction() as connection:
            for number in range(count):
                day = (at.date() - timedelta(days=number // 9999)).isoformat()
                facts = {"ticket_id": new_id(), "day": day, "kind": "query", "number": number % 9999 + 1}
                outbox.put(self._store, connection, body=wire.TicketTaken.model_validate(facts), at=at)

    def put(self, body: wire.Body, *, at: datetime) -> wire.Envelope:
        """Note an event and send it as soon as there is a line."""
        with self._store.transaction() as connection:
            envelope = outbox.put(self._store, connection, body=body, at=at)
        self._link.wake()
        return envelope

    def start(self) -> None:
        """Go on the line."""
        self._link.start()

    def stop(self) -> None:
        """Leave the line and close the journal."""
        self._link.stop()
        self._store.close()

    def take(self, path: str, payload: bytes) -> None:
        """Keep what comes down, as the box's inbox would take it."""
        self.heard.append((path, payload))
