"""Server-sent events: each message is the whole state of one screen, with a number that rises with every change.

`html` is the same state as the template draws it, so that a page and its updates never differ.

`event: beat` every few seconds says that the line is alive; a page without one shows since when it is stale.
A stream ends after ten minutes, and the page connects anew.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from edge_agent import views
from edge_agent.errors import NotThere, TooMany
from edge_agent.web.render import pages_of
from edge_agent.web.sessions import COOKIE

BEAT_SECONDS = 5.0
_LONGEST_SECONDS = 600.0
#: Open streams beyond which no phone is added; kiosk, display and counters always are.
MOST_FOLLOWERS = 300
#: A phone hears at most so often (seconds): two hundred of them must not keep one visitor waiting at the kiosk.
PHONE_PAUSE = 1.0


async def _stream(request: Request, build: Callable[[], views.View], pause: float) -> AsyncIterator[str]:
    board = pages_of(request).desk.board
    with board.following():
        async for message in _messages(request, build, pause):
            yield message


async def _messages(request: Request, build: Callable[[], views.View], pause: float) -> AsyncIterator[str]:
    desk = pages_of(request).desk
    board, began = desk.board, time.monotonic()
    seen, told, last = -1, began, None
    while not board.closed and time.monotonic() < began + _LONGEST_SECONDS:
        if board.version != seen or await board.wait(seen, seconds=BEAT_SECONDS):
            seen = board.version
            try:
                view = await anyio.to_thread.run_sync(build, limiter=request.app.state.screen_threads)
            except NotThere:
                return
            if view != last:
                last, told = view, time.monotonic()
                facts = {**view, "version": seen, "run": board.run, "at": desk.clock.now().isoformat()}
                yield f"data: {json.dumps(facts, ensure_ascii=False)}\n\n"
            await asyncio.sleep(pause)
        if time.monotonic() - told >= BEAT_SECONDS:
            told = time.monotonic()
            yield f"event: beat\ndata: {desk.clock.now().isoformat()}\n\n"


def _answer(request: Request, build: Callable[[], views.View], *, pause: float = 0.0) -> StreamingResponse:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(request, build, pause), media_type="text/event-stream", headers=headers)


async def kiosk(request: Request) -> StreamingResponse:
    """Stream the touch page's state."""
    pages = pages_of(request)
    lang = pages.language(request)

    def build() -> views.View:
        state = views.kiosk(pages.desk, lang)
        if state["held_up"] is not None:
            state["held_up"]["html"] = pages.outcome(state["held_up"], lang)
        return {**state, "html": pages.fragment("kiosk_banner.html", lang, state=state)}

    return _answer(request, build)


async def display(request: Request) -> StreamingResponse:
    """Stream the public display's state."""
    pages = pages_of(request)
    lang = pages.language(request)

    def build() -> views.View:
        state = views.display(pages.desk, lang)
        return {**state, "html": pages.fragment("display_body.html", lang, state=state)}

    return _answer(request, build)


async def counter(request: Request) -> StreamingResponse:
    """Stream one counter's state, to signed-in staff."""
    pages = pages_of(request)
    pages.sessions.who(request.cookies.get(COOKIE), now=pages.desk.clock.now())
    lang, number = pages.language(request), int(request.path_params["counter"])

    def build() -> views.View:
        state = views.counter(pages.desk, number, lang)
        return {**state, "html": pages.fragment("counter_body.html", lang, state=state, number=number)}

    return _answer(request, build)


async def ticket(request: Request) -> StreamingResponse:
    """Stream a visitor's own place; raise `TooMany` when more phones follow than the box can feed."""
    pages = pages_of(request)
    if pages.desk.board.followers >= MOST_FOLLOWERS:
        raise TooMany("error.too_many_screens")
    lang, ident = pages.language(request), request.path_params["ticket"]
    views.own_place(pages.desk, ident, lang)

    def build() -> views.View:
        state = views.own_place(pages.desk, ident, lang)
        return {**state, "html": pages.fragment("ticket_body.html", lang, state=state)}

    return _answer(request, build, pause=PHONE_PAUSE)


ROUTES = [
    Route("/live/kiosk", kiosk),
    Route("/live/display", display),
    Route("/live/counter/{counter:int}", counter),
    Route("/live/ticket/{ticket:uuid}", ticket),
]
