"""Fixtures of every test: a clock that stands, both databases migrated, no network."""

import contextlib
import gc
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from fastapi import FastAPI
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine
from sqlmodel import Session

from central import app as application
from central import db
from central.context import Context
from central.vault.vault import Vault
from shared.clock import COURT_ZONE, FixedClock
from tests.support import browser as browsers
from tests.support import network, turns
from tests.support.databases import Databases
from tests.support.engines import engine_on
from tests.support.mosquitto import Mosquitto
from tests.support.postgres import SharedPostgres
from tests.support.processes import Processes, processes
from tests.support.vaults import vault_in

# Importing and collecting leave no rubbish; looking for it takes a quarter of their time.
gc.disable()

RUN = pytest.StashKey[SharedPostgres]()

#: A Monday morning in the courts' zone.
MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=COURT_ZONE).astimezone(UTC)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=["turns", "both", "sqlite", "postgres"],
        default="turns",
        help="databases to test on; turns: both, but tests of pages and of each table of the log on one of them each",
    )


def pytest_configure(config: pytest.Config) -> None:
    for name in list(os.environ):
        if name.startswith("MINYI_") and not name.startswith(("MINYI_TEST_", "MINYI_SHOTS")):
            del os.environ[name]
    # With the locals of every frame, as the library has it, an error nobody expected takes seconds to be written.
    written = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], written])
    worker = getattr(config, "workerinput", None)
    config.stash[RUN] = (
        SharedPostgres(Path(os.environ["MINYI_TEST_RUN"]), worker["workerid"])
        if worker
        else SharedPostgres.open()
    )
    os.environ["MINYI_TEST_RUN"] = str(config.stash[RUN].folder)
    network.close()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and RUN in config.stash:
        config.stash[RUN].close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left with it at the end; leave out whose turn is on the other engine."""
    longest = ("tests/drills/", "tests/security/", "tests/central/test_rights_matrix.py")
    items.sort(key=lambda item: not item.nodeid.startswith(longest))
    if config.getoption("--engine") == "turns":
        left_out = [item for item in items if turns.is_anothers(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not turns.is_anothers(item)]


def pytest_collection_finish() -> None:
    """What was collected stays until the end: no test goes through it in search of rubbish."""
    gc.freeze()
    gc.enable()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        metafunc.parametrize("database_kind", turns.engines(metafunc.config))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MORNING)


@pytest.fixture
def now(clock: FixedClock) -> datetime:
    return clock.now()


@pytest.fixture(scope="session")
def postgres_url(pytestconfig: pytest.Config) -> str:
    """URL of the worker's PostgreSQL server, for tests that create databases themselves."""
    return os.environ.get("MINYI_TEST_PG") or pytestconfig.stash[RUN].url()


@pytest.fixture(scope="session")
def _databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Databases]]:
    made: dict[str, Databases] = {}
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")

    def of(kind: str) -> Databases:
        if kind not in made:
            server = request.getfixturevalue("postgres_url") if kind == "postgres" else ""
            made[kind] = Databases(tmp_path_factory.mktemp("db"), server, f"minyi_{worker}_{os.getpid()}")
        return made[kind]

    yield of
    for databases in made.values():
        databases.drop()


@pytest.fixture(scope="session")
def _vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    return vault_in(tmp_path_factory.mktemp("vault"))


@pytest.fixture(scope="session")
def _engines(_databases: Callable[[str], Databases], _vault: Vault) -> Iterator[Callable[[str], Engine]]:
    made: dict[str, Engine] = {}

    def of(kind: str) -> Engine:
        if kind not in made:
            made[kind] = engine_on(_databases(kind).new(), vault=_vault)
        return made[kind]

    yield of
    for engine in made.values():
        engine.dispose()


@pytest.fixture
def engine(database_kind: str, _engines: Callable[[str], Engine]) -> Engine:
    """SQLite and PostgreSQL in turn, migrated, without rows. Shared by the worker: commit nothing, or take `fresh_engine`."""
    return _engines(database_kind)


@pytest.fixture
def s(engine: Engine) -> Iterator[Session]:
    """A session as the edge opens it; whatever the test flushes or commits is rolled back."""
    with engine.connect() as connection:
        outer = connection.begin()
        with db.session(connection) as session:
            session.join_transaction_mode = "create_savepoint"
            yield session
        outer.rollback()


@pytest.fixture
def database_url(database_kind: str, _databases: Callable[[str], Databases]) -> Iterator[str]:
    """URL of a migrated database of the test's own, on SQLite and PostgreSQL in turn, e.g. for a real process."""
    databases = _databases(database_kind)
    url = databases.new()
    yield url
    databases.let_go(url)


@pytest.fixture
def fresh_engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a database of the test's own, for tests that commit or use several sessions; its keys lie in `tmp_path/data`."""
    engine = engine_on(database_url, vault=vault_in(tmp_path / "data"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def _routes() -> Callable[[Context], FastAPI]:
    """The bare application, made once by each worker: half of a short test would go into its routes."""
    made: list[FastAPI] = []

    def on(context: Context) -> FastAPI:
        if not made:
            made.append(application.routes(context))
        application.put(made[0], context)
        return made[0]

    return on


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Processes]:
    """Starts real commands; what still runs at the end is stopped, last first."""
    with processes(tmp_path) as group:
        yield group


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A running broker of the test's own."""
    with Mosquitto(tmp_path / "mosquitto") as broker:
        yield broker


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with browsers.chromium() as browser:
        yield browser


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`open_page(viewport=DESKTOP, scripts=True)` gives a page with its own cookies; a script error on it fails the test."""
    with contextlib.ExitStack() as stack:

        def opened(viewport: browsers.Viewport = browsers.DESKTOP, *, scripts: bool = True) -> Page:
            page: AbstractContextManager[Page] = browsers.open_page(chromium, viewport, scripts=scripts)
            return stack.enter_context(page)

        yield opened
