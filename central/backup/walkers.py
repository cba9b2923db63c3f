"""More processes for `verify`: each opens the same state of the database by itself and takes part of the work.

On PostgreSQL they see the snapshot of the transaction that asks them; of an SQLite file, only one that nobody writes to meanwhile.
Small logs are walked by one process: starting another takes longer.
"""

import multiprocessing
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, func, make_url, select, text
from sqlalchemy.pool import StaticPool
from sqlmodel import Session

from central import db, memory, tables
from central.events.models import Event
from central.events.reading import any_text
from central.events.verify import Alone, Hands, Task
from central.vault.vault import Place, Vault

#: A process that compares rows has to know all of them.
TABLES = tables.ALL
#: Events from which on more processes are worth their start.
MANY = 100_000
#: More than these wait for the disk.
MOST = 8
#: Parts for each process: one that is done early takes the next.
PARTS = 6


@dataclass(frozen=True, slots=True)
class _Source:
    """What another process needs to see the same."""

    url: str
    snapshot: str
    vault: Place


@dataclass(frozen=True, slots=True)
class _Crew:
    """So many processes beside the one that asks."""

    source: _Source
    others: int

    @property
    def parts(self) -> int:
        """In how many parts the rows are to be compared."""
        return PARTS * (self.others + 1)

    @contextmanager
    def at_work(self, tasks: Sequence[Task]) -> Iterator[Callable[[Session], list[Any]]]:
        """Begin elsewhere; give what does the rest from the end."""
        pool = ProcessPoolExecutor(
            self.others, multiprocessing.get_context("spawn"), _begin, (self.source, os.getpid())
        )
        try:
            begun = [pool.submit(_do, task) for task in tasks]

            def rest(s: Session) -> list[Any]:
                own = {}
                for at in reversed(range(len(tasks))):
                    if begun[at].cancel():
                        own[at] = tasks[at](s)
                return [own[at] if at in own else begun[at].result() for at in range(len(tasks))]

            yield rest
        finally:
            pool.shutdown(cancel_futures=True)


def hands_for(
    s: Session, vault: Vault, url: str, *, still: bool, many: int = MANY, others: int | None = None
) -> Hands:
    """Return who walks the log that `s` sees at `url`. `still`: nobody writes to it meanwhile.

    From `many` events on there are `others` processes, as many as the machine has cores beside this one's.
    """
    others = min(MOST, os.cpu_count() or 1) - 1 if others is None else others
    lite = db.is_sqlite(s)
    if others < 1 or (lite and not still):
        return Alone()
    events = s.connection().execute(select(func.max(Event.__table__.c.id))).scalar() or 0  # type: ignore[attr-defined]
    if events < many:
        return Alone()
    snapshot = "" if lite else str(s.connection().execute(text("SELECT pg_export_snapshot()")).scalar_one())
    return _Crew(_Source(url, snapshot, vault.place), others)


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return db.make_engine(url, pool_size=1)
    file = f"file:{quote(make_url(url).database or '')}?mode=ro"
    # Nothing is set on this one: it shall stay as it is, to the byte.
    return create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(file, uri=True, isolation_level=None),
        poolclass=StaticPool,
    )


_HERE: list[Session] = []


def _begin(source: _Source, parent: int) -> None:
    """Make a process ready."""
    memory.die_with_parent(parent)
    memory.close()
    connection = _engine(source.url).connect()
    connection.begin()
    if source.snapshot:
        for statement in (
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
            f"SET TRANSACTION SNAPSHOT '{source.snapshot}'",
        ):
            connection.execute(text(statement))
    _HERE.append(Session(connection, info={"vault": source.vault.opened()}))


def _do(task: Task) -> Any:
    [s] = _HERE
    with any_text(s):
        return task(s)
