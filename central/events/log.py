"""Write and read the log. `record` is the only way an event comes into being, `build` its bulk sister for imports."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlmodel import Session, col, select

from central.actor import Actor
from central.db import is_sqlite
from central.events import journal, settled
from central.events.kinds import Kind
from central.events.models import Chain, Cursor, Event
from shared.canonical import Json, canonical, sha256_hex

#: The `prev` of the first event of a stream.
GENESIS = "0" * 64
_HEADS = "minyi.chain_heads"


def record(
    s: Session,
    *,
    kind: Kind,
    stream: str,
    actor: Actor,
    at: datetime,
    now: datetime | None = None,
    facts: Mapping[str, Json] | None = None,
    first: int | None = None,
) -> Event:
    """Write one event with all row changes of `stream` since its last event.

    `at` is when it happened, `now` (default `at`) when the centre learnt of it. `facts` are what pages and readers of the log
    need: codes and ids, no free text and nothing about a person that the row itself does not already show in the clear.
    `first` says that the stream is new, which saves looking, and gives the event the id that `next_ids` drew for it.
    """
    s.flush()  # collects the row changes that belong to this event
    head = _head(s, stream) if first is None else _new_head(s, stream)
    data = canonical({"facts": dict(facts or {}), "rows": journal.take(s, stream)})  # type: ignore[dict-item]
    row = chained(
        next_ids(s, 1)[0] if first is None else first,
        Link(stream, head.seq, head.hash),
        Draft(kind, at, now or at, actor.label, data),
    )
    head.seq, head.hash = row["seq"], row["hash"]
    event = Event(**row)
    s.add(event)
    s.flush()  # the next event of this transaction reads the new head
    return event


def append(
    s: Session, *, kind: Kind, stream: str, actor: Actor, at: datetime, facts: Mapping[str, Json]
) -> int:
    """Write one event that goes with no row changes and return its id: three statements, no objects; for looks, which are many."""
    connection = s.connection()
    held: dict[str, Chain] = s.info.setdefault(_HEADS, {})
    held.pop(stream, None)  # what `record` remembers of this stream is out of date from here
    found = connection.execute(_PLACE[is_sqlite(s)], {"stream": stream, "genesis": GENESIS}).one()
    data = canonical({"facts": facts, "rows": []})
    row = chained(found[0], Link(stream, found[1], found[2]), Draft(kind, at, at, actor.label, data))
    connection.execute(_EVENT.insert(), row)
    connection.execute(_MOVE_HEAD, {"stream": stream, "seq": row["seq"], "hash": row["hash"]})
    return int(found[0])


def append_alone(
    connection: Connection,
    *,
    kind: Kind,
    stream: str,
    actor: Actor,
    at: datetime,
    facts: Mapping[str, Json],
    into: Table,
    row: Mapping[str, Any],
) -> int | None:
    """Write one event and `row` of `into`, which gets its id as `event_id`, by one statement; return the id, None if the stream is new.

    PostgreSQL only, on a connection that commits each statement: those who look in one court wait for each other no longer than
    the disk takes. The hash is made where the event gets its number and is that of `hash_of`.
    """
    values = {
        **row,
        "stream": stream,
        "kind": str(kind),
        "at": at,
        "moment": _moment(at),
        "actor": actor.label,
        "data": canonical({"facts": facts, "rows": []}),
    }
    found: int | None = connection.execute(_alone(into), values).scalar()
    return found


@lru_cache(maxsize=8)
def _alone(into: Table) -> TextClause:
    """Return the statement of `append_alone`: the head is locked and read, the event drawn, hashed and written, the head moved."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    types = {each.name: each.type.compile(dialect) for each in into.columns if each.name != "event_id"}
    values = ", ".join(f"CAST(:{name} AS {kind})" for name, kind in types.items())
    return text(
        settled.OPENED  # noqa: S608 names of our own # nosec B608
        + ", said AS MATERIALIZED (SELECT CAST(:stream AS text) AS stream, CAST(:kind AS text) AS kind,"  # noqa: S608 as above # nosec B608
        " CAST(:at AS timestamptz) AS at, CAST(:moment AS text) AS moment, CAST(:actor AS text) AS actor,"
        " CAST(:data AS text) AS data FROM opened),"
        " head AS MATERIALIZED (SELECT chain.seq, chain.hash FROM chain, said"
        " WHERE chain.stream = said.stream FOR UPDATE OF chain),"
        " drawn AS MATERIALIZED (SELECT nextval('event_id_seq') AS id, seq + 1 AS seq, hash AS prev FROM head),"
        " told AS MATERIALIZED (SELECT id, seq, prev, said.*, encode(sha256(convert_to(concat_ws(chr(10), id, stream,"
        " seq, kind, moment, moment, actor, prev, data), 'UTF8')), 'hex') AS hash FROM drawn, said),"
        " moved AS (UPDATE chain SET seq = told.seq, hash = told.hash FROM told WHERE chain.stream = told.stream),"
        " written AS (INSERT INTO event (id, stream, seq, kind, at, recorded_at, actor, data, prev, hash)"
        " SELECT id, stream, seq, kind, at, at, actor, data, prev, hash FROM told)"
        f' INSERT INTO "{into.name}" (event_id, {", ".join(types)}) SELECT id, {values} FROM told RETURNING event_id'
    )


#: Next id, and where the stream stands. PostgreSQL locks the head by the same statement; SQLite has one writer.
_PLACE = {
    True: text(
        "SELECT (SELECT coalesce(max(id), 0) + 1 FROM event), coalesce(seq, 0), coalesce(hash, :genesis)"
        " FROM (SELECT 1) LEFT JOIN chain ON stream = :stream"
    ),
    False: text(
        settled.OPENED  # noqa: S608 constants alone # nosec B608
        + "INSERT INTO chain AS head (stream, seq, hash) SELECT :stream, 0, :genesis FROM opened"
        " ON CONFLICT (stream) DO UPDATE SET seq = head.seq RETURNING nextval('event_id_seq'), seq, hash"
    ),
}
_MOVE_HEAD = text(
    "INSERT INTO chain (stream, seq, hash) VALUES (:stream, :seq, :hash)"
    " ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, hash = excluded.hash"
)
_EVENT: Table = Event.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Link:
    """Where a stream stands: number and hash of its last event."""

    stream: str
    seq: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Draft:
    """An event before it has a place in a chain."""

    kind: Kind
    at: datetime
    recorded_at: datetime
    actor: str
    data: str


def chained(event_id: int, link: Link, draft: Draft) -> dict[str, Any]:
    """Return the row of the event that follows `link`."""
    row: dict[str, Any] = {
        "id": event_id,
        "stream": link.stream,
        "seq": link.seq + 1,
        "kind": str(draft.kind),
        "at": draft.at,
        "recorded_at": draft.recorded_at,
        "actor": draft.actor,
        "data": draft.data,
        "prev": link.hash,
    }
    row["hash"] = hash_of(row)
    return row


def hash_of(row: Mapping[str, Any]) -> str:
    """Return the hash that a row of `event` must carry: over every other column, each on a line of its own.

    No column but `data` can hold a line break, and `data` is canonical JSON, which has none.
    """
    parts = (
        str(row["id"]),
        row["stream"],
        str(row["seq"]),
        row["kind"],
        _moment(row["at"]),
        _moment(row["recorded_at"]),
        row["actor"],
        row["prev"],
        row["data"],
    )
    return sha256_hex("\n".join(parts))


@lru_cache(maxsize=4096)
def _moment(at: datetime) -> str:
    moment = at if at.tzinfo is UTC else at.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")


def next_ids(s: Session, count: int) -> range | list[int]:
    """Return ids for `count` new events, rising. The caller writes them in this transaction."""
    if is_sqlite(s):
        # The write lock is held, so nobody else can take the same numbers.
        last = s.connection().execute(text("SELECT coalesce(max(id), 0) FROM event")).scalar_one()
        return range(last + 1, last + 1 + count)
    return settled.draw(s, count)


def forget_heads(s: Session, streams: Iterable[str]) -> None:
    """Read these heads anew before the next `record`: they were moved past the session."""
    held: dict[str, Chain] = s.info.get(_HEADS, {})
    for stream in streams:
        held.pop(stream, None)


def _head(s: Session, stream: str) -> Chain:
    held: dict[str, Chain] = s.info.setdefault(_HEADS, {})
    head = held.get(stream)
    if head is None or head not in s:
        head = s.get(Chain, stream, with_for_update=not is_sqlite(s), populate_existing=True)
    held[stream] = head or _new_head(s, stream)
    return held[stream]


def _new_head(s: Session, stream: str) -> Chain:
    head = Chain(stream=stream, seq=0, hash=GENESIS)
    s.add(head)
    return head


def of_stream(s: Session, stream: str) -> Sequence[Event]:
    """Return all events of one stream in order."""
    return s.exec(select(Event).where(Event.stream == stream).order_by(col(Event.seq))).all()


def after(s: Session, cursor: int, *, limit: int = 500, kinds: Sequence[Kind] = ()) -> Sequence[Event]:
    """Return events behind `cursor` in order, none of which can still be overtaken by a slower transaction."""
    query = _behind(s, select(Event), cursor, limit)
    if kinds:
        query = query.where(col(Event.kind).in_([str(kind) for kind in kinds]))
    found: Sequence[Event] = s.exec(query).all()
    return found


def kinds_after(s: Session, cursor: int, *, limit: int) -> list[tuple[int, str]]:
    """Return ids and kinds of the events that `after` would return, without what they say: for a reader of few kinds."""
    return list(s.exec(_behind(s, select(Event.id, Event.kind), cursor, limit)))


def streams_after(s: Session, cursor: int, *, limit: int) -> list[tuple[int, str, str]]:
    """Return ids, streams and hashes of the events that `after` would return, without what they say: for a reader of present rows."""
    return list(s.exec(_behind(s, select(Event.id, Event.stream, Event.hash), cursor, limit)))


def _behind(s: Session, query: Any, cursor: int, limit: int) -> Any:
    end = settled.up_to(s)
    if end is not None:
        query = query.where(col(Event.id) <= end)
    return query.where(col(Event.id) > cursor).order_by(col(Event.id)).limit(limit)


def start_of(s: Session, *, margin: int) -> tuple[int, str]:
    """Return id and hash of an event `margin` before the newest, from which a reader who has read the present rows follows the log.

    (0, '') if there are no more: the reader begins at the beginning.
    """
    query = select(Event.id, Event.hash).where(col(Event.id) <= latest_id(s) - margin)
    found = s.exec(query.order_by(col(Event.id).desc()).limit(1)).first()
    return (found[0], found[1]) if found else (0, "")


def some(s: Session, ids: Sequence[int]) -> Sequence[Event]:
    """Return events by their ids, in their order."""
    return s.exec(select(Event).where(col(Event.id).in_(ids)).order_by(col(Event.id))).all() if ids else []


def facts_of(event: Event) -> dict[str, Any]:
    """Return the facts of an event."""
    found: dict[str, Any] = json.loads(event.data)["facts"]
    return found


def latest_id(s: Session) -> int:
    """Return the id of the newest event, 0 if there is none."""
    return int(s.connection().execute(text("SELECT coalesce(max(id), 0) FROM event")).scalar_one())


def position(s: Session, reader: str) -> int:
    """Return how far `reader` has read."""
    cursor = s.get(Cursor, reader)
    return cursor.event_id if cursor else 0


def move(s: Session, reader: str, event_id: int) -> None:
    """Note in the same transaction as the work itself how far `reader` has read."""
    cursor = s.get(Cursor, reader)
    if cursor is None:
        s.add(Cursor(reader=reader, event_id=event_id))
    else:
        cursor.event_id = event_id


def in_batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Yield `items` in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
