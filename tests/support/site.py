"""The centre as an application: built on a context, and served on the loopback address for a browser."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from sqlalchemy import Engine
from starlette.types import ASGIApp

from central import app
from central.context import Context
from central.settings import Database, Http, Settings
from central.vault.vault import open_vault
from shared.clock import Clock
from tests.support.ports import HOST, free_port
from tests.support.processes import wait_until


def context_on(engine: Engine, folder: Path, clock: Clock) -> Context:
    """Return the parts of a process on a migrated database; its data folder is `folder`."""
    url = engine.url.render_as_string(hide_password=False)
    settings = Settings(
        data=folder,
        environment="development",
        db=Database(url=url),
        http=Http(allowed_hosts=["testserver"]),
    )
    vault = open_vault(settings)
    engine.update_execution_options(vault=vault)
    return Context(settings=settings, engine=engine, vault=vault, clock=clock)


def application(context: Context) -> ASGIApp:
    """Return the application with its guard, as the server runs it."""
    return app.build(context)


@contextlib.contextmanager
def served(application: ASGIApp) -> Iterator[str]:
    """Serve an application on a free port of the loopback address; give its address."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(application, host=HOST, port=port, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started, what="the server listens")
        yield f"http://{HOST}:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
