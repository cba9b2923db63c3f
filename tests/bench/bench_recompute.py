"""All running due dates of `rows` petitions counted anew after a holiday notice, beside a plain UPDATE of the same rows.

Each petition has two clocks that run: the answer, of which nearly all end in the holiday that the notice moves, and a written notice that
ends before. Petitions, clocks and first events are written bare: what a recount reads and writes is all there, texts are not.
"""

import resource
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import SQLModel

from central import db, tables
from central.actor import Via, system
from central.courts import queries as courts
from central.deadlines.models import DeadlineClock
from central.deadlines.shipped import shipped_rules
from central.events import bulk, log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.events.models import Chain, Event
from central.intake.blanks import new_row
from central.petitions.models import Petition
from central.vault.columns import Locked
from central.workdays import service, work
from central.workdays.drafts import draft_of
from central.workdays.notices import read_notice
from shared.clock import FixedClock
from shared.ids import new_id
from tests.bench import kept, million
from tests.bench.rows import Options, Row
from tests.support.site import context_on

assert tables.ALL
LOT = 5000
#: What stands for sealed text: a recount opens none.
SEALED = Locked(b"sealed")
NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
#: Answers that began on these days end on 11 and 12 February 2027, which the notice makes days off; one in eight does not.
BEGAN = [date(2026, 11, 11), date(2026, 11, 12), date(2026, 11, 11), date(2026, 11, 12)] * 2
BEGAN[7] = date(2026, 11, 20)
NOTICE = "春节：2月5日至13日放假调休。1月31日、2月20日上班。元旦：1月1日放假。清明节：4月5日放假。劳动节：5月1日至4日放假。"
NOTICE += "端午节：6月9日放假。中秋节：9月15日放假。国庆节：10月1日至5日放假。"


def run(options: Options) -> list[Row]:
    """Return clocks looked at and due dates moved a second, beside a plain UPDATE of the moved rows, and the memory it took."""
    with kept.prepared(options, "recompute", lambda engine: fill(engine, options.rows), written=True) as (
        engine,
        folder,
    ):
        context = context_on(engine, folder, FixedClock(NOW))
        notice = read_notice(NOTICE, 2027)
        with db.unit_of_work(engine) as s:
            draft = draft_of(notice, year=2027, status="published")
            service.enter(s, draft=draft, by=system(Via.COMMAND), now=NOW)
        before = _memory()
        moved: list[int] = []
        counted, busy = _taken(lambda: moved.append(work.run(context)))
        memory = _memory() - before
        plain, plain_busy = _taken(lambda: _plain(engine))
        with engine.connect() as connection:
            looked = int(connection.execute(text("SELECT clocks FROM recount")).scalar_one())
    rate, floor = moved[0] / counted, moved[0] / plain
    return [
        Row("recount", "time", counted, "s", ratio=counted / plain, base="plain UPDATE"),
        Row("recount", "time of this process alone", busy, "s", ratio=busy / plain_busy, base="plain UPDATE"),
        Row("recount", "clocks looked at", looked, ""),
        Row("recount", "due dates moved", moved[0], ""),
        Row("recount", "due dates moved", rate, "per second", ratio=rate / floor, base="plain UPDATE"),
        Row("recount", "due dates moved, of this process alone", moved[0] / busy, "per second"),
        Row("plain UPDATE of the same rows", "rows", floor, "per second"),
        Row("recount", "peak memory above the fill", memory, "MiB"),
    ]


def _plain(engine: Engine) -> None:
    with db.unit_of_work(engine) as s:
        s.connection().execute(
            text("UPDATE clock SET due_on = was_due_on FROM moved_date WHERE moved_date.clock_id = clock.id")
        )


def fill(engine: Engine, count: int) -> None:
    """Put `count` bare petitions, each with two running clocks and one event, into a migrated, empty database."""
    with db.unit_of_work(engine) as s:
        basic = million._seed(s)
    places = [court.id for court in basic]
    step = kept.counted("petitions", count)
    for begin in range(0, count, LOT):
        step(begin)
        lot = range(begin, min(begin + LOT, count))
        petitions, clocks, events = [], [], []
        for place in lot:
            petition, own = _petition(place, places[place % len(places)])
            petitions.append(petition)
            clocks += own
        with db.unit_of_work(engine) as s:
            ids = log.next_ids(s, len(petitions))
            events = [_event(event_id, row["id"]) for event_id, row in zip(ids, petitions, strict=True)]
            bulk.insert(s, Petition, petitions)
            bulk.insert(s, DeadlineClock, clocks)
            bulk.insert(s, Event, events)
            bulk.insert(s, Chain, [{n: e[n] for n in ("stream", "seq", "hash")} for e in events])
    if engine.dialect.name == "postgresql":
        with db.unit_of_work(engine) as s:
            s.connection().execute(text("ANALYZE"))
    with db.unit_of_work(engine) as s:
        assert len(courts.everything(s)) > 100


def _table(kind: type[SQLModel]) -> Any:
    return SQLModel.metadata.tables[str(kind.__tablename__)]


def _petition(place: int, court: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    began, key = BEGAN[place % len(BEGAN)], new_id()
    rules = shipped_rules().version
    received = datetime(began.year, began.month, began.day, 2, tzinfo=UTC)
    clocks = [
        new_row(
            DeadlineClock,
            petition_id=key,
            rule=rule,
            rules_version=rules,
            started_on=began,
            due_on=due,
            court_id=court,
        )
        for rule, due in (("answer", _due(began)), ("written_notice", began + timedelta(days=15)))
    ]
    petition = new_row(
        Petition,
        id=key,
        key_id=key,
        number=f"bench-{place}",
        court_id=court,
        origin_court_id=court,
        channel="letter",
        received_at=received,
        registered_at=received,
        subject=None,
        text=None,
        state="registered",
        next_act="accept",
        next_role="registrar",
        next_rule="written_notice",
        next_due_on=clocks[1]["due_on"],
        version=1,
    )
    return {**petition, **dict.fromkeys(("subject", "text", "salt"), SEALED)}, clocks


def _due(began: date) -> date:
    return date(2027, 2, began.day) if began.day < 20 else date(2027, 2, 22)


def _event(event_id: int, petition: Any) -> dict[str, Any]:
    stream = stream_name("petition", petition)
    return log.chained(
        event_id, log.Link(stream), log.Draft(Kind.PETITION_REGISTERED, NOW, NOW, "system:import", "{}")
    )


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _taken(act: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that an act took, and those in which this process (on SQLite also the database) was at work."""
    began = time.process_time()
    seconds = _seconds(act)
    return seconds, time.process_time() - began


def _memory() -> float:
    """Return the most memory this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
