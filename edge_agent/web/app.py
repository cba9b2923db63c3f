"""Puts the pages together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from edge_agent.desk import Desk
from edge_agent.errors import BoxError
from edge_agent.web import acts, live, pages, paper, receipts, spares, speech
from edge_agent.web.render import HERE, Pages, say_error
from edge_agent.web.security import Guard, own_names
from edge_agent.web.sessions import Sessions

#: Acts wait for one lock anyway; more threads only cost memory.
_THREADS = 8
#: Screens are drawn beside the acts, so that a person never stands in line behind other people's phones.
_SCREEN_THREADS = 2


def build(desk: Desk) -> Starlette:
    """Return the app over a running box."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.screen_threads = anyio.CapacityLimiter(_SCREEN_THREADS)
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        desk.board.bind(asyncio.get_running_loop())
        yield

    app = Starlette(
        routes=[
            *pages.ROUTES,
            *acts.ROUTES,
            *live.ROUTES,
            *speech.ROUTES,
            *paper.ROUTES,
            *receipts.ROUTES,
            *spares.ROUTES,
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(Guard, names=own_names(desk.settings.http.public_url))],
        exception_handlers={BoxError: say_error, HTTPException: say_error, Exception: say_error},
        lifespan=lifespan,
    )
    pin = desk.settings.hall.counter_pin.get_secret_value()
    app.state.pages = Pages(desk, Sessions(desk.box.store.sealer, pin))
    return app
