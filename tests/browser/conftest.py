"""A served centre for the browser: real pages on the loopback address, on SQLite, with a clock that stands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from central import app as application
from central.context import Context
from shared.clock import Clock
from tests.support.databases import Databases
from tests.support.engines import engine_on
from tests.support.site import context_on, served
from tests.support.vaults import vault_in


@dataclass(frozen=True)
class Site:
    """Where the pages are, and the context behind them, to put petitions in."""

    url: str
    context: Context


@pytest.fixture
def site_engine(_databases: Callable[[str], Databases], tmp_path: Path) -> Iterator[Engine]:
    """An engine on an empty SQLite database."""
    engine = engine_on(_databases("sqlite").new(), vault=vault_in(tmp_path / "data"))
    yield engine
    engine.dispose()


@pytest.fixture
def site(
    site_engine: Engine, clock: Clock, tmp_path: Path, _routes: Callable[[Context], FastAPI]
) -> Iterator[Site]:
    """The running centre."""
    context = context_on(site_engine, tmp_path / "data", clock)
    with served(application.guarded(_routes(context), context)) as url:
        yield Site(url, context)
