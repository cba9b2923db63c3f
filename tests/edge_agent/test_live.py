"""Streams to the screens: whole states, only when something changed, and a sign of life in between."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import anyio
import pytest
from starlette.requests import Request

from edge_agent.desk import Desk
from edge_agent.errors import NotThere
from edge_agent.web import live

Talk = Callable[[AsyncIterator[str]], Awaitable[list[str]]]


class Screen:
    """One screen with a state of the test's own."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.state: dict[str, Any] = {"number": "C001"}
        self.gone = False

    def build(self) -> dict[str, Any]:
        if self.gone:
            raise NotThere("error.no_such_ticket")
        return dict(self.state)

    def listen(self, talk: Talk) -> list[str]:
        """Open the stream, run `talk` over it, close it."""

        async def main() -> list[str]:
            state = SimpleNamespace(
                pages=SimpleNamespace(desk=self.desk), screen_threads=anyio.CapacityLimiter(1)
            )
            request = cast("Request", SimpleNamespace(app=SimpleNamespace(state=state)))
            self.desk.board.bind(asyncio.get_running_loop())
            return await talk(live._stream(request, self.build, 0))

        return asyncio.run(main())


@pytest.fixture
def screen(desk: Desk) -> Screen:
    return Screen(desk)


def data(message: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(message.removeprefix("data: "))
    return found


def test_the_whole_state_comes_at_once_and_again_after_a_change(screen: Screen) -> None:
    async def talk(stream: AsyncIterator[str]) -> list[str]:
        first = await anext(stream)
        screen.state["number"] = "C002"
        screen.desk.board.changed()
        return [first, await anext(stream)]

    first, second = (data(message) for message in screen.listen(talk))
    assert (first["number"], second["number"]) == ("C001", "C002")
    assert second["version"] > first["version"]
    assert first["run"] == second["run"]


def test_changes_that_this_screen_does_not_show_are_not_sent_but_life_is(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0)

    async def talk(stream: AsyncIterator[str]) -> list[str]:
        first = await anext(stream)
        screen.desk.board.changed()
        return [first, await anext(stream)]

    assert screen.listen(talk)[1].startswith("event: beat")


def test_a_stream_ends_when_the_box_stops_or_its_ticket_is_gone(screen: Screen) -> None:
    async def stop(stream: AsyncIterator[str]) -> list[str]:
        first = await anext(stream)
        screen.desk.board.close()
        return [first, *[message async for message in stream]]

    assert len(screen.listen(stop)) <= 2
    screen.desk.board.closed = False
    screen.gone = True

    async def everything(stream: AsyncIterator[str]) -> list[str]:
        return [message async for message in stream]

    assert screen.listen(everything) == []


def test_open_streams_are_counted(screen: Screen) -> None:
    async def talk(stream: AsyncIterator[str]) -> list[str]:
        await anext(stream)
        counted = [str(screen.desk.board.followers)]
        screen.desk.board.close()
        async for _ in stream:
            pass
        return [*counted, str(screen.desk.board.followers)]

    assert screen.listen(talk) == ["1", "0"]
