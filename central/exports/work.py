"""Writing exports in the background: one job writes what was agreed to and lets go of what is over."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from central import db
from central.access import service as access
from central.access.models import Look
from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.actor import Actor, Via, system
from central.context import Context
from central.courts import queries as courts
from central.courts.models import Court
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.exports import files, queries, service
from central.exports.forms import Chosen
from central.exports.models import Export
from central.exports.rules import Format, State, Watermark
from central.petitions.models import Petition, Petitioner
from shared.canonical import Json
from shared.clock import COURT_ZONE, court_day

#: Gives the sentence of a key. Court files are Chinese, whatever language the page was read in.
Say = Callable[[str], str]

COLUMNS = ("number", "court", "channel", "received", "stage", "subject", "handler", "next", "due", "closed")
PEOPLE = ("name", "phone", "address")


def run(context: Context, say: Say) -> int:
    """Write every export that waits and let go of those whose time is over; return how many were touched. The job calls it."""
    touched = _sweep(context)
    with context.read() as s:
        waiting = queries.waiting(s)
    for export_id in waiting:
        write(context, export_id, say)
        context.wake.notify()
    return touched + len(waiting)


def _sweep(context: Context) -> int:
    now, limits = context.clock.now(), context.settings.exports
    with context.read() as s:
        over = queries.lapsed(s, now=now, answer=timedelta(hours=limits.answer_hours))
    for export_id in over:
        with db.unit_of_work(context.engine) as s:
            export = s.get_one(Export, export_id, with_for_update=True)
            service.drop(s, export=export, data=context.settings.data, by=system(Via.JOB), now=now)
    return len(over)


def write(context: Context, export_id: UUID, say: Say) -> None:
    """Write one export as the person who asked would see it now. A crash on the way leaves it waiting: it is written from the start."""
    now = context.clock.now()
    with context.read() as s:
        export = s.get_one(Export, export_id)
        actor = _asker(s, export)
    if actor is None:
        _fail(context, export_id, "exports.asker_gone", now)
        return
    content, ids = _content(context, export, actor, say, now)
    if not ids:
        _fail(context, export_id, "exports.nothing", now)
        return
    key_id = context.vault.new_key()
    sha256 = files.keep(context.vault, key_id, context.settings.data, export_id, content, ids)
    with db.unit_of_work(context.engine) as s:
        kept = s.get_one(Export, export_id, with_for_update=True)
        if kept.state != State.MAKING:
            # It was thrown away meanwhile.
            context.vault.destroy(key_id)
            files.remove(context.settings.data, export_id)
            return
        _ready(s, kept, actor, ids, now=now, hours=context.settings.exports.keep_hours)
        kept.file_key, kept.sha256 = key_id, sha256
        log.record(s, kind=Kind.EXPORT_MADE, stream=stream_name("export", export_id), actor=actor, at=now)


def _asker(s: Session, export: Export) -> Actor | None:
    staff = s.get_one(Staff, export.staff_id)
    return accounts.actor_of(staff, courts.get(s, staff.court_id), Via.JOB) if staff.active else None


def _ready(
    s: Session, export: Export, actor: Actor, ids: Sequence[UUID], *, now: datetime, hours: int
) -> None:
    """Note that the file is there, and on every petition in it that it was taken out."""
    export.state, export.rows, export.made_at = State.READY, len(ids), now
    export.lapses_at = now + timedelta(hours=hours)
    for at in range(0, len(ids), queries.LOT):
        detail: dict[str, Json] = {"export": export.id.hex}
        lot = ids[at : at + queries.LOT]
        access.looked(
            s,
            by=actor,
            how=Look.EXPORTED,
            petitions=lot,
            what="export",
            now=now,
            detail=detail,
            alone=False,
        )


def _content(
    context: Context, export: Export, actor: Actor, say: Say, now: datetime
) -> tuple[bytes, list[UUID]]:
    ids: list[UUID] = []
    with context.read() as s:
        words = _words(s, export, say, now)
        out = files.writer(Format(export.format), words)
        filter_ = queries.filter_of(
            s, Chosen.model_validate(export.filters), today=court_day(export.asked_at)
        )
        for lot in queries.lots(s, actor, filter_, most=context.settings.exports.max_rows):
            for row in _lines(s, lot, say, with_people=export.with_people):
                out.add(row)
            ids += [row.id for row in lot]
            _progress(context, export.id, len(ids))
    return out.content(), ids


def _words(s: Session, export: Export, say: Say, now: datetime) -> files.Words:
    staff, court = s.get_one(Staff, export.staff_id), courts.get(s, export.court_id)
    mark = Watermark(staff.name, staff.username, court.name, now, export.serial)
    columns = (*COLUMNS, *(PEOPLE if export.with_people else ()), "mark")
    return files.Words(
        title=say("exports.file.title"),
        heads=[say(f"exports.column.{name}") for name in columns],
        mark=mark.line(f"{now.astimezone(COURT_ZONE):%Y-%m-%d %H:%M}"),
    )


def _lines(s: Session, lot: Sequence[Petition], say: Say, *, with_people: bool) -> list[list[str]]:
    """Return the cells of petitions: three statements, however many rows."""
    found = {court.id: court for court in courts.some(s, {row.court_id for row in lot})}
    people = accounts.names(s, {row.handler_id for row in lot if row.handler_id})
    senders = queries.petitioners(s, [row.id for row in lot]) if with_people else {}
    return [_line(row, found, people, say) + _sender(senders.get(row.id), with_people) for row in lot]


def _line(row: Petition, found: Mapping[UUID, Court], people: Mapping[UUID, str], say: Say) -> list[str]:
    return [
        row.number,
        found[row.court_id].name,
        say(f"petitions.channel.{row.channel}"),
        court_day(row.received_at).isoformat(),
        say(f"petitions.state.{row.state}"),
        row.subject or say("petitions.erased_subject"),
        people.get(row.handler_id, "") if row.handler_id else "",
        say(f"petitions.act.{row.next_act}") if row.next_act else "",
        row.next_due_on.isoformat() if row.next_due_on else "",
        court_day(row.closed_at).isoformat() if row.closed_at else "",
    ]


def _sender(sender: Petitioner | None, with_people: bool) -> list[str]:  # noqa: FBT001 a plain condition
    if not with_people:
        return []
    return [sender.name or "", sender.phone or "", sender.address or ""] if sender else ["", "", ""]


def _progress(context: Context, export_id: UUID, done: int) -> None:
    table: Any = Export.__table__  # type: ignore[attr-defined]
    with db.unit_of_work(context.engine) as s:
        s.connection().execute(update(table).where(col(Export.id) == export_id).values(done=done))


def _fail(context: Context, export_id: UUID, problem: str, now: datetime) -> None:
    with db.unit_of_work(context.engine) as s:
        export = s.get_one(Export, export_id, with_for_update=True)
        export.state, export.problem = State.FAILED, problem
        stream = stream_name("export", export_id)
        log.record(s, kind=Kind.EXPORT_FAILED, stream=stream, actor=system(Via.JOB), at=now)
