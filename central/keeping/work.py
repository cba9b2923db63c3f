"""The sweep: finds whose time is over, and erases what was announced long enough or agreed to."""

from datetime import timedelta

from central import db
from central.actor import Via, system
from central.context import Context
from central.errors import Conflict
from central.keeping import queries, service
from central.keeping.models import Appraisal
from central.keeping.rules import Kind, State, schedule
from shared.clock import court_day


def run(context: Context) -> dict[str, int]:
    """Do all that is due now; return what was done, empty if nothing was. The job calls it; it can run as often as one likes."""
    found = {"let_go": _let_go(context), "due": _take_up(context), "decided": _decide(context)}
    found["erased"] = finish(context)
    return {name: count for name, count in found.items() if count}


def _let_go(context: Context) -> int:
    with db.unit_of_work(context.engine) as s:
        return service.let_go(s, by=system(Via.JOB), now=context.clock.now())


def _take_up(context: Context) -> int:
    settings, now, total = context.settings.keeping, context.clock.now(), 0
    plan = schedule(settings.schedule)
    for rule in plan.rule:
        if rule.kind is Kind.LEDGER_FILE or rule.years is None:
            continue
        with db.unit_of_work(context.engine) as s:
            grace = timedelta(days=settings.grace_days)
            total += service.take_up(s, plan=plan, rule=rule, by=system(Via.JOB), now=now, grace=grace)
    return total


def _decide(context: Context) -> int:
    """Decide on what was announced long enough; what is held waits, what was opened again is let go of."""
    now, done = context.clock.now(), 0
    with context.read() as s:
        over = queries.in_state(s, State.ANNOUNCED, until=court_day(now))
    for appraisal_id in over:
        try:
            with db.unit_of_work(context.engine) as s:
                row = s.get_one(Appraisal, appraisal_id, with_for_update=True)
                if row.state == State.ANNOUNCED:
                    service.decide_erasure(s, row=row, by=system(Via.JOB), now=now)
                    done += 1
        except Conflict:
            continue
    return done


def finish(context: Context) -> int:
    """Destroy keys and files of what was decided to be erased; return how many petitions. A job of its own, so that it takes seconds."""
    with context.read() as s:
        waiting = queries.in_state(s, State.ERASING)
    for appraisal_id in waiting:
        with db.unit_of_work(context.engine) as s:
            service.finish(
                s,
                appraisal_id=appraisal_id,
                data=context.settings.data,
                by=system(Via.JOB),
                now=context.clock.now(),
            )
    return len(waiting)
