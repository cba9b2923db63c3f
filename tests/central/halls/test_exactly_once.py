"""However messages are lost, sent again, doubled or overtaken on their way, each event is taken once and in order."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, select

from central import db
from central.courts.models import Court
from central.events import log
from central.halls.models import RefusedEvent
from central.halls.writing import stream_of
from shared import wire
from shared.ids import new_id
from tests.factories import halls
from tests.factories.courts import court
from tests.factories.halls import Journal, receive

EVENTS = 8
#: Which of the box's events reach the centre, in the order they do: losses, repetitions, overtaking.
ARRIVALS = st.lists(st.integers(0, EVENTS - 1), max_size=40)
#: Which of them contradict what is known, and go to the tray.
WRONG = st.sets(st.integers(0, EVENTS - 1), max_size=3)

some = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@contextmanager
def session_on(engine: Engine) -> Iterator[Session]:
    with engine.connect() as connection:
        outer = connection.begin()
        with db.session(connection) as s:
            yield s
        outer.rollback()


def written(journal: Journal, wrong: set[int]) -> list[wire.Envelope]:
    return [journal.answered(new_id()) if n in wrong else journal.ticket(n + 1) for n in range(EVENTS)]


def until_all_are_answered(s: Session, events: Sequence[wire.Envelope]) -> None:
    """Send like a box: oldest first, back to the number the centre names."""
    at = 0
    while at < len(events):
        ack = receive(s, events[at])
        gap = ack.verdict is wire.Verdict.GAP
        at = (ack.expected or 1) - 1 if gap else at + 1


def taken(s: Session, at: Court) -> list[int]:
    """Return the numbers under which the box sent what was taken, in the order it was."""
    found = log.of_stream(s, stream_of(at.id))
    return [json.loads(each.data)["facts"]["seq"] for each in found if each.kind == "hall.ticket_taken"]


@some
@given(arrivals=ARRIVALS, wrong=WRONG)
def test_any_way_ends_with_each_event_once_and_in_order(
    engine: Engine, arrivals: list[int], wrong: set[int]
) -> None:
    with session_on(engine) as s:
        here = court(s)
        events = written(halls.box(s, here), wrong)
        good = [each.seq for n, each in enumerate(events) if n not in wrong]
        for index in arrivals:
            receive(s, events[index])
            so_far = taken(s, here)
            assert so_far == good[: len(so_far)]
        until_all_are_answered(s, events)
        assert taken(s, here) == good
        refused = s.exec(select(RefusedEvent.seq)).all()
        assert sorted(refused) == [n + 1 for n in sorted(wrong)]


@some
@given(first=ARRIVALS, second=ARRIVALS)
def test_a_journal_saved_under_new_numbers_brings_nothing_twice(
    engine: Engine, first: list[int], second: list[int]
) -> None:
    with session_on(engine) as s:
        here = court(s)
        events, epoch = written(halls.box(s, here), set()), new_id()
        saved = [each.model_copy(update={"epoch": epoch}) for each in events]
        for index in first:
            receive(s, events[index])
        for index in second:
            receive(s, saved[index])
        until_all_are_answered(s, saved)
        assert taken(s, here) == [each.seq for each in events]
