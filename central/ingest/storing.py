"""Put messages of boxes into the database and say which answers may leave once that is committed."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import structlog
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from central import db
from central.halls import service
from shared import topics, wire

LOG = structlog.get_logger()

#: An event takes below a kilobyte; what is longer than this is not one.
MAX_BYTES = 64 * 1024
#: So much of a message that cannot be read is kept for a person to look at.
KEPT_SIGNS = 2000
#: The database is away or busy, which is nothing the message can be blamed for.
DOWN = (OperationalError, InterfaceError, PoolTimeoutError)


class Message(NamedTuple):
    """A message as it came from the broker. `kept`: the broker had it before this process asked."""

    topic: str
    payload: bytes
    kept: bool = False


class Answer(NamedTuple):
    """An acknowledgement and where it goes."""

    topic: str
    payload: str


def store(engine: Engine, messages: Sequence[Message], *, now: datetime) -> list[Answer]:
    """Take `messages` in one transaction and return the answers to send; raise one of `DOWN` and take nothing.

    What cannot be taken for its own sake spoils nothing of the others: then each gets a transaction of its own.
    """
    try:
        return _together(engine, messages, now=now)
    except DOWN:
        raise
    except Exception:
        LOG.exception("messages could not be taken together", messages=len(messages))
        return [answer for message in messages for answer in _alone(engine, message, now=now)]


def _together(engine: Engine, messages: Sequence[Message], *, now: datetime) -> list[Answer]:
    # By box, so that every transaction takes the locks of halls in the same order. Within a box nothing moves.
    ordered = sorted(messages, key=lambda message: message.topic)
    with db.unit_of_work(engine) as s:
        found = [_take(s, message, now=now) for message in ordered]
    return [answer for answer in found if answer is not None]


def _alone(engine: Engine, message: Message, *, now: datetime) -> list[Answer]:
    try:
        return _together(engine, [message], now=now)
    except DOWN:
        return []  # no answer: the box sends it again
    except Exception:
        LOG.exception("message could not be taken", topic=message.topic, size=len(message.payload))
    try:
        return _set_aside(engine, message, now=now)
    except Exception:
        LOG.exception("message could not be set aside", topic=message.topic)
        return []


def _set_aside(engine: Engine, message: Message, *, now: datetime) -> list[Answer]:
    place, raw = topics.parse(message.topic), _text(message.payload)
    event = service.read(raw) if raw is not None else None
    if place is None or raw is None or event is None or event.box != place.box:
        return []
    with db.unit_of_work(engine) as s:
        ack = service.set_aside(s, envelope=event, raw=raw, now=now)
    return [_answer(place.box, ack)]


def _take(s: Session, message: Message, *, now: datetime) -> Answer | None:
    place = topics.parse(message.topic)
    if place is None:
        return None
    if message.topic == topics.events(place.box):
        return _event(s, place.box, message.payload, now=now)
    if message.topic == topics.presence(place.box):
        _presence(s, place.box, message.payload, now=now)
    return None


def _event(s: Session, box: str, payload: bytes, *, now: datetime) -> Answer | None:
    raw = _text(payload)
    event = service.read(raw) if raw is not None else None
    if raw is None or event is None:
        service.keep_unreadable(s, box_id=box, raw=_shown(payload), reason="unreadable", now=now)
        return None
    if event.box != box:
        service.keep_unreadable(s, box_id=box, raw=_shown(payload), reason="other_box", now=now)
        return None
    return _answer(box, service.receive(s, envelope=event, raw=raw, now=now))


def _presence(s: Session, box: str, payload: bytes, *, now: datetime) -> None:
    presence = presence_of(box, payload)
    if presence is not None:
        service.note_presence(s, presence=presence, now=now)


def presence_of(box: str, payload: bytes) -> wire.Presence | None:
    """Return what `box` says of itself, or None for what cannot be read or speaks of another."""
    try:
        presence = wire.Presence.model_validate_json(payload)
    except ValidationError:
        LOG.warning("presence unreadable", box=box, size=len(payload))
        return None
    return presence if presence.box == box else None


def _answer(box: str, ack: wire.Ack) -> Answer:
    return Answer(topics.acks(box), ack.model_dump_json())


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
