"""R11, P8: the sweep after three days off over a weekend with `rows` open petitions, and how long a page takes meanwhile.

The petitions are made by bulk SQL: one open petition with three running clocks each, of which the answer's due days lie evenly over 60
working days. What ran out over the weekend is noted by the sweep, told by the reader, and put into digests; the same with every
answer overdue at once is the worst the sweep can meet.
"""

import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, inspect, text

from central import db
from central.accounts import queries as accounts
from central.actor import Via
from central.context import Context
from central.courts import queries as courts
from central.events import log
from central.notifications import gathering, overdue, planning
from central.notifications.models import SweepMark
from central.petitions import queries as petitions
from central.settings import Database, Settings
from shared.clock import COURT_ZONE, FixedClock
from tests.bench import kept, million
from tests.bench.rows import Options, Row, percentile

MONDAY = datetime(2026, 11, 30, 8, 40, tzinfo=COURT_ZONE)
#: One in so many answers ran out between Friday morning and Monday.
SHARE = 60
LOT = 50_000


def run(options: Options) -> list[Row]:
    """Return seconds of each step, the rate of noting, and p95 and the longest of a worklist page while the sweep runs."""
    with kept.prepared(options, "sweep", lambda engine: _filled(engine, options.rows), written=True) as (
        engine,
        folder,
    ):
        url = engine.url.render_as_string(hide_password=False)
        settings = Settings(data=folder, db=Database(url=url), environment="development")
        vault = db.vault_of(engine)
        assert vault is not None
        context = Context(settings=settings, engine=engine, vault=vault, clock=FixedClock(MONDAY))
        return _three_days(context) + _all_at_once(context)


def _filled(engine: Engine, count: int) -> None:
    million.fill(engine, count=200)
    fill(engine, count)


def _three_days(context: Context) -> list[Row]:
    count, seconds, pages = _beside(context, lambda: overdue.run(context, MONDAY))
    rows = [
        Row("weekend", "noted", count, "clocks"),
        Row("weekend", "sweep", seconds, "s"),
        *_pages("weekend", pages),
    ]
    for name, work in (
        ("reminders planned", lambda: planning.remind(context, MONDAY)),
        ("events read into notices", lambda: planning.read(context)),
        ("digests put together", lambda: gathering.run(context, MONDAY)),
    ):
        count, seconds, pages = _beside(context, work)
        rows += [Row(name, "done", count, ""), Row(name, "time", seconds, "s"), *_pages(name, pages)]
    again, seconds, _ = _beside(context, lambda: overdue.run(context, MONDAY))
    return [
        *rows,
        Row("again at once", "noted", again, "clocks"),
        Row("again at once", "sweep", seconds, "s"),
    ]


def _all_at_once(context: Context) -> list[Row]:
    with db.unit_of_work(context.engine) as s:
        s.connection().execute(
            text("UPDATE clock SET due_on = '2026-11-29' WHERE noted_on IS NULL AND rule = 'answer'")
        )
    busy = time.process_time()
    count, seconds, pages = _beside(context, lambda: overdue.run(context, MONDAY))
    busy = time.process_time() - busy
    return [
        Row("every answer overdue", "noted", count, "clocks"),
        Row("every answer overdue", "time of this process alone, pages read too", busy, "s"),
        Row("every answer overdue", "sweep", seconds, "s"),
        Row("every answer overdue", "rate", count / seconds, "clocks/s"),
        *_pages("every answer overdue", pages),
    ]


def _pages(case: str, taken: list[float]) -> list[Row]:
    if not taken:
        return []
    return [
        Row(case, "worklist p95 meanwhile", percentile(taken, 0.95) * 1000, "ms"),
        Row(case, "worklist longest meanwhile", max(taken) * 1000, "ms"),
    ]


def _beside(context: Context, work: Callable[[], int]) -> tuple[int, float, list[float]]:
    """Do the work; return its count, its seconds, and how long the worklist of a registrar took each time meanwhile."""
    done, taken = threading.Event(), list[float]()

    def read() -> None:
        with context.read() as s:
            person = accounts.by_username(s, million.REGISTRAR)
            assert person is not None
            actor = accounts.actor_of(person, courts.get(s, person.court_id), Via.WEB)
        while not done.wait(0.05):
            begun = time.perf_counter()
            with context.look() as s:
                petitions.worklist(s, actor=actor)
            taken.append(time.perf_counter() - begun)

    reader = threading.Thread(target=read)
    reader.start()
    begun = time.perf_counter()
    try:
        count = work()
    finally:
        seconds = time.perf_counter() - begun
        done.set()
        reader.join()
    return count, seconds, taken


def fill(engine: Engine, count: int) -> None:
    """Copy an open petition of each court, `count` times in all, with clocks and the head of its chain, past the services."""
    lite = engine.dialect.name == "sqlite"
    with db.unit_of_work(engine) as s:
        c = s.connection()
        c.execute(text("UPDATE clock SET ended_on = due_on, outcome = 'met' WHERE ended_on IS NULL"))
        c.execute(text("CREATE TABLE seed AS SELECT * FROM petition WHERE is_open"))
        names = [column["name"] for column in inspect(c).get_columns("petition")]
        seeds = int(c.execute(text("SELECT count(*) FROM seed")).scalar_one())
    # Long texts would measure the disk.
    own = {"id": _id(0, lite=lite), "number": "'B-' || n.i", "import_key": "NULL", "text": "seed.subject"}
    chosen = ", ".join(own.get(name, f'seed."{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    ranked = "(SELECT seed.*, row_number() OVER (ORDER BY id) - 1 AS place FROM seed) seed"
    step = kept.counted("open petitions", count)
    for begin in range(0, count, LOT):
        step(begin)
        numbers = _numbers(begin, min(count, begin + LOT), lite=lite)
        with db.unit_of_work(engine) as s:
            for statement in (
                f"INSERT INTO petition ({columns}) SELECT {chosen} FROM {numbers} JOIN {ranked} ON seed.place = n.i % {seeds}",
                _clocks(numbers, "answer", 1, lite=lite),
                _clocks(numbers, "delivery", 2, lite=lite),
                f"INSERT INTO chain (stream, seq, hash) SELECT 'petition/' || {_hex(0, lite=lite)}, 1, '{'0' * 64}' FROM {numbers}",
            ):
                s.connection().execute(text(statement))
    with db.unit_of_work(engine) as s:
        s.connection().execute(text("DROP TABLE seed"))
        s.add(SweepMark(name=overdue.MARK, day=date(2026, 11, 26)))
        # Looks at the first event of the sweep go by the cursor alone.
        log.move(s, planning.READER, log.latest_id(s))
        if not lite:
            s.connection().execute(text("ANALYZE"))


def _numbers(begin: int, end: int, *, lite: bool) -> str:
    if not lite:
        return f"generate_series({begin}, {end - 1}) AS n(i)"
    return f"(WITH RECURSIVE r(i) AS (SELECT {begin} UNION ALL SELECT i + 1 FROM r WHERE i + 1 < {end}) SELECT i FROM r) n"


def _hex(salt: int, *, lite: bool) -> str:
    """Return SQL for 32 hexadecimal digits made of the row's number and `salt`."""
    if lite:
        return f"printf('%024x%08x', n.i + 1, {salt})"
    return f"(lpad(to_hex(n.i + 1), 24, '0') || lpad(to_hex({salt}), 8, '0'))"


def _id(salt: int, *, lite: bool) -> str:
    return _hex(salt, lite=lite) if lite else f"CAST({_hex(salt, lite=lite)} AS uuid)"


def _clocks(numbers: str, rule: str, salt: int, *, lite: bool) -> str:
    """Return SQL for one running clock of each petition: an answer due on one of sixty days from Sunday on, anything else later."""
    sunday = MONDAY.date() - timedelta(days=1)
    due = f"'{sunday + timedelta(days=90)}'" if lite else f"DATE '{sunday + timedelta(days=90)}'"
    if rule == "answer":
        due = (
            f"date('{sunday}', '+' || (n.i % {SHARE}) || ' days')"
            if lite
            else f"DATE '{sunday}' + (n.i % {SHARE})::int"
        )
    started = f"'{sunday - timedelta(days=40)}'" if lite else f"DATE '{sunday - timedelta(days=40)}'"
    values = f"{_id(salt, lite=lite)}, {_id(0, lite=lite)}, '{rule}', '2022-05-01', {started}, 1, {due}, 0, {'0' if lite else 'false'}"
    columns = (
        "id, petition_id, rule, rules_version, started_on, occurrence, due_on, extension_days, standing_still"
    )
    return f"INSERT INTO clock ({columns}) SELECT {values} FROM {numbers}"
