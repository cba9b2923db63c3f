"""Carry an import out: batch by batch, each one transaction with its place in the file, so that a restart goes on behind it."""

import gc
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from central import db
from central.actor import Actor, Role, Via
from central.context import Context
from central.courts import queries as courts
from central.errors import MinyiError
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.intake import bulk, checking, files, reading
from central.intake.checking import Ledger
from central.intake.heads import Layout
from central.intake.models import LedgerImport, LedgerRefusal, Stage
from central.intake.rows import Field, LedgerRow, RawRow, Refusal
from central.vault.errors import KeyGone, SealBroken
from shared.clock import Clock

LOG = structlog.get_logger()
#: How often a batch is tried again when somebody else wrote the same rows meanwhile.
TRIES = 3
Progress = Callable[[int, int], None]


@dataclass
class Batch:
    """Some rows of the sheet, sorted into those that can be taken and the reasons why others cannot."""

    last: int = 0
    rows: list[LedgerRow] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def batches(rows: Iterable[RawRow], ledger: Ledger, size: int, *, behind: int) -> Iterator[Batch]:
    """Yield the rows behind row `behind`, checked, at most `size` at a time."""
    left = (row for row in rows if row.number > behind)
    while listed := list(islice(left, size)):
        batch = Batch(last=listed[-1].number)
        for raw in listed:
            found = checking.check(raw, ledger)
            if isinstance(found, Refusal):
                batch.refusals.append(found)
            else:
                batch.rows.append(found)
        yield batch


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for circular waste seldom: a batch is tens of thousands of plain rows that live to its end. A fifth faster."""
    usual = gc.get_threshold()
    gc.set_threshold(200_000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def silent(done: int, total: int) -> None:
    """Show no progress."""
    del done, total


def run(context: Context, import_id: UUID, path: Path, *, progress: Progress = silent) -> LedgerImport:
    """Import what is left of a file; raise `BadFile` if it cannot be read to its end (what is in stays in)."""
    work, ledger = _begun(context, import_id)
    if work.stage == Stage.DONE:
        return work
    limits = context.settings.imports
    try:
        with seldom_collected(), reading.opened(path, limits, sheet=work.layout["sheet"]) as sheet:
            behind = max(work.cursor, ledger.layout.head_row)
            for batch in batches(sheet.rows, ledger, limits.batch_rows, behind=behind):
                _write(context.engine, import_id, batch, ledger, total=sheet.last_row)
                progress(batch.last, sheet.last_row)
    except MinyiError as error:
        _fail(context, import_id, error)
        raise
    return _finish(context, import_id)


def rehearse(
    context: Context, ledger: Ledger, path: Path, sheet_name: str | None
) -> tuple[bulk.Counts, list[Refusal]]:
    """Return what an import would do, and write nothing."""
    total, refusals, seen = bulk.Counts(), list[Refusal](), dict[str, str]()
    limits = context.settings.imports
    with reading.opened(path, limits, sheet=sheet_name) as sheet:
        for batch in batches(sheet.rows, ledger, limits.batch_rows, behind=ledger.layout.head_row):
            with context.read() as s:
                counts, _ = bulk.sift(s, batch.rows, seen)
            total.taken += counts.taken
            total.known += counts.known
            total.changed += counts.changed
            refusals += batch.refusals + [changed(row, ledger) for row in counts.changed]
    return total, refusals


def resume(context: Context) -> int:
    """Carry out every import that waits or was broken off; return how many. The job calls it."""
    _seal_kept(context)
    with context.read() as s:
        waiting = s.exec(
            select(LedgerImport.id, LedgerImport.stored_as)
            .where(
                col(LedgerImport.stage).in_([Stage.WAITING, Stage.RUNNING]), col(LedgerImport.stored_as) != ""
            )
            .order_by(col(LedgerImport.created_at))
        ).all()
    for import_id, stored_as in waiting:
        # Its sentence is kept with the import, where the person looks.
        with suppress(MinyiError):
            _run_stored(context, import_id, context.settings.data / stored_as)
        context.wake.notify()
    return len(waiting)


def _run_stored(context: Context, import_id: UUID, path: Path) -> None:
    try:
        with files.opened(context.vault, path, import_id) as plain:
            run(context, import_id, plain)
    except (KeyGone, SealBroken) as error:
        _fail(context, import_id, error)
        raise


def _seal_kept(context: Context) -> None:
    """Seal the files that an earlier version kept as they came."""
    with context.read() as s:
        plain = s.exec(select(LedgerImport).where(col(LedgerImport.stored_as).like("%.xlsx"))).all()
    for work in plain:
        path = context.settings.data / work.stored_as
        target = path.with_suffix(files.SEALED)
        if path.is_file():
            with path.open("rb") as source:
                files.keep(context.vault, work.key_id, source, target, work.id)
        with db.unit_of_work(context.engine) as s:
            s.get_one(LedgerImport, work.id).stored_as = str(target.relative_to(context.settings.data))
        path.unlink(missing_ok=True)


def changed(row: LedgerRow, ledger: Ledger) -> Refusal:
    """Return the remark on a row whose number is here with other content."""
    head = ledger.layout.head(Field.NUMBER) or ledger.layout.head(Field.RECEIVED_AT)
    return Refusal(row.number, head, row.source_number or "", "changed")


def layout_of(stored: dict[str, Any]) -> Layout:
    """Return the layout kept with an import."""
    columns = {Field(name): place for name, place in stored["columns"].items()}
    return Layout(stored["head_row"], tuple(stored["heads"]), columns)


def stored(layout: Layout, sheet: str, channel: str) -> dict[str, Any]:
    """Return a layout as it is kept with an import."""
    columns = {str(what): place for what, place in layout.columns.items()}
    return {
        "sheet": sheet,
        "head_row": layout.head_row,
        "heads": list(layout.heads),
        "columns": columns,
        "channel": channel,
    }


def actor_of(work: LedgerImport) -> Actor:
    """Return the program in the name of the person who started the import."""
    return Actor(work.started_by, frozenset({Role.SYSTEM}), Via.IMPORT, staff_id=work.staff_id)


def _begun(context: Context, import_id: UUID) -> tuple[LedgerImport, Ledger]:
    with db.unit_of_work(context.engine) as s:
        work = s.get_one(LedgerImport, import_id)
        if work.stage != Stage.DONE:
            work.stage = Stage.RUNNING
        court = courts.get(s, work.court_id)
        ledger = Ledger(layout_of(work.layout), court.code, work.layout["channel"], context.clock.now())
    return work, ledger


def _write(engine: Engine, import_id: UUID, batch: Batch, ledger: Ledger, *, total: int) -> None:
    for left in reversed(range(TRIES)):
        try:
            with db.unit_of_work(engine) as s:
                _take(s, import_id, batch, ledger, total)
        except IntegrityError:
            if not left:
                raise
        else:
            return


def _take(s: Session, import_id: UUID, batch: Batch, ledger: Ledger, total: int) -> None:
    work = s.get_one(LedgerImport, import_id, with_for_update=True)
    if work.cursor >= batch.last:
        return
    counts = bulk.write(
        s, court_id=work.court_id, rows=batch.rows, by=actor_of(work), now=ledger.now, source=import_id
    )
    remarks = batch.refusals + [changed(row, ledger) for row in counts.changed]
    s.add_all(_kept(import_id, each) for each in remarks)
    work.cursor, work.total = batch.last, total
    work.taken += counts.taken
    work.known += counts.known
    work.changed += len(counts.changed)
    work.refused += len(batch.refusals)


def _kept(import_id: UUID, refusal: Refusal) -> LedgerRefusal:
    return LedgerRefusal(
        import_id=import_id,
        row=refusal.number,
        column=refusal.column[:100],
        reason=refusal.reason,
        cell=json.dumps([refusal.value[:200], refusal.values], ensure_ascii=False),
    )


def _finish(context: Context, import_id: UUID) -> LedgerImport:
    with db.unit_of_work(context.engine) as s:
        work = s.get_one(LedgerImport, import_id, with_for_update=True)
        if work.stage == Stage.DONE:
            return work
        now = context.clock.now()
        work.stage, work.ended_at = Stage.DONE, now
        log.record(
            s,
            kind=Kind.LEDGER_IMPORTED,
            stream=stream_name("court", work.court_id),
            actor=actor_of(work),
            at=now,
            facts={
                "by": work.started_by,
                "import": import_id.hex,
                "file": work.file_name,
                "digest": work.file_digest,
                **figures(work),
            },
        )
        return work


def figures(work: LedgerImport) -> dict[str, int]:
    """Return the counts of an import."""
    return {
        "taken": work.taken,
        "known": work.known,
        "changed": work.changed,
        "refused": work.refused,
    }


def _fail(context: Context, import_id: UUID, error: MinyiError) -> None:
    with db.unit_of_work(context.engine) as s:
        work = s.get_one(LedgerImport, import_id, with_for_update=True)
        work.stage, work.ended_at = Stage.FAILED, context.clock.now()
        work.problem = {
            "key": error.key,
            "values": {name: str(value) for name, value in error.values.items()},
        }
    LOG.warning("ledger not read to its end", import_id=str(import_id), reason=error.key)


def ledger_of(layout: Layout, court_code: str, channel: str, clock: Clock) -> Ledger:
    """Return what holds for every row of a file that is about to be read."""
    return Ledger(layout, court_code, channel, clock.now())
