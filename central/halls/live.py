"""Push each recorded event of a hall to the open pages of its court.

One thread for each web process follows the logs while anybody listens: it looks after each commit of this process, when another
announces a call for help, and twice a second for what else others wrote. Each listener has a queue on its event loop and holds no thread.
"""

import asyncio
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlmodel import Session

from central.context import Context
from central.events.models import Event
from central.halls import queries
from central.halls.hearing import Ear
from central.halls.models import AssistanceCall

LOG = structlog.get_logger()

#: How long an event that another process wrote may go unnoticed.
LOOK_SECONDS = 0.5
#: A page that leaves so many pushes unread has gone; it starts anew if it comes back.
UNREAD = 100


class News(NamedTuple):
    """One event of a hall: its number in the hall's log, what it was, when it happened."""

    seq: int
    kind: str
    at: datetime


class Push(NamedTuple):
    """What a page is told at once: events it has not seen (none at the start), the open calls as they are now, the number reached."""

    news: Sequence[News]
    calls: Sequence[AssistanceCall]
    seq: int


class Listener:
    """One open page. `seq` is the number of the last event it has; None: it starts with the present."""

    def __init__(self, court_id: UUID, seq: int | None) -> None:
        self.court_id = court_id
        self.seq = seq
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Push | None] = asyncio.Queue(UNREAD)

    async def next(self) -> Push | None:
        """Wait for the next push; None: there will be no more."""
        return await self._queue.get()

    def tell(self, push: Push | None) -> None:
        """Hand a push over from another thread."""
        try:
            self._loop.call_soon_threadsafe(self._put, push)
        except RuntimeError:
            LOG.debug("listener gone with its loop")

    def _put(self, push: Push | None) -> None:
        if push is None or self._queue.full():
            while not self._queue.empty():
                self._queue.get_nowait()
            push = None
        self._queue.put_nowait(push)


class Live:
    """The follower of one process and its listeners."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._thread: threading.Thread | None = None

    @property
    def listeners(self) -> int:
        """How many pages listen."""
        return len(self._listeners)

    def join(self, court_id: UUID, seq: int | None = None) -> Listener:
        """Return a new listener, told of the present at once; call from its event loop, and `leave` in the end."""
        listener = Listener(court_id, seq)
        with self._lock:
            self._listeners.add(listener)
            if self._thread is None:
                self._thread = threading.Thread(target=self._follow, name="hall-live", daemon=True)
                self._thread.start()
        self._context.wake.notify()
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget a listener; the thread ends with the last one."""
        with self._lock:
            self._listeners.discard(listener)

    def _follow(self) -> None:
        ear = Ear(self._context)
        ear.start()
        try:
            self._look_on()
        finally:
            ear.stop()

    def _look_on(self) -> None:
        while True:
            seen = self._context.wake.count
            with self._lock:
                listeners = list(self._listeners)
                if not listeners:
                    self._thread = None
                    return
            self._look_safely(listeners)
            self._context.wake.wait(seen, LOOK_SECONDS)

    def _look_safely(self, listeners: Sequence[Listener]) -> None:
        try:
            with self._context.read() as s:
                look(s, listeners)
        except Exception:
            # The pages must not go on looking connected: they are let go, say so, and come back by themselves.
            LOG.exception("hall log could not be followed")
            for listener in listeners:
                listener.tell(None)
                self.leave(listener)


def look(s: Session, listeners: Sequence[Listener]) -> None:
    """Tell each listener what it has not seen yet."""
    courts = {listener.court_id for listener in listeners}
    for court_id, head in queries.heads(s, sorted(courts)).items():
        behind = [
            one for one in listeners if one.court_id == court_id and (one.seq is None or one.seq != head)
        ]
        if behind:
            _tell(s, court_id, head, behind)


def _tell(s: Session, court_id: UUID, head: int, behind: Sequence[Listener]) -> None:
    known = [one.seq for one in behind if one.seq is not None and one.seq < head]
    start = max(min(known, default=head), head - queries.BATCH)
    events = queries.events_after(s, court_id, start)
    calls = queries.open_calls(s, court_id)
    reached = events[-1].seq if events else head
    for listener in behind:
        # Who names a number that is not reached yet has it from another database: it starts with the present.
        last = head if listener.seq is None or listener.seq > head else listener.seq
        listener.tell(Push([_news(event) for event in events if event.seq > last], calls, reached))
        listener.seq = reached


def _news(event: Event) -> News:
    return News(event.seq, event.kind, event.at)
