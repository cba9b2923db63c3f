"""Visits on numbers printed in advance: the hall worked without screens, and what stood on the slips was keyed in afterwards."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from central.fields import clean_line
from central.halls.models import HallBox, SlipVisit, TicketStatus
from central.halls.papers import Adding
from shared import wire
from shared.canonical import Json

#: The hall's page lists what was keyed in for so long; older ones are in the log.
SHOWN_FOR = timedelta(days=7)
#: What a correction replaces.
_TOLD = ("kind", "taken_at", "called_at", "ended_at", "counter", "status", "by", "keyed_at")


def in_order(body: wire.SlipKeyed) -> bool:
    """Say whether the times on a slip can have been: came, was called, went."""
    moments = [each for each in (body.taken_at, body.called_at, body.ended_at) if each is not None]
    return moments == sorted(moments)


def keep(
    s: Adding, row: SlipVisit | None, box: HallBox, body: wire.SlipKeyed, at: datetime
) -> dict[str, Json]:
    """Write a slip, or correct `row`: the row says what is so, the log also what was said before. Return what the log says of it."""
    told = SlipVisit(
        id=body.slip_id,
        court_id=box.court_id,
        box_id=box.id,
        number=body.number,
        kind=body.kind,
        taken_at=body.taken_at,
        called_at=body.called_at,
        ended_at=body.ended_at,
        counter=body.counter,
        status=TicketStatus.SERVED if body.served else TicketStatus.ABSENT,
        by=clean_line(body.by),
        keyed_at=at,
    )
    corrected = row is not None
    if row is None:
        row = told
        s.add(row)
    else:
        for name in _TOLD:
            setattr(row, name, getattr(told, name))
    return {
        "slip": label_of(row),
        "kind": row.kind,
        "status": row.status,
        "counter": row.counter,
        "by": row.by,
        "corrected": corrected,
    }


def label_of(row: SlipVisit) -> str:
    """Return a number as its slip shows it: `P0012`."""
    return f"{wire.SLIP_BAND}{row.number:04d}"


def recent(s: Session, court_id: UUID, *, now: datetime, limit: int = 100) -> Sequence[SlipVisit]:
    """Return what a court's hall keyed in lately, the latest first."""
    query = select(SlipVisit).where(
        SlipVisit.court_id == court_id, col(SlipVisit.keyed_at) >= now - SHOWN_FOR
    )
    return s.exec(query.order_by(col(SlipVisit.keyed_at).desc(), col(SlipVisit.id).desc()).limit(limit)).all()
