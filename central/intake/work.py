"""Carry an import out: batch by batch, each one transaction with its place in the file, so that a restart goes on behind it."""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime
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
from central.courts.models import Court
from central.errors import MinyiError
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.intake import above, beside, bulk, doubles, files, preparing, reading, remarks
from central.intake.checking import Ledger
from central.intake.heads import Layout
from central.intake.models import LedgerImport, Remark, Stage
from central.intake.preparing import Batch
from central.intake.rows import Field, LedgerRow, RawRow, Refusal
from central.vault.errors import KeyGone, SealBroken
from shared.canonical import sha256_hex

LOG = structlog.get_logger()
#: How often a batch is tried again when somebody else wrote the same rows meanwhile.
TRIES = 3
Progress = Callable[[int, int], None]


def batches(rows: Iterable[RawRow], ledger: Ledger, size: int, *, behind: int) -> Iterator[list[RawRow]]:
    """Yield the rows behind row `behind`, at most `size` at a time."""
    repeated = above.with_repeats(rows, ledger.layout)
    going_on = (row for row in repeated if row.number > behind)
    while listed := list(islice(going_on, size)):
        yield listed


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
    """Import what is left of a file; raise `BadFile` if it cannot be read to its end (what is in stays in).

    A person may stop it meanwhile: then it ends behind the batch it was at.
    """
    work, ledger = _begun(context, import_id)
    if work.stage != Stage.RUNNING:
        return work
    limits = context.settings.imports
    try:
        with context.read() as s:
            others = doubles.days_of_others(s, work.court_id)
        with seldom_collected(), reading.opened(path, limits, sheet=work.layout["sheet"]) as sheet:
            behind = max(work.cursor, ledger.layout.head_row)
            listed = batches(sheet.rows, ledger, limits.batch_rows, behind=behind)
            terms = _terms(context, work, ledger)
            many = sheet.last_row - behind >= limits.beside_rows
            for batch in beside.prepared(listed, terms, context.settings if many else None):
                if not _write(context.engine, import_id, batch, ledger, total=sheet.last_row, others=others):
                    break
                progress(batch.last, sheet.last_row)
    except MinyiError as error:
        _fail(context, import_id, error)
        raise
    return _finish(context, import_id)


def rehearse(
    context: Context, ledger: Ledger, path: Path, sheet_name: str | None, *, court_id: UUID
) -> tuple[dict[str, int], list[Refusal]]:
    """Return what an import would do, and write nothing."""
    counts, remarks = Counter[str](), list[Refusal]()
    digests, seen = dict[str, bulk.Kept](), doubles.Seen()
    limits = context.settings.imports
    with context.read() as s:
        others = doubles.days_of_others(s, court_id)
    with reading.opened(path, limits, sheet=sheet_name) as sheet:
        for listed in batches(sheet.rows, ledger, limits.batch_rows, behind=ledger.layout.head_row):
            batch = preparing.checked(listed, ledger)
            with context.read() as s:
                known, fresh = bulk.sift(s, batch.rows, digests)
                _, like = doubles.find(s, fresh, court_id=court_id, source=None, others=others, seen=seen)
            sorted_ = Sorted(batch, known, fresh, like, ledger)
            counts.update(sorted_.counts)
            remarks += sorted_.remarks
    return {name: counts[name] for name in COUNTS}, remarks


def waiting(s: Session) -> list[tuple[UUID, str]]:
    """Return the imports that wait or were broken off, with the place of their files, the oldest first."""
    query = (
        select(LedgerImport.id, LedgerImport.stored_as)
        .where(col(LedgerImport.stage).in_([Stage.WAITING, Stage.RUNNING]), col(LedgerImport.stored_as) != "")
        .order_by(col(LedgerImport.created_at))
    )
    return [(import_id, place) for import_id, place in s.exec(query).all()]


def resume(context: Context) -> int:
    """Carry out every import that waits or was broken off; return how many."""
    _seal_kept(context)
    with context.read() as s:
        found = waiting(s)
    for import_id, stored_as in found:
        # Its sentence is kept with the import, where the person looks.
        with suppress(MinyiError):
            _run_stored(context, import_id, context.settings.data / stored_as)
        context.wake.notify()
    return len(found)


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
    return Layout(
        stored["head_row"],
        tuple(stored["heads"]),
        columns,
        stored.get("year"),
        bool(stored.get("from_1904")),
    )


def stored(layout: Layout, sheet: str, channel: str, doubles_are: str = "hold") -> dict[str, Any]:
    """Return a layout as it is kept with an import; `doubles_are` says what becomes of doubles: hold, take or leave."""
    columns = {str(what): place for what, place in layout.columns.items()}
    return {
        "sheet": sheet,
        "head_row": layout.head_row,
        "heads": list(layout.heads),
        "columns": columns,
        "channel": channel,
        "year": layout.year,
        "from_1904": layout.from_1904,
        "doubles": doubles_are,
    }


def actor_of(work: LedgerImport) -> Actor:
    """Return the program in the name of the person who started the import."""
    return Actor(work.started_by, frozenset({Role.SYSTEM}), Via.IMPORT, staff_id=work.staff_id)


def _begun(context: Context, import_id: UUID) -> tuple[LedgerImport, Ledger]:
    with db.unit_of_work(context.engine) as s:
        work = s.get_one(LedgerImport, import_id)
        if work.stage in {Stage.UPLOADED, Stage.WAITING, Stage.FAILED}:
            work.stage = Stage.RUNNING
        court = courts.get(s, work.court_id)
        ledger = ledger_of(
            layout_of(work.layout),
            court,
            work.layout["channel"],
            context.clock.now(),
            doubles_are=work.layout.get("doubles", "hold"),
        )
    return work, ledger


def _terms(context: Context, work: LedgerImport, ledger: Ledger) -> preparing.Terms:
    by = actor_of(work)
    with context.read() as s:
        court = courts.get(s, work.court_id)
        teller = bulk.teller_of(s, court, by=by, now=ledger.now, source=work.id)
        of = bulk.Source(court.id, court.code, by.staff_id, work.id, {})
        return preparing.Terms(ledger, of, teller, context.engine.dialect.name)


def _write(
    engine: Engine,
    import_id: UUID,
    batch: Batch,
    ledger: Ledger,
    *,
    total: int,
    others: frozenset[date],
) -> bool:
    """Take a batch; return False if somebody stopped the import."""
    for tries in reversed(range(TRIES)):
        try:
            with db.unit_of_work(engine) as s:
                return _take(s, import_id, batch, ledger, total=total, others=others)
        except IntegrityError:
            if not tries:
                raise
    return False


class Sorted:
    """A batch with what became of each row: `new` go in, every other has a remark or is here already."""

    def __init__(
        self,
        batch: Batch,
        known: bulk.Counts,
        fresh: Sequence[LedgerRow],
        like: Mapping[int, Refusal],
        ledger: Ledger,
    ) -> None:
        keep = ledger.doubles == "take"
        decided = "left" if ledger.doubles == "leave" else None
        like = {**like, **{row.number: again(row, first) for row, first in known.repeated}}
        held = {n for n, remark in like.items() if remark.kind == Remark.DOUBLE and not keep}
        self.new = [row for row in fresh if row.number not in held]
        self.new += [once_more(row) for row, _ in known.repeated if keep]
        self.remarks = batch.refusals + [changed(row, ledger) for row in known.changed]
        self.remarks += [doubles.held(like[n], batch.cells[n], decided) for n in sorted(held)]
        for row in self.new:
            self.remarks += row.remarks
            if remark := like.get(row.number):
                self.remarks.append(replace(remark, kind=Remark.REMARK))
        kinds = Counter(each.kind for each in self.remarks)
        self.counts = {
            "taken": len(self.new),
            "known": known.known,
            "changed": len(known.changed),
            "refused": kinds[Remark.REFUSED] - len(known.changed),
            "left": kinds[Remark.LEFT],
            "held": 0 if decided else len(held),
            "passed": len(held) if decided else 0,
            "remarks": kinds[Remark.REMARK],
        }


def _take(
    s: Session, import_id: UUID, batch: Batch, ledger: Ledger, *, total: int, others: frozenset[date]
) -> bool:
    work = s.get_one(LedgerImport, import_id, with_for_update=True)
    if work.cursor >= batch.last:
        return True
    if work.stage != Stage.RUNNING:
        return False
    known, fresh = bulk.sift(s, batch.rows, source=import_id)
    marks, like = doubles.find(
        s,
        fresh,
        court_id=work.court_id,
        source=import_id,
        others=others,
        seen=doubles.Seen(),
        known=batch.marks,
    )
    done = Sorted(batch, known, fresh, like, ledger)
    batch.news = bool(done.new)
    bulk.write_new(
        s,
        court_id=work.court_id,
        rows=done.new,
        by=actor_of(work),
        now=ledger.now,
        source=import_id,
        likeness={each.row.number: each.likeness for each in marks},
        prepared=batch.ready,
    )
    remarks.add(s, work, done.remarks)
    work.cursor, work.total = batch.last, total
    for name, value in done.counts.items():
        setattr(work, name, getattr(work, name) + value)
    return True


def _finish(context: Context, import_id: UUID) -> LedgerImport:
    with db.unit_of_work(context.engine) as s:
        work = s.get_one(LedgerImport, import_id, with_for_update=True)
        if work.stage != Stage.RUNNING:
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


def again(row: LedgerRow, first: int) -> Refusal:
    """Return the remark on a row that stands in the file a second time, word for word."""
    return Refusal(
        row.number, "", "", "row_in_file", {"row": str(first), "channel": row.channel}, kind=Remark.DOUBLE
    )


def once_more(row: LedgerRow) -> LedgerRow:
    """Return a repeated row as one of its own: a person said that it is no mistake."""
    return replace(row, key=sha256_hex(f"{row.key}:{row.number}"))


#: What is counted of an import: every row behind the heads is in one of the first seven.
COUNTS = ("taken", "known", "changed", "refused", "left", "held", "passed", "remarks")


def figures(work: LedgerImport) -> dict[str, int]:
    """Return the counts of an import."""
    return {name: getattr(work, name) for name in COUNTS}


def _fail(context: Context, import_id: UUID, error: MinyiError) -> None:
    with db.unit_of_work(context.engine) as s:
        work = s.get_one(LedgerImport, import_id, with_for_update=True)
        work.stage, work.ended_at = Stage.FAILED, context.clock.now()
        work.problem = {
            "key": error.key,
            "values": {name: str(value) for name, value in error.values.items()},
        }
    LOG.warning("ledger not read to its end", import_id=str(import_id), reason=error.key)


def ledger_of(
    layout: Layout, court: Court, channel: str, now: datetime, *, doubles_are: str = "hold"
) -> Ledger:
    """Return what holds for every row of a file that is about to be read."""
    return Ledger(layout, court.code, channel, now, court.name, doubles_are)
