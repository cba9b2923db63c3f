"""Numbers: taken, called, recalled, absent, served. Decide, write, then show."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from edge_agent import pace
from edge_agent.box import Act, Box, Hall
from edge_agent.errors import Illegal, NotThere, TooMany
from edge_agent.policy import Lane, ahead, choose, next_number
from edge_agent.ports import PrintOutcome
from edge_agent.records import Ticket, TicketState
from shared import wire
from shared.ids import new_id

_MINUTE = timedelta(minutes=1)
#: So long a slip without an outcome counts as under way; after a power cut it may be asked for again.
_PRINTING = timedelta(seconds=20)


def take(
    box: Box, *, kind: wire.VisitKind, nonce: str, now: datetime, appointment_id: UUID | None = None
) -> Ticket:
    """Give out the next number of `kind`. The same `nonce` on the same day gets the same ticket: taps may double."""
    with box.lock:
        hall = box.today(now)
        marked = f"{hall.day}/{nonce}"
        known = next((one for one in hall.tickets.values() if one.nonce == marked), None)
        if known is not None:
            return known
        ticket = _new_ticket(box, hall, kind=kind, nonce=marked, now=now, appointment_id=appointment_id)
        with box.act(now=now) as act:
            act.keep_ticket(ticket)
            if appointment_id is not None and not ticket.drill:  # a drill uses no appointment up
                act.use(appointment_id, hall.day)
            act.report(
                wire.TicketTaken(
                    ticket_id=ticket.id,
                    day=ticket.date,
                    kind=kind,
                    number=ticket.number,
                    appointment_id=appointment_id,
                )
            )
    box.on_ticket(ticket)
    return ticket


def walk_in(box: Box, *, kind: wire.VisitKind, nonce: str, now: datetime) -> Ticket:
    """Give a number to a visitor without appointment, for a kind the hall offers."""
    if kind not in box.rules.kinds:
        raise NotThere("error.no_such_kind")
    return take(box, kind=kind, nonce=nonce, now=now)


def _new_ticket(
    box: Box, hall: Hall, *, kind: wire.VisitKind, nonce: str, now: datetime, appointment_id: UUID | None
) -> Ticket:
    today = hall.tickets.values()
    if sum(1 for one in today if abs(now - one.taken_at) < _MINUTE) >= box.rules.tickets_per_minute:
        raise TooMany("error.too_many_tickets")
    number = next_number(one.number for one in today if one.kind is kind)
    if number is None:
        raise TooMany("error.no_number_left")
    ticket = Ticket(
        id=new_id(),
        day=hall.day,
        kind=kind,
        number=number,
        position=1 + max((one.position for one in today), default=0),
        taken_at=now,
        nonce=nonce,
        appointment_id=appointment_id,
    )
    told = pace.wait_of(box, hall, ticket, line=[*waiting(hall), ticket], now=now)
    return ticket.model_copy(update={"told": round(told.total_seconds())})


def waiting(hall: Hall) -> list[Ticket]:
    """Return who waits, in order of arrival."""
    found = [one for one in hall.tickets.values() if one.state is TicketState.WAITING]
    return sorted(found, key=lambda one: one.position)


def called(hall: Hall) -> list[Ticket]:
    """Return who was called today, in order of first calls."""
    found = [one for one in hall.tickets.values() if one.turn is not None]
    return sorted(found, key=lambda one: one.turn or 0)


def turns(hall: Hall) -> list[Lane]:
    """Return from which lane each call of today came, in order."""
    return [one.lane for one in called(hall)]


def at_counter(hall: Hall, counter: int) -> Ticket | None:
    """Return who stands at a counter now."""
    return next(
        (t for t in hall.tickets.values() if t.state is TicketState.CALLED and t.counter == counter), None
    )


def before(box: Box, *, ticket: Ticket, now: datetime) -> int:
    """Return how many will be called before a waiting ticket, by the same rule that calls."""
    with box.lock:
        hall = box.today(now)
        return ahead(pace.beside(waiting(hall), ticket), me=ticket, called=turns(hall), rule=box.fairness)


def call_next(
    box: Box,
    *,
    counter: int,
    now: datetime,
    current: UUID | None = None,
    kind: wire.VisitKind | None = None,
    pick: UUID | None = None,
) -> Ticket | None:
    """Call the next visitor to a counter, or None when nobody waits. Whoever stands there counts as served.

    `current` is whom the counter's screen showed: a second tap arrives with an old one and is refused. `pick` calls that one
    number out of its turn.
    """
    with box.lock:
        hall = box.today(now)
        here = counter_of(box, hall, counter=counter, current=current)
        line = [one for one in waiting(hall) if one.to_counter in {None, counter}]
        line = [one for one in line if kind is None or one.wants is kind]
        chosen = _picked(hall, pick) if pick else choose(line, called=turns(hall), rule=box.fairness)
        with box.act(now=now) as act:
            if here is not None:
                _end(act, here, counter=counter, outcome=TicketState.SERVED)
            if chosen is None:
                return None
            last = max((one.turn or 0 for one in hall.tickets.values()), default=0)
            return _call(act, chosen, counter=counter, turn=last + 1)


def _picked(hall: Hall, ticket_id: UUID) -> Ticket:
    ticket = ticket_of(hall, ticket_id)
    if ticket.state is not TicketState.WAITING:
        raise Illegal("error.not_waiting", number=ticket.label)
    return ticket


def recall(box: Box, *, counter: int, ticket_id: UUID, now: datetime) -> Ticket:
    """Call a number again: the one at this counter, or an absent visitor who came back."""
    with box.lock:
        hall = box.today(now)
        here = counter_of(box, hall, counter=counter, current=None)
        ticket = ticket_of(hall, ticket_id)
        mine = here is not None and here.id == ticket.id
        if not mine and (here is not None or ticket.state not in {TicketState.ABSENT, TicketState.HELD}):
            raise Illegal("error.cannot_recall", number=ticket.label)
        with box.act(now=now) as act:
            return _call(act, ticket, counter=counter, turn=ticket.turn)


def end(
    box: Box,
    *,
    counter: int,
    ticket_id: UUID,
    outcome: Literal[TicketState.SERVED, TicketState.ABSENT],
    now: datetime,
) -> Ticket:
    """End the visit at a counter: served, or nobody came."""
    with box.lock:
        hall = box.today(now)
        ticket = ticket_of(hall, ticket_id)
        if ticket.state is outcome and ticket.counter == counter:
            return ticket
        if ticket.state is not TicketState.CALLED or ticket.counter != counter:
            raise Illegal("error.not_at_this_counter", number=ticket.label)
        with box.act(now=now) as act:
            return _end(act, ticket, counter=counter, outcome=outcome)


def again(box: Box, *, ticket_id: UUID, now: datetime) -> Ticket | None:
    """Note that a slip is printed again; None while it still prints. Of interest in the hall only."""
    with box.lock:
        ticket = ticket_of(box.today(now), ticket_id)
        asked = ticket.reprint_asked_at or ticket.taken_at
        if ticket.printed is None and abs(now - asked) < _PRINTING:
            return None
        with box.act(now=now) as act:
            facts = {"printed": None, "reprints": ticket.reprints + 1, "reprint_asked_at": now}
            return act.keep_ticket(ticket.model_copy(update=facts))


def printed(box: Box, *, ticket_id: UUID, outcome: PrintOutcome, now: datetime) -> None:
    """Note what became of a slip. Of interest in the hall only: the centre is not told."""
    with box.lock:
        ticket = box.today(now).tickets.get(ticket_id)
        if ticket is None:
            return
        with box.act(now=now) as act:
            act.keep_ticket(ticket.model_copy(update={"printed": outcome}))


def counter_of(box: Box, hall: Hall, *, counter: int, current: UUID | None) -> Ticket | None:
    """Return who stands at a counter; raise `NotThere` for no such counter, `Illegal` when its screen showed somebody else."""
    if not 1 <= counter <= box.rules.counters:
        raise NotThere("error.no_such_counter", counter=counter)
    here = at_counter(hall, counter)
    if current is not None and (here is None or here.id != current):
        raise Illegal("error.screen_is_old")
    return here


def ticket_of(hall: Hall, ticket_id: UUID) -> Ticket:
    """Return a ticket of today; raise `NotThere`."""
    ticket = hall.tickets.get(ticket_id)
    if ticket is None:
        raise NotThere("error.no_such_ticket")
    return ticket


def _call(act: Act, ticket: Ticket, *, counter: int, turn: int | None) -> Ticket:
    again = ticket.calls > 0
    kind: Literal[wire.BoxEvent.TICKET_CALLED, wire.BoxEvent.TICKET_RECALLED] = (
        wire.BoxEvent.TICKET_RECALLED if again else wire.BoxEvent.TICKET_CALLED
    )
    act.report(wire.TicketCalled(type=kind, ticket_id=ticket.id, counter=counter))
    facts = {
        "state": TicketState.CALLED,
        "counter": counter,
        "turn": turn,
        "called_at": act.now,
        "first_called_at": ticket.first_called_at or act.now,
        "calls": ticket.calls + 1,
        "ended_at": None,
    }
    return act.keep_ticket(ticket.model_copy(update=facts))


def _end(
    act: Act,
    ticket: Ticket,
    *,
    counter: int,
    outcome: Literal[TicketState.SERVED, TicketState.ABSENT],
) -> Ticket:
    kind: Literal[wire.BoxEvent.TICKET_SERVED, wire.BoxEvent.TICKET_ABSENT] = (
        wire.BoxEvent.TICKET_SERVED if outcome is TicketState.SERVED else wire.BoxEvent.TICKET_ABSENT
    )
    act.report(wire.TicketEnded(type=kind, ticket_id=ticket.id, counter=counter))
    return act.keep_ticket(ticket.model_copy(update={"state": outcome, "ended_at": act.now}))
