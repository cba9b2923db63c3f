"""Rows that were held back as doubles go in or stay out, as a person says: one, or all that are left."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from central import db
from central.actor import Actor
from central.context import Context
from central.courts import queries as courts
from central.errors import Conflict, NotFound
from central.intake import bulk, checking, doubles, remarks, service
from central.intake.models import LedgerImport, LedgerRefusal, Remark, Stage
from central.intake.rows import LedgerRow, RawRow
from central.intake.work import actor_of, layout_of, ledger_of, once_more

#: Rows that one transaction takes.
LOT = 200


def one(s: Session, *, import_id: UUID, remark_id: UUID, take: bool, by: Actor, now: datetime) -> None:
    """Take a row that was held back, or leave it out; raise `NotFound`, or `Conflict` if that was decided or something is under way."""
    work = _locked(s, import_id)
    row = s.get(LedgerRefusal, remark_id)
    if row is None or row.import_id != import_id or row.kind != Remark.DOUBLE:
        raise NotFound("intake.not_found")
    if row.decided is not None:
        raise Conflict("intake.decided_already")
    _decide(s, work, [row], take=take, by=by.staff_id, now=now)


def leave_all(s: Session, *, import_id: UUID, by: Actor, now: datetime) -> None:
    """Leave out all rows that are still held back."""
    work = _locked(s, import_id)
    while rows := _open(s, import_id):
        _decide(s, work, rows, take=False, by=by.staff_id, now=now)
        s.flush()  # the next question must not find these again


def take_all(s: Session, *, import_id: UUID) -> None:
    """Let the job take all rows that are still held back."""
    _locked(s, import_id).stage = Stage.DECIDING


def run(context: Context, import_id: UUID) -> None:
    """Take all rows that are held back, lot by lot; a restart goes on with those that are left."""
    more = True
    while more:
        with db.unit_of_work(context.engine) as s:
            work = s.get_one(LedgerImport, import_id, with_for_update=True)
            rows = _open(s, import_id) if work.stage == Stage.DECIDING else []
            _decide(s, work, rows, take=True, by=work.staff_id, now=context.clock.now())
            more = bool(rows)
            if not more and work.stage == Stage.DECIDING:
                work.stage = Stage.DONE


def _locked(s: Session, import_id: UUID) -> LedgerImport:
    work = s.get_one(LedgerImport, import_id, with_for_update=True, populate_existing=True)
    service.check_at_rest(work)
    return work


def _open(s: Session, import_id: UUID) -> Sequence[LedgerRefusal]:
    query = select(LedgerRefusal).where(
        LedgerRefusal.import_id == import_id,
        LedgerRefusal.kind == Remark.DOUBLE,
        col(LedgerRefusal.decided).is_(None),
    )
    return s.exec(query.order_by(col(LedgerRefusal.row)).limit(LOT)).all()


def _decide(
    s: Session,
    work: LedgerImport,
    rows: Sequence[LedgerRefusal],
    *,
    take: bool,
    by: UUID | None,
    now: datetime,
) -> None:
    taken = _take(s, work, rows, now) if take else 0
    for row in rows:
        row.decided, row.decided_by = "taken" if take else "left", by
    work.held -= len(rows)
    work.taken += taken
    work.passed += 0 if take else len(rows)
    work.known += len(rows) - taken if take else 0


def _take(s: Session, work: LedgerImport, rows: Sequence[LedgerRefusal], now: datetime) -> int:
    court = courts.get(s, work.court_id)
    ledger = ledger_of(layout_of(work.layout), court, work.layout["channel"], now)
    held = [remarks.read(row) for row in rows]
    made = [
        checking.check(RawRow(each.number, each.cells, each.values.get("channel")), ledger) for each in held
    ]
    found = [row for row in made if isinstance(row, LedgerRow)]
    here = bulk.digests(s, [row.key for row in found])
    # A person said that it is another petition, however like the first.
    _, fresh = bulk.sift(s, [once_more(row) if row.key in here else row for row in found])
    marks, _ = doubles.find(
        s, fresh, court_id=work.court_id, source=work.id, others=frozenset(), seen=doubles.Seen()
    )
    bulk.write_new(
        s,
        court_id=work.court_id,
        rows=fresh,
        by=actor_of(work),
        now=ledger.now,
        source=work.id,
        likeness={each.row.number: each.likeness for each in marks},
    )
    return len(fresh)
