"""Write a whole plan in batches, by several processes. Each batch is one transaction with its place in the work.

SQLite has one writer: the processes tell, hash and seal side by side and take turns to write.
"""

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.synchronize import Event as EventType
from multiprocessing.synchronize import Lock as LockType
from typing import Any

from sqlalchemy import Engine, event

from central import db, memory
from central.context import Context
from central.settings import Settings
from central.simulation import people, queries, service
from central.simulation.plan import Plan
from central.vault.vault import open_vault

#: Petitions of one transaction.
BATCH = 300
#: Told how many petitions more are written.
Progress = Callable[[int], None]


class Broken(RuntimeError):
    """A process that wrote ended before its time; what it had committed stays."""


@dataclass(frozen=True)
class Job:
    """What one process is to do."""

    settings: Settings
    plan: Plan
    courts: Sequence[str]
    size: int = BATCH


def run(
    context: Context,
    made: Plan,
    *,
    workers: int,
    progress: Progress,
    stop: EventType | None = None,
    size: int = BATCH,
) -> bool:
    """Write what is left of a plan; return False if it was stopped. `stop` may be set from elsewhere, between batches."""
    spawn = multiprocessing.get_context("spawn")
    stopping = stop or spawn.Event()
    if workers < 2:
        job = Job(context.settings, made, [spec.code for spec in made.courts], size)
        return _write(context.engine, context, job, stopping, nullcontext(), progress)
    crew = _Crew(spawn, stopping, spawn.Lock() if context.engine.dialect.name == "sqlite" else None)
    for codes in shared_out(made, workers):
        crew.start(Job(context.settings, made, codes, size))
    return crew.follow(progress)


def shared_out(made: Plan, workers: int) -> list[list[str]]:
    """Divide the courts so that each process has about the same number of petitions."""
    piles: list[tuple[int, list[str]]] = [(0, []) for _ in range(workers)]
    sizes = sorted(
        zip(made.totals, (spec.code for spec in made.courts), strict=True), key=lambda one: -one[0]
    )
    for total, code in sizes:
        place = min(range(workers), key=lambda at: piles[at][0])
        piles[place] = (piles[place][0] + total, [*piles[place][1], code])
    return [codes for _, codes in piles if codes]


def _write(
    engine: Engine,
    context: Context,
    job: Job,
    stopping: EventType,
    turn: AbstractContextManager[Any],
    progress: Progress,
) -> bool:
    made = job.plan
    with db.session(engine, writes=False) as s:
        who = people.read(s, made)
        done = {code: part.done for code, part in queries.parts(s).items()}
    listed = service.arrivals_of(made, job.courts)
    codes = service.nobodys_code(), service.nobodys_code()
    for batch in service.batches(listed, done, size=job.size):
        if stopping.is_set():
            return False
        with memory.no_search():
            ready = service.prepare(made, batch, listed[batch.court], who, context.vault, codes)
            with turn, db.unit_of_work(engine) as s:
                service.write(s, ready, who.court_ids[batch.court])
        progress(batch.end - batch.start)
    return True


def _worker(job: Job, stopping: EventType, lock: LockType | None, line: Connection, parent: int) -> None:
    """Body of a process: it ends when its work is done, when it is told to, or when nobody reads its progress any more."""
    memory.die_with_parent(parent)
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches the whole group; the first process tells the others
    vault = open_vault(job.settings)
    engine = db.make_engine(job.settings.database_url, pool_size=1, vault=vault)
    hasten(engine)
    context = Context(settings=job.settings, engine=engine, vault=vault)
    memory.settle()
    with contextlib.suppress(BrokenPipeError):
        line.send(_write(engine, context, job, stopping, lock or nullcontext(), line.send))
    engine.dispose()


def hasten(engine: Engine) -> None:
    """Let this engine's connections write much: a large cache, no overwriting of what was never secret, no waiting for the disk.

    A killed process loses nothing by it. A power cut may lose the last batches on PostgreSQL and leave the file of SQLite
    damaged, which a run from the beginning mends: everything here is made up.
    """
    statements = {
        "sqlite": ("PRAGMA cache_size=-200000", "PRAGMA secure_delete=OFF", "PRAGMA synchronous=OFF"),
        "postgresql": ("SET synchronous_commit = off",),
    }[engine.dialect.name]

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: object) -> None:
        # Outside a transaction: the pool rolls back what it gets back, and the setting with it.
        beside = engine.dialect.name == "postgresql"
        if beside:
            connection.autocommit = True
        with contextlib.closing(connection.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement)
        if beside:
            connection.autocommit = False


class _Crew:
    """The processes at work and the lines on which they tell how far they are."""

    def __init__(self, spawn: SpawnContext, stopping: EventType, lock: LockType | None) -> None:
        self.spawn, self.stopping, self.lock = spawn, stopping, lock
        self.members: list[tuple[SpawnProcess, Connection]] = []

    def start(self, job: Job) -> None:
        """Start one process."""
        ours, theirs = self.spawn.Pipe(duplex=False)
        process = self.spawn.Process(
            target=_worker, args=(job, self.stopping, self.lock, theirs, os.getpid()), daemon=True
        )
        process.start()
        theirs.close()  # so that the end of the process ends the line
        self.members.append((process, ours))

    def follow(self, progress: Progress) -> bool:
        """Pass progress on until all are done; return False if they were stopped. Raise `Broken` if one failed."""
        try:
            return all(list(self._verdicts(progress)))
        except KeyboardInterrupt:
            self.stopping.set()
            for _ in self._verdicts(progress):
                pass
            return False
        finally:
            self.stopping.set()
            for process, _ in self.members:
                process.join(60)

    def _verdicts(self, progress: Progress) -> Iterator[bool]:
        lines = [line for _, line in self.members if not line.closed]
        while lines:
            for line in wait(lines):
                if not isinstance(line, Connection):
                    continue
                try:
                    said = line.recv()
                except EOFError:
                    self.stopping.set()
                    raise Broken from None
                if isinstance(said, bool):
                    lines.remove(line)
                    line.close()
                    yield said
                else:
                    progress(said)
