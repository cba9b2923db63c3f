"""An import taken back: its petitions go, with their keys; what somebody acted on since stays and is named.

The log keeps that they came and went: an event for each, the rows removed in it, and the number, which is not given again.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Table, delete, select, update
from sqlmodel import Session, SQLModel, col

from central import db
from central.context import Context
from central.events import bulk, journal, log
from central.events.kinds import Kind
from central.events.models import Event
from central.hot import service as hot
from central.intake.blanks import Row, table_of
from central.intake.bulk import LABEL
from central.intake.models import LedgerEntry, LedgerImport, Stage
from central.intake.work import actor_of
from central.matters import service as matters
from central.notifications import service as notifications
from central.petitions.models import Petition
from central.petitions.tallies import VoidNumber
from central.vault.rows import vault_of
from shared.canonical import canonical

#: Petitions that one transaction takes back.
LOT = 250
#: Rows that an import writes, and those that a job of the centre adds by itself: they go with the petition.
_OURS = frozenset(
    {
        "petition",
        "petitioner",
        "demand",
        "reply",
        "delivery",
        "ledger_entry",
        "case_name",
        "petition_category",
        "clock",
        "clock_pause",
    }
)
_OF_JOBS = frozenset({"moved_date", "moved_other", "appraisal"})
#: What jobs make of texts and clocks, and make again at any time: it goes first, and the log says nothing of it.
_MADE = frozenset({"matter_sketch", "hot_member", "notice"})
#: What people do has their label; the centre's own jobs have this one.
_SYSTEM = "system:%"


def run(context: Context, import_id: UUID) -> LedgerImport:
    """Take back what is left of an import; a restart goes on with what is still there."""
    after = 0
    while found := _lot(context, import_id, after):
        after = found
    _destroy_keys(context, import_id)
    with db.unit_of_work(context.engine) as s:
        work = s.get_one(LedgerImport, import_id, with_for_update=True)
        if work.stage != Stage.UNDOING:
            return work
        now = context.clock.now()
        work.stage, work.ended_at = Stage.UNDONE, now
        work.kept = len(s.connection().execute(_entries(import_id)).all())
        log.record(
            s,
            kind=Kind.LEDGER_UNDONE,
            stream=journal.stream_name("court", work.court_id),
            actor=actor_of(work),
            at=now,
            facts={"by": work.started_by, "import": import_id.hex, "undone": work.undone, "kept": work.kept},
        )
        return work


def _entries(import_id: UUID) -> Any:
    return select(LedgerEntry.petition_id, LedgerEntry.row).where(col(LedgerEntry.import_id) == import_id)  # type: ignore[call-overload]


def _lot(context: Context, import_id: UUID, after: int) -> int:
    """Take back the next petitions; return the last row looked at, 0 at the end."""
    with db.unit_of_work(context.engine) as s:
        work = s.get_one(LedgerImport, import_id, with_for_update=True)
        if work.stage != Stage.UNDOING:
            return 0
        query = (
            _entries(import_id).where(col(LedgerEntry.row) > after).order_by(col(LedgerEntry.row)).limit(LOT)
        )
        rows = s.connection().execute(query).all()
        gone = [row.petition_id for row in rows]
        left = touched(s, gone)
        gone = [each for each in gone if each not in left]
        remove(s, work, gone, now=context.clock.now())
        work.undone += len(gone)
        return int(rows[-1].row) if rows else 0


def touched(s: Session, petition_ids: Sequence[UUID]) -> set[UUID]:
    """Return which petitions somebody acted on since they came in, or that something else now rests on."""
    connection, found = s.connection(), set[UUID]()
    for column in _references():
        query = select(column).where(column.in_(petition_ids)).distinct()
        found |= set(connection.execute(query).scalars())
    streams = {journal.stream_name("petition", each): each for each in petition_ids}
    acted = (
        select(Event.stream)  # type: ignore[call-overload]
        .where(col(Event.stream).in_(streams), col(Event.actor).not_like(_SYSTEM))
        .distinct()
    )
    return found | {streams[stream] for stream in connection.execute(acted).scalars()}


@cache
def _references() -> list[Column[Any]]:
    """Return the columns by which other rows than those of an import rest on a petition."""
    petition = table_of(Petition)
    return [
        column
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table is petition for key in column.foreign_keys)
        and not (column.name == "petition_id" and table.name in _OURS | _OF_JOBS | _MADE)
    ]


def remove(s: Session, work: LedgerImport, petition_ids: Sequence[UUID], *, now: datetime) -> None:
    """Delete the rows of petitions, and say so in the log of each."""
    if not petition_ids:
        return
    connection = s.connection()
    changes: dict[UUID, list[journal.Change]] = {each: [] for each in petition_ids}
    voids = list(_voids(connection, work, petition_ids, now))
    for table, owner in _tables():
        keys = list(table.primary_key.columns)
        for row in connection.execute(
            select(owner.label("owner"), *keys).where(owner.in_(petition_ids))
        ).mappings():
            gone = journal.key_of(table, {column.name: row[column] for column in keys})
            changes[row["owner"]].append({"t": table.name, "k": gone, "d": 1})
    for void in voids:
        changes[void["petition_id"]].append(journal.inserted(table_of(VoidNumber), void))
    drafts = [
        (journal.stream_name("petition", each), _draft(work, changes[each], now)) for each in petition_ids
    ]
    matters.forget(s, petition_ids)
    hot.forget(s, petition_ids)
    notifications.forget(s, petition_ids)
    for table, owner in _tables():
        connection.execute(delete(table).where(owner.in_(petition_ids)))
    bulk.insert(s, VoidNumber, voids)
    bulk.append(s, drafts)


def _draft(work: LedgerImport, changes: list[journal.Change], now: datetime) -> log.Draft:
    facts = {"by": work.started_by, "import": work.id.hex}
    data = canonical({"facts": facts, "rows": changes})  # type: ignore[dict-item]
    return log.Draft(Kind.PETITION_IMPORT_UNDONE, now, now, LABEL, data)


def _voids(
    connection: Connection, work: LedgerImport, petition_ids: Sequence[UUID], now: datetime
) -> Iterator[Row]:
    query = select(Petition.id, Petition.number, Petition.key_id).where(col(Petition.id).in_(petition_ids))  # type: ignore[call-overload]
    for petition_id, number, key_id in connection.execute(query):
        yield {
            "petition_id": petition_id,
            "number": number,
            "import_id": work.id,
            "undone_at": now,
            "key_id": key_id,
        }


@cache
def _tables() -> list[tuple[Table, Column[Any]]]:
    """Return the tables of an import's rows with the column that names the petition, those that refer to others first."""
    return [
        (table, table.c["id" if table.name == "petition" else "petition_id"])
        for table in reversed(SQLModel.metadata.sorted_tables)
        if table.name in _OURS | _OF_JOBS
    ]


def _destroy_keys(context: Context, import_id: UUID) -> None:
    """Destroy the keys of what was taken back; only then its number forgets which key that was."""
    query = (
        select(VoidNumber.key_id)  # type: ignore[call-overload]
        .where(col(VoidNumber.import_id) == import_id, col(VoidNumber.key_id).is_not(None))
        .limit(LOT)
    )
    more = True
    while more:
        with db.unit_of_work(context.engine) as s:
            keys = list(s.connection().execute(query).scalars())
            vault_of(s).destroy_all(keys)
            table = table_of(VoidNumber)
            s.connection().execute(update(table).where(table.c.key_id.in_(keys)).values(key_id=None))
            more = bool(keys)
