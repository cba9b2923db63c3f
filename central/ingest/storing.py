"""Put messages of boxes into the database and say which answers may leave once that is committed."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import structlog
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from central import db
from central.events.log import in_batches
from central.fleet import service as fleet
from central.halls import service
from central.ingest import pieces, voices
from shared import sealed, topics, wire
from shared.hall_settings import SettingsState
from shared.logtail import Tail

LOG = structlog.get_logger()

#: An event takes below a kilobyte; what is longer than this is not one.
MAX_BYTES = 64 * 1024
#: So much of a message that cannot be read is kept for a person to look at.
KEPT_SIGNS = 2000
#: The database is away or busy, which is nothing the message can be blamed for.
DOWN = (OperationalError, InterfaceError, PoolTimeoutError)


_PRESENCE: TypeAdapter[wire.Presence | wire.Signed] = TypeAdapter(wire.Presence | wire.Signed)


class Message(NamedTuple):
    """A message as it came from the broker. `kept`: the broker had it before this process asked."""

    topic: str
    payload: bytes
    kept: bool = False


class Answer(NamedTuple):
    """A message with one receipt of a box, or several, and where it goes."""

    topic: str
    payload: str


class Receipt(NamedTuple):
    """What became of one event of a box."""

    box: str
    ack: wire.Ack


class Moment(NamedTuple):
    """When messages are taken, and with which key the bodies sealed to the centre are opened."""

    now: datetime
    opening: X25519PrivateKey | None


def store(
    engine: Engine, messages: Sequence[Message], *, now: datetime, opening: X25519PrivateKey | None = None
) -> list[Answer]:
    """Take `messages` in one transaction and return the answers to send; raise one of `DOWN` and take nothing.

    What an enrolled box did not sign is not taken. What cannot be taken for its own sake spoils nothing of the others: then
    the batch is taken in halves, down to the message that broke it.
    """
    answers = _store(engine, [each for each in messages if not pieces.is_piece(each)], now, opening)
    parts = pieces.take(engine, [each for each in messages if pieces.is_piece(each)], now=now)
    return [*answers, *(Answer(*part) for part in parts)]


def _store(
    engine: Engine, messages: Sequence[Message], now: datetime, opening: X25519PrivateKey | None
) -> list[Answer]:
    if not messages:
        return []
    # By box, so that answers to one box go together. Within a box nothing moves.
    ordered, at = sorted(messages, key=lambda message: message.topic), Moment(now, opening)
    try:
        return _answers(_together(engine, ordered, at))
    except DOWN:
        raise
    except Exception:
        LOG.exception("messages could not be taken together", messages=len(messages))
        return _answers(_in_halves(engine, ordered, at))


def _together(engine: Engine, messages: Sequence[Message], at: Moment) -> list[Receipt]:
    with db.unit_of_work(engine) as s:
        return _take(s, messages, at)


def _in_halves(engine: Engine, messages: Sequence[Message], at: Moment) -> list[Receipt]:
    if len(messages) == 1:
        return _alone(engine, messages[0], at)
    found, middle = list[Receipt](), len(messages) // 2
    for half in (messages[:middle], messages[middle:]):
        try:
            found += _together(engine, half, at)
        except DOWN:
            return found  # no answer to the rest: the boxes send it again
        except Exception:  # noqa: BLE001 the message behind it is named once it is found
            found += _in_halves(engine, half, at)
    return found


def _alone(engine: Engine, message: Message, at: Moment) -> list[Receipt]:
    try:
        return _together(engine, [message], at)
    except DOWN:
        return []  # no answer: the box sends it again
    except Exception:
        LOG.exception("message could not be taken", topic=message.topic, size=len(message.payload))
    try:
        return _set_aside(engine, message, at)
    except Exception:
        LOG.exception("message could not be set aside", topic=message.topic)
        return []


def _set_aside(engine: Engine, message: Message, at: Moment) -> list[Receipt]:
    place = topics.parse(message.topic)
    if place is None:
        return []
    with db.unit_of_work(engine) as s:
        said = voices.heard(s, box=place.box, topic=message.topic, payload=message.payload)
        raw = _text(said) if said is not None else None
        event = service.read(raw) if raw is not None else None
        if raw is None or event is None or event.box != place.box:
            return []
        ack = service.set_aside(s, envelope=event, raw=raw, now=at.now)
    return [Receipt(place.box, ack)]


def _take(s: Session, messages: Sequence[Message], at: Moment) -> list[Receipt]:
    """Take messages in the order of their topics: events of all boxes together, then what else there is."""
    places = [(place, each) for each in messages if (place := topics.parse(each.topic)) is not None]
    names = {place.box for place, _ in places}
    boxes = service.enter_boxes(s, names)
    voices.learn(s, names)
    service.know_presences(
        s, (place.box for place, each in places if each.topic == topics.presence(place.box))
    )
    arrivals: list[service.Arrival] = []
    for place, message in places:
        said = voices.heard(s, box=place.box, topic=message.topic, payload=message.payload)
        if message.topic == topics.events(place.box):
            arrival = _event(s, place.box, message.payload, said, at)
            arrivals += [] if arrival is None else [arrival]
        elif message.topic == topics.urgent(place.box) and said is not None:
            _urgent(s, place.box, said, at)
        elif message.topic == topics.presence(place.box) and said is not None:
            _presence(s, place.box, said, now=at.now, live=not message.kept)
        elif message.topic == topics.settings(place.box) and said is not None:
            _settings(s, place.box, said, now=at.now)
        elif message.topic == topics.logs(place.box) and said is not None:
            _logs(s, place.box, said, at)
    acks = service.receive_many(s, arrivals, boxes=boxes, now=at.now)
    return [Receipt(each.event.box, ack) for each, ack in zip(arrivals, acks, strict=True)]


def _event(s: Session, box: str, payload: bytes, said: bytes | None, at: Moment) -> service.Arrival | None:
    """Return the event in a message, or None after putting it into the tray."""
    raw = _text(said) if said is not None else None
    event = service.read(raw) if raw is not None else None
    if raw is not None and event is not None and event.box == box:
        return service.Arrival(*_unsealed(event, raw, at.opening))
    known = "unreadable" if event is None else "other_box"
    _keep(s, box, payload if said is None else said, "not_signed" if said is None else known, at)
    return None


def _urgent(s: Session, box: str, payload: bytes, at: Moment) -> None:
    """Take a call for help that overtook its journal. It gets no receipt here: that of its place in the journal counts."""
    raw = _text(payload)
    event = service.read(raw) if raw is not None else None
    if raw is None or event is None or event.box != box:
        return
    event, _ = _unsealed(event, raw, at.opening)
    if isinstance(event, wire.Envelope):
        service.receive_urgent(s, envelope=event, now=at.now)


def _unsealed(
    event: wire.Envelope | service.Head, raw: str, opening: X25519PrivateKey | None
) -> tuple[wire.Envelope | service.Head, str]:
    """Return the event with its body in the clear, as it is kept; its head alone if the seal does not open."""
    if not isinstance(event, wire.Envelope) or not isinstance(event.body, wire.SealedBody):
        return event, raw
    head = service.Head(event_id=event.event_id, box=event.box, epoch=event.epoch, seq=event.seq)
    if opening is None:
        return head, raw
    try:
        body = sealed.unseal(event.body, opening, box=event.box, event_id=event.event_id)
    except sealed.NotSealed:
        return head, raw
    found = event.model_copy(update={"body": body})
    return found, found.model_dump_json()


def _keep(s: Session, box: str, payload: bytes, reason: str, at: Moment) -> None:
    service.keep_unreadable(s, box_id=box, raw=_shown(payload), reason=reason, now=at.now)


def _settings(s: Session, box: str, payload: bytes, *, now: datetime) -> None:
    try:
        state = SettingsState.model_validate_json(payload)
    except ValidationError:
        LOG.warning("word on settings unreadable", box=box, size=len(payload))
        return
    if state.box == box:
        fleet.note_state(s, state=state, now=now)


def _logs(s: Session, box: str, payload: bytes, at: Moment) -> None:
    try:
        tail = Tail.model_validate_json(payload)
    except ValidationError:
        LOG.warning("log lines of a box unreadable", box=box, size=len(payload))
        return
    if tail.box == box:
        fleet.note_tail(s, tail=tail, opening=at.opening, now=at.now)


def _presence(s: Session, box: str, payload: bytes, *, now: datetime, live: bool) -> None:
    presence = presence_of(box, payload)
    if presence is not None:
        service.note_presence(s, presence=presence, now=now, live=live)


def presence_of(box: str, payload: bytes) -> wire.Presence | None:
    """Return what `box` says of itself, signed or not, or None for what cannot be read or speaks of another."""
    try:
        presence = _PRESENCE.validate_json(payload)
        if isinstance(presence, wire.Signed):
            presence = wire.Presence.model_validate_json(presence.body)
    except ValidationError:
        LOG.warning("presence unreadable", box=box, size=len(payload))
        return None
    return presence if presence.box == box else None


def _answers(receipts: Sequence[Receipt]) -> list[Answer]:
    """Return few messages with all receipts: those of one box together, in their order."""
    found = []
    for box, group in groupby(receipts, key=itemgetter(0)):
        for acks in in_batches([ack for _, ack in group], wire.RECEIPTS_TOGETHER):
            told = acks[0] if len(acks) == 1 else wire.Acks(acks=tuple(acks))
            found.append(Answer(topics.acks(box), told.model_dump_json()))
    return found


def _text(payload: bytes) -> str | None:
    """Return the payload as text, or None if it is none or too long for an event."""
    if len(payload) > MAX_BYTES:
        return None
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return None


def _shown(payload: bytes) -> str:
    """Return the beginning of a payload as text that both databases can keep (PostgreSQL knows no NUL)."""
    return payload[: KEPT_SIGNS * 4].decode(errors="replace").replace("\0", "\ufffd")[:KEPT_SIGNS]
