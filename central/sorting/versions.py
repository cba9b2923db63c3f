"""Versions of what was learned: kept, put in force, taken back. One at most is in force."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from central import db
from central.accounts.permissions import governs_sorting
from central.actor import Actor
from central.errors import Conflict, Forbidden, NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.sorting import queries
from central.sorting.judging import KeptOut
from central.sorting.models import SortingModel
from central.sorting.scheme import current

_STREAM = stream_name("sorting", 1)
#: Advisory lock of who numbers a version or says which one proposes: two jobs or an admin may do it at one moment.
_LOCK = 727023


def keep(
    s: Session,
    *,
    model_id: UUID,
    decisions: int,
    labels: int,
    figures: Mapping[str, Any],
    kept_out: KeptOut | None,
    by: Actor,
    now: datetime,
) -> SortingModel:
    """Keep a version whose weights are on the disk already; it takes effect unless something keeps it out."""
    db.hold(s, _LOCK)
    number = (s.exec(select(func.max(SortingModel.number))).one() or 0) + 1
    row = SortingModel(
        id=model_id,
        number=number,
        scheme=current().version,
        made_at=now,
        decisions=decisions,
        labels=labels,
        figures=json.dumps(figures, sort_keys=True),
        kept_out=kept_out,
    )
    s.add(row)
    _record(s, Kind.PROPOSALS_LEARNED, row, by=by, now=now, decisions=decisions)
    if kept_out is None:
        _begin(s, row, by=by, now=now)
    return row


def put_in_force(s: Session, *, number: int, by: Actor, now: datetime) -> SortingModel:
    """Let another version propose, as a rule an earlier one; raise `Forbidden`, `NotFound`, `Conflict`."""
    if not governs_sorting(by):
        raise Forbidden("sorting.quality.governors_only")
    db.hold(s, _LOCK)
    row = s.exec(select(SortingModel).where(SortingModel.number == number).with_for_update()).first()
    if row is None:
        raise NotFound
    if row.scheme != current().version:
        raise Conflict("sorting.quality.other_scheme", number=number)
    if row.in_force_since is not None and row.in_force_until is None:
        return row
    return _begin(s, row, by=by, now=now)


def silence(s: Session, *, by: Actor, now: datetime) -> None:
    """Let no version propose until the next one is learned or put in force; raise `Forbidden`."""
    if not governs_sorting(by):
        raise Forbidden("sorting.quality.governors_only")
    db.hold(s, _LOCK)
    _end(s, by=by, now=now)


def _begin(s: Session, row: SortingModel, *, by: Actor, now: datetime) -> SortingModel:
    _end(s, by=by, now=now)
    row.in_force_since, row.in_force_until, row.in_force_by = now, None, by.staff_id
    s.add(row)
    _record(s, Kind.PROPOSALS_IN_FORCE, row, by=by, now=now)
    return row


def _end(s: Session, *, by: Actor, now: datetime) -> None:
    before = queries.in_force(s)
    if before is not None:
        before.in_force_until = now
        s.add(before)
        _record(s, Kind.PROPOSALS_ENDED, before, by=by, now=now)


def _record(s: Session, kind: Kind, row: SortingModel, *, by: Actor, now: datetime, **facts: int) -> None:
    log.record(
        s,
        kind=kind,
        stream=_STREAM,
        actor=by,
        at=now,
        facts={"version": row.number, **facts},
    )


def known(s: Session) -> set[UUID]:
    """Return the ids of all versions."""
    return set(s.exec(select(col(SortingModel.id))).all())
