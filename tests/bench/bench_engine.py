"""The floor under everything else: an empty commit and a one-row read of the engine as `central.db` tunes it."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session

from central import db
from tests.bench.rows import Options, Row, percentile
from tests.support.postgres import Postgres, create_database

ROUNDS = 300


@contextmanager
def database(kind: str) -> Iterator[str]:
    """Give the URL of an empty database that keeps its commits as production does."""
    with tempfile.TemporaryDirectory(prefix="minyi-bench-") as name:
        folder = Path(name)
        if kind == "sqlite":
            yield f"sqlite:///{folder / 'bench.sqlite3'}"
            return
        folder.chmod(0o711)
        with Postgres(folder / "postgres", durable=True) as server:
            yield create_database(server.url, "bench")


def _seconds(act: Callable[[], object]) -> list[float]:
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return taken


def run(options: Options) -> list[Row]:
    """Return p50 and p95 in milliseconds of a committed insert and of a read, each in a session of its own."""
    with database(options.engine) as url:
        engine = db.make_engine(url)
        with db.unit_of_work(engine) as s:
            s.execute(text("create table scribble (line text)"))

        def insert() -> None:
            with db.unit_of_work(engine) as s:
                s.execute(text("insert into scribble values ('1')"))

        def read() -> None:
            with db.session(engine, writes=False) as s:
                _first(s)

        taken = {"committed insert": _seconds(insert), "read of one row": _seconds(read)}
        engine.dispose()
    return [
        Row(case, measure, percentile(values, share) * 1000, "ms", rows=ROUNDS)
        for case, values in taken.items()
        for measure, share in (("p50", 0.5), ("p95", 0.95))
    ]


def _first(s: Session) -> object:
    return s.execute(text("select line from scribble limit 1")).first()
