"""Any sequence of taps, calls, codes, restarts and power cuts keeps numbers, order and journal right."""

import contextlib
import random
import shutil
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge_agent import checkin, serving, tickets
from edge_agent.box import Box
from edge_agent.errors import BoxError, CannotKeep
from edge_agent.opening import open_store
from edge_agent.outbox import Outbox
from edge_agent.records import Ticket, TicketState
from shared import wire
from shared.wire import BoxEvent, VisitKind
from tests.edge_agent import papers
from tests.edge_agent.conftest import RULES

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
COUNTERS = st.integers(1, RULES.counters)
#: What an event makes of its ticket, as the centre will see it.
STATE = {
    BoxEvent.TICKET_TAKEN: TicketState.WAITING,
    BoxEvent.TICKET_CALLED: TicketState.CALLED,
    BoxEvent.TICKET_RECALLED: TicketState.CALLED,
    BoxEvent.TICKET_SERVED: TicketState.SERVED,
    BoxEvent.TICKET_ABSENT: TicketState.ABSENT,
    BoxEvent.TICKET_HELD: TicketState.HELD,
    BoxEvent.TICKET_RETURNED: TicketState.WAITING,
    BoxEvent.TICKET_WRONG: TicketState.WRONG,
    BoxEvent.TICKET_MOVED: TicketState.WAITING,
}
SAYS_A_STATE = (
    wire.TicketTaken,
    wire.TicketCalled,
    wire.TicketEnded,
    wire.TicketSetAside,
    wire.TicketMoved,
)
ASIDE = (BoxEvent.TICKET_HELD, BoxEvent.TICKET_RETURNED, BoxEvent.TICKET_WRONG)


class Hall(RuleBasedStateMachine):
    """One hall day."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="minyi-hall-"))
        self.now = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
        self.given: dict[UUID, str] = {}
        self.codes: list[str] = []
        self.last_nonce = ""
        self.box: Box

    def teardown(self) -> None:
        self.box.store.close()
        shutil.rmtree(self.folder)

    @initialize()
    def open(self) -> None:
        self.box = Box(open_store(self.folder, box=papers.BOX_ID, now=self.now), RULES)
        self.box.today(self.now)

    def know(self, ticket: Ticket) -> None:
        """A person was told this number."""
        assert self.given.setdefault(ticket.id, ticket.label) == ticket.label

    @rule(kind=st.sampled_from(RULES.kinds))
    def take(self, kind: VisitKind) -> None:
        self.last_nonce = uuid4().hex
        self.know(tickets.walk_in(self.box, kind=kind, nonce=self.last_nonce, now=self.now))

    @rule(kind=st.sampled_from(RULES.kinds))
    def tap_again(self, kind: VisitKind) -> None:
        before = len(self.box.hall.tickets)
        known = any(one.nonce.endswith(f"/{self.last_nonce}") for one in self.box.hall.tickets.values())
        self.know(tickets.walk_in(self.box, kind=kind, nonce=self.last_nonce, now=self.now))
        assert len(self.box.hall.tickets) == before + (not known)

    @rule()
    def hold_up_a_new_code(self) -> None:
        self.codes.append(papers.token(uuid4(), KEY, at=self.now))
        self.hold_up(0)

    @rule(which=st.integers(0, 5))
    def hold_up(self, which: int) -> None:
        if which < len(self.codes):
            outcome = checkin.check_in(
                self.box,
                text=self.codes[-1 - which],
                keys=[KEY.public_key()],
                nonce=uuid4().hex,
                now=self.now,
            )
            if outcome.ticket is not None:
                self.know(outcome.ticket)

    @rule(counter=COUNTERS)
    def call(self, counter: int) -> None:
        line = [one for one in tickets.waiting(self.box.hall) if one.to_counter in {None, counter}]
        first = [one.id for one in line if tickets.before(self.box, ticket=one, now=self.now) == 0]
        chosen = tickets.call_next(self.box, counter=counter, now=self.now)
        assert (chosen is None) == (not line)
        if chosen is not None and not any(one.to_counter for one in line):
            assert first == [chosen.id]

    @rule(counter=COUNTERS, outcome=st.sampled_from([TicketState.SERVED, TicketState.ABSENT]))
    def end(self, counter: int, outcome: TicketState) -> None:
        here = tickets.at_counter(self.box.hall, counter)
        if here is not None:
            tickets.end(self.box, counter=counter, ticket_id=here.id, outcome=outcome, now=self.now)  # type: ignore[arg-type]

    @rule(counter=COUNTERS, seed=st.integers(0, 99))
    def recall(self, counter: int, seed: int) -> None:
        if self.given:
            ticket_id = random.Random(seed).choice(list(self.given))
            with contextlib.suppress(BoxError):
                tickets.recall(self.box, counter=counter, ticket_id=ticket_id, now=self.now)

    @rule(counter=COUNTERS, seed=st.integers(0, 99), act=st.sampled_from(["pick", *ASIDE, "declare", "move"]))
    def do_something_with_a_number(self, counter: int, seed: int, act: str) -> None:
        if not self.given:
            return
        box, ticket_id, now = self.box, random.Random(seed).choice(list(self.given)), self.now
        other = counter % RULES.counters + 1 if seed % 2 else None
        with contextlib.suppress(BoxError):
            if act == "pick":
                tickets.call_next(box, counter=counter, pick=ticket_id, now=now)
            elif act == "declare":
                serving.declare(box, counter=counter, ticket_id=ticket_id, first=seed % 3 > 0, now=now)
            elif act == "move":
                here = tickets.at_counter(box.hall, counter)
                ticket_id = here.id if here else ticket_id
                service = RULES.kinds[seed % len(RULES.kinds)]
                serving.move(
                    box, counter=counter, ticket_id=ticket_id, service=service, to_counter=other, now=now
                )
            else:
                serving.set_aside(box, counter=counter, ticket_id=ticket_id, kind=BoxEvent(act), now=now)  # type: ignore[arg-type]

    @rule(appointments=st.integers(1, 4), declared=st.integers(1, 4))
    def change_the_order(self, appointments: int, declared: int) -> None:
        serving.set_rule(self.box, appointments=appointments, declared=declared, by="李", now=self.now)

    @rule()
    def cut_the_power(self) -> None:
        before, order = dict(self.box.hall.tickets), self.box.fairness
        self.box.store.close()
        self.open()
        assert (self.box.hall.tickets, self.box.fairness) == (before, order)

    @rule(kind=st.sampled_from(RULES.kinds))
    def fill_the_disk(self, kind: VisitKind) -> None:
        with self.box.store.reading() as connection:
            connection.execute("pragma query_only = on")
            with contextlib.suppress(CannotKeep):
                tickets.walk_in(self.box, kind=kind, nonce=uuid4().hex, now=self.now)
                raise AssertionError("a number was given out that is not on the disk")
            connection.execute("pragma query_only = off")

    @rule(seconds=st.integers(-3600, 3600))
    def set_the_clock(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        if self.now.date() != datetime(2026, 11, 23, tzinfo=UTC).date():
            self.now = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
        self.box.today(self.now)

    @invariant()
    def every_number_given_out_is_there_and_once(self) -> None:
        held = [one for day in self.days() for one in day]
        assert {one.id: one.label for one in held} == self.given
        for day in self.days():
            for kind in VisitKind:
                line = sorted((one for one in day if one.kind is kind), key=lambda one: one.position)
                assert [one.number for one in line] == list(range(1, len(line) + 1))

    @invariant()
    def each_counter_has_one_visitor_and_each_call_its_turn(self) -> None:
        hall = self.box.hall.tickets.values()
        assert all(n == 1 for n in Counter(t.counter for t in hall if t.state is TicketState.CALLED).values())
        assert all(n == 1 for n in Counter(t.turn for t in hall if t.turn is not None).values())

    @invariant()
    def the_journal_tells_the_same_story(self) -> None:
        events = [
            wire.Envelope.model_validate_json(row.payload) for row in Outbox(self.box.store).oldest(10_000)
        ]
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert len({event.event_id for event in events}) == len(events)
        told: dict[UUID, TicketState] = {}
        for event in events:
            if isinstance(event.body, SAYS_A_STATE):
                told[event.body.ticket_id] = STATE[event.body.type]
        assert told == {one.id: one.state for day in self.days() for one in day}

    def days(self) -> list[list[Ticket]]:
        """Tickets of each hall day on the disk."""
        with self.box.store.reading() as connection:
            days = [day for (day,) in connection.execute("select distinct day from ticket")]
        return [self.box._tickets_of(day) for day in days]


Hall.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestHall = Hall.TestCase
