"""Everything the page of a hall shows, in a fixed number of statements."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import segno
from sqlmodel import Session

from central.halls import drills, papers, queries, slips
from central.halls.drill_models import BoxDrill
from central.halls.models import (
    Appointment,
    AssistanceCall,
    PaperBatch,
    RefusedEvent,
    SlipVisit,
    Ticket,
    TicketStatus,
)
from central.halls.taking import label_of
from shared.clock import COURT_ZONE, court_day

#: Appointments are listed for so many days from today.
DAYS_AHEAD = 14
#: Most rows of ended tickets on the page; a larger hall's are in the log.
ENDED_SHOWN = 100


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket, its number as display and slip show it, and the times of day at which things happened to it."""

    label: str
    ticket: Ticket
    taken: str
    called: str
    ended: str


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """An appointment, and the time of day at which its slot ends."""

    appointment: Appointment
    ends: str


@dataclass(frozen=True, slots=True)
class SlipRow:
    """A visit keyed in from paper: its number, its day, and the times of day on the slip."""

    label: str
    visit: SlipVisit
    day: date
    taken: str
    called: str
    ended: str


@dataclass(frozen=True, slots=True)
class Board:
    """The hall of one court. `seq` is the number of the log it shows at least, `counts` are today's tickets by status."""

    seq: int
    calls: Sequence[AssistanceCall]
    closed: Sequence[AssistanceCall]
    tickets: Sequence[TicketRow]
    slips: Sequence[SlipRow]
    counts: Mapping[str, int]
    boxes: Sequence[queries.BoxRow]
    tray: Sequence[RefusedEvent]
    untreated: int
    appointments: Sequence[AppointmentRow]
    drills: Sequence[BoxDrill]
    pages: Sequence[PaperBatch]


def of_court(s: Session, court_id: UUID, *, now: datetime) -> Board:
    """Return what the page of a court's hall shows."""
    seq = queries.heads(s, [court_id])[court_id]  # first: what comes after it is told to the page
    today = court_day(now)
    last = today + timedelta(days=DAYS_AHEAD - 1)
    tickets = queries.tickets(s, court_id, today)
    appointments = queries.appointments(s, court_id, first=today, last=last)
    return Board(
        seq=seq,
        calls=queries.open_calls(s, court_id),
        closed=queries.closed_calls(s, court_id, since=_begin(today)),
        tickets=[_ticket_row(ticket) for ticket in _in_order(tickets)],
        slips=[_slip_row(visit) for visit in slips.recent(s, court_id, now=now)],
        counts=Counter(ticket.status for ticket in tickets),
        boxes=queries.boxes(s, court_id=court_id),
        tray=queries.tray(s, court_id=court_id),
        untreated=queries.count_untreated(s, court_id),
        appointments=[AppointmentRow(row, time_of_day(row.slot_end)) for row in appointments],
        drills=drills.of_court(s, court_id, now=now),
        pages=papers.spoiled(s, court_id),
    )


def _ticket_row(ticket: Ticket) -> TicketRow:
    moments = (ticket.taken_at, ticket.called_at, ticket.ended_at)
    return TicketRow(label_of(ticket), ticket, *(time_of_day(at) for at in moments))


def _slip_row(visit: SlipVisit) -> SlipRow:
    moments = (visit.taken_at, visit.called_at, visit.ended_at)
    return SlipRow(
        slips.label_of(visit), visit, court_day(visit.taken_at), *(time_of_day(at) for at in moments)
    )


def time_of_day(at: datetime | None) -> str:
    """Return hours and minutes in the courts' zone; nothing for None."""
    return f"{at.astimezone(COURT_ZONE):%H:%M}" if at else ""


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), COURT_ZONE).astimezone(UTC)


def _in_order(tickets: Sequence[Ticket]) -> list[Ticket]:
    """Return who is at a counter, then who waits in the order of arrival, who is on hold, then who was there, latest first."""
    at_counter = [ticket for ticket in tickets if ticket.status == TicketStatus.CALLED]
    waiting = [ticket for ticket in tickets if ticket.status == TicketStatus.WAITING]
    held = [ticket for ticket in tickets if ticket.status == TicketStatus.HELD]
    ended = [ticket for ticket in tickets if ticket.ended_at is not None]
    ended.sort(key=lambda ticket: ticket.ended_at or ticket.taken_at, reverse=True)
    return [*at_counter, *waiting, *held, *ended[:ENDED_SHOWN]]


def qr(token: str) -> str:
    """Return a QR code of an appointment token as the address of an SVG picture."""
    uri: str = segno.make(token, error="m", boost_error=False).svg_data_uri(scale=4, border=4, light="white")
    return uri
