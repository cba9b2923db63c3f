"""Continuous copies of `rows` petitions and a sealed file of 76 kB for every second one: the base, what a look takes, and the way back.

A million of them are 50 GB. `--engine postgres` restores PostgreSQL's own folder (`--cluster`), the way for a large one. "Put there" is
all before the walk of the log; files may still be on their way then, as another process brings them. "Log walked" is what `minyi verify`
does, and all of it the whole. Seconds of the processor are those of this process and of the two beside it, not of PostgreSQL.
"""

import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from central import db
from central.backup import restoring
from central.backup.keyring import Keys
from central.commands.copies import source_of
from central.copies import chain, recovering
from central.copies.following import Follower, Rules
from central.copies.generation import Site
from central.settings import Settings
from shared.clock import SystemClock
from shared.ids import new_id
from tests.bench import million
from tests.bench.bench_engine import database
from tests.bench.rows import Options, Row
from tests.support.vaults import vault_in

EACH = 76_000
LOOKS = 20


def run(options: Options) -> list[Row]:
    """Return seconds of each step, its MB/s, and how large the copies are."""
    with database(options.engine) as address, tempfile.TemporaryDirectory(prefix="minyi-copies-") as name:
        room = Path(name)
        room.chmod(0o711)
        data, copies = room / "data", room / "copies"
        copies.mkdir()
        vault = vault_in(data)
        url = f"sqlite:///{data / 'minyi.sqlite3'}" if options.engine == "sqlite" else address
        engine = db.make_engine(url, vault=vault)
        db.upgrade(engine)
        million.fill(engine, count=options.rows)
        size = _files(data / "attachments", options.rows // 2)
        settings = Settings.model_validate({"data": data, "db": {"url": url}, "environment": "development"})
        site = Site(engine, vault, SystemClock(), data, copies, "bench")
        follower = Follower(
            site, lambda tag: source_of(settings, tag), Rules(timedelta(days=1), timedelta(days=7))
        )

        def base() -> None:
            follower.ship()
            follower.wait()
            follower.ship()

        begun = _seconds(base)
        with engine.connect() as connection:
            size += _size(connection, data)
        looks = sorted(_seconds(lambda: _look(engine, follower)) for _ in range(LOOKS))
        follower.close()
        rows = [
            Row("base", "time", begun, "s"),
            Row("base", "rate", size / begun / 1e6, "MB/s"),
            Row("look with one commit", "p50", looks[LOOKS // 2] * 1000, "ms"),
            Row("look with one commit", "worst of 20", looks[-1] * 1000, "ms"),
            Row("all", "database and files", size / 1e6, "MB"),
            Row("all", "copies", sum(p.stat().st_size for p in copies.rglob("*") if p.is_file()) / 1e6, "MB"),
        ]
        return rows + _restored(room, copies, options, size)


def _restored(room: Path, copies: Path, options: Options, size: int) -> list[Row]:
    spare = room / "spare"
    (spare / "keys").mkdir(parents=True, mode=0o700)
    (spare / "keys" / "master.key").write_bytes((room / "data" / "keys" / "master.key").read_bytes())
    (spare / "keys" / "master.key").chmod(0o600)
    settings = Settings.model_validate({"data": spare, "environment": "development"})
    keys = Keys(settings, copies / "keystore.current", given=False)
    walked: list[float] = []

    def restore() -> None:
        asked = recovering.Asked(copies, keys, chain.plan(copies, keys.derive, None), lambda _: None)
        cluster = room / "cluster" if options.engine == "postgres" else None
        with _timed(walked):
            recovering.restore(
                asked, settings, replace=False, cluster=cluster, now=datetime.now(UTC), program="bench"
            )

    used = _used()
    taken = _seconds(restore)
    return [
        Row("restore", "time, log walked", taken, "s"),
        Row("restore", "rate, log walked", size / taken / 1e6, "MB/s"),
        Row("restore", "processor", _used() - used, "s"),
        Row("restore", "load at its end", os.getloadavg()[0], ""),
        Row("restore", "put there", taken - walked[0], "s"),
        Row("restore", "rate put there", size / (taken - walked[0]) / 1e6, "MB/s"),
    ]


@contextmanager
def _timed(walked: list[float]) -> Iterator[None]:
    """Note how long walking the log takes within a restore."""
    walk = restoring.walked

    def timed(*args: object, **more: object) -> object:
        begun = time.perf_counter()
        found = walk(*args, **more)  # type: ignore[arg-type]
        walked.append(time.perf_counter() - begun)
        return found

    restoring.walked = timed  # type: ignore[assignment]
    try:
        yield
    finally:
        restoring.walked = walk


def _look(engine: object, follower: Follower) -> None:
    with engine.begin() as connection:  # type: ignore[attr-defined]
        connection.execute(text("UPDATE chain SET seq = seq WHERE stream = (SELECT min(stream) FROM chain)"))
    follower.ship()


def _files(folder: Path, count: int) -> int:
    for _ in range(count):
        place = folder / new_id().hex
        place.mkdir(parents=True)
        (place / f"{new_id().hex}.made").write_bytes(os.urandom(EACH))
    return count * EACH


def _size(connection: object, data: Path) -> int:
    if connection.dialect.name == "sqlite":  # type: ignore[attr-defined]
        return (data / "minyi.sqlite3").stat().st_size
    found = connection.execute(text("SELECT pg_database_size(current_database())"))  # type: ignore[attr-defined]
    return int(found.scalar_one())


def _used() -> float:
    """Return the seconds of the processor that this process and those it waited for have taken."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
