"""The line to the centre: connects, subscribes anew each time, runs the pump, waits with jitter when the line is down.

The session is clean: the broker keeps nothing for us. What is not retained and missed (acknowledgements) is asked
for again by sending the event again; what matters for longer (calls, documents, presence) is retained.
"""

import queue
import random
import threading
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

import structlog
from pydantic import ValidationError

from edge_agent.errors import CannotKeep
from edge_agent.outbox import Outbox
from edge_agent.pump import Pace, Pump
from edge_agent.sealing import BrokenSeal
from shared import pieces, topics, wire
from shared.clock import Clock

log = structlog.get_logger()

#: Between two tries, seconds. A hall is live again within 10 s of the centre's return, however long that was away.
FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0
CONNECT_SECONDS = 10.0
_IDLE_SECONDS = 1.0
#: A line that ends sooner counts as a failed try: two boxes with one id would otherwise push each other out for ever.
_STEADY_SECONDS = 5.0
_PRESENCE_SECONDS = 30.0
#: So often a box says how it is, whether or not anything happened.
_BEAT_SECONDS = 60.0


class Line(Protocol):
    """One connection to a broker, from connecting to its end; never used again after that."""

    def open(self, on_message: Callable[[str, bytes], None], on_down: Callable[[str], None]) -> None:
        """Connect and wait for the broker's yes; raise OSError. The callbacks come from a thread of the line."""
        ...

    def subscribe(self, filters: list[str]) -> None:
        """Ask for topics, QoS 1; raise OSError when the broker refuses."""
        ...

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        """Send with QoS 1. A line that is down swallows it: only the centre's answer counts."""
        ...

    def close(self) -> None:
        """End the connection; may be called twice."""
        ...


class Inbox(Protocol):
    """Takes what comes down, except acknowledgements."""

    def take(self, path: str, payload: bytes) -> None:
        """Take a message of topic path `path` (behind `minyi/<box>/`). Never raises on what it carries."""
        ...


class Carrier(Protocol):
    """Sends what is large, piece by piece, while no event waits."""

    def start_over(self) -> None:
        """The line is a new one: ask the centre how far it is."""
        ...

    def tick(self, now: float) -> None:
        """Send what there is room for."""
        ...

    def take(self, held: pieces.PagesHeld, now: float) -> None:
        """Act on the centre's word how far it is."""
        ...


class Teller(Protocol):
    """Says more of the box than its presence."""

    def start_over(self) -> None:
        """The line is a new one."""
        ...

    def tell(self, publish: Callable[..., None], now: float) -> None:
        """Publish what is new."""
        ...


class LinkState(NamedTuple):
    """What screens and health say of the line. `since` is when it last went up or down (aware), or None at the start."""

    up: bool
    since: str | None
    missing: int | None


def wait_seconds(attempt: int, *, chance: float) -> float:
    """Return how long to wait before try number `attempt` (from 0): doubling, at most 8 s, spread by `chance` (0 to 1)."""
    longest: float = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** max(0, min(attempt, 16)))
    return longest * (0.5 + 0.5 * chance)


class Link:
    """Owns a thread from `start` to `stop`."""

    def __init__(
        self,
        *,
        box: str,
        software: str,
        outbox: Outbox,
        inbox: Inbox,
        pace: Pace,
        clock: Clock,
        lines: Callable[[wire.Presence], Line],
        on_change: Callable[[], None],
        on_damage: Callable[[], None],
        figures: Callable[[], wire.Figures] | None = None,
        courier: Callable[[Callable[[str], None]], "Carrier"] | None = None,
        teller: Teller | None = None,
    ) -> None:
        self._box = box
        self._software = software
        self._outbox = outbox
        self._inbox = inbox
        self._clock = clock
        self._lines = lines
        self._on_change = on_change
        self._on_damage = on_damage
        self._figures = figures
        self._teller = teller
        self._line: Line | None = None
        self._pump = Pump(outbox, pace=pace, clock=clock, send=self._send, send_urgent=self._send_urgent)
        #: Carries pages that were kept at the counters, behind all events.
        self._courier = courier(self._send_pages) if courier is not None else None
        self._news: queue.SimpleQueue[tuple[str, bytes] | None] = queue.SimpleQueue()
        self._down = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)
        self._since: str | None = None
        self._was_up: bool | None = None

    @property
    def state(self) -> LinkState:
        """How the line stands."""
        return LinkState(self._line is not None, self._since, self._pump.missing)

    def start(self) -> None:
        """Begin connecting."""
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye to the broker and end the thread."""
        self._stopping.set()
        self._down.set()
        self.wake()
        self._thread.join(timeout=CONNECT_SECONDS)

    def wake(self) -> None:
        """Look into the outbox now: something was put there."""
        self._news.put(None)

    def _run(self) -> None:
        attempt = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                came_up = self.session()
            except CannotKeep as error:
                log.warning("link_waits_for_disk", reason=str(error.__cause__))
                came_up = False
            except BrokenSeal as error:
                log.exception("journal_damaged", record=str(error))
                self._on_damage()
                return
            except Exception:  # whatever it is, the hall works on and the line is tried again
                log.exception("link_failed")
                came_up = False
            steady = came_up and time.monotonic() - began >= _STEADY_SECONDS
            attempt = 0 if steady else attempt + 1
            self._stopping.wait(wait_seconds(attempt - 1, chance=random.random()))  # noqa: S311  spreads load, guards nothing

    def session(self) -> bool:
        """Run one connection to its end; return whether it came up at all."""
        self._down.clear()
        if self._stopping.is_set():
            return False
        try:
            line = self._lines(self._presence(online=False))
        except OSError as error:  # a password or certificate file that is not there (yet)
            self._note(up=False, reason=str(error))
            return False
        try:
            line.open(lambda topic, payload: self._news.put((topic, payload)), self._went_down)
            line.subscribe(self._filters())
        except OSError as error:
            line.close()
            self._note(up=False, reason=str(error))
            return False
        self._line = line
        self._note(up=True, reason="")
        try:
            self._pump.start_over()
            if self._courier is not None:
                self._courier.start_over()
            if self._teller is not None:
                self._teller.start_over()
            self._serve(line)
        finally:
            self._line = None
            if self._stopping.is_set():
                line.publish(
                    topics.presence(self._box), self._presence(online=False).model_dump_json(), retain=True
                )
            line.close()
        self._note(up=False, reason="ended")
        return True

    def _serve(self, line: Line) -> None:
        told, next_presence, told_at = None, 0.0, float("-inf")
        while not self._down.is_set():
            now = time.monotonic()
            counts = self._outbox.counts()
            due = counts != told or now - told_at >= _BEAT_SECONDS
            if due and now >= next_presence:
                line.publish(
                    topics.presence(self._box), self._presence(online=True).model_dump_json(), retain=True
                )
                told, told_at, next_presence = counts, now, now + _PRESENCE_SECONDS
            if self._teller is not None:
                self._teller.tell(line.publish, now)
            self._pump.tick(now)
            if self._courier is not None:
                self._courier.tick(now)
            self._pump.take(self._receive(), time.monotonic())

    def _receive(self) -> list[wire.Ack]:
        """Wait for news, hand on what is not an acknowledgement, return the acknowledgements that are in."""
        acks: list[wire.Ack] = []
        waiting = True
        while True:
            try:
                news = self._news.get(block=waiting, timeout=_IDLE_SECONDS if waiting else None)
            except queue.Empty:
                return acks
            waiting = False
            if news is not None:
                acks += self._sort(*news)

    def _sort(self, topic: str, payload: bytes) -> tuple[wire.Ack, ...]:
        parsed = topics.parse(topic)
        if parsed is None or parsed.box != self._box:
            return ()
        if topic == topics.pages_held(self._box):
            self._held(payload)
            return ()
        if topic != topics.acks(self._box):
            self._inbox.take(parsed.path, payload)
            return ()
        try:
            found = wire.receipts(payload)
        except ValidationError:
            log.warning("acknowledgement_unreadable", size=len(payload))
            return ()
        if not found:
            self._pump.hurry()
            if self._courier is not None:
                self._courier.start_over()
        return found

    def _filters(self) -> list[str]:
        own = [topics.acks(self._box), topics.calls(self._box), topics.documents(self._box)]
        return own if self._courier is None else [*own, topics.pages_held(self._box)]

    def _held(self, payload: bytes) -> None:
        if self._courier is None:
            return
        try:
            self._courier.take(pieces.PagesHeld.model_validate_json(payload), time.monotonic())
        except ValidationError:
            log.warning("word_on_pages_unreadable", size=len(payload))

    def _send_pages(self, payload: str) -> None:
        if self._line is not None:
            self._line.publish(topics.pages(self._box), payload)

    def _send(self, payload: str) -> None:
        if self._line is not None:
            self._line.publish(topics.events(self._box), payload)

    def _send_urgent(self, payload: str) -> None:
        if self._line is not None:
            self._line.publish(topics.urgent(self._box), payload)

    def _presence(self, *, online: bool) -> wire.Presence:
        waiting, parked = self._outbox.counts()
        return wire.Presence(
            box=self._box,
            online=online,
            software=self._software,
            waiting=waiting,
            parked=parked,
            at=self._clock.now(),
            figures=self._look() if online else None,
            epoch=self._outbox.epoch,
        )

    def _look(self) -> wire.Figures | None:
        try:
            return self._figures() if self._figures is not None else None
        except OSError as error:  # a disk that does not even say how full it is: the line is worth more
            log.warning("figures_unknown", reason=str(error))
            return None

    def _went_down(self, reason: str) -> None:
        log.debug("line_ended", reason=reason)
        self._down.set()
        self.wake()

    def _note(self, *, up: bool, reason: str) -> None:
        """Say once that the line is up, once that it is down."""
        if self._was_up == up:
            return
        self._was_up = up
        self._since = self._clock.now().isoformat()
        if up:
            log.info("link_up")
        else:
            log.warning("link_down", reason=reason)
        self._on_change()
