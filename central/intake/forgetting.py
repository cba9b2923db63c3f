"""Letting go of the files that ledgers came in as, when the schedule of keeping says so; what they brought in stays."""

from datetime import datetime, time
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from central import db
from central.context import Context
from central.intake.models import LedgerImport, LedgerRefusal, Stage
from central.keeping.rules import Kind, Rule, Then, rule_of, schedule, years_before
from central.vault.rows import vault_of
from shared.clock import COURT_ZONE, court_day

#: Files that one waking of the job lets go of.
LOT = 500


def run(context: Context) -> int:
    """Destroy key and file of imports that ended long enough ago; return how many."""
    rule = rule_of(schedule(context.settings.keeping.schedule), Kind.LEDGER_FILE)
    if rule is None or rule.then is not Then.ERASE or rule.years is None:
        return 0
    with context.read() as s:
        old = _old(s, rule, now=context.clock.now())
    for import_id in old:
        _forget(context, import_id)
    return len(old)


def _old(s: Session, rule: Rule, *, now: datetime) -> list[UUID]:
    before = datetime.combine(years_before(court_day(now), rule.years or 0), time.min, COURT_ZONE)
    query = select(LedgerImport.id).where(
        col(LedgerImport.stage).in_([Stage.UPLOADED, Stage.DONE, Stage.FAILED]),
        col(LedgerImport.stored_as) != "",
        col(LedgerImport.created_at) < before,
    )
    return list(s.exec(query.order_by(col(LedgerImport.created_at)).limit(LOT)).all())


def _forget(context: Context, import_id: UUID) -> None:
    """The key goes first and cannot come back; a crash afterwards leaves a row that the next waking takes up again."""
    with db.unit_of_work(context.engine) as s:
        work = s.get_one(LedgerImport, import_id, with_for_update=True)
        vault_of(s).destroy(work.key_id)
        if work.stored_as:
            (context.settings.data / work.stored_as).unlink(missing_ok=True)
        work.stored_as = ""
        # Their cells were sealed with that key; how many there were stays with the import.
        s.connection().execute(delete(LedgerRefusal).where(col(LedgerRefusal.import_id) == import_id))
        if work.stage == Stage.UPLOADED:
            work.stage, work.ended_at = Stage.FAILED, context.clock.now()
            work.problem = {"key": "intake.forgotten", "values": {}}
