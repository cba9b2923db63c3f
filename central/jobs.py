"""Work that the hour asks for, not a request. Each job looks for what is due and can run as often as one likes.

The scheduler only wakes them: APScheduler skips what comes late, so nothing may depend on being woken at a certain minute.
On PostgreSQL a job holds an advisory lock, so that several processes never do one thing twice.
"""

import fcntl
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import text
from sqlmodel import Session, col, select

from central import db
from central.actor import Via, system
from central.asks import lateness
from central.batches import service as batches
from central.commands import keeping, log, messages, reminders
from central.context import Context
from central.documents import service as documents
from central.exports import work as exports
from central.halls import pushing
from central.halls import queries as halls
from central.hot import service as hot
from central.ingest import pages as hall_pages
from central.instructions import service as instructions
from central.intake import jobs as ledgers
from central.keeping import work as erasing
from central.letters import work as letters
from central.mailmerge import work as mailmerge
from central.matters import following as matters
from central.neglect import service as neglect
from central.ops import BROKEN
from central.petitions import queries as petitions
from central.petitions.invariants import INVARIANTS
from central.petitions.tallies import InvariantCheck
from central.reception import promises as reception
from central.recounting import work as recounts
from central.scanning import service as scans
from central.search import service as search
from central.settings import Settings
from central.sorting import using
from central.sorting import work as sorting
from central.submitting import assisting, uploads
from central.supervision import service as supervision
from central.web.catalogue import catalogue
from shared.clock import court_day
from shared.i18n import Lang

LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Job:
    """One job: what it does and how often it is woken."""

    name: str
    lock: int
    every: timedelta
    run: Callable[[Context], object]
    wanted: Callable[[Settings], bool] = lambda _: True


def check_invariants(context: Context) -> dict[int, int]:
    """Count what breaks the five invariants, once a day; return the counts (empty if today's check was made)."""
    today = court_day(context.clock.now())
    with context.read() as s:
        if s.exec(select(InvariantCheck.id).where(col(InvariantCheck.day) == today).limit(1)).first():
            return {}
    broken = len(log.run(context).findings)
    with db.unit_of_work(context.engine) as s:
        counts = {each.number: petitions.count_breaking(s, each) for each in INVARIANTS}
        counts |= {3: broken, 5: halls.count_untreated(s)}
        _keep(s, context, counts)
    for number, count in counts.items():
        BROKEN.labels(str(number)).set(count)
    return counts


def _keep(s: Session, context: Context, counts: dict[int, int]) -> None:
    now = context.clock.now()
    s.add_all(
        InvariantCheck(day=court_day(now), number=number, count=count, checked_at=now)
        for number, count in counts.items()
    )


def clear_attachments(context: Context) -> int:
    """Remove sealed files that a crash left without a row; return how many."""
    with context.read() as s:
        return documents.clear(s, context.settings.data, now=context.clock.now())


def clear_unsent(context: Context) -> int:
    """Remove files and what was written in halls that no petition came of; return how many."""
    with db.unit_of_work(context.engine) as s:
        now = context.clock.now()
        done = uploads.clear(s, context.settings.data, now=now) + assisting.clear(s, now=now)
        return done + scans.clear(s, context.settings.data, now=now)


def write_exports(context: Context) -> int:
    """Write the exports that were agreed to, and let go of those whose time is over."""
    return exports.run(context, lambda key: catalogue().text(key, Lang.ZH))


def push_calls(context: Context) -> int:
    """Tell calls for help on devices of staff who allowed it; return how many notifications went out."""
    return pushing.run(context, catalogue().text)


def sweep_supervision(context: Context) -> int:
    """Propose the court above for orders not answered in time, let orders follow petitions that moved, note late promises."""
    with db.unit_of_work(context.engine) as s:
        done = supervision.sweep(s, by=system(Via.JOB), now=context.clock.now())
        done += reception.sweep(s, by=system(Via.JOB), now=context.clock.now())
        done += lateness.sweep(s, now=context.clock.now())
        done += batches.sweep(s, by=system(Via.JOB), now=context.clock.now())
        return done + instructions.sweep(s, by=system(Via.JOB), now=context.clock.now())


def learn_neglect(context: Context) -> str:
    """Learn anew which deadlines are missed, once a week; return what came of it, '' if it was not time."""
    wanted, now = context.settings.neglect, context.clock.now()
    with context.read() as s:
        if not neglect.due_to_train(s, now=now, wanted=wanted):
            return ""
    with context.read() as s:
        found = neglect.trained(s, now=now, wanted=wanted)
    if found is None:
        return ""
    with db.unit_of_work(context.engine) as s:
        s.add(found)
    return "in force" if found.in_force else "silent"


def follow_search(context: Context) -> int:
    """Keep the index of full text search up with the log; return how many of its segments were written."""
    index = search.index_of(context.settings.data, context.vault, context.engine)
    return search.run(index)


JOBS = (
    Job("neglect", 727126, timedelta(hours=6), learn_neglect),
    Job("anchor", 727101, timedelta(minutes=10), log.make_anchor),
    Job("heads", 727105, timedelta(minutes=10), log.make_head),
    Job("invariants", 727102, timedelta(minutes=30), check_invariants),
    Job("ledgers", 727103, timedelta(seconds=3), ledgers.resume),
    Job("hall_pages", 727161, timedelta(seconds=3), hall_pages.put_together),
    Job("scans", 727162, timedelta(seconds=3), scans.run),
    Job("exports", 727106, timedelta(seconds=3), write_exports),
    Job("attachments", 727104, timedelta(hours=1), clear_attachments),
    Job("mailmerge", 727154, timedelta(seconds=2), mailmerge.run),
    Job("letters", 727130, timedelta(seconds=3), letters.run),
    Job("unsent", 727141, timedelta(minutes=30), clear_unsent),
    Job("hot", 727152, timedelta(hours=1), hot.run),
    Job("matters", 727153, timedelta(seconds=2), matters.run),
    Job("sorting", 727155, timedelta(hours=6), sorting.run),
    Job("templates", 727156, timedelta(hours=24), using.run),
    Job("recount", 727109, timedelta(seconds=3), recounts.run),
    Job("erasing", 727108, timedelta(seconds=5), erasing.finish),
    Job("search", 727150, timedelta(seconds=1), follow_search),
    Job("sweep", 727110, timedelta(seconds=30), reminders.sweep),
    Job("notices", 727111, timedelta(seconds=10), reminders.gather),
    Job("push", 727163, timedelta(seconds=1), push_calls, lambda settings: settings.push.enabled),
    Job("messages", 727112, timedelta(seconds=5), reminders.send),
    Job("news", 727131, timedelta(seconds=5), messages.tell),
    Job("keeping", 727107, timedelta(hours=1), keeping.keep),
    Job("supervision", 727121, timedelta(minutes=5), sweep_supervision),
)


@contextmanager
def exclusively(context: Context, lock: int) -> Iterator[bool]:
    """Yield whether this process may do the job now. The lock goes with its process, however that ends.

    PostgreSQL has locks for it; beside an SQLite file lies a folder of files to lock, though one process is all it is made for.
    """
    if context.engine.dialect.name == "sqlite":
        with _locked(context.settings.data / "locks", lock) as mine:
            yield mine
        return
    with context.engine.connect() as connection:
        held = connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": lock}).scalar_one()
        try:
            yield bool(held)
        finally:
            if held:
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": lock})


@contextmanager
def _locked(folder: Path, lock: int) -> Iterator[bool]:
    folder.mkdir(mode=0o700, exist_ok=True, parents=True)
    with (folder / str(lock)).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def run_job(context: Context, job: Job) -> None:
    """Run one job if no other process is at it; a failure is logged and tried again at the next waking."""
    try:
        with exclusively(context, job.lock) as mine:
            if mine and (result := job.run(context)):
                LOG.info("job done", job=job.name, result=result)
    except Exception:
        LOG.exception("job failed", job=job.name)


def start(context: Context) -> BackgroundScheduler:
    """Wake each job now and then at its interval; the caller shuts the scheduler down."""
    # A waking that comes while the last one works is left out, as it should be: no news for who keeps the server.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(timezone="UTC")
    now = context.clock.now()
    for job in (each for each in JOBS if each.wanted(context.settings)):
        scheduler.add_job(
            run_job,
            "interval",
            args=(context, job),
            id=job.name,
            seconds=job.every.total_seconds(),
            next_run_time=now,
            coalesce=True,
            misfire_grace_time=None,
        )
    scheduler.start()
    return scheduler
