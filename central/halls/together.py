"""Take many events of boxes together: the rows, events and receipts of `receiving.receive` one by one, in a few statements for all.

What only concerns numbers or no row at all is gathered and written at once. Anything else (a call for help, what has to be
refused) first writes what was gathered and is then taken by itself, so that the log keeps the order of the journals.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import Table
from sqlmodel import Session, SQLModel, col, select

from central.events import bulk, journal, log
from central.halls import receiving, taking, writing
from central.halls.models import Appointment, BoxEventSeen, BoxPosition, HallBox, Ticket
from central.halls.receiving import Head, ack_of
from shared import wire
from shared.canonical import canonical

Found = TypeVar("Found")

#: Events whose rows, if they have any, are numbers and appointments.
_GATHERED = (
    wire.TicketTaken,
    wire.TicketCalled,
    wire.TicketEnded,
    wire.TicketSetAside,
    wire.TicketMoved,
    wire.TicketDeclared,
    wire.RuleSet,
    wire.CheckinRefused,
)
#: What events may change of a row that was there before.
_CHANGED: Mapping[type[SQLModel], tuple[str, ...]] = {
    Ticket: ("status", "called_at", "calls", "counter", "ended_at"),
    Appointment: ("used_at",),
}


class Arrival(NamedTuple):
    """One event as it came: `raw` is the text that is kept should it be refused."""

    event: wire.Envelope | Head
    raw: str


def enter_boxes(s: Session, names: Iterable[str]) -> dict[str, HallBox]:
    """Return the boxes of these names that exist, and take the locks of all their halls at once."""
    found = {box.id: box for box in s.exec(select(HallBox).where(col(HallBox.id).in_(sorted(set(names)))))}
    writing.enter_all(s, {box.court_id for box in found.values()})
    for box in found.values():
        writing.held(s, box)
    return found


def receive_many(
    s: Session, arrivals: Sequence[Arrival], *, boxes: Mapping[str, HallBox], now: datetime
) -> list[wire.Ack]:
    """Take events of `boxes` (from `enter_boxes`) in the given order and return a receipt for each, in that order."""
    if not arrivals:
        return []
    batch = Batch(s, arrivals, boxes, now)
    acks = [batch.take(arrival) for arrival in arrivals]
    batch.write()
    return acks


class Batch:
    """The rows that a batch of events is about, read at its beginning, and what it makes of them."""

    def __init__(
        self, s: Session, arrivals: Sequence[Arrival], boxes: Mapping[str, HallBox], now: datetime
    ) -> None:
        self._s, self._boxes, self._now = s, boxes, now
        self._labels = {name: writing.box_actor(name).label for name in boxes}
        self._positions = _positions(s, boxes, {arrival.event.epoch for arrival in arrivals})
        self._seen = _seen(s, boxes, [arrival.event.event_id for arrival in arrivals])
        self._rows: dict[tuple[type, UUID], Any] = {}
        self._before: dict[tuple[type, UUID], dict[str, Any]] = {}
        bodies = [each.event.body for each in arrivals if isinstance(each.event, wire.Envelope)]
        self._read(Ticket, {ident for each in bodies if (ident := getattr(each, "ticket_id", None))})
        taken = (each.appointment_id for each in bodies if isinstance(each, wire.TicketTaken))
        self._read(Appointment, {each for each in taken if each is not None})
        #: Rows that the event at hand has asked for or brought.
        self._touched: list[tuple[type, UUID]] = []
        self._new: list[tuple[type, UUID]] = []
        self._altered: set[tuple[type, UUID]] = set()
        self._news: list[dict[str, Any]] = []
        self._drafts: list[tuple[str, log.Draft]] = []

    def _read(self, kind: type[SQLModel], ids: set[UUID]) -> None:
        for lot in bulk.lots(sorted(ids)):
            for row in self._s.exec(select(kind).where(_table(kind).c.id.in_(lot))).all():
                self._s.expunge(row)  # its changes are written and recorded here, not by the session
                values = _values(row)
                self._rows[kind, values["id"]] = row
                self._before[kind, values["id"]] = values

    def get(self, entity: type[Found], ident: UUID, /) -> Found | None:
        """Return a row, as `taking.Rows`."""
        row: Found | None = self._rows.get((entity, ident))
        if row is not None:
            self._touched.append((entity, ident))
        return row

    def add(self, instance: object, /) -> None:
        """Take a new row, as `taking.Rows`."""
        place = type(instance), instance.id  # type: ignore[attr-defined]
        self._rows[place] = instance
        self._touched.insert(0, place)  # as a session does: first what is new

    def take(self, arrival: Arrival) -> wire.Ack:
        """Take one event and return its receipt, which may go out after the commit."""
        event = arrival.event
        box = self._boxes.get(event.box)
        if box is None:
            return ack_of(event, wire.Verdict.REFUSED, reason="box_unknown")
        if box.revoked_at is not None:
            return ack_of(event, wire.Verdict.REFUSED, reason="box_revoked")
        position = self._position(box, event.epoch)
        if event.seq > position.next_seq:
            return ack_of(event, wire.Verdict.GAP, expected=position.next_seq)
        if (box.id, event.event_id) in self._seen:
            if event.seq == position.next_seq:
                position.next_seq, position.last_at = event.seq + 1, self._now
            return ack_of(event, wire.Verdict.DUPLICATE)
        if event.seq == position.next_seq and self._gather(box, event):
            position.next_seq, position.last_at = event.seq + 1, self._now
            return ack_of(event, wire.Verdict.ACCEPTED)
        return self._alone(arrival)

    def _alone(self, arrival: Arrival) -> wire.Ack:
        self.write()
        ack = receiving.receive(self._s, envelope=arrival.event, raw=arrival.raw, now=self._now)
        if ack.verdict is wire.Verdict.ACCEPTED:
            self._seen.add((arrival.event.box, arrival.event.event_id))
        return ack

    def _position(self, box: HallBox, epoch: UUID) -> BoxPosition:
        found = self._positions.get((box.id, epoch))
        if found is None:
            found = receiving.position_of(self._s, box.id, epoch, self._now)
            self._positions[box.id, epoch] = found
        return found

    def _gather(self, box: HallBox, event: wire.Envelope | Head) -> bool:
        """Do what an event says to the rows in memory; False if it has to be taken by itself, then nothing is changed."""
        if not isinstance(event, wire.Envelope) or not isinstance(event.body, _GATHERED):
            return False
        self._touched.clear()
        try:
            done = taking.take(self, box, event)
        except taking.Untaken:
            return False
        data = canonical({"facts": done.facts, "rows": self._changes()})  # type: ignore[dict-item]
        draft = log.Draft(done.kind, event.at, self._now, self._labels[box.id], data)
        self._drafts.append((writing.stream_of(box.court_id), draft))
        self._seen.add((box.id, event.event_id))
        self._news.append({"box_id": box.id, "event_id": event.event_id})
        return True

    def _changes(self) -> list[journal.Change]:
        found = []
        for place in dict.fromkeys(self._touched):
            kind, values, before = place[0], _values(self._rows[place]), self._before.get(place)
            if before is None:
                change: journal.Change | None = journal.inserted(_table(kind), values)
                self._new.append(place)
            else:
                change = journal.changed(_table(kind), before, values)
                self._altered.add(place)
            self._before[place] = values
            if change is not None:
                found.append(change)
        return found

    def write(self) -> None:
        """Write what was gathered: rows, events, and the ids of the events."""
        if not self._drafts:
            return
        self._s.flush()
        new = set(self._new)
        for kind, columns in _CHANGED.items():
            bulk.insert(self._s, kind, [self._before[each] for each in self._new if each[0] is kind])
            altered = [self._before[each] for each in self._altered if each[0] is kind and each not in new]
            bulk.change(self._s, kind, columns, sorted(altered, key=lambda row: row["id"].int))
        bulk.insert(self._s, BoxEventSeen, self._news)
        bulk.append(self._s, self._drafts)
        for gathered in (self._new, self._altered, self._news, self._drafts):
            gathered.clear()


def _positions(
    s: Session, boxes: Iterable[str], epochs: Iterable[UUID]
) -> dict[tuple[str, UUID], BoxPosition]:
    query = select(BoxPosition).where(
        col(BoxPosition.box_id).in_(sorted(boxes)), col(BoxPosition.epoch).in_(epochs)
    )
    found = s.exec(query).all()
    return {(each.box_id, each.epoch): writing.held(s, each) for each in found}


def _seen(s: Session, boxes: Iterable[str], ids: Sequence[UUID]) -> set[tuple[str, UUID]]:
    query = select(BoxEventSeen.box_id, BoxEventSeen.event_id)
    query = query.where(col(BoxEventSeen.box_id).in_(sorted(boxes)), col(BoxEventSeen.event_id).in_(ids))
    return {(box, ident) for box, ident in s.exec(query).all()}


def _table(kind: type) -> Table:
    table: Table = kind.__table__  # type: ignore[attr-defined]
    return table


def _values(row: Any) -> dict[str, Any]:
    """Return a row's columns as the drivers take them."""
    found = {column.name: getattr(row, column.name) for column in _table(type(row)).columns}
    return {name: value.value if isinstance(value, Enum) else value for name, value in found.items()}
