"""How the hall moves today, out of its tickets: what `waiting` computes with."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from edge_agent import waiting
from edge_agent.box import Box, Hall
from edge_agent.policy import ahead
from edge_agent.records import Ticket, TicketState
from edge_agent.waiting import Pace, Promise

#: A counter that called nobody for so long is not serving.
_SERVING = timedelta(minutes=30)


def beside(line: Iterable[Ticket], me: Ticket) -> list[Ticket]:
    """Return who stands in the same line as `me`: whom any counter calls, and who waits for the same counter."""
    return [one for one in line if one.to_counter in {None, me.to_counter}]


def of(box: Box, hall: Hall, *, now: datetime) -> Pace:
    """Return how fast the hall moves now. A hall in which no counter has called yet counts as one with one counter."""
    known = sorted((one for one in hall.tickets.values() if one.called_at), key=lambda one: one.turn or 0)
    visits = [
        span
        for one in known
        if one.state is TicketState.SERVED
        and (span := waiting.since(one.called_at, one.ended_at)) is not None
    ]
    serving = {one.counter for one in known if one.called_at and abs(now - one.called_at) < _SERVING}
    busy = {one.counter for one in known if one.state is TicketState.CALLED}
    usual = timedelta(minutes=box.rules.visit_minutes)
    counters = len(serving | busy)
    return Pace(waiting.mean_visit(visits, usual=usual), counters, len(serving - busy))


def wait_of(box: Box, hall: Hall, ticket: Ticket, *, line: Sequence[Ticket], now: datetime) -> timedelta:
    """Return the estimate for a ticket in `line`."""
    calls = [one.lane for one in sorted(hall.tickets.values(), key=lambda one: one.turn or 0) if one.turn]
    before = ahead(beside(line, ticket), me=ticket, called=calls, rule=box.fairness)
    return waiting.estimate(before, of(box, hall, now=now))


def error_of(hall: Hall) -> timedelta | None:
    """Return how wrong the estimates of today were on average; None for too few."""
    known = sorted((one for one in hall.tickets.values() if one.turn), key=lambda one: one.turn or 0)
    promises = [
        Promise(timedelta(seconds=one.told), span)
        for one in known
        if one.told is not None and (span := waiting.since(one.taken_at, one.first_called_at)) is not None
    ]
    return waiting.error(promises)
