"""The boxes of `bench_fleet`, in a process of their own: `python -m tests.bench.fleet_boxes whole|light FOLDER PORT RATE BOX...`.

`whole`: the box's own journal, line and pump. `light`: a client alone, many in one thread: it speaks, signs, seals and sends again like a box,
but keeps nothing. The file `go` in FOLDER begins the traffic, `stop` ends it; then seconds from commit (light: from making the event) to
receipt are written to `FOLDER/whole.json` or `light.json`, each behind the moment it began (`perf_counter`, one for all processes).
"""

import json
import random
import selectors
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge_agent import identity
from edge_agent.outbox import Outbox
from edge_agent.store import Store
from shared import sealed, topics, wire
from shared.ids import new_id
from tests.factories.halls import Journal
from tests.support.hallbox import SimulatedBox
from tests.support.ports import HOST
from tests.support.processes import wait_until

_WAIT_SECONDS = 300.0
#: As a box does: how often it says how it is, and after how long without a receipt it sends again.
_PRESENCE_SECONDS, _AGAIN_SECONDS = 30.0, 10.0


class Box(Protocol):
    """One box of either kind."""

    def put(self, body: wire.Body, now: datetime) -> None:
        """Note an event and send it."""
        ...


class Visits:
    """One box's queue: numbers are taken, called and served in turn."""

    def __init__(self, box: Box) -> None:
        self.box, self.step, self.number = box, 0, 0
        self.ticket = new_id()

    def act(self) -> None:
        """Let the next thing happen."""
        now, facts = datetime.now(UTC), {"ticket_id": self.ticket, "counter": 1}
        body: wire.Body
        if self.step == 0:
            self.ticket, self.number = new_id(), self.number % 9999 + 1
            body = wire.TicketTaken(
                ticket_id=self.ticket, day=f"{now:%Y-%m-%d}", kind=wire.VisitKind.QUERY, number=self.number
            )
        elif self.step == 1:
            body = wire.TicketCalled.model_validate({"type": "ticket.called", **facts})
        else:
            body = wire.TicketEnded.model_validate({"type": "ticket.served", **facts})
        self.step = (self.step + 1) % 3
        self.box.put(body, now)


class Timed(Outbox):
    """A journal that knows when its events were committed and when their receipts came."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.committed: dict[int, float] = {}
        self.answered: dict[int, float] = {}

    def forget(self, acks: Iterable[tuple[int, UUID]], *, now: datetime) -> int:
        """Note the moment, then take the receipts."""
        moment, known = time.perf_counter(), list(acks)
        for seq, _ in known:
            self.answered.setdefault(seq, moment)
        return super().forget(known, now=now)


class Whole:
    """A box's own journal, line and pump."""

    def __init__(self, folder: Path, name: str, port: int) -> None:
        own = identity.load(folder / name)
        self.inner = SimulatedBox(folder / name, box=name, port=port, own=own, journal=Timed)

    @property
    def journal(self) -> Timed:
        """Where the times are kept."""
        assert isinstance(self.inner.journal, Timed)
        return self.inner.journal

    def put(self, body: wire.Body, now: datetime) -> None:
        """Note an event and when it was committed."""
        noted = self.inner.put(body, at=now)
        self.journal.committed[noted.seq] = time.perf_counter()

    @property
    def seconds(self) -> list[tuple[float, float]]:
        """When each was committed, and how long its receipt took."""
        answered = self.journal.answered
        return [(at, answered[seq] - at) for seq, at in self.journal.committed.items()]


class Light:
    """One connection with the box's certificate; reads and writes when its owner says so."""

    def __init__(self, folder: Path, name: str, port: int) -> None:
        own = identity.load(folder / name)
        assert own is not None
        assert own.sealing_key is not None
        self.name, self.seconds = name, list[tuple[float, float]]()
        self._key, self._seal, self._journal = own.private, own.sealing_key, Journal(name)
        self.under_way: dict[UUID, tuple[float, str]] = {}
        self._sent_at = 0.0
        self.granted, self._next_presence = False, 0.0
        self.client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=topics.client_id(name),
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        files = identity.write_files(folder / name, own)
        self.client.tls_set(str(files.authority), str(files.own), str(files.own))
        self.client.will_set(topics.presence(name), self._presence(online=False), qos=1, retain=True)
        self.client.on_connect = self._connected
        self.client.on_subscribe = self._subscribed
        self.client.on_message = self._message
        self.client.connect(HOST, port, keepalive=30)

    def put(self, body: wire.Body, now: datetime) -> None:
        """Make, seal, sign and send an event."""
        begun, event = time.perf_counter(), self._journal.put(body, at=now)
        hidden = sealed.seal(body, self._seal, box=self.name, event_id=event.event_id)
        text = event.model_copy(update={"body": hidden}).model_dump_json()
        payload = sealed.signed(topics.events(self.name), text, self._key)
        self.under_way[event.event_id] = begun, payload
        self._send(payload)

    def tick(self, now: float) -> None:
        """Say how it is when that is due, and again what nobody acknowledged."""
        if now >= self._next_presence:
            first = self._next_presence == 0.0
            pause = random.uniform(0, _PRESENCE_SECONDS) if first else _PRESENCE_SECONDS
            self._next_presence = now + pause
            self.client.publish(topics.presence(self.name), self._presence(online=True), qos=1, retain=True)
        if self.under_way and now - self._sent_at >= _AGAIN_SECONDS:
            for _, payload in self.under_way.values():
                self._send(payload)
        self.client.loop_misc()
        self.write()

    def read(self) -> None:
        """Take all that is there."""
        self.client.loop_read()
        while isinstance(sock := self.client.socket(), ssl.SSLSocket) and sock.pending():
            self.client.loop_read()
        self.write()

    def write(self) -> None:
        """Send what waits."""
        while self.client.want_write():
            self.client.loop_write()

    def _send(self, payload: str) -> None:
        self._sent_at = time.monotonic()
        self.client.publish(topics.events(self.name), payload, qos=1)

    def _presence(self, *, online: bool) -> str:
        now, figures = datetime.now(UTC), wire.Figures(free_mb=20_000, heat=51.5)
        said = wire.Presence(box=self.name, online=online, software="bench", at=now, figures=figures)
        return sealed.signed(topics.presence(self.name), said.model_dump_json(), self._key)

    def _connected(self, *_: object) -> None:
        self.client.subscribe(topics.acks(self.name), 1)

    def _subscribed(self, *_: object) -> None:
        self.granted = True

    def _message(self, _client: Client, _data: Any, news: MQTTMessage) -> None:
        moment = time.perf_counter()
        for ack in wire.receipts(wire.Signed.model_validate_json(news.payload).body):
            if ack.verdict in {wire.Verdict.GAP, wire.Verdict.REFUSED}:
                raise AssertionError(ack)
            if (sent := self.under_way.pop(ack.event_id, None)) is not None:
                self.seconds.append((sent[0], moment - sent[0]))


def moments(rate: float, chance: random.Random) -> Callable[[float], bool]:
    """Return whether the next thing is due, at random, `rate` a second."""
    due = [time.monotonic()]

    def is_due(now: float) -> bool:
        if now < due[0]:
            return False
        due[0] += chance.expovariate(rate)
        return True

    return is_due


def run_whole(boxes: Sequence[Whole], folder: Path, rate: float) -> None:
    """Bring the boxes on the line and let things happen."""
    for box in boxes:
        box.inner.start()
    wait_until(lambda: all(box.inner.up for box in boxes), timeout=_WAIT_SECONDS, what="lines are up")
    print("on the line", flush=True)
    wait_until((folder / "go").exists, timeout=_WAIT_SECONDS, what="the measurement begins")
    visits, chance, pause = [Visits(box) for box in boxes], random.Random(1), threading.Event()
    is_due = moments(rate, chance)
    while not (folder / "stop").exists():
        while is_due(time.monotonic()):
            chance.choice(visits).act()
        pause.wait(0.002)
    wait_until(
        lambda: all(box.inner.waiting == 0 for box in boxes),
        timeout=_WAIT_SECONDS,
        what="all receipts are in",
    )
    assert not any(box.inner.parked for box in boxes)
    for box in boxes:
        box.inner.stop()


def run_light(boxes: Sequence[Light], folder: Path, rate: float) -> None:
    """The same for many in this one thread."""
    watch, ticked = selectors.DefaultSelector(), 0.0

    def look(seconds: float) -> None:
        nonlocal ticked
        for key, _ in watch.select(seconds):
            key.data.read()
        now = time.monotonic()
        if now - ticked >= 0.1:
            ticked = now
            for box in boxes:
                box.tick(now)

    def until(done: Callable[[], bool], what: str) -> None:
        late = time.monotonic() + _WAIT_SECONDS
        while not done():
            assert time.monotonic() < late, what
            look(0.05)

    for box in boxes:
        watch.register(box.client.socket(), selectors.EVENT_READ, box)  # type: ignore[arg-type]
    until(lambda: all(box.granted for box in boxes), "lines are up")
    print("on the line", flush=True)
    until((folder / "go").exists, "the measurement begins")
    visits, chance = [Visits(box) for box in boxes], random.Random(2)
    is_due = moments(rate, chance)
    while not (folder / "stop").exists():
        while is_due(time.monotonic()):
            chance.choice(visits).act()
        look(0.002)
    until(lambda: not any(box.under_way for box in boxes), "all receipts are in")


def main(words: list[str]) -> int:
    """Run the boxes named; 0 once everything is acknowledged."""
    kind, folder, port, rate, names = words[0], Path(words[1]), int(words[2]), float(words[3]), words[4:]
    if kind == "whole":
        whole = [Whole(folder, name, port) for name in names]
        run_whole(whole, folder, rate)
        seconds = [each for box in whole for each in box.seconds]
    else:
        light = [Light(folder, name, port) for name in names]
        run_light(light, folder, rate)
        seconds = [each for box in light for each in box.seconds]
    (folder / f"{kind}.json").write_text(json.dumps(seconds), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
