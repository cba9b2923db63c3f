"""The nightly check of the five invariants over `rows` petitions: seconds, and the most memory it took above what the fill left."""

import resource
import time
from pathlib import Path

from sqlalchemy import Engine, text

from central import db, jobs
from shared.clock import FixedClock
from tests.bench import kept, million
from tests.bench.rows import Options, Row
from tests.support.site import context_on


def run(options: Options) -> list[Row]:
    """Return seconds, petitions a second and MiB of one nightly check."""
    with kept.prepared(
        options, "million", lambda engine: million.fill(engine, count=options.rows), written=False
    ) as (engine, folder):
        with db.unit_of_work(engine) as s:  # of a run before
            s.connection().execute(text("DELETE FROM invariant_check"))
        return checked(engine, folder, options.rows)


def checked(engine: Engine, folder: Path, petitions: int) -> list[Row]:
    """Return the figures of one check of a database whose keys lie in `folder`, and how much it found broken."""
    context = context_on(engine, folder, FixedClock(million.UNTIL))
    before, began, busy = _memory(), time.perf_counter(), time.process_time()
    counts = jobs.check_invariants(context)
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    assert set(counts) == {1, 2, 3, 4, 5}
    return [
        Row("nightly check", "time", seconds, "s"),
        Row("nightly check", "time of this process alone", busy, "s"),
        Row("nightly check", "petitions", petitions / seconds, "per second"),
        Row("nightly check", "peak memory above what was there", _memory() - before, "MiB"),
        *(
            Row("nightly check", f"breaks of invariant {number}", count, "")
            for number, count in counts.items()
        ),
    ]


def _memory() -> float:
    """Return the most memory this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
