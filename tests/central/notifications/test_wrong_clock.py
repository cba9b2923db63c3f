"""The real command under libfaketime: a machine whose clock jumps notes nothing early and goes on when it is right again (R5)."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from central import db
from central.deadlines.models import DeadlineClock
from shared.clock import FixedClock, court_day
from tests.factories import petitions
from tests.factories.accounts import house as make_house
from tests.support.site import context_on
from tests.support.vaults import vault_in

MINYI = Path(sys.executable).with_name("minyi")
LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")

pytestmark = [
    pytest.mark.hall,
    pytest.mark.skipif(not LIBRARY.exists(), reason="needs the Debian package faketime"),
]


def swept(data: Path, wrong: str = "") -> tuple[int, int]:
    """Run `minyi sweep` with the clock `wrong` by so much; return exit code and how many were noted (-1: it would not)."""
    faked = {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME": wrong,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    command = [MINYI, "sweep", "--data", data, "--json"]
    done = subprocess.run(
        command,
        env={**os.environ, **(faked if wrong else {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    lines = done.stdout.strip().splitlines()
    found = json.loads(lines[-1])["overdue"] if done.returncode == 0 else -1
    return done.returncode, int(found)


def test_a_jumped_clock_notes_nothing_and_a_right_one_goes_on(tmp_path: Path) -> None:
    data, now = tmp_path / "data", datetime.now(UTC)
    data.mkdir(mode=0o700)
    engine = db.make_engine(f"sqlite:///{data / 'minyi.sqlite3'}", vault=vault_in(data))
    db.upgrade(engine)
    context_on(engine, data, FixedClock(now))
    with db.unit_of_work(engine) as s:
        house = make_house(s)
        petition = petitions.registered(s, house, now=now)
    with db.session(engine, writes=False) as s:
        clocks = s.exec(select(DeadlineClock).where(DeadlineClock.petition_id == petition.id)).all()
    days = (min(clock.due_on for clock in clocks) - court_day(now)).days + 1
    engine.dispose()
    assert swept(data) == (0, 0)
    for wrong in (f"+{days}d", "-1d", "+1h", "@1970-01-01 00:00:00"):
        assert swept(data, wrong) == (1, -1), wrong
    assert swept(data) == (0, 0)
