"""The journal of the box: what happened, in order, until the centre has it.

A row waits, is kept for some days after the centre's acknowledgement (a centre restored from a backup asks again),
or is parked for a person when the centre refused it. Nothing here is ever dropped.
"""

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from edge_agent.store import Store
from shared import sealed, wire
from shared.ids import new_id


class Row(NamedTuple):
    """One event ready to send: `payload` is the exact text of its `wire.Envelope`."""

    seq: int
    event_id: UUID
    payload: str


class Parked(NamedTuple):
    """An event the centre refused; a person decides."""

    seq: int
    event_id: UUID
    at: str
    type: str
    reason: str


class Counts(NamedTuple):
    """How many events wait for the centre, and how many for a person."""

    waiting: int
    parked: int


def put(
    store: Store,
    connection: sqlite3.Connection,
    *,
    body: wire.Body | wire.SealedBody,
    at: datetime,
    event_id: UUID | None = None,
    drill: bool = False,
) -> wire.Envelope:
    """Append an event inside the act's transaction. Numbers rise by exactly one, whatever was sent or purged.

    A box that knows the centre's key keeps the body sealed to it: whoever takes the disk, with the box's own key on it,
    cannot read what waits there.
    """
    seq = int(store.meta(connection, "last_seq") or 0) + 1
    epoch = UUID(store.meta(connection, "epoch") or "")
    ident = event_id or new_id()
    hidden = body
    if store.centre_key is not None and not isinstance(body, wire.SealedBody):
        hidden = sealed.seal(body, store.centre_key, box=store.box, event_id=ident)
    envelope = wire.Envelope(
        event_id=ident, box=store.box, epoch=epoch, seq=seq, at=at, drill=drill, body=hidden
    )
    row = store.sealer.seal(envelope.model_dump_json(), seq, str(ident))
    connection.execute(
        "insert into outbox (seq, event_id, at, payload, state) values (?, ?, ?, ?, 'waiting')",
        (seq, str(ident), at.isoformat(), row),
    )
    kind = body.of if isinstance(body, wire.SealedBody) else body.type
    if kind is wire.BoxEvent.ASSISTANCE_RAISED:
        connection.execute("insert into urgent values (?)", (seq,))
    connection.execute("update meta set value = ? where key = 'last_seq'", (str(seq),))
    return envelope


class Outbox:
    """The sender's side of the journal."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def epoch(self) -> UUID:
        """Epoch of the events in here."""
        return self._store.epoch

    def oldest(self, n: int, *, after: int = 0) -> list[Row]:
        """Return up to `n` waiting events with numbers above `after`, lowest first."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "select seq, event_id, payload from outbox where state = 'waiting' and seq > ?"
                " order by seq limit ?",
                (after, n),
            ).fetchall()
        opened = self._store.sealer.open
        return [Row(seq, UUID(event), opened(payload, seq, event)) for seq, event, payload in rows]

    def urgent(self, *, after: int) -> list[Row]:
        """Return the calls for help that wait with numbers above `after`, lowest first."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "select seq, event_id, payload from outbox where state = 'waiting'"
                " and seq in (select seq from urgent where seq > ?) order by seq",
                (after,),
            ).fetchall()
        opened = self._store.sealer.open
        return [Row(seq, UUID(event), opened(payload, seq, event)) for seq, event, payload in rows]

    def forget(self, acks: Iterable[tuple[int, UUID]], *, now: datetime) -> int:
        """Take the centre's yes for events (number and id must both fit); return how many rows it settled."""
        facts = [(now.isoformat(), seq, str(event_id)) for seq, event_id in acks]
        with self._store.transaction() as connection:
            return connection.executemany(
                "update outbox set state = 'kept', settled_at = ?, reason = ''"
                " where seq = ? and event_id = ? and state <> 'kept'",
                facts,
            ).rowcount

    def park(self, event_id: UUID, reason: str) -> None:
        """Set an event aside that the centre refused: visible, not sent again, never dropped."""
        with self._store.transaction() as connection:
            connection.execute(
                "update outbox set state = 'parked', reason = ? where event_id = ? and state = 'waiting'",
                (reason, str(event_id)),
            )

    def rewind(self, seq: int) -> bool:
        """Make every event from number `seq` on wait again; False when `seq` itself is no longer here."""
        with self._store.transaction() as connection:
            if connection.execute("select 1 from outbox where seq = ?", (seq,)).fetchone() is None:
                return False
            connection.execute(
                "update outbox set state = 'waiting', settled_at = null where seq >= ? and state = 'kept'",
                (seq,),
            )
            connection.execute("update outbox set state = 'waiting' where seq = ?", (seq,))
        return True

    def purge(self, *, now: datetime, days: int) -> int:
        """Delete events that the centre acknowledged more than `days` ago; return how many."""
        limit = (now - timedelta(days=days)).isoformat()
        with self._store.transaction() as connection:
            gone = connection.execute(
                "delete from outbox where state = 'kept' and settled_at < ?", (limit,)
            ).rowcount
            connection.execute("delete from urgent where seq not in (select seq from outbox)")
        return gone

    def counts(self) -> Counts:
        """Return how many events wait and how many are parked."""
        with self._store.reading() as connection:
            found = dict(
                connection.execute(
                    "select state, count(*) from outbox where state <> 'kept' group by state"
                ).fetchall()
            )
        return Counts(found.get("waiting", 0), found.get("parked", 0))

    def parked(self, n: int = 50) -> list[Parked]:
        """Return up to `n` parked events, oldest first."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "select seq, event_id, at, payload, reason from outbox where state = 'parked' order by seq limit ?",
                (n,),
            ).fetchall()
        found = []
        for seq, event, at, payload, reason in rows:
            envelope = wire.Envelope.model_validate_json(self._store.sealer.open(payload, seq, event))
            body = envelope.body
            kind = body.of if isinstance(body, wire.SealedBody) else body.type
            found.append(Parked(seq, envelope.event_id, at, kind.value, reason))
        return found
