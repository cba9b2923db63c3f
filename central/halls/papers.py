"""Pages kept under a box's document camera, on their way here: announced by an event, then piece by piece, strictly in order.

What lies here is sealed to the centre and unread. `central.ingest.pages` puts it together.
"""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlmodel import Session, col, delete, select

from central.fields import clean_line
from central.halls.models import HallBox, PaperBatch, PaperPart, Ticket
from shared import pieces, wire
from shared.pages import covers


class Adding(Protocol):
    """Where new rows go: a session, or those of a whole batch of events."""

    def add(self, instance: object, /) -> None:
        """Take a new row."""
        ...


def announce(
    s: Adding, box: HallBox, body: wire.PagesSent, at: datetime, *, ticket: Ticket | None, label: str
) -> dict[str, str | int | None]:
    """Note that pages will follow; return what the log says of it."""
    cover = body.cover if covers.is_ours(body.cover) else ""
    s.add(
        PaperBatch(
            id=body.batch_id,
            box_id=box.id,
            court_id=box.court_id,
            ticket=label,
            cover=cover,
            pages=[page.model_dump() for page in body.pages],
            parts=-(-sum(page.size for page in body.pages) // pieces.PART_BYTES),
            announced_at=at,
        )
    )
    return {
        "batch": body.batch_id.hex,
        "pages": len(body.pages),
        "counter": body.counter,
        "by": clean_line(body.by),
        "ticket": ticket.id.hex if ticket else None,
        "cover": cover,
    }


def take_part(s: Session, *, box_id: str, part: pieces.PagePart, now: datetime) -> pieces.PagesHeld | None:
    """Keep a piece if it is the next one; say how far the batch is, or None for one that this box never announced."""
    batch = s.get(PaperBatch, part.batch_id, with_for_update=True)
    if batch is None or batch.box_id != box_id:
        return None
    if batch.arrived_at is None and part.part == batch.next_part:
        try:
            data = base64.b64decode(part.data, validate=True)
        except binascii.Error:
            return held(batch)
        s.add(PaperPart(batch_id=batch.id, number=part.part, data=data))
        batch.next_part += 1
        if batch.next_part >= batch.parts:
            batch.arrived_at = now
        s.flush()
    return held(batch)


def held(batch: PaperBatch) -> pieces.PagesHeld:
    """Return what the box is told of a batch."""
    return pieces.PagesHeld(batch_id=batch.id, next=batch.next_part, done=batch.arrived_at is not None)


def whole(s: Session) -> Sequence[PaperBatch]:
    """Return the batches of which every piece is here and that were not put together yet, oldest first."""
    query = select(PaperBatch).where(
        col(PaperBatch.scan_id).is_(None), col(PaperBatch.arrived_at).is_not(None), PaperBatch.problem == ""
    )
    return s.exec(query.order_by(col(PaperBatch.arrived_at)).limit(20)).all()


def content(s: Session, batch_id: UUID) -> bytes:
    """Return the pieces of a batch as one, still sealed."""
    query = select(PaperPart.data).where(PaperPart.batch_id == batch_id).order_by(col(PaperPart.number))
    return b"".join(s.exec(query).all())


def put_together(s: Session, batch: PaperBatch, *, scan_id: UUID) -> None:
    """Note what became of a batch and let its pieces go."""
    batch.scan_id = scan_id
    s.exec(delete(PaperPart).where(col(PaperPart.batch_id) == batch.id))
