"""The nightly check of the five invariants over `rows` petitions: seconds, and the most memory it took above what the fill left."""

import resource
import tempfile
import time
from pathlib import Path

from central import db, jobs
from shared.clock import FixedClock
from tests.bench import million
from tests.bench.bench_engine import database
from tests.bench.rows import Options, Row
from tests.support.site import context_on
from tests.support.vaults import vault_in


def run(options: Options) -> list[Row]:
    """Return seconds, petitions a second and MiB of one nightly check."""
    with database(options.engine) as url, tempfile.TemporaryDirectory(prefix="minyi-nightly-") as name:
        engine = db.make_engine(url, vault=vault_in(Path(name)))
        db.upgrade(engine)
        million.fill(engine, count=options.rows)
        context = context_on(engine, Path(name), FixedClock(million.UNTIL))
        before, began, busy = _memory(), time.perf_counter(), time.process_time()
        counts = jobs.check_invariants(context)
        seconds, busy = time.perf_counter() - began, time.process_time() - busy
        memory = _memory() - before
        engine.dispose()
    assert set(counts) == {1, 2, 3, 4, 5}
    return [
        Row("nightly check", "time", seconds, "s"),
        Row("nightly check", "time of this process alone", busy, "s"),
        Row("nightly check", "petitions", options.rows / seconds, "per second"),
        Row("nightly check", "peak memory above the fill", memory, "MiB"),
    ]


def _memory() -> float:
    """Return the most memory this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
