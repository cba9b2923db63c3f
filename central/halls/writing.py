"""How halls write: one lock order, one place that records."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session, col, select

from central.actor import Actor, Via
from central.db import is_sqlite
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.events.models import Chain
from shared.canonical import Json

_HELD = "minyi.hall_rows"
Row = TypeVar("Row")


def stream_of(court_id: UUID) -> str:
    """Return the stream of a hall's events."""
    return stream_name("hall", court_id)


def enter(s: Session, court_id: UUID) -> None:
    """Take the hall's lock before any of its rows: a batch of messages and a person's click then never wait crosswise."""
    held(s, s.get(Chain, stream_of(court_id), with_for_update=not is_sqlite(s)))


def enter_all(s: Session, court_ids: Iterable[UUID]) -> None:
    """Take the locks of many halls, each time in the same order. SQLite has one writer."""
    streams = sorted({stream_of(court_id) for court_id in court_ids})
    if streams and not is_sqlite(s):
        query = select(Chain.stream).where(col(Chain.stream).in_(streams)).order_by(Chain.stream)
        s.exec(query.with_for_update()).all()


def held(s: Session, row: Row) -> Row:
    """Keep `row` for the life of the session: a session forgets rows nobody holds, and a batch would read them anew each time."""
    s.info.setdefault(_HELD, {})[id(row)] = row
    return row


def record(
    s: Session,
    *,
    kind: Kind,
    court_id: UUID,
    by: Actor,
    at: datetime,
    now: datetime | None = None,
    facts: Mapping[str, Json] | None = None,
) -> None:
    """Write one event of a hall. `at` is when it happened there, `now` when the centre learnt of it."""
    log.record(s, kind=kind, stream=stream_of(court_id), actor=by, at=at, now=now, facts=facts)


def box_actor(box_id: str) -> Actor:
    """Return a hall box as an actor: it has no role, its events come by their own door."""
    return Actor(name=box_id, roles=frozenset(), via=Via.BOX, username=box_id)
