"""The centre as an application: built on a context, and served on the loopback address for a browser."""

import contextlib
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.types import ASGIApp

from central import ops
from central.context import Context
from central.settings import Database, Settings
from central.web import error_pages
from central.web.security import Guard
from shared.clock import Clock
from tests.support.ports import HOST, free_port
from tests.support.processes import wait_until


def context_on(engine: Engine, folder: Path, clock: Clock) -> Context:
    """Return the parts of a process on a migrated database; its data folder is `folder`."""
    url = engine.url.render_as_string(hide_password=False)
    settings = Settings(data=folder, environment="development", db=Database(url=url))
    return Context(settings=settings, engine=engine, clock=clock)


def application(context: Context) -> ASGIApp:
    """Return the application with its guard, as the server runs it."""
    try:
        built: ASGIApp = import_module("central.app").build(context)
    except ImportError:  # the ledger's router is still being written
        return _as_far_as_written(context)
    return built


def _as_far_as_written(context: Context) -> ASGIApp:
    made = FastAPI(
        title="Minyi", version="1", docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json"
    )
    made.state.context = context
    made.include_router(ops.router)
    for name in (
        "portal.router",
        "accounts.router",
        "desk.router",
        "desk.petition_router",
        "halls.router",
        "api.router",
    ):
        with contextlib.suppress(ImportError):
            made.include_router(import_module(f"central.{name}").router)
    made.mount(
        "/static",
        import_module("starlette.staticfiles").StaticFiles(
            directory=import_module("central.web.render").STATIC
        ),
    )
    error_pages.install(made)
    return Guard(made)


@contextlib.contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve an application on a free port of the loopback address; give its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host=HOST, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started, what="the server listens")
        yield f"http://{HOST}:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
