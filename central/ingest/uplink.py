"""What comes up: taken in batches, acknowledged only after the commit."""

import threading
from collections.abc import Callable
from itertools import islice
from typing import Protocol

import structlog

from central.context import Context
from central.halls.line_keys import line_keys
from central.ingest import storing
from central.ingest.storing import Message
from shared import topics

LOG = structlog.get_logger()

#: Most messages in one transaction: enough for throughput, few enough that a person who clicks is not kept waiting.
BATCH = 500
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


class Waiting:
    """Messages for the database: calls for help first, then the others in the order they came; at most `room` of each.

    A message that waits already is not taken twice: boxes send again what is not acknowledged, and five hundred that repeat
    themselves to a centre that is behind would keep it behind for good.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._urgent: dict[Message, None] = {}
        self._others: dict[Message, None] = {}
        self._news = threading.Condition()
        self._closed = False

    def put(self, message: Message) -> bool:
        """Take a message without waiting; False if there is no room."""
        place = topics.parse(message.topic)
        urgent = place is not None and message.topic == topics.urgent(place.box)
        line = self._urgent if urgent else self._others
        with self._news:
            if len(line) >= self._room and message not in line:
                return False
            line[message] = None
            self._news.notify()
        return True

    def next(self, most: int) -> list[Message]:
        """Wait for a message and return it with those of its line that are there already; nothing once it is closed."""
        with self._news:
            self._news.wait_for(lambda: self._closed or self._urgent or self._others)
            if self._closed:
                return []
            line = self._urgent or self._others
            taken = list(islice(line, most))
            for message in taken:
                del line[message]
            return taken

    def close(self) -> None:
        """Let nobody wait any longer."""
        with self._news:
            self._closed = True
            self._news.notify_all()


class Uplink:
    """Owns a thread from `start` to `stop`. `on_hello` is told the id of each box that comes on the line."""

    def __init__(self, context: Context, *, publish: Publish, on_hello: Callable[[str], None]) -> None:
        self._context = context
        self._opening = line_keys(context.settings.data / "keys").opening
        self._publish = publish
        self._on_hello = on_hello
        self._waiting = Waiting(WAITING)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ingest-uplink", daemon=True)
        self._online: set[str] = set()
        #: Counted by the line's thread alone, said once for each batch: under a flood a line for each would be another.
        self._dropped, self._said = 0, 0

    def put(self, topic: str, payload: bytes, kept: bool) -> None:  # noqa: FBT001 as the line calls it
        """Take a message from the line's thread; never waits."""
        if not self._waiting.put(Message(topic, payload, kept)):
            self._dropped += 1

    def start(self) -> None:
        """Begin taking messages."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand, acknowledge it, and end. What still waits was not acknowledged."""
        self._stopping.set()
        self._waiting.close()
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
            batch = self._waiting.next(BATCH)
            if not batch:
                continue
            if (dropped := self._dropped) != self._said:
                LOG.warning(
                    "too many messages wait: they are dropped and will come again", count=dropped - self._said
                )
                self._said = dropped
            try:
                taken = self.take(batch)
            except Exception:  # nothing a box sends may end this thread
                LOG.exception("batch could not be taken")
                taken = False
            if not taken:
                self._stopping.wait(_PAUSE_SECONDS)
