"""Databases filled once: shared by measurements, and kept for the next run where `--keep FOLDER` says so."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psycopg
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from central import db, memory
from central.simulation.filling import hasten
from tests.bench.rows import Options
from tests.support.postgres import Postgres, create_database
from tests.support.vaults import vault_in

#: As a small server of a province is set up; what PostgreSQL comes with is made for a machine of 1990.
SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "4GB", "work_mem": "32MB", "max_connections": "80"}
_BEGUN = time.monotonic()


def tell(what: str) -> None:
    """Print where a measurement is, with the seconds since the beginning."""
    print(f"  {time.monotonic() - _BEGUN:7.1f} s  {what}", file=sys.stderr, flush=True)


def counted(what: str, total: int) -> Callable[[int], None]:
    """Return what tells of every tenth of `total`, called with how many are done."""
    told = 0

    def step(done: int) -> None:
        nonlocal told
        if done * 10 // max(1, total) > told:
            told = done * 10 // max(1, total)
            tell(f"{what}: {done:,} of {total:,}")

    return step


@contextmanager
def prepared(
    options: Options, name: str, fill: Callable[[Engine], None], *, written: bool
) -> Iterator[tuple[Engine, Path]]:
    """Give a database that `fill` filled, and its data folder. `written`: the measurement changes it, so it gets a copy of what is kept."""
    with ExitStack() as stack:
        keep = options.keep
        if keep is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="minyi-bench-")))
            folder.chmod(0o711)
        else:
            folder = keep.absolute() / f"{name}-{options.rows}-{options.engine}"
        url = stack.enter_context(_server(folder, options.engine, drop=keep is None))
        if not _is_ready(folder):
            url = _fill(folder, url, fill, options)
        if keep is not None and written:
            url = stack.enter_context(_copy(folder, url))
        engine = db.make_engine(url, vault=vault_in(folder))
        stack.callback(engine.dispose)
        memory.settle()
        tell("prepared")
        yield engine, folder


def _head() -> str:
    return str(ScriptDirectory(str(db.MIGRATIONS)).get_current_head())


def _is_ready(folder: Path) -> bool:
    mark = folder / "ready"
    return mark.exists() and mark.read_text() == _head()


def _fill(folder: Path, url: str, fill: Callable[[Engine], None], options: Options) -> str:
    (folder / "ready").unlink(missing_ok=True)
    if options.engine == "sqlite":
        for old in folder.glob("bench.sqlite3*"):
            old.unlink()
    else:
        url = create_database(url.rsplit("/", 1)[0] + "/postgres", "bench")
    tell(f"filling {options.rows:,} rows")
    engine = db.make_engine(url, vault=vault_in(folder))
    hasten(engine)
    db.upgrade(engine)
    fill(engine)
    if options.engine == "sqlite":
        with closing(engine.raw_connection()) as raw:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            raw.cursor().execute("PRAGMA optimize")
    engine.dispose()
    (folder / "ready").write_text(_head())
    return url


@contextmanager
def _server(folder: Path, kind: str, *, drop: bool) -> Iterator[str]:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'bench.sqlite3'}"
        return
    server = Postgres(folder / "postgres", durable=True, settings=SETTINGS)
    server.start()
    try:
        yield server.url_of("bench")
    finally:
        if drop:
            server.drop()
        else:
            server.stop()


@contextmanager
def _copy(folder: Path, url: str) -> Iterator[str]:
    tell("copying what is kept")
    if url.startswith("sqlite"):
        with tempfile.TemporaryDirectory(prefix="minyi-bench-", dir=folder) as name:
            shutil.copyfile(folder / "bench.sqlite3", Path(name) / "bench.sqlite3")
            yield f"sqlite:///{Path(name) / 'bench.sqlite3'}"
        return
    server = url.rsplit("/", 1)[0]
    copied = create_database(f"{server}/postgres", "copied", template="bench")
    try:
        yield copied
    finally:
        with psycopg.connect(f"{server}/postgres".replace("+psycopg", "", 1), autocommit=True) as connection:
            connection.execute(b'DROP DATABASE "copied" WITH (FORCE)')
