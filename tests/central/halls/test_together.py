"""Many events at once leave what the same events leave one by one: rows, log, tray, positions and receipts."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from sqlmodel import Session, select

from central.events import log
from central.halls import service
from central.halls.models import Appointment, AssistanceCall, BoxEventSeen, BoxPosition, RefusedEvent, Ticket
from central.halls.service import Arrival
from central.halls.writing import stream_of
from shared import wire
from shared.ids import new_id
from tests.central.halls.test_exactly_once import session_on, some
from tests.factories import halls
from tests.factories.courts import MORNING, SEED, court
from tests.factories.halls import Journal

IDENTS = [new_id() for _ in range(4)]
#: What a box says, as (what, which number or call); many of these contradict each other.
SAID = (
    "taken",
    "called",
    "ended",
    "held",
    "moved",
    "declared",
    "rule",
    "code",
    "raised",
    "widened",
    "arrived",
)
STEPS = st.lists(st.tuples(st.sampled_from(SAID), st.integers(0, 3), st.integers(0, 9)), max_size=25)


def body(what: str, which: int, appointment: UUID) -> wire.Body:
    number: dict[str, Any] = {"ticket_id": IDENTS[which], "counter": 1 + which}
    call: dict[str, Any] = {"call_id": IDENTS[which]}
    taken = {"ticket_id": IDENTS[which], "day": "2026-11-23", "kind": "query", "number": 1 + which}
    made: dict[str, wire.Body] = {
        "taken": wire.TicketTaken.model_validate(taken | {"appointment_id": appointment if which else None}),
        "called": wire.TicketCalled.model_validate({"type": "ticket.called", **number}),
        "ended": wire.TicketEnded.model_validate({"type": "ticket.served", **number}),
        "held": wire.TicketSetAside.model_validate({"type": "ticket.held", **number}),
        "moved": wire.TicketMoved.model_validate({"service": "letter_drop", "to_counter": 3, **number}),
        "declared": wire.TicketDeclared.model_validate({"first": True, **number}),
        "rule": wire.RuleSet(appointments=1 + which, declared=1, by="李"),
        "code": wire.CheckinRefused(reason=wire.Refusal.EXPIRED),
        "raised": wire.AssistanceRaised(place="大厅", origin=wire.CallOrigin.COUNTER, **call),
        "widened": wire.AssistanceWidened(circle=2, **call),
        "arrived": wire.AssistanceAnswered.model_validate({"type": "assistance.arrived", "by": "王", **call}),
    }
    return made[what]


def written(
    journal: Journal, steps: Sequence[tuple[str, int, int]], appointment: UUID
) -> list[wire.Envelope]:
    """Return the events; the last figure of a step now and then doubles, loses or falsifies one."""
    found: list[wire.Envelope] = []
    for place, (what, which, fate) in enumerate(steps):
        sent = journal.put(body(what, which, appointment), at=MORNING + timedelta(seconds=place))
        found += [] if fate == 0 else [sent, sent] if fate == 1 else [sent]
        if fate == 2:
            found.append(sent.model_copy(update={"event_id": new_id()}))
        if fate == 3:
            journal.seq -= 1
    return found


def state(s: Session, court_id: UUID) -> dict[str, Any]:
    """Return everything that events of boxes leave, without what is drawn by chance."""
    by_key: dict[str, Any] = {}
    for kind in (Ticket, AssistanceCall, Appointment, BoxEventSeen, BoxPosition, RefusedEvent):
        rows = [row.model_dump(exclude={"salt"}) for row in s.exec(select(kind)).all()]
        for row in rows:
            if kind is RefusedEvent:
                row.pop("id")
        by_key[kind.__name__] = sorted(rows, key=str)
    events = log.of_stream(s, stream_of(court_id))
    by_key["log"] = [(e.seq, e.kind, e.at, e.recorded_at, e.actor, _without_tray(e)) for e in events]
    return by_key


def _without_tray(found: Any) -> Any:
    return None if found.kind == "hall.event_refused" else re.sub('"~[0-9a-f]+"', "salted", found.data)


@some
@given(steps=STEPS, cuts=st.sets(st.integers(1, 30), max_size=3))
def test_together_is_as_one_by_one(engine: Engine, steps: list[tuple[str, int, int]], cuts: set[int]) -> None:
    found = []
    with session_on(engine) as s:
        here = court(s)
        journal = halls.box(s, here)
        slot = {"slot_start": MORNING, "slot_end": MORNING + timedelta(hours=1), "day": MORNING.date()}
        made = Appointment(court_id=here.id, kind="query", code_hash="", made_at=MORNING, **slot)
        s.add(made)
        log.record(s, kind=_MADE, stream=stream_of(here.id), actor=SEED, at=MORNING)
        events = [Arrival(each, each.model_dump_json()) for each in written(journal, steps, made.id)]
        for many in (True, False):
            with s.begin_nested() as inner:
                acks = []
                for batch in _cut(events, cuts) if many else [[each] for each in events]:
                    acks += _taken(s, batch, many=many)
                s.flush()
                s.expire_all()
                found.append((acks, state(s, here.id)))
                inner.rollback()
            s.expunge_all()
            s.info.pop("minyi.chain_heads", None)
            s.info.pop("minyi.hall_rows", None)
    assert found[0] == found[1]


_MADE = log.Kind.APPOINTMENT_MADE


def _cut(events: list[Arrival], cuts: set[int]) -> list[list[Arrival]]:
    edges = [0, *sorted(cut for cut in cuts if cut < len(events)), len(events)]
    return [events[a:b] for a, b in pairwise(edges)]


def _taken(s: Session, batch: list[Arrival], *, many: bool) -> list[wire.Ack]:
    if many:
        boxes = service.enter_boxes(s, {each.event.box for each in batch})
        return service.receive_many(s, batch, boxes=boxes, now=MORNING)
    return [service.receive(s, envelope=each.event, raw=each.raw, now=MORNING) for each in batch]


@pytest.fixture
def counted(engine: Engine) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)


def test_the_number_of_statements_does_not_grow_with_the_events(engine: Engine, counted: list[str]) -> None:
    with session_on(engine) as s:
        here = court(s)
        journals = [halls.box(s, here, number) for number in (1, 2, 3)]
        s.flush()
        rounds = []
        for count in (1, 2, 40):
            events = [each.ticket(n + 1) for each in journals for n in range(count)]
            del counted[:]
            _taken(s, [Arrival(each, each.model_dump_json()) for each in events], many=True)
            rounds.append(len(counted))
    assert rounds[2] == rounds[1] <= 14  # the first made the places in the journals
