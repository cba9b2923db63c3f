"""The job: note a newer library, then carry out every recount that waits, to its end."""

from uuid import UUID

from central import db
from central.actor import Via, system
from central.context import Context
from central.recounting.parts import PARTS
from central.workdays import library, recount, work


def run(context: Context, *, size: int = recount.BATCH) -> int:
    """Return how many due dates moved. Can run as often as one likes."""
    with context.read() as s:
        known = library.is_known(s)
    if not known:
        with db.unit_of_work(context.engine) as s:
            library.note(s, by=system(Via.JOB), now=context.clock.now())
    return work.run(context, PARTS, size=size)


def carry_out(context: Context, notice_id: UUID) -> int:
    """Carry out one recount; return how many due dates moved."""
    return work.carry_out(context, notice_id, PARTS)
