"""An open page as ASGI sees it: a request that stays, what it is sent, and its end."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeVar

from starlette.types import ASGIApp, Message

WAIT_SECONDS = 10
T = TypeVar("T")


class Said(NamedTuple):
    """One server-sent event."""

    event: str
    id: str
    data: str

    @property
    def json(self) -> Any:
        return json.loads(self.data)


def played(scenario: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a scenario on an event loop of its own thread: a browser in the same run has one on this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(scenario())).result()


class OpenPage:
    """Reads the events of a stream in order."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.events: asyncio.Queue[Said] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.ended = False
        self._asked = False

    async def receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        if message["type"] == "http.response.body":
            self.ended = not message.get("more_body", False)
        for block in message.get("body", b"").decode().split("\n\n"):
            lines = [line.partition(": ") for line in block.splitlines()]
            fields = {name: value for name, _, value in lines}
            if "event" in fields:
                self.events.put_nowait(Said(fields["event"], fields.get("id", ""), fields.get("data", "")))

    async def next(self, event: str) -> Said:
        """Return the next event of that name; others are passed over."""
        while True:
            said = await asyncio.wait_for(self.events.get(), WAIT_SECONDS)
            if said.event == event:
                return said


@asynccontextmanager
async def opened(
    app: ASGIApp, cookie: str, *, last: str = "", lang: str = "zh-CN"
) -> AsyncIterator[tuple[OpenPage, Awaitable[None]]]:
    """Open the stream with a session cookie; yields the page and the running answer. Leaving closes it."""
    page = OpenPage()
    headers = [(b"host", b"testserver"), (b"cookie", f"{cookie}; lang={lang}".encode())]
    if last:
        headers.append((b"last-event-id", last.encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/hall/events",
        "raw_path": b"/hall/events",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    answer = asyncio.ensure_future(app(scope, page.receive, page.send))
    try:
        yield page, answer
    finally:
        page.gone.set()
        await asyncio.wait_for(answer, WAIT_SECONDS)
