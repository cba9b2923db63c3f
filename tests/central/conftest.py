"""The centre as a whole: a context on a database of the test's own, a client on the application, somebody signed in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import select
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from central import app as application
from central import db
from central.accounts import sessions
from central.accounts.callers import Caller
from central.accounts.edge import COOKIE
from central.accounts.models import Staff, Stage
from central.context import Context
from shared.clock import Clock
from tests.factories.accounts import House
from tests.factories.accounts import house as make_house
from tests.support.databases import Databases
from tests.support.engines import engine_on
from tests.support.site import context_on
from tests.support.vaults import vault_in
from tests.support.worlds import Worlds


@pytest.fixture(scope="session")
def worlds(_databases: Callable[[str], Databases], tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    """The province with rows in every table, to be copied."""
    return Worlds(_databases, tmp_path_factory.mktemp("worlds"))


@pytest.fixture
def world_url(
    database_kind: str, worlds: Worlds, _databases: Callable[[str], Databases], tmp_path: Path
) -> Iterator[str]:
    """URL of a copy of it of the test's own, on SQLite and PostgreSQL in turn; its files lie in `tmp_path/data`."""
    url = worlds.copied(database_kind, tmp_path / "data")
    yield url
    _databases(database_kind).let_go(url)


@pytest.fixture
def world_engine(world_url: str, tmp_path: Path) -> Iterator[Engine]:
    """An engine on `world_url`."""
    engine = engine_on(world_url, vault=vault_in(tmp_path / "data"))
    yield engine
    engine.dispose()


@pytest.fixture
def context(fresh_engine: Engine, clock: Clock, tmp_path: Path) -> Context:
    """The parts of a process on SQLite and on PostgreSQL in turn; its clock is the fixture `clock`, which can be moved."""
    return context_on(fresh_engine, tmp_path / "data", clock)


@pytest.fixture
def app(context: Context, _routes: Callable[[Context], FastAPI]) -> ASGIApp:
    """The application with its guard, as the server runs it."""
    return application.guarded(_routes(context), context)


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
    """`sign_in(client, "registrar.ln0102")` signs a member of staff in, as the page does behind the password, and gives the token that forms must carry."""

    def signed(client: TestClient, login: str) -> str:
        with db.unit_of_work(context.engine) as s:
            person = s.exec(select(Staff).where(Staff.username == login)).one()
            secret, row = sessions.begin(
                s,
                staff=person,
                stage=Stage.FULL,
                method="password",
                caller=Caller("testclient", "testclient"),
                limits=context.settings.session,
                now=context.clock.now(),
            )
            csrf = row.csrf
        client.cookies.set(COOKIE, secret)
        return csrf

    return signed
