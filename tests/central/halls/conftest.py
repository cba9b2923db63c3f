"""A hall with its box and the people who answer there; the application on a port that can be closed."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from sqlmodel import Session
from starlette.types import ASGIApp

from central import db
from central.actor import Actor, Role
from central.context import Context
from central.courts.models import Court
from central.halls.live import Live
from tests.factories import accounts as people
from tests.factories import halls
from tests.factories.courts import court
from tests.factories.halls import Journal
from tests.support.processes import wait_until


@dataclass(frozen=True)
class Hall:
    """A court with a box and one person of each role that meets the hall."""

    court: Court
    journal: Journal
    staff: Actor
    handler: Actor
    supervisor: Actor
    registrar: Actor


def make(s: Session, code: str) -> Hall:
    at = court(s, code)
    roles = (Role.HALL_STAFF, Role.HANDLER, Role.SUPERVISOR, Role.REGISTRAR)
    return Hall(at, halls.box(s, at), *(people.actor(s, at, role) for role in roles))


@pytest.fixture
def hall(s: Session) -> Hall:
    """A hall in the session of the test."""
    return make(s, "辽0102")


@pytest.fixture
def other(s: Session) -> Hall:
    """A hall of another court."""
    return make(s, "辽0103")


@pytest.fixture
def kept(context: Context) -> Hall:
    """A hall that is committed, for pages and streams: `hall_staff.ln0102` and the others can sign in."""
    with db.unit_of_work(context.engine) as s:
        return make(s, "辽0102")


def live_of(app: ASGIApp) -> Live:
    """Return the follower behind an application in its wrappings."""
    while hasattr(app, "_app"):
        app = app._app
    live: Live = app.state.hall_live  # type: ignore[attr-defined]
    return live


class Served:
    """The application on a real port, which can be stopped and started again at the same address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.start()

    def start(self) -> None:
        config = uvicorn.Config(self._app, log_level="critical", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket.dup()],), daemon=True)
        self._thread.start()
        wait_until(lambda: self._server.started, what="pages are served")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()

    def close(self) -> None:
        self.stop()
        self._socket.close()


@pytest.fixture
def served(app: ASGIApp) -> Iterator[Served]:
    """The application as a browser meets it."""
    server = Served(app)
    yield server
    server.close()
