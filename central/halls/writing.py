"""How halls write: one lock order, one place that records."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session, col, select

from central import db
from central.actor import Actor, Via
from central.db import is_sqlite
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.events.models import Chain
from central.halls.hearing import CHANNEL
from shared.canonical import Json

#: What a call for help goes through: screens elsewhere wait for it.
ANSWERS = frozenset({Kind.ASSISTANCE_ACKNOWLEDGED, Kind.ASSISTANCE_ARRIVED, Kind.ASSISTANCE_CLOSED})
CALLS = ANSWERS | {Kind.ASSISTANCE_RAISED, Kind.ASSISTANCE_WIDENED}
_HELD = "minyi.hall_rows"
#: Of a session that takes a batch: whose locks it has until its end.
_ENTERED = "minyi.hall_locks"
Row = TypeVar("Row")


def stream_of(court_id: UUID) -> str:
    """Return the stream of a hall's events."""
    return stream_name("hall", court_id)


def enter(s: Session, court_id: UUID) -> None:
    """Take the hall's lock before any of its rows: a batch of messages and a person's click then never wait crosswise."""
    if stream_of(court_id) in s.info.get(_ENTERED, ()):
        return
    held(s, s.get(Chain, stream_of(court_id), with_for_update=not is_sqlite(s)))


def enter_all(s: Session, court_ids: Iterable[UUID]) -> None:
    """Take the locks of many halls, each time in the same order. SQLite has one writer."""
    streams = sorted({stream_of(court_id) for court_id in court_ids})
    if not streams:
        return
    query = select(Chain).where(col(Chain.stream).in_(streams)).order_by(Chain.stream)
    for row in s.exec(query if is_sqlite(s) else query.with_for_update()).all():
        held(s, row)
        s.info.setdefault(_ENTERED, set()).add(row.stream)


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
    if kind in CALLS:
        db.announce(s, CHANNEL)
    log.record(s, kind=kind, stream=stream_of(court_id), actor=by, at=at, now=now, facts=facts)


def box_actor(box_id: str) -> Actor:
    """Return a hall box as an actor: it has no role, its events come by their own door."""
    return Actor(name=box_id, roles=frozenset(), via=Via.BOX, username=box_id)
