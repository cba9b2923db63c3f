"""Take what boxes send, strictly in order, and say what became of it. The receipts may go out only after the commit.

The caller has checked that the box named in a message is the one on whose topic it came.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlmodel import Session, col, select

from central.events.kinds import Kind
from central.halls import taking, writing
from central.halls.models import BoxEventSeen, BoxPosition, BoxPresence, HallBox, RefusedEvent
from shared import wire
from shared.canonical import sha256_hex

LOG = structlog.get_logger()

#: Most untreated messages kept for one box that cannot be read at all: past that they are counted and dropped.
TRAY_UNREADABLE = 1000


class Head(BaseModel):
    """What every event has, whatever its body: enough to answer it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    event_id: UUID
    box: str = Field(max_length=64)
    epoch: UUID
    seq: int = Field(ge=1, lt=2**62)


def read(raw: str | bytes) -> wire.Envelope | Head | None:
    """Return the event in a message, its head alone if the rest is strange, or None."""
    for shape in (wire.Envelope, Head):
        try:
            return shape.model_validate_json(raw)
        except ValidationError:
            continue
    return None


def receive(s: Session, *, envelope: wire.Envelope | Head, raw: str, now: datetime) -> wire.Ack:
    """Take one event of a box and return its receipt.

    Strictly in order of each (box, epoch): accepted, duplicate, gap (with the number expected), or refused: then it lies
    in the tray and the position moves on. A `Head` is an event whose body this centre does not understand. From a box
    that is unknown or revoked nothing is kept here: the receipt refuses, the box keeps its copy.
    """
    box = _known(s, envelope.box)
    if isinstance(box, str):
        return ack_of(envelope, wire.Verdict.REFUSED, reason=box)
    position = position_of(s, box.id, envelope.epoch, now)
    if envelope.seq > position.next_seq:
        return ack_of(envelope, wire.Verdict.GAP, expected=position.next_seq)
    seen = s.get(BoxEventSeen, (box.id, envelope.event_id)) is not None
    if envelope.seq < position.next_seq:
        return _again(s, box, envelope, seen=seen, raw=raw, now=now)
    position.next_seq, position.last_at = envelope.seq + 1, now
    if seen:
        return ack_of(envelope, wire.Verdict.DUPLICATE)
    return _take(s, box, envelope, raw=raw, now=now)


def receive_urgent(s: Session, *, envelope: wire.Envelope, now: datetime) -> bool:
    """Take a call for help ahead of the events before it; say whether it was news.

    Its place in the journal is not touched: when it comes there, it is a duplicate, and everything before it was taken in order.
    """
    box = _known(s, envelope.box)
    if isinstance(box, str) or not isinstance(envelope.body, wire.AssistanceRaised):
        return False
    position = position_of(s, box.id, envelope.epoch, now)
    if envelope.seq < position.next_seq or s.get(BoxEventSeen, (box.id, envelope.event_id)) is not None:
        return False
    try:
        done = taking.take(s, box, envelope)
    except taking.Untaken:
        return False  # in its place it goes to the tray
    _note(s, box, envelope, done, now=now)
    return True


def set_aside(s: Session, *, envelope: wire.Envelope | Head, raw: str, now: datetime) -> wire.Ack:
    """Refuse an event that broke the work itself, so that the hall behind it is not held up. In order like `receive`."""
    box = _known(s, envelope.box)
    if isinstance(box, str):
        return ack_of(envelope, wire.Verdict.REFUSED, reason=box)
    position = position_of(s, box.id, envelope.epoch, now)
    if envelope.seq > position.next_seq:
        return ack_of(envelope, wire.Verdict.GAP, expected=position.next_seq)
    if envelope.seq == position.next_seq:
        position.next_seq, position.last_at = envelope.seq + 1, now
    return _refuse(s, box, envelope, raw=raw, reason="could_not_be_taken", now=now)


def keep_unreadable(s: Session, *, box_id: str, raw: str, reason: str, now: datetime) -> bool:
    """Keep a message that has not even a head, or names another box; say whether it was kept.

    It can get no receipt: it names no event of this box. `reason` is `unreadable` or `other_box`.
    """
    box = _known(s, box_id)
    if isinstance(box, str):
        return False
    query = select(RefusedEvent.id).where(
        RefusedEvent.box_id == box.id,
        col(RefusedEvent.event_id).is_(None),
        col(RefusedEvent.treated_at).is_(None),
    )
    if len(s.exec(query.limit(TRAY_UNREADABLE)).all()) >= TRAY_UNREADABLE:
        return False
    return _keep(s, box, raw=raw, reason=reason, now=now)


def know_presences(s: Session, box_ids: Iterable[str]) -> None:
    """Read by two statements what `note_presence` would read box by box: after a cut hundreds speak at once."""
    names = sorted(set(box_ids))
    for kind in (BoxPresence, BoxPosition):
        for row in s.exec(select(kind).where(col(kind.box_id).in_(names))).all() if names else ():
            writing.held(s, row)


def note_presence(s: Session, *, presence: wire.Presence, now: datetime, live: bool = True) -> bool:
    """Keep what a box says of itself; say whether it was news. An old message handed out again is none.

    `live`: it was said just now, so that the box's clock can be compared with ours. A line that drops or returns is logged once.
    """
    if isinstance(_known(s, presence.box), str):
        return False
    row = s.get(BoxPresence, presence.box)
    if row is None:
        row = BoxPresence(box_id=presence.box, online=presence.online, said_at=presence.at, seen_at=now)
        s.add(row)
    elif (row.said_at, row.online) == (presence.at, presence.online):
        return False
    if (
        presence.epoch is not None
    ):  # a journal is known before its first event: numbers for receipts are good for one
        position_of(s, presence.box, presence.epoch, now)
    if row.online != presence.online:
        LOG.info("box is on the line" if presence.online else "box is off the line", box=presence.box)
    row.online, row.software = presence.online, presence.software
    row.waiting, row.parked = presence.waiting, presence.parked
    row.said_at, row.seen_at = presence.at, now
    if presence.figures is not None:
        row.figures = presence.figures.model_dump_json()
        row.clock_off = round((presence.at - now).total_seconds(), 1) if live else row.clock_off
    return True


def _take(s: Session, box: HallBox, envelope: wire.Envelope | Head, *, raw: str, now: datetime) -> wire.Ack:
    if isinstance(envelope, Head):
        return _refuse(s, box, envelope, raw=raw, reason="malformed", now=now)
    try:
        done = taking.take(s, box, envelope)
    except taking.Untaken as refusal:
        return _refuse(s, box, envelope, raw=raw, reason=refusal.reason, now=now)
    _note(s, box, envelope, done, now=now)
    return ack_of(envelope, wire.Verdict.ACCEPTED)


def _note(s: Session, box: HallBox, envelope: wire.Envelope, done: taking.Taken, *, now: datetime) -> None:
    s.add(BoxEventSeen(box_id=box.id, event_id=envelope.event_id))
    writing.record(
        s,
        kind=done.kind,
        court_id=box.court_id,
        by=writing.box_actor(box.id),
        at=envelope.at,
        now=now,
        facts=done.facts,
    )


def _again(
    s: Session, box: HallBox, envelope: wire.Envelope | Head, *, seen: bool, raw: str, now: datetime
) -> wire.Ack:
    """Answer a number that was taken before: the same event, one that lies in the tray, or another under an old number."""
    if seen:
        return ack_of(envelope, wire.Verdict.DUPLICATE)
    query = select(RefusedEvent.reason).where(
        RefusedEvent.box_id == box.id, RefusedEvent.event_id == envelope.event_id
    )
    reason = s.exec(query.limit(1)).first()
    if reason is not None:
        return ack_of(envelope, wire.Verdict.REFUSED, reason=reason)
    return _refuse(s, box, envelope, raw=raw, reason="number_taken_twice", now=now)


def _refuse(
    s: Session, box: HallBox, event: wire.Envelope | Head, *, raw: str, reason: str, now: datetime
) -> wire.Ack:
    _keep(s, box, raw=raw, reason=reason, now=now, event=event)
    return ack_of(event, wire.Verdict.REFUSED, reason=reason)


def _known(s: Session, box_id: str) -> HallBox | str:
    """Return the box under its hall's lock, or the reason why nothing is taken from it."""
    box = writing.held(s, s.get(HallBox, box_id))
    if box is None:
        return "box_unknown"
    writing.enter(s, box.court_id)
    return "box_revoked" if box.revoked_at is not None else box


def position_of(s: Session, box_id: str, epoch: UUID, now: datetime) -> BoxPosition:
    """Return how far a journal has been taken; a new one stands at its first number."""
    position = writing.held(s, s.get(BoxPosition, (box_id, epoch)))
    if position is None:
        position = BoxPosition(box_id=box_id, epoch=epoch, next_seq=1, last_at=now)
        s.add(position)
    return position


def _keep(
    s: Session,
    box: HallBox,
    *,
    raw: str,
    reason: str,
    now: datetime,
    event: wire.Envelope | Head | None = None,
) -> bool:
    digest = sha256_hex(raw)
    known = select(RefusedEvent.id).where(RefusedEvent.box_id == box.id, RefusedEvent.digest == digest)
    if s.exec(known).first() is not None:
        return False
    row = RefusedEvent(
        court_id=box.court_id,
        box_id=box.id,
        event_id=event.event_id if event else None,
        seq=event.seq if event else None,
        digest=digest,
        raw=raw,
        reason=reason,
        received_at=now,
    )
    s.add(row)
    writing.record(
        s,
        kind=Kind.HALL_EVENT_REFUSED,
        court_id=box.court_id,
        by=writing.box_actor(box.id),
        at=now,
        facts={"box": box.id, "reason": reason, "refused": row.id.hex},
    )
    return True


def ack_of(
    event: wire.Envelope | Head, verdict: wire.Verdict, *, expected: int | None = None, reason: str = ""
) -> wire.Ack:
    """Return the receipt for an event."""
    return wire.Ack(
        event_id=event.event_id,
        epoch=event.epoch,
        seq=event.seq,
        verdict=verdict,
        expected=expected,
        reason=reason,
    )
