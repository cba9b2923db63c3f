"""The centre as a whole: a context on a database of the test's own, a client on the application, somebody signed in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from central import db
from central.accounts.edge import COOKIE
from central.accounts.models import SignIn
from central.context import Context
from shared.canonical import sha256_hex
from shared.clock import Clock
from tests.factories.accounts import PASSWORD, House
from tests.factories.accounts import house as make_house
from tests.support.site import application, context_on


@pytest.fixture
def context(fresh_engine: Engine, clock: Clock, tmp_path: Path) -> Context:
    """The parts of a process on SQLite and on PostgreSQL in turn; its clock is the fixture `clock`, which can be moved."""
    return context_on(fresh_engine, tmp_path / "data", clock)


@pytest.fixture
def app(context: Context) -> ASGIApp:
    """The application with its guard, as the server runs it."""
    return application(context)


@pytest.fixture
def client(app: ASGIApp) -> Iterator[TestClient]:
    """A client with its own cookies. Redirects are not followed; an error nobody expected is raised in the test."""
    with TestClient(app, follow_redirects=False) as made:
        yield made


@pytest.fixture
def house(context: Context) -> House:
    """A court with registrar, handler and leader: `registrar.ln0102`, `handler.ln0102`, `leader.ln0102`."""
    with db.unit_of_work(context.engine) as s:
        return make_house(s)


@pytest.fixture
def sign_in(context: Context) -> Callable[[TestClient, str], str]:
    """`sign_in(client, "registrar.ln0102")` signs a member of staff in and gives the token that forms must carry."""

    def signed(client: TestClient, login: str) -> str:
        answer = client.post("/login", data={"username": login, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        with context.read() as s:
            return s.get_one(SignIn, sha256_hex(client.cookies[COOKIE])).csrf

    return signed
