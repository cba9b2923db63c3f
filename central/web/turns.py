"""What strangers may send and is slow takes turns: guesses at passwords and codes, petitions. A flood would leave none for those at work.

A request waits here without a thread or a connection to the database, its small form already read, so that no slow sender holds a turn.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from central.web.security import refuse


class Turns:
    """Lets `at_once` posts to the paths (patterns of the whole path) through at a time.

    Behind `waiting` others, or `each` of one's own address, nobody queues up: 503, come back in a few seconds.
    """

    def __init__(
        self, app: ASGIApp, paths: Collection[str], *, at_once: int = 2, waiting: int = 200, each: int = 50
    ) -> None:
        self._app = app
        self._paths = re.compile("|".join(paths))
        self._turn = asyncio.Semaphore(at_once)
        self._queue: Counter[str] = Counter()
        self._most, self._each = waiting, each

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on at once, or when it is its turn."""
        if scope["type"] != "http" or scope["method"] != "POST" or not self._paths.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        form, whole = await _read(receive)
        if not whole:
            await self._app(scope, form, send)
            return
        address = (scope.get("client") or ("",))[0]
        if self._queue.total() >= self._most or self._queue[address] >= self._each:
            await refuse(scope, send, 503, "errors.busy")
            return
        self._queue[address] += 1
        try:
            await self._turn.acquire()
        finally:
            self._queue[address] -= 1
            self._queue += Counter()  # forgets addresses of which nobody waits any more
        try:
            await self._app(scope, form, send)
        finally:
            self._turn.release()


async def _read(receive: Receive) -> tuple[Receive, bool]:
    """Return what gives the whole body again, or the error that it ended in; and whether it is whole."""
    parts: list[bytes] = []
    failed: Exception | None = None
    try:
        while True:
            message = await receive()
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                break
    except Exception as error:  # noqa: BLE001 too large, too slow: told where errors of requests are told
        failed = error
    body: list[Message] = [{"type": "http.request", "body": b"".join(parts), "more_body": False}]

    async def again() -> Message:
        if failed is not None:
            raise failed
        return body.pop() if body else await receive()

    return again, failed is None
