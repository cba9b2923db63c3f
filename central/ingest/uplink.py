"""What comes up: taken in batches, acknowledged only after the commit."""

import queue
import threading
from collections.abc import Callable
from typing import Protocol

import structlog

from central.context import Context
from central.halls.line_keys import line_keys
from central.ingest import storing
from central.ingest.storing import Message
from shared import topics

LOG = structlog.get_logger()

#: Most messages in one transaction: enough for throughput, few enough that a person who clicks is not kept waiting.
BATCH = 200
#: Most messages that wait for the database. Past that they are dropped: what is not acknowledged comes again.
WAITING = 20_000
#: After the database was found away.
_PAUSE_SECONDS = 1.0
_STOP_SECONDS = 40.0


class Publish(Protocol):
    """Hands a message to the broker."""

    def __call__(self, topic: str, payload: str, *, retain: bool = False) -> None:
        """Send with QoS 1, or drop it while the line is down."""
        ...


class Uplink:
    """Owns a thread from `start` to `stop`. `on_hello` is told the id of each box that comes on the line."""

    def __init__(self, context: Context, *, publish: Publish, on_hello: Callable[[str], None]) -> None:
        self._context = context
        self._opening = line_keys(context.settings.data / "keys").opening
        self._publish = publish
        self._on_hello = on_hello
        self._waiting: queue.Queue[Message | None] = queue.Queue(WAITING)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ingest-uplink", daemon=True)
        self._online: set[str] = set()

    def put(self, topic: str, payload: bytes, kept: bool) -> None:  # noqa: FBT001 as the line calls it
        """Take a message from the line's thread; never waits."""
        try:
            self._waiting.put_nowait(Message(topic, payload, kept))
        except queue.Full:
            LOG.warning("too many messages wait: one is dropped and will come again", topic=topic)

    def start(self) -> None:
        """Begin taking messages."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand, acknowledge it, and end. What still waits was not acknowledged."""
        self._stopping.set()
        with_room = not self._waiting.full()
        if with_room:
            self._waiting.put_nowait(None)
        self._thread.join(_STOP_SECONDS)

    def take(self, messages: list[Message]) -> bool:
        """Store one batch and acknowledge it; False when the database is away and nothing was."""
        try:
            now = self._context.clock.now()
            answers = storing.store(self._context.engine, messages, now=now, opening=self._opening)
        except storing.DOWN as error:
            LOG.warning("database away, nothing is acknowledged", reason=str(error.__cause__ or error))
            return False
        self._context.wake.notify()  # first those who wait for a call for help
        for answer in answers:
            self._publish(answer.topic, answer.payload)
        self._greet(messages)
        return True

    def _greet(self, messages: list[Message]) -> None:
        for message in messages:
            place = topics.parse(message.topic)
            if place is None or message.topic != topics.presence(place.box):
                continue
            presence = storing.presence_of(place.box, message.payload)
            if presence is None:
                continue
            if not presence.online:
                self._online.discard(place.box)
            elif place.box not in self._online:
                self._online.add(place.box)
                if not message.kept:  # the others are told everything when this process comes on the line
                    self._on_hello(place.box)

    def _run(self) -> None:
        while not self._stopping.is_set():
            batch = self._next()
            if not batch:
                continue
            try:
                taken = self.take(batch)
            except Exception:  # nothing a box sends may end this thread
                LOG.exception("batch could not be taken")
                taken = False
            if not taken:
                self._stopping.wait(_PAUSE_SECONDS)

    def _next(self) -> list[Message]:
        """Wait for a message and return it with those that are there already; empty when it is time to stop."""
        batch: list[Message] = []
        block = True
        while len(batch) < BATCH:
            try:
                message = self._waiting.get(block=block)
            except queue.Empty:
                break
            if message is None:
                break
            batch.append(message)
            block = False
        return batch
