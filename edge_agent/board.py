"""Tells waiting pages that something changed. A number rises with each change; a page that missed some gets the newest."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4


class Board:
    """`changed` may be called from any thread; waiting happens in the event loop of `bind`."""

    def __init__(self) -> None:
        #: Names this run of the process: numbers of two runs are not compared.
        self.run = uuid4().hex
        self.version = 1
        self.closed = False
        #: Streams that are open.
        self.followers = 0
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: set[asyncio.Event] = set()

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Name the loop in which pages wait."""
        self._loop = loop

    def changed(self) -> None:
        """Count a change and wake every page."""
        with self._lock:
            self.version += 1
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    @contextmanager
    def following(self) -> Iterator[None]:
        """Count a stream as long as it is open."""
        self.followers += 1
        try:
            yield
        finally:
            self.followers -= 1

    def close(self) -> None:
        """End all waiting: the process stops."""
        self.closed = True
        self.changed()

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()

    async def wait(self, seen: int, *, seconds: float) -> bool:
        """Return True as soon as the number is not `seen`, False after `seconds` without a change."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            if self.version == seen and not self.closed:
                await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(event)
        return True
