"""Guesses take turns."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from central.web.security import TooLarge
from central.web.turns import Turns

SCOPE: Scope = {"type": "http", "method": "POST", "path": "/login", "headers": []}


class Hashing:
    """An application that is slow until it is let go, and counts who is in it."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.bodies: list[bytes] = []
        self.go = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self.go.wait()
        self.bodies.append((await receive())["body"])
        self.inside -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def settled() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


def form(*parts: bytes) -> Receive:
    left = list(parts)

    async def receive() -> Message:
        part = left.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(left)}

    return receive


async def stuck() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


def asked(turns: Turns, receive: Receive, **scope: Any) -> tuple[asyncio.Task[None], list[Message]]:
    told: list[Message] = []

    async def send(message: Message) -> None:
        told.append(message)

    return asyncio.create_task(turns({**SCOPE, **scope}, receive, send)), told


def run(test: Callable[[Hashing, Turns], Awaitable[None]]) -> None:
    async def inside() -> None:
        app = Hashing()
        await test(app, Turns(app, ["/login"], at_once=2, waiting=3, each=2))

    asyncio.run(inside())


def test_so_many_at_once_and_the_others_wait() -> None:
    async def test(app: Hashing, turns: Turns) -> None:
        tasks = [asked(turns, form(b"a", b"b"), client=(str(n), 1))[0] for n in range(5)]
        await settled()
        assert app.inside == 2
        app.go.set()
        await asyncio.gather(*tasks)
        assert (app.most, app.bodies) == (2, [b"ab"] * 5)

    run(test)


def test_behind_too_many_others_one_is_asked_to_come_back() -> None:
    async def test(app: Hashing, turns: Turns) -> None:
        tasks = [asked(turns, form(b""), client=(str(n), 1))[0] for n in range(5)]
        await settled()
        last, told = asked(turns, form(b""), client=("other", 1))
        await last
        assert told[0]["status"] == 503
        assert (b"retry-after", b"10") in told[0]["headers"]
        app.go.set()
        await asyncio.gather(*tasks)

    run(test)


def test_one_address_leaves_places_to_others() -> None:
    async def test(app: Hashing, turns: Turns) -> None:
        tasks = [asked(turns, form(b""), client=("one", 1)) for _ in range(9)]
        other, told = asked(turns, form(b""), client=("other", 1))
        await settled()
        assert sum(bool(answered) for _, answered in tasks) == 5
        app.go.set()
        await asyncio.gather(other, *(task for task, _ in tasks))
        assert told[0]["status"] == 200

    run(test)


def test_who_sends_slowly_holds_no_turn_and_other_pages_need_none() -> None:
    async def test(app: Hashing, turns: Turns) -> None:
        slow = [asked(turns, stuck)[0] for _ in range(9)]
        await settled()
        app.go.set()
        await asked(turns, form(b"quick"))[0]
        assert app.bodies == [b"quick"]
        app.go.clear()
        pages = [asked(turns, form(b""), method=method, path=path)[0] for method, path in
                 (("GET", "/login"), ("POST", "/today"), ("POST", "/login/x"))]  # fmt: skip
        await settled()
        assert app.inside == 3
        app.go.set()
        await asyncio.gather(*pages)
        for each in slow:
            each.cancel()

    run(test)


def test_a_form_that_is_too_large_is_told_by_those_who_read_it() -> None:
    async def test(app: Hashing, turns: Turns) -> None:
        async def large() -> Message:
            raise TooLarge

        app.go.set()
        task, _ = asked(turns, large)
        [error] = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(error, TooLarge)

    run(test)
