"""Take pieces of pages that boxes send: kept in order, answered with how far each batch is. They hold no event up and spoil none."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import structlog
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from central import db
from central.halls import service
from central.ingest import voices
from shared import pieces, topics

LOG = structlog.get_logger()


class Sent(Protocol):
    """A message as it came from the broker."""

    @property
    def topic(self) -> str: ...  # noqa: D102

    @property
    def payload(self) -> bytes: ...  # noqa: D102


def is_piece(message: Sent) -> bool:
    """Say whether a message carries a piece of pages."""
    place = topics.parse(message.topic)
    return place is not None and message.topic == topics.pages(place.box)


def take(engine: Engine, messages: Sequence[Sent], *, now: datetime) -> list[tuple[str, str]]:
    """Keep what comes next of each batch; return topic and text of the answers. What gets none comes again."""
    if not messages:
        return []
    try:
        with db.unit_of_work(engine) as s:
            found = [_take(s, message, now) for message in messages]
    except SQLAlchemyError as error:
        LOG.warning("pieces of pages not taken", pieces=len(messages), reason=type(error).__name__)
        return []
    return [answer for answer in found if answer is not None]


def _take(s: Session, message: Sent, now: datetime) -> tuple[str, str] | None:
    place = topics.parse(message.topic)
    if place is None:
        return None
    said = voices.heard(s, box=place.box, topic=message.topic, payload=message.payload)
    if said is None:
        return None
    try:
        part = pieces.PagePart.model_validate_json(said)
    except ValidationError:
        LOG.warning("piece of pages unreadable", box=place.box, size=len(said))
        return None
    held = service.take_part(s, box_id=place.box, part=part, now=now)
    return None if held is None else (topics.pages_held(place.box), held.model_dump_json())
