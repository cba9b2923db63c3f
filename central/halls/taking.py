"""What each event of a box does to the rows of its hall. Every check stands before the first change.

Times are the box's own, however late the event comes in. An event that contradicts what is known raises `Untaken`:
it goes to the tray and a person decides.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol, TypeVar
from uuid import UUID

from sqlmodel import Session

from central.events.kinds import Kind
from central.fields import clean_line
from central.halls import drills, papers, slips
from central.halls.models import (
    Appointment,
    AssistanceCall,
    HallBox,
    PaperBatch,
    PaperReceipt,
    ReceiptBlock,
    SlipVisit,
    Ticket,
    TicketStatus,
)
from shared import receipts, wire
from shared.canonical import Json
from shared.drills import DrillBegun, DrillEnded

#: Years outside cannot be turned into UTC on every machine, or are no time a box ever had.
_YEARS = range(1970, 9999)

KINDS = {
    wire.BoxEvent.TICKET_TAKEN: Kind.TICKET_TAKEN,
    wire.BoxEvent.TICKET_CALLED: Kind.TICKET_CALLED,
    wire.BoxEvent.TICKET_RECALLED: Kind.TICKET_RECALLED,
    wire.BoxEvent.TICKET_ABSENT: Kind.TICKET_ABSENT,
    wire.BoxEvent.TICKET_SERVED: Kind.TICKET_SERVED,
    wire.BoxEvent.TICKET_HELD: Kind.TICKET_HELD,
    wire.BoxEvent.TICKET_RETURNED: Kind.TICKET_RETURNED,
    wire.BoxEvent.TICKET_WRONG: Kind.TICKET_WRONG,
    wire.BoxEvent.TICKET_MOVED: Kind.TICKET_MOVED,
    wire.BoxEvent.TICKET_DECLARED: Kind.TICKET_DECLARED,
    wire.BoxEvent.RULE_SET: Kind.HALL_RULE_SET,
    wire.BoxEvent.CHECKIN_REFUSED: Kind.CHECKIN_REFUSED,
    wire.BoxEvent.ASSISTANCE_RAISED: Kind.ASSISTANCE_RAISED,
    wire.BoxEvent.ASSISTANCE_ACKNOWLEDGED: Kind.ASSISTANCE_ACKNOWLEDGED,
    wire.BoxEvent.ASSISTANCE_ARRIVED: Kind.ASSISTANCE_ARRIVED,
    wire.BoxEvent.ASSISTANCE_WIDENED: Kind.ASSISTANCE_WIDENED,
    wire.BoxEvent.ASSISTANCE_CLOSED: Kind.ASSISTANCE_CLOSED,
    wire.BoxEvent.PAGES_SENT: Kind.HALL_PAGES_SENT,
    wire.BoxEvent.RECEIPT_GIVEN: Kind.RECEIPT_GIVEN,
    wire.BoxEvent.SLIP_KEYED: Kind.SLIP_KEYED,
    wire.BoxEvent.DRILL_BEGUN: Kind.DRILL_BEGUN,
    wire.BoxEvent.DRILL_ENDED: Kind.DRILL_ENDED,
}

Facts = Mapping[str, Json]


class Untaken(Exception):
    """The event cannot be taken; `reason` is a key below `halls.refused.` in the catalogue."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Found = TypeVar("Found")


class Rows(Protocol):
    """Where the rows of halls are: a session, or those of a whole batch (`together.Batch`)."""

    def get(self, entity: type[Found], ident: Any, /) -> Found | None:
        """Return a row by its id, or None."""
        ...

    def add(self, instance: object, /) -> None:
        """Take a new row."""
        ...


class Taken(NamedTuple):
    """What the event becomes in the log."""

    kind: Kind
    facts: Facts


def take(s: Rows, box: HallBox, envelope: wire.Envelope) -> Taken:
    """Change the rows as `envelope` says and return what to record; raise `Untaken` before any change."""
    if envelope.at.year not in _YEARS:
        raise Untaken("time_impossible")
    body, at = envelope.body, envelope.at
    if isinstance(body, wire.SealedBody):
        raise Untaken("malformed")
    if isinstance(body, DrillBegun | DrillEnded):
        facts = drills.held(s, box, body, at)
    elif envelope.drill and not isinstance(body, _CALLS):
        facts = _practised(body)
    elif isinstance(body, wire.PagesSent):
        facts = _pages(s, box, body, at)
    elif isinstance(body, wire.ReceiptGiven):
        facts = _receipt(s, box, body, at)
    elif isinstance(body, wire.SlipKeyed):
        facts = _slip(s, box, body, at)
    elif isinstance(body, wire.AssistanceRaised):
        facts = _raised(s, box, body, at, drill=envelope.drill)
    else:
        facts = _of_number(s, box, body, at) if isinstance(body, _NUMBERS) else _of_hall(s, box, body, at)
    marked: Facts = {"drill": True} if envelope.drill else {}
    return Taken(KINDS[body.type], {"box": box.id, "seq": envelope.seq, **facts, **marked})


def _practised(body: wire.Body) -> Facts:
    """What the log says of an act of a drill. It makes no row, so that nothing which counts can meet it."""
    if isinstance(body, wire.PagesSent | wire.ReceiptGiven | wire.SlipKeyed):
        raise Untaken("not_in_a_drill")
    found: Facts = body.model_dump(mode="json", exclude={"type", "appointment_id"}, exclude_none=True)
    return {name: clean_line(value) if isinstance(value, str) else value for name, value in found.items()}


_Number = wire.TicketTaken | wire.TicketCalled | wire.TicketEnded | wire.TicketSetAside | wire.TicketMoved
_NUMBERS = (
    wire.TicketTaken,
    wire.TicketCalled,
    wire.TicketEnded,
    wire.TicketSetAside,
    wire.TicketMoved,
)
#: Calls for help run their whole course in a drill too.
_CALLS = (wire.AssistanceRaised, wire.AssistanceAnswered, wire.AssistanceWidened)
_Else = (
    wire.TicketDeclared
    | wire.RuleSet
    | wire.CheckinRefused
    | wire.AssistanceAnswered
    | wire.AssistanceWidened
)


def _of_number(s: Rows, box: HallBox, body: _Number, at: datetime) -> Facts:
    match body:
        case wire.TicketTaken():
            return _taken(s, box, body, at)
        case wire.TicketCalled():
            return _called(s, box, body, at)
        case wire.TicketEnded():
            return _ended(s, box, body, at)
        case wire.TicketSetAside():
            return _set_aside(s, box, body, at)
        case wire.TicketMoved():
            return _moved(s, box, body)


def _of_hall(s: Rows, box: HallBox, body: _Else, at: datetime) -> Facts:
    match body:
        case wire.TicketDeclared():
            return {**_of_ticket(_ticket(s, box, body.ticket_id), body.counter), "first": body.first}
        case wire.RuleSet():
            return {
                "appointments": body.appointments,
                "declared": body.declared,
                "by": clean_line(body.by),
            }
        case wire.CheckinRefused():
            return {"reason": body.reason}
        case wire.AssistanceAnswered():
            return _answered(s, box, body, at)
        case wire.AssistanceWidened():
            call = _assistance(s, box, body.call_id)
            call.circle = max(call.circle, body.circle)
            return {"call": call.id.hex, "place": call.place, "circle": body.circle}


def _pages(s: Rows, box: HallBox, body: wire.PagesSent, at: datetime) -> Facts:
    if s.get(PaperBatch, body.batch_id) is not None:
        raise Untaken("batch_known")
    if isinstance(s, Session) and papers.unfinished(s, box.id) >= papers.MOST_UNFINISHED:
        raise Untaken("too_many_batches")
    ticket = _maybe_ticket(s, box, body.ticket_id)
    return papers.announce(s, box, body, at, ticket=ticket, label=label_of(ticket) if ticket else "")


def _maybe_ticket(s: Rows, box: HallBox, ident: UUID | None) -> Ticket | None:
    ticket = s.get(Ticket, ident) if ident else None
    return ticket if ticket is not None and ticket.box_id == box.id else None


def _receipt(s: Rows, box: HallBox, body: wire.ReceiptGiven, at: datetime) -> Facts:
    """A number counts once, and only out of a block that the box was given."""
    ident = receipts.id_of(box.id, body.number)
    if s.get(PaperReceipt, ident) is not None:
        raise Untaken("receipt_known")
    if s.get(ReceiptBlock, receipts.block_id(box.id, receipts.block_of(body.number))) is None:
        raise Untaken("receipt_unknown")
    ticket = _maybe_ticket(s, box, body.ticket_id)
    row = PaperReceipt(
        id=ident,
        court_id=box.court_id,
        box_id=box.id,
        number=body.number,
        label=receipts.label(box.id, body.number),
        given_at=at,
        counter=body.counter,
        by=clean_line(body.by),
        handed=body.handed,
        sheets=body.sheets,
        ticket=label_of(ticket) if ticket else "",
    )
    s.add(row)
    return {
        "receipt": row.label,
        "handed": row.handed,
        "sheets": row.sheets,
        "counter": row.counter,
        "by": row.by,
    }


def _slip(s: Rows, box: HallBox, body: wire.SlipKeyed, at: datetime) -> Facts:
    row = s.get(SlipVisit, body.slip_id)
    if row is not None and row.box_id != box.id:
        raise Untaken("slip_known")
    if not slips.in_order(body) or {body.taken_at.year, body.ended_at.year} - set(_YEARS):
        raise Untaken("time_impossible")
    return slips.keep(s, row, box, body, at)


def _taken(s: Rows, box: HallBox, body: wire.TicketTaken, at: datetime) -> Facts:
    try:
        day = date.fromisoformat(body.day)
    except ValueError:
        raise Untaken("malformed") from None
    if s.get(Ticket, body.ticket_id) is not None:
        raise Untaken("ticket_known")
    if body.appointment_id is not None:
        appointment = s.get(Appointment, body.appointment_id)
        if appointment is not None and appointment.court_id == box.court_id and appointment.used_at is None:
            appointment.used_at = at
    ticket = Ticket(
        id=body.ticket_id,
        court_id=box.court_id,
        box_id=box.id,
        day=day,
        kind=body.kind,
        number=body.number,
        appointment_id=body.appointment_id,
        status=TicketStatus.WAITING,
        taken_at=at,
    )
    s.add(ticket)
    return {"ticket": ticket.id.hex, "label": label_of(ticket)}


def _called(s: Rows, box: HallBox, body: wire.TicketCalled, at: datetime) -> Facts:
    ticket = _ticket(s, box, body.ticket_id)
    ticket.status = TicketStatus.CALLED
    ticket.called_at = ticket.called_at or at
    ticket.calls += 1
    ticket.counter = body.counter
    ticket.ended_at = None
    return _of_ticket(ticket, body.counter)


def _ended(s: Rows, box: HallBox, body: wire.TicketEnded, at: datetime) -> Facts:
    ticket = _ticket(s, box, body.ticket_id)
    served = body.type is wire.BoxEvent.TICKET_SERVED
    ticket.status = TicketStatus.SERVED if served else TicketStatus.ABSENT
    ticket.counter = body.counter
    ticket.ended_at = at
    return _of_ticket(ticket, body.counter)


#: What each act of setting aside makes of a ticket. A number taken by mistake is kept as such, never deleted.
_ASIDE = {
    wire.BoxEvent.TICKET_HELD: TicketStatus.HELD,
    wire.BoxEvent.TICKET_RETURNED: TicketStatus.WAITING,
    wire.BoxEvent.TICKET_WRONG: TicketStatus.WRONG,
}


def _set_aside(s: Rows, box: HallBox, body: wire.TicketSetAside, at: datetime) -> Facts:
    ticket = _ticket(s, box, body.ticket_id)
    ticket.status = _ASIDE[body.type]
    ticket.ended_at = at if body.type is wire.BoxEvent.TICKET_WRONG else None
    return _of_ticket(ticket, body.counter)


def _moved(s: Rows, box: HallBox, body: wire.TicketMoved) -> Facts:
    ticket = _ticket(s, box, body.ticket_id)
    ticket.status = TicketStatus.WAITING
    ticket.ended_at = None
    return {
        **_of_ticket(ticket, body.counter),
        "service": body.service,
        "to_counter": body.to_counter,
    }


def _of_ticket(ticket: Ticket, counter: int) -> Facts:
    return {"ticket": ticket.id.hex, "label": label_of(ticket), "counter": counter}


def _raised(s: Rows, box: HallBox, body: wire.AssistanceRaised, at: datetime, *, drill: bool) -> Facts:
    if s.get(AssistanceCall, body.call_id) is not None:
        raise Untaken("call_known")
    place = clean_line(body.place)
    s.add(
        AssistanceCall(
            id=body.call_id,
            court_id=box.court_id,
            box_id=box.id,
            place=place,
            origin=body.origin,
            drill=drill,
            raised_at=at,
            status=wire.CallStatus.RAISED,
        )
    )
    return {"call": body.call_id.hex, "place": place}


def _answered(s: Rows, box: HallBox, body: wire.AssistanceAnswered, at: datetime) -> Facts:
    call = _assistance(s, box, body.call_id)
    by = clean_line(body.by)
    if body.type is wire.BoxEvent.ASSISTANCE_ARRIVED:
        first = arrive(call, by=by, at=at)
    elif body.type is wire.BoxEvent.ASSISTANCE_CLOSED:
        first = close(call, by=by, at=at, note=clean_line(body.note))
    else:
        first = acknowledge(call, by=by, at=at)
    return {"call": call.id.hex, "place": call.place, "by": by, "where": "hall", "first": first}


def acknowledge(call: AssistanceCall, *, by: str, at: datetime) -> bool:
    """Note who comes if nobody said so before; say whether this was the first answer."""
    if call.acknowledged_at is not None or call.closed_at is not None:
        return False
    call.status, call.acknowledged_by, call.acknowledged_at = wire.CallStatus.ACKNOWLEDGED, by, at
    return True


def arrive(call: AssistanceCall, *, by: str, at: datetime) -> bool:
    """Note that somebody is with the visitor, which also answers a call that nobody answered; say whether the first came."""
    if call.arrived_at is not None or call.closed_at is not None:
        return False
    acknowledge(call, by=by, at=at)
    call.arrived_at = at
    return True


def close(call: AssistanceCall, *, by: str, at: datetime, note: str) -> bool:
    """Note that the call is over if nobody said so before; say whether this was the first closing."""
    if call.closed_at is not None:
        return False
    call.status, call.closed_by, call.closed_at, call.note = wire.CallStatus.CLOSED, by, at, note
    return True


def _assistance(s: Rows, box: HallBox, call_id: UUID) -> AssistanceCall:
    call = s.get(AssistanceCall, call_id)
    if call is None or call.box_id != box.id:
        raise Untaken("call_unknown")
    return call


def label_of(ticket: Ticket) -> str:
    """Return what display and slip show: `A012`."""
    return f"{wire.BANDS[wire.VisitKind(ticket.kind)]}{ticket.number:03d}"


def _ticket(s: Rows, box: HallBox, ticket_id: UUID) -> Ticket:
    ticket = s.get(Ticket, ticket_id)
    if ticket is None or ticket.box_id != box.id:
        raise Untaken("ticket_unknown")
    return ticket
