"""A hall with its box and the people who answer there; pages even while other routers are being written."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from fastapi import FastAPI
from sqlmodel import Session
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from central import db
from central.accounts.router import router as accounts
from central.actor import Actor, Role
from central.context import Context
from central.courts.models import Court
from central.halls.router import router as halls_router
from central.web import error_pages, render
from central.web.security import Guard
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


@pytest.fixture
def app(context: Context) -> ASGIApp:
    """Sign-in and hall alone, behind the guard."""
    made = FastAPI()
    made.state.context = context
    made.include_router(accounts)
    made.include_router(halls_router)
    made.mount("/static", StaticFiles(directory=render.STATIC), name="static")
    error_pages.install(made)
    return Guard(made)


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
