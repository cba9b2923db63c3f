"""A made-up province by the real command: petitions a second, beside the plan alone, and how large the database becomes, the nightly check of it."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from sqlalchemy import Engine, text

from central import db
from central.courts.province import load_province, packaged
from central.simulation import courses, plan
from tests.bench import bench_invariants
from tests.bench.bench_engine import database
from tests.bench.rows import Options, Row

LAST = date(2026, 11, 20)
#: Petitions that are planned alone for comparison.
PLANNED = 3000


def run(options: Options) -> list[Row]:
    """Return the rate of the command with one process a core, of the plan alone in one process, and the size."""
    planned = _planned()
    with database(options.engine) as url, tempfile.TemporaryDirectory(prefix="minyi-bench-") as folder:
        env = {**os.environ, "MINYI_DB__URL": url, "MINYI_DATA": folder}
        command = [
            str(Path(sys.executable).with_name("minyi")),
            "simulate",
            "--courts",
            "118",
            "--years",
            "5",
        ]
        more = ["--petitions", str(options.rows), "--until", LAST.isoformat(), "--json"]
        busy = _busy()
        done = subprocess.run([*command, *more], env=env, check=True, capture_output=True, text=True)
        busy = _busy() - busy
        found = json.loads(done.stdout)
        engine = db.make_engine(url)
        size = _size(engine)
        nightly = bench_invariants.checked(engine, Path(folder), options.rows)
        engine.dispose()
    each = found["seconds"] / options.rows
    return [
        Row("plan alone, one process", "rate", planned, "1/s"),
        Row("simulate", "rate", found["written"] / found["seconds"], "1/s", 1 / each / planned, "plan alone"),
        Row("simulate", "processor time of all its processes", busy / options.rows * 1000, "ms each"),
        Row("simulate", "a million would take", each * 1e6 / 60, "min"),
        Row("simulate", "size of a petition", size / options.rows / 1024, "KiB"),
        *nightly,
    ]


def _busy() -> float:
    """Return the processor seconds of the processes that ended below this one; PostgreSQL's are not among them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _planned() -> float:
    province = load_province(packaged("liaoning.toml"))
    made = plan.make(seed="1", courts=plan.choose(province.courts, 1), years=5, last=LAST, total=PLANNED)
    listed = plan.arrivals(made, "辽")
    begun = time.perf_counter()
    for place in range(PLANNED):
        courses.course(made, "辽", place, listed)
    return PLANNED / (time.perf_counter() - begun)


def _size(engine: Engine) -> float:
    with db.session(engine, writes=False) as s:
        if engine.dialect.name == "sqlite":
            pages = s.connection().execute(text("PRAGMA page_count")).scalar_one()
            return float(pages * s.connection().execute(text("PRAGMA page_size")).scalar_one())
        return float(s.connection().execute(text("SELECT pg_database_size(current_database())")).scalar_one())
