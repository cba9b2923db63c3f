"""Exports: asked for with a reason, agreed to by a second person, fetched a few times, gone with their key."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from central.access import service as access
from central.access.models import Look
from central.accounts.permissions import Right, approves, may
from central.actor import Actor, Via, system
from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.exports import files, queries
from central.exports.forms import Ask, Chosen, Decide
from central.exports.models import Export
from central.exports.rules import ALIVE, State, Wish, needs_approval
from central.petitions import queries as petitions
from central.settings import Exports
from central.vault.errors import KeyGone, SealBroken
from central.vault.rows import vault_of
from shared.canonical import Json, canonical
from shared.clock import court_day

_DAY = timedelta(days=1)


def counted(s: Session, *, actor: Actor, chosen: Chosen, limits: Exports, now: datetime) -> int:
    """Return how many petitions a list comes to, at most one more than may be exported; raise `Forbidden`."""
    if not may(actor, Right.EXPORT):
        raise Forbidden("exports.not_yours")
    filter_ = queries.filter_of(s, chosen, today=court_day(now))
    return petitions.count_newest(s, actor=actor, filter_=filter_, most=limits.max_rows)


def ask(s: Session, *, chosen: Chosen, form: Ask, limits: Exports, by: Actor, now: datetime) -> Export:
    """Ask for an export; raise `Forbidden`, or `Invalid` for one of nothing, of too much, or one too many today."""
    count = counted(s, actor=by, chosen=chosen, limits=limits, now=now)
    if count == 0:
        raise Invalid("exports.nothing")
    if count > limits.max_rows:
        raise Invalid("exports.too_many", most=limits.max_rows)
    if queries.asked_since(s, by.staff_id, now - _DAY) >= limits.per_day:
        raise Invalid("exports.enough_today", most=limits.per_day)
    if by.staff_id is None or by.court_id is None:
        raise Forbidden("exports.not_yours")
    waits = needs_approval(Wish(count, form.with_people), limits)
    export = Export(
        staff_id=by.staff_id,
        court_id=by.court_id,
        asked_at=now,
        chosen=canonical(chosen.kept()),
        format=form.format,
        with_people=form.with_people,
        count=count,
        why=form.why,
        reason=form.text,
        state=State.ASKED if waits else State.MAKING,
    )
    s.add(export)
    facts: dict[str, Json] = {
        "count": count,
        "people": form.with_people,
        "filter": export.filters,
        "approval": waits,
    }
    _record(s, Kind.EXPORT_ASKED, export, by=by, now=now, facts=facts)
    return export


def decide(s: Session, *, export_id: UUID, agree: bool, form: Decide, by: Actor, now: datetime) -> Export:
    """Agree to an export or refuse it, with words; raise `NotFound`, `Forbidden` for one's own, `Conflict` if it is decided."""
    shown = queries.get(s, export_id, actor=by)
    export = s.get_one(Export, export_id, with_for_update=True)
    if export.staff_id == by.staff_id or not approves(by, shown.court.id, shown.court.path):
        raise Forbidden("exports.second_person")
    if export.state != State.ASKED:
        raise Conflict("exports.decided")
    if not agree and len(form.text) < 2:
        raise Invalid("access.words_needed", field="text")
    export.state = State.MAKING if agree else State.REFUSED
    export.decided_by, export.decided_at, export.decision = by.staff_id, now, form.text or None
    _record(s, Kind.EXPORT_APPROVED if agree else Kind.EXPORT_REFUSED, export, by=by, now=now)
    return export


def fetch(
    s: Session, *, export_id: UUID, data: Path, limits: Exports, by: Actor, now: datetime
) -> tuple[Export, bytes | None]:
    """Return an export with its file; None for a file that just turned out to hold what its owner may no longer see.

    Raise `NotFound` for somebody else's, `Conflict` for one that is not there or was fetched often enough.
    """
    shown = queries.get(s, export_id, actor=by)
    if shown.row.staff_id != by.staff_id:
        raise NotFound
    export = s.get_one(Export, export_id, with_for_update=True)
    if export.state != State.READY or (export.lapses_at and export.lapses_at <= now):
        raise Conflict("exports.not_there")
    if export.downloads >= limits.downloads:
        raise Conflict("exports.fetched_enough", most=limits.downloads)
    try:
        ids, content = files.opened(vault_of(s), data, export_id)
    except (FileNotFoundError, KeyGone, SealBroken):
        ids, content = [], b""
    if not content or not queries.still_visible(s, by, ids):
        drop(s, export=export, data=data, by=system(Via.WEB), now=now, problem="exports.changed")
        return export, None
    export.downloads += 1
    _record(s, Kind.EXPORT_FETCHED, export, by=by, now=now)
    detail: dict[str, Json] = {"export": export.id.hex, "count": export.rows}
    access.looked(s, by=by, how=Look.DOWNLOADED, petitions=(), what="export", now=now, detail=detail)
    return export, content


def throw_away(s: Session, *, export_id: UUID, data: Path, by: Actor, now: datetime) -> None:
    """Let one's own export go before its time; raise `NotFound`."""
    shown = queries.get(s, export_id, actor=by)
    if shown.row.staff_id != by.staff_id:
        raise NotFound
    export = s.get_one(Export, export_id, with_for_update=True)
    if export.state in ALIVE:
        drop(s, export=export, data=data, by=by, now=now)


def drop(s: Session, *, export: Export, data: Path, by: Actor, now: datetime, problem: str = "") -> None:
    """End an export: its key is destroyed, its file removed."""
    if export.file_key is not None:
        vault_of(s).destroy(export.file_key)
        files.remove(data, export.id)
    export.state, export.problem = State.GONE, problem
    _record(s, Kind.EXPORT_GONE, export, by=by, now=now)


def _record(
    s: Session,
    kind: Kind,
    export: Export,
    *,
    by: Actor,
    now: datetime,
    facts: dict[str, Json] | None = None,
) -> None:
    log.record(s, kind=kind, stream=stream_name("export", export.id), actor=by, at=now, facts=facts or {})
