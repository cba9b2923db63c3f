"""Hold, back, wrong, move on, declare, and the order of calls."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from edge_agent import serving, tickets
from edge_agent.box import Box
from edge_agent.errors import BadInput, Illegal
from edge_agent.policy import Fairness
from edge_agent.records import Ticket, TicketState
from shared import wire
from shared.wire import BoxEvent, VisitKind


@pytest.fixture
def line(box: Box, now: datetime) -> list[Ticket]:
    """Three visitors."""
    return [tickets.walk_in(box, kind=VisitKind.QUERY, nonce=n, now=now) for n in "abc"]


def next_of(box: Box, counter: int, now: datetime) -> str | None:
    called = tickets.call_next(box, counter=counter, now=now)
    return called.label if called else None


def test_a_picked_number_is_called_out_of_its_turn(box: Box, line: list[Ticket], now: datetime) -> None:
    picked = tickets.call_next(box, counter=1, pick=line[2].id, now=now)
    assert picked is not None
    assert picked.label == "C003"
    assert next_of(box, 2, now) == "C001"
    with pytest.raises(Illegal, match="not_waiting"):
        tickets.call_next(box, counter=3, pick=line[2].id, now=now)


def test_a_held_visitor_leaves_the_counter_free_and_is_called_again(
    box: Box, line: list[Ticket], now: datetime
) -> None:
    next_of(box, 1, now)
    held = serving.set_aside(box, counter=1, ticket_id=line[0].id, kind=BoxEvent.TICKET_HELD, now=now)
    assert (held.state, tickets.at_counter(box.hall, 1)) == (TicketState.HELD, None)
    again = tickets.recall(box, counter=1, ticket_id=line[0].id, now=now)
    assert (again.state, again.calls) == (TicketState.CALLED, 2)


def test_an_absent_visitor_who_is_back_keeps_the_old_place(
    box: Box, line: list[Ticket], now: datetime
) -> None:
    next_of(box, 1, now)
    tickets.end(box, counter=1, ticket_id=line[0].id, outcome=TicketState.ABSENT, now=now)
    serving.set_aside(box, counter=2, ticket_id=line[0].id, kind=BoxEvent.TICKET_RETURNED, now=now)
    assert next_of(box, 1, now) == "C001"


def test_a_number_taken_by_mistake_is_kept_and_never_called(
    box: Box, line: list[Ticket], now: datetime, reported: Callable[[], list[wire.Body]]
) -> None:
    serving.set_aside(box, counter=1, ticket_id=line[0].id, kind=BoxEvent.TICKET_WRONG, now=now)
    serving.set_aside(box, counter=1, ticket_id=line[0].id, kind=BoxEvent.TICKET_WRONG, now=now)
    assert next_of(box, 1, now) == "C002"
    assert box.hall.tickets[line[0].id].state is TicketState.WRONG
    assert [one.type for one in reported()].count(BoxEvent.TICKET_WRONG) == 1
    assert tickets.walk_in(box, kind=VisitKind.QUERY, nonce="d", now=now).label == "C004"


def test_a_visitor_at_another_counter_cannot_be_held_here(
    box: Box, line: list[Ticket], now: datetime
) -> None:
    next_of(box, 1, now)
    with pytest.raises(Illegal):
        serving.set_aside(box, counter=2, ticket_id=line[0].id, kind=BoxEvent.TICKET_HELD, now=now)


def test_a_visit_goes_on_at_another_counter_for_another_service_under_the_same_number(
    box: Box, line: list[Ticket], now: datetime, reported: Callable[[], list[wire.Body]]
) -> None:
    next_of(box, 1, now)
    serving.move(box, counter=1, ticket_id=line[0].id, service=VisitKind.LETTER_DROP, to_counter=3, now=now)
    assert next_of(box, 1, now) == "C002"
    assert next_of(box, 3, now) == "C001"
    assert box.hall.tickets[line[0].id].wants is VisitKind.LETTER_DROP
    moved = next(one for one in reported() if isinstance(one, wire.TicketMoved))
    assert (moved.service, moved.to_counter) == (VisitKind.LETTER_DROP, 3)


def test_moving_nowhere_is_refused(box: Box, line: list[Ticket], now: datetime) -> None:
    next_of(box, 1, now)
    with pytest.raises(BadInput):
        serving.move(box, counter=1, ticket_id=line[0].id, service=None, to_counter=1, now=now)


def test_a_declared_visitor_is_called_first_and_no_reason_is_kept(
    box: Box, line: list[Ticket], now: datetime, reported: Callable[[], list[wire.Body]]
) -> None:
    serving.declare(box, counter=1, ticket_id=line[2].id, first=True, now=now)
    assert next_of(box, 1, now) == "C003"
    declared = next(one for one in reported() if isinstance(one, wire.TicketDeclared))
    assert set(declared.model_dump()) == {"type", "ticket_id", "counter", "first"}


def test_the_order_of_calls_is_changed_at_a_counter_and_survives_a_restart(
    opened: Callable[[], Box], now: datetime
) -> None:
    box = opened()
    serving.set_rule(box, appointments=3, declared=1, by="李", now=now)
    assert opened().fairness == Fairness(3, 1)
    with pytest.raises(BadInput):
        serving.set_rule(opened(), appointments=0, declared=1, by="李", now=now)


def test_a_slip_is_printed_again_once_and_after_a_power_cut(
    box: Box, line: list[Ticket], now: datetime
) -> None:
    ticket_id = line[0].id
    assert tickets.again(box, ticket_id=ticket_id, now=now) is None
    later = now + timedelta(seconds=30)
    assert tickets.again(box, ticket_id=ticket_id, now=later) is not None
    assert tickets.again(box, ticket_id=ticket_id, now=later) is None
