"""A hall box, and the journal it sends: envelopes as the box writes them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from central.courts.models import Court
from central.halls import service
from shared import wire
from shared.ids import new_id
from tests.factories.courts import MORNING, SEED


@dataclass
class Journal:
    """The sending side of a box: numbers rise by one; `at` of each event can be given."""

    box: str
    secret: str = ""
    epoch: UUID = field(default_factory=new_id)
    seq: int = 0

    def put(self, body: wire.Body, *, at: datetime = MORNING) -> wire.Envelope:
        """Return the next event."""
        self.seq += 1
        return wire.Envelope(
            event_id=new_id(), box=self.box, epoch=self.epoch, seq=self.seq, at=at, body=body
        )

    def ticket(self, number: int = 1, *, at: datetime = MORNING, **more: Any) -> wire.Envelope:
        """Return the event of a ticket taken; `more` are fields of the body."""
        facts = {"ticket_id": new_id(), "day": "2026-11-23", "kind": "query", "number": number}
        return self.put(wire.TicketTaken.model_validate(facts | more), at=at)

    def raised(self, place: str = "3号窗口", *, call_id: UUID | None = None) -> wire.Envelope:
        """Return the event of a press."""
        body = wire.AssistanceRaised(
            call_id=call_id or new_id(), place=place, origin=wire.CallOrigin.DEVICE_BUTTON
        )
        return self.put(body)

    def answered(self, call_id: UUID, by: str = "李四", *, closed: bool = False) -> wire.Envelope:
        """Return the event of somebody in the hall answering or closing a call."""
        kind = wire.BoxEvent.ASSISTANCE_CLOSED if closed else wire.BoxEvent.ASSISTANCE_ACKNOWLEDGED
        return self.put(wire.AssistanceAnswered.model_validate({"type": kind, "call_id": call_id, "by": by}))


def box(s: Session, at: Court, number: int = 1) -> Journal:
    """Return the empty journal of a new box of court `at`, its secret with it."""
    name = f"{at.latin}-{number}"
    return Journal(name, service.add_box(s, box_id=name, court_id=at.id, by=SEED, now=MORNING))


def receive(s: Session, envelope: wire.Envelope, *, now: datetime = MORNING) -> wire.Ack:
    """Give an event to the centre as the ingest does."""
    return service.receive(s, envelope=envelope, raw=envelope.model_dump_json(), now=now)


def raise_call(s: Session, journal: Journal, place: str = "3号窗口") -> UUID:
    """Return the id of a call for help that the centre has taken."""
    envelope = journal.raised(place)
    assert receive(s, envelope).verdict is wire.Verdict.ACCEPTED
    assert isinstance(envelope.body, wire.AssistanceRaised)
    return envelope.body.call_id
