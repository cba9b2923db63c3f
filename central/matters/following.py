"""Follow the log: what changes a petition's text or cases has its numbers made anew."""

from uuid import UUID

from sqlmodel import Session

from central import db
from central.context import Context
from central.db import is_sqlite
from central.events import log
from central.events.kinds import Kind
from central.events.models import Cursor
from central.matters import queries, service

#: Events read in one transaction, and petitions read in one.
READ, LOT = 2000, 50
KINDS = frozenset(
    {
        Kind.PETITION_REGISTERED,
        Kind.PETITION_IMPORTED,
        Kind.PETITION_DEMANDS_CHANGED,
        Kind.PETITION_CASES_CHANGED,
        Kind.PETITION_ERASED,
    }
)


def run(context: Context) -> int:
    """Read all that is new; return how many petitions were read."""
    total = 0
    while True:
        with db.unit_of_work(context.engine) as s:
            events, done = lot(s)
        total += done
        if not events:
            return total


def lot(s: Session) -> tuple[int, int]:
    """Read the next events; the place moves with the work. Return how many events and petitions were read."""
    reader = queries.reader_of(s)
    if s.get(Cursor, reader, with_for_update=not is_sqlite(s)) is None:
        # A new key, or never read before: what another key made is of no use.
        service.clear(s)
    found = log.kinds_after(s, log.position(s, reader), limit=READ)
    if not found:
        return 0, 0
    chosen = [event_id for event_id, kind in found if kind in KINDS][:LOT]
    last = chosen[-1] if len(chosen) == LOT else found[-1][0]
    ids = {UUID(event.stream.partition("/")[2]) for event in log.some(s, chosen)}
    service.keep(s, sorted(ids))
    log.move(s, reader, last)
    return len(found), len(ids)


def rebuild(s: Session) -> None:
    """Begin anew: the job, or whoever calls `run`, makes everything again."""
    service.clear(s)
    log.move(s, queries.reader_of(s), 0)
