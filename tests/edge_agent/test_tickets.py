"""Numbers, from the first tap to the end of the visit."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from edge_agent import tickets
from edge_agent.box import Box
from edge_agent.errors import Illegal, NotThere, TooMany
from edge_agent.records import Ticket, TicketState
from shared import wire
from shared.wire import BoxEvent, VisitKind


def take(box: Box, nonce: str, now: datetime, kind: VisitKind = VisitKind.QUERY) -> Ticket:
    return tickets.walk_in(box, kind=kind, nonce=nonce, now=now)


def call(box: Box, counter: int, now: datetime, current: UUID | None = None) -> Ticket:
    ticket = tickets.call_next(box, counter=counter, now=now, current=current)
    assert ticket is not None
    return ticket


def test_each_kind_has_a_band_of_numbers_of_its_own(box: Box, now: datetime) -> None:
    labels = [
        take(box, "a", now).label,
        take(box, "b", now, VisitKind.LETTER_DROP).label,
        take(box, "c", now).label,
    ]
    assert labels == ["C001", "A001", "C002"]


def test_a_double_tap_gives_one_number(
    box: Box, now: datetime, reported: Callable[[], list[wire.Body]]
) -> None:
    assert take(box, "tap", now) == take(box, "tap", now)
    assert len(reported()) == 1


def test_a_new_day_begins_with_one_and_reuses_no_id(box: Box, now: datetime) -> None:
    first = take(box, "a", now)
    second = take(box, "a", now + timedelta(days=1))
    assert (second.label, second.day) == ("C001", "2026-11-24")
    assert first.id != second.id


def test_the_day_changes_at_midnight_of_the_court_not_of_utc(box: Box, now: datetime) -> None:
    late = now.replace(hour=16, minute=0)
    assert take(box, "a", late - timedelta(seconds=1)).day == "2026-11-23"
    assert take(box, "b", late).day == "2026-11-24"


def test_a_clock_set_back_goes_on_with_the_numbers_of_that_day(box: Box, now: datetime) -> None:
    take(box, "a", now)
    take(box, "b", now + timedelta(days=1))
    assert take(box, "c", now).label == "C002"


def test_an_appointment_kind_is_not_given_without_an_appointment(box: Box, now: datetime) -> None:
    with pytest.raises(NotThere):
        take(box, "a", now, VisitKind.APPOINTMENT)


def test_more_numbers_than_a_hall_can_need_are_refused(box: Box, now: datetime) -> None:
    box.rules = box.rules._replace(tickets_per_minute=2)
    take(box, "a", now)
    take(box, "b", now)
    with pytest.raises(TooMany):
        take(box, "c", now)
    assert take(box, "c", now + timedelta(minutes=1)).label == "C003"


def test_calling_the_next_ends_the_visit_before(
    box: Box, now: datetime, reported: Callable[[], list[wire.Body]]
) -> None:
    take(box, "a", now)
    take(box, "b", now)
    first = call(box, 1, now)
    assert call(box, 1, now).label == "C002"
    assert box.hall.tickets[first.id].state is TicketState.SERVED
    kinds = [body.type for body in reported()[2:]]
    assert kinds == [BoxEvent.TICKET_CALLED, BoxEvent.TICKET_SERVED, BoxEvent.TICKET_CALLED]


def test_a_second_tap_on_an_old_screen_calls_nobody(box: Box, now: datetime) -> None:
    for nonce in "abc":
        take(box, nonce, now)
    first = call(box, 1, now)
    call(box, 1, now, current=first.id)
    with pytest.raises(Illegal):
        tickets.call_next(box, counter=1, now=now, current=first.id)


def test_two_counters_never_call_the_same_number(box: Box, now: datetime) -> None:
    take(box, "a", now)
    take(box, "b", now)
    assert call(box, 1, now).id != call(box, 2, now).id


def test_an_absent_visitor_who_comes_back_is_called_again(
    box: Box, now: datetime, reported: Callable[[], list[wire.Body]]
) -> None:
    ticket = take(box, "a", now)
    call(box, 1, now)
    tickets.end(box, counter=1, ticket_id=ticket.id, outcome=TicketState.ABSENT, now=now)
    again = tickets.recall(box, counter=2, ticket_id=ticket.id, now=now)
    assert (again.state, again.counter, again.calls) == (TicketState.CALLED, 2, 2)
    assert reported()[-1].type is BoxEvent.TICKET_RECALLED


def test_nobody_takes_a_visitor_away_from_another_counter(box: Box, now: datetime) -> None:
    ticket = take(box, "a", now)
    call(box, 1, now)
    with pytest.raises(Illegal):
        tickets.recall(box, counter=2, ticket_id=ticket.id, now=now)
    with pytest.raises(Illegal):
        tickets.end(box, counter=2, ticket_id=ticket.id, outcome=TicketState.SERVED, now=now)


def test_when_nobody_waits_calling_only_ends_the_visit(box: Box, now: datetime) -> None:
    ticket = take(box, "a", now)
    call(box, 1, now)
    assert tickets.call_next(box, counter=1, now=now) is None
    assert box.hall.tickets[ticket.id].state is TicketState.SERVED


def test_a_counter_that_does_not_exist_is_refused(box: Box, now: datetime) -> None:
    with pytest.raises(NotThere):
        tickets.call_next(box, counter=5, now=now)


def test_the_number_of_people_before_me_falls(box: Box, now: datetime) -> None:
    take(box, "a", now)
    mine = take(box, "b", now)
    assert tickets.before(box, ticket=mine, now=now) == 1
    call(box, 1, now)
    assert tickets.before(box, ticket=mine, now=now) == 0
