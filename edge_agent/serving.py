"""What staff do with a number besides calling it: hold, back to the line, wrong, move on, declare; and the order of calls."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from edge_agent import drill
from edge_agent.box import Box
from edge_agent.errors import BadInput, Illegal
from edge_agent.policy import Fairness
from edge_agent.records import Ticket, TicketState
from edge_agent.tickets import counter_of, ticket_of
from shared import wire
from shared.wire import BoxEvent

_Aside = Literal[BoxEvent.TICKET_HELD, BoxEvent.TICKET_RETURNED, BoxEvent.TICKET_WRONG]
#: From which states a number can be set aside, and what it becomes.
_ASIDE: dict[_Aside, tuple[frozenset[TicketState], TicketState]] = {
    BoxEvent.TICKET_HELD: (frozenset({TicketState.CALLED}), TicketState.HELD),
    BoxEvent.TICKET_RETURNED: (frozenset({TicketState.ABSENT, TicketState.HELD}), TicketState.WAITING),
    BoxEvent.TICKET_WRONG: (
        frozenset({TicketState.WAITING, TicketState.CALLED, TicketState.ABSENT, TicketState.HELD}),
        TicketState.WRONG,
    ),
}
_MOST = 20


def set_aside(box: Box, *, counter: int, ticket_id: UUID, kind: _Aside, now: datetime) -> Ticket:
    """Hold the visit here, send an absent or held visitor back to the old place in the line, or keep a number as wrong.

    The same act twice is one; raise `Illegal` for a number that stands otherwise, or at another counter.
    """
    with box.lock:
        hall = box.today(now)
        counter_of(box, hall, counter=counter, current=None)
        ticket = ticket_of(hall, ticket_id)
        allowed, state = _ASIDE[kind]
        if ticket.state is state:
            return ticket
        elsewhere = ticket.state is TicketState.CALLED and ticket.counter != counter
        if ticket.state not in allowed or elsewhere:
            raise Illegal("error.stands_otherwise", number=ticket.label)
        ended = now if kind is BoxEvent.TICKET_WRONG else None
        with box.act(now=now) as act:
            act.report(wire.TicketSetAside(type=kind, ticket_id=ticket.id, counter=counter))
            return act.keep_ticket(ticket.model_copy(update={"state": state, "ended_at": ended}))


def move(
    box: Box,
    *,
    counter: int,
    ticket_id: UUID,
    service: wire.VisitKind | None,
    to_counter: int | None,
    now: datetime,
) -> Ticket:
    """Send the visitor at this counter on under the same number: to a counter, to a further service, or both.

    The old place in the line is kept, so the visitor is among the next there. Raise `BadInput` for neither.
    """
    with box.lock:
        hall = box.today(now)
        here = counter_of(box, hall, counter=counter, current=None)
        ticket = ticket_of(hall, ticket_id)
        if here is None or here.id != ticket.id:
            raise Illegal("error.not_at_this_counter", number=ticket.label)
        if to_counter is not None:
            counter_of(box, hall, counter=to_counter, current=None)
        if to_counter in {None, counter} and service in {None, ticket.wants}:
            raise BadInput("error.nowhere_to_move")
        wants = service or ticket.wants
        facts = {
            "state": TicketState.WAITING,
            "service": wants,
            "to_counter": to_counter,
            "ended_at": None,
        }
        with box.act(now=now) as act:
            act.report(
                wire.TicketMoved(ticket_id=ticket.id, counter=counter, service=wants, to_counter=to_counter)
            )
            return act.keep_ticket(ticket.model_copy(update=facts))


def declare(box: Box, *, counter: int, ticket_id: UUID, first: bool, now: datetime) -> Ticket:
    """Note that a waiting visitor is called first, as somebody said at a counter, or take it back."""
    with box.lock:
        hall = box.today(now)
        counter_of(box, hall, counter=counter, current=None)
        ticket = ticket_of(hall, ticket_id)
        if ticket.declared is first:
            return ticket
        if ticket.state not in {TicketState.WAITING, TicketState.HELD, TicketState.ABSENT}:
            raise Illegal("error.not_waiting", number=ticket.label)
        with box.act(now=now) as act:
            act.report(wire.TicketDeclared(ticket_id=ticket.id, counter=counter, first=first))
            return act.keep_ticket(ticket.model_copy(update={"declared": first}))


def set_rule(box: Box, *, appointments: int, declared: int, by: str, now: datetime) -> Fairness:
    """Change the order of calls from now on, kept over a restart; raise `BadInput` outside 1 to 20."""
    chosen = Fairness(appointments, declared)
    if not all(1 <= figure <= _MOST for figure in chosen):
        raise BadInput("error.rule_range")
    with box.lock:
        drill.refuse(box, "drill.no_rule", now=now)
        if chosen != box.fairness:
            with box.act(now=now) as act:
                act.report(wire.RuleSet(appointments=appointments, declared=declared, by=by))
                act.set_fairness(chosen)
    return chosen
