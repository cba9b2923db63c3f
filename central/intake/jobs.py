"""What the job of ledgers does at each waking: imports, doubles that were all taken, imports taken back."""

from sqlmodel import col, select

from central.context import Context
from central.intake import deciding, undoing, work
from central.intake.models import LedgerImport, Stage

_STEPS = {Stage.DECIDING: deciding.run, Stage.UNDOING: undoing.run}


def resume(context: Context) -> int:
    """Carry out what waits or was broken off; return how many imports."""
    done = work.resume(context)
    with context.read() as s:
        query = select(LedgerImport.id, LedgerImport.stage).where(col(LedgerImport.stage).in_(list(_STEPS)))
        found = s.exec(query.order_by(col(LedgerImport.created_at))).all()
    for import_id, stage in found:
        _STEPS[Stage(stage)](context, import_id)
        context.wake.notify()
    return done + len(found)
