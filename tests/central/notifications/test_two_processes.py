"""Two real jobs processes on one database, either killed at random: everything is noted and sent once."""

import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Engine, func
from sqlmodel import col, select

from central import db
from central.accounts.models import Staff
from central.actor import Via, system
from central.context import Context
from central.deadlines.calendar import shipped_calendar
from central.deadlines.models import DeadlineClock
from central.events import log
from central.events.models import Event
from central.events.verify import verify
from central.notifications import service
from central.notifications.forms import Prefer
from central.notifications.models import Dispatch, Notice
from central.notifications.planning import READER
from central.notifications.rules import Channel
from central.petitions.states import Act
from central.workdays import service as workdays
from central.workdays.forms import ChangeDay
from shared.clock import FixedClock, court_day
from tests.central.notifications.test_channels import Post
from tests.factories import petitions
from tests.factories.accounts import House
from tests.factories.accounts import house as make_house
from tests.support.ports import HOST, free_port
from tests.support.processes import Processes, wait_until
from tests.support.site import context_on

MINYI = Path(sys.executable).with_name("minyi")
PETITIONS = 30
KILLS = 4
LONG = timedelta(days=200)


@pytest.fixture
def post() -> Iterator[tuple[Post, int]]:
    handler = Post()
    controller = Controller(handler, hostname=HOST, port=free_port())
    controller.start()
    yield handler, controller.port
    controller.stop()


def _filled(engine: Engine, folder: Path, now: datetime) -> tuple[Context, House]:
    """Return a court where today is a working day, with petitions nobody answered for months; its people want mail."""
    context = context_on(engine, folder, FixedClock(now))
    with db.unit_of_work(engine) as s:
        for day in (court_day(now), court_day(now) + timedelta(days=1)):
            if not shipped_calendar().is_working_day(day):
                form = ChangeDay(day=day, to="worked", reason="检验")
                workdays.change_day(s, form=form, by=system(Via.COMMAND), now=now)
        house = make_house(s)
        wish = Prefer(channel=Channel.MAIL, mail="handler@court.example", digest=True)
        for by in (house.handler, house.leader, house.registrar):
            service.set_preference(s, form=wish, offered=set(Channel), by=by, now=now)
        for _ in range(PETITIONS):
            petition = petitions.registered(s, house, now=now - LONG)
            for act in (Act.ACCEPT, Act.ASSIGN):
                petitions.do(s, house, petition, act, now=now - LONG)
    return context, house


@pytest.mark.hall
def test_two_jobs_processes_note_and_send_everything_once(
    fresh_engine: Engine, tmp_path: Path, started: Processes, post: tuple[Post, int]
) -> None:
    seed = int(os.environ.get("MINYI_TEST_SEED") or random.randrange(10**6))
    sys.stdout.write(f"seed {seed}: run again with MINYI_TEST_SEED={seed}\n")
    rng, (server, port) = random.Random(seed), post
    now = datetime.now(UTC)
    context, house = _filled(fresh_engine, tmp_path / "data", now)
    env = {
        "MINYI_DATA": str(tmp_path / "data"),
        "MINYI_DB__URL": fresh_engine.url.render_as_string(hide_password=False),
        "MINYI_ENVIRONMENT": "development",
        "MINYI_MAIL__HOST": HOST,
        "MINYI_MAIL__PORT": str(port),
        "MINYI_MAIL__SECURITY": "none",
        "MINYI_MAIL__SENDER": "minyi@court.example",
        # A message whose sender was killed is sent again when its claim lapses: a minute and ten times the longest of these.
        **{f"MINYI_{channel}__SECONDS": "1" for channel in ("MAIL", "SMS", "WEBHOOK")},
        "MINYI_NOTICES__OPENS": "00:00",
        "MINYI_NOTICES__CLOSES": "23:59:59",
    }
    children = [started.start(f"jobs-{n}", [MINYI, "serve", "--only", "jobs"], env=env) for n in range(2)]
    for _ in range(KILLS):
        victim = rng.randrange(2)
        pause = datetime.now(UTC) + timedelta(seconds=rng.uniform(2.0, 10.0))
        wait_until(lambda pause=pause: datetime.now(UTC) > pause, what="a random while has passed")
        children[victim].kill()
        children[victim].start()
    overdue = _overdue(context)
    wait_until(lambda: overdue() == 0, timeout=90, what="everything is noted")
    events = _events(context)
    assert len(events) == len(set(events)), "no clock is noted twice"
    wait_until(lambda: _all_read(context), timeout=60, what="every event is read")
    notices = _notices(context)
    assert len(notices) == len(set(notices))
    with context.read() as s:
        found = verify(s, public_key=None, anchor_folder=context.settings.data / "anchors").findings
    # Without the public key seals cannot be checked; chains and rows can.
    assert [each for each in found if not each.problem.startswith("anchor_")] == []
    people = {house.handler.staff_id, house.leader.staff_id, house.registrar.staff_id}
    wait_until(lambda: _digests(context, "sent") >= len(people), timeout=90, what="the mail is out")
    ids = Counter(
        str(message_from_bytes(mail.content, policy=policy.default)["Message-ID"]) for mail in server.mails
    )
    with context.read() as s:
        made = s.exec(select(Dispatch).where(Dispatch.channel == Channel.MAIL)).all()
    sent = {f"<{each.id}@court.example>" for each in made if each.state == "sent"}
    assert sent <= set(ids)
    days = Counter((each.staff_id, court_day(each.made_at)) for each in made if each.digest)
    assert set(days.values()) == {1}, "one digest a person and day"
    assert sum(ids.values()) - len(ids) <= KILLS, "a repeat only where a process died between yes and mark"


def _overdue(context: Context) -> Any:
    def count() -> int:
        with context.read() as s:
            query = (
                select(func.count())
                .select_from(DeadlineClock)
                .where(
                    col(DeadlineClock.ended_on).is_(None),
                    col(DeadlineClock.noted_on).is_(None),
                    col(DeadlineClock.due_on) < court_day(datetime.now(UTC)),
                )
            )
            return s.exec(query).one()

    return count


def _events(context: Context) -> list[str]:
    with context.read() as s:
        rows = s.exec(select(Event.data).where(Event.kind == "deadline.passed")).all()
    return [row.partition('"clock":"')[2][:32] for row in rows]


def _all_read(context: Context) -> bool:
    with context.read() as s:
        return log.position(s, READER) == log.latest_id(s)


def _notices(context: Context) -> list[tuple[Any, ...]]:
    with context.read() as s:
        rows = s.exec(select(Notice).where(Notice.level == "overdue")).all()
        assert s.exec(select(func.count()).select_from(Staff)).one() == 3
    found = [(each.clock_id, each.level, each.staff_id) for each in rows]
    assert len({each[2] for each in found}) == 3
    return found


def _digests(context: Context, state: str) -> int:
    with context.read() as s:
        query = select(Dispatch.staff_id).where(Dispatch.channel == Channel.MAIL, Dispatch.state == state)
        return len(set(s.exec(query).all()))
