"""Others write while the log is walked: nothing of that is a finding."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from central import db
from central.commands import log
from central.context import Context
from central.db import vault_of
from central.events.verify import Report
from central.keys import signing_key
from central.settings import Database, Settings
from shared.clock import FixedClock
from tests.factories import petitions
from tests.factories.accounts import House, house
from tests.factories.world import NEXT_DAY, seal


@pytest.fixture
def here(fresh_engine: Engine) -> House:
    with db.unit_of_work(fresh_engine) as s:
        made = house(s)
        for _ in range(3):
            petitions.registered(s, made)
    return made


@pytest.fixture
def context(fresh_engine: Engine, tmp_path: Path, clock: FixedClock) -> Context:
    url = fresh_engine.url.render_as_string(hide_password=False)
    settings = Settings(data=tmp_path, db=Database(url=url))
    return Context(settings=settings, engine=fresh_engine, vault=vault_of(fresh_engine), clock=clock)


def walked(context: Context, between: Callable[[], None]) -> Report:
    """Return the report of a walk in which `between` happens once the chains were read."""
    waiting = [between]
    return log.run(context, progress=lambda _done: waiting.pop()() if waiting else None)


def test_petitions_that_come_in_meanwhile_are_no_finding(context: Context, here: House) -> None:
    def register() -> None:
        with db.unit_of_work(context.engine) as s:
            petitions.registered(s, here)

    report = walked(context, register)
    assert (report.findings, report.events) == ([], 7)
    assert log.run(context).events == 8


def test_a_seal_made_meanwhile_is_no_finding(context: Context, here: House) -> None:
    folder = context.settings.data / "anchors"
    folder.mkdir()

    key = signing_key(context.settings.data / "keys", "anchor")
    report = walked(context, lambda: seal(context.engine, key, folder, NEXT_DAY))
    assert (report.findings, report.anchors) == ([], 0)
    assert log.run(context).anchors == 1
