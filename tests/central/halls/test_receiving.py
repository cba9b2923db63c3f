"""What boxes send is taken strictly in order, once, and what cannot be taken waits in the tray."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import Session, select

from central.courts.models import Court
from central.events import log
from central.halls import queries, service
from central.halls.models import AssistanceCall, BoxPosition, RefusedEvent, Ticket
from central.halls.writing import stream_of
from shared import wire
from shared.ids import new_id
from tests.factories import halls
from tests.factories.courts import MORNING, SEED, court
from tests.factories.halls import Journal, receive

ACCEPTED, DUPLICATE, GAP, REFUSED = wire.Verdict


@pytest.fixture
def here(s: Session) -> Court:
    return court(s)


@pytest.fixture
def journal(s: Session, here: Court) -> Journal:
    return halls.box(s, here)


def kinds(s: Session, court_id: UUID) -> list[str]:
    return [event.kind for event in log.of_stream(s, stream_of(court_id))]


def test_events_in_order_are_accepted_and_recorded(s: Session, here: Court, journal: Journal) -> None:
    verdicts = [receive(s, journal.ticket(n)).verdict for n in (1, 2, 3)]
    assert verdicts == [ACCEPTED] * 3
    assert kinds(s, here.id) == ["box.added", *["hall.ticket_taken"] * 3]


def test_a_receipt_names_the_event_it_is_for(s: Session, journal: Journal) -> None:
    sent = journal.ticket()
    ack = receive(s, sent)
    assert (ack.event_id, ack.epoch, ack.seq) == (sent.event_id, sent.epoch, sent.seq)


def test_an_event_keeps_its_own_time_however_late_it_comes(s: Session, here: Court, journal: Journal) -> None:
    receive(s, journal.ticket(at=MORNING), now=MORNING + timedelta(days=2))
    last = log.of_stream(s, stream_of(here.id))[-1]
    assert (last.at, last.recorded_at) == (MORNING, MORNING + timedelta(days=2))


def test_an_event_sent_again_is_a_duplicate_and_changes_nothing(
    s: Session, here: Court, journal: Journal
) -> None:
    sent = journal.ticket()
    receive(s, sent)
    before = kinds(s, here.id)
    assert receive(s, sent).verdict is DUPLICATE
    assert kinds(s, here.id) == before


def test_a_gap_names_the_number_expected(s: Session, journal: Journal) -> None:
    first, second = journal.ticket(1), journal.ticket(2)
    ack = receive(s, second)
    assert (ack.verdict, ack.expected) == (GAP, 1)
    assert [receive(s, one).verdict for one in (first, second)] == [ACCEPTED, ACCEPTED]


def test_a_new_store_of_the_box_counts_from_one_again(s: Session, journal: Journal) -> None:
    receive(s, journal.ticket())
    again = Journal(journal.box)
    assert receive(s, again.ticket(2)).verdict is ACCEPTED
    assert receive(s, journal.ticket(3)).verdict is ACCEPTED


def test_an_event_saved_out_of_a_damaged_journal_is_known_by_its_id(s: Session, journal: Journal) -> None:
    sent = journal.ticket()
    receive(s, sent)
    saved = sent.model_copy(update={"epoch": new_id()})
    assert receive(s, saved).verdict is DUPLICATE
    assert len(s.exec(select(Ticket)).all()) == 1


def test_an_event_that_contradicts_goes_to_the_tray_and_the_next_is_taken(
    s: Session, here: Court, journal: Journal
) -> None:
    wrong = journal.answered(new_id())
    ack = receive(s, wrong)
    assert (ack.verdict, ack.reason) == (REFUSED, "call_unknown")
    assert receive(s, journal.ticket()).verdict is ACCEPTED
    assert queries.count_untreated(s, here.id) == queries.count_untreated(s) == 1
    assert queries.tray(s)[0].raw == wrong.model_dump_json()


def test_a_refused_event_sent_again_is_refused_again_and_kept_once(s: Session, journal: Journal) -> None:
    wrong = journal.answered(new_id())
    assert [receive(s, wrong).reason for _ in range(2)] == ["call_unknown"] * 2
    assert len(s.exec(select(RefusedEvent)).all()) == 1


def test_another_event_under_an_old_number_goes_to_the_tray(s: Session, journal: Journal) -> None:
    receive(s, journal.ticket())
    journal.seq = 0
    assert receive(s, journal.ticket(2)).reason == "number_taken_twice"


def test_a_body_that_this_centre_does_not_know_goes_to_the_tray(s: Session, journal: Journal) -> None:
    raw = journal.ticket().model_dump_json().replace("ticket.taken", "ticket.painted")
    head = service.read(raw)
    assert isinstance(head, service.Head)
    assert service.receive(s, envelope=head, raw=raw, now=MORNING).reason == "malformed"
    assert receive(s, journal.ticket()).verdict is ACCEPTED


def test_nothing_is_taken_from_an_unknown_box(s: Session, here: Court) -> None:
    assert receive(s, Journal(f"{here.latin}-7").ticket()).reason == "box_unknown"
    assert s.exec(select(BoxPosition)).all() == []


def test_nothing_is_taken_from_a_revoked_box(s: Session, journal: Journal) -> None:
    service.revoke_box(s, box_id=journal.box, by=SEED, now=MORNING)
    assert receive(s, journal.ticket()).reason == "box_revoked"


def test_a_box_cannot_speak_of_the_tickets_and_calls_of_another(
    s: Session, here: Court, journal: Journal
) -> None:
    other = halls.box(s, here, 2)
    call_id = halls.raise_call(s, journal)
    assert receive(s, other.answered(call_id)).reason == "call_unknown"


def test_an_event_that_breaks_the_work_is_set_aside_in_its_turn(s: Session, journal: Journal) -> None:
    first, second = journal.ticket(1), journal.ticket(2)
    aside = [
        service.set_aside(s, envelope=one, raw=one.model_dump_json(), now=MORNING) for one in (second, first)
    ]
    assert [ack.verdict for ack in aside] == [GAP, REFUSED]
    assert receive(s, second).verdict is ACCEPTED


def test_a_message_without_a_head_is_kept_for_a_person(s: Session, journal: Journal) -> None:
    assert service.read("not json") is None
    kept = [
        service.keep_unreadable(s, box_id=journal.box, raw="not json", reason="unreadable", now=MORNING)
        for _ in range(2)
    ]
    assert kept == [True, False]
    assert queries.count_untreated(s) == 1


def test_only_the_secret_of_a_box_lets_it_in(s: Session, journal: Journal) -> None:
    assert service.secret_fits(s, box_id=journal.box, secret=journal.secret)
    assert not service.secret_fits(s, box_id=journal.box, secret=journal.secret[:-1])
    assert not service.secret_fits(s, box_id="ln0103-1", secret=journal.secret)
    service.revoke_box(s, box_id=journal.box, by=SEED, now=MORNING)
    assert not service.secret_fits(s, box_id=journal.box, secret=journal.secret)


def test_presence_is_kept_and_an_old_one_handed_out_again_is_no_news(s: Session, journal: Journal) -> None:
    said = wire.Presence(box=journal.box, online=True, waiting=3, at=MORNING)
    assert service.note_presence(s, presence=said, now=MORNING)
    assert not service.note_presence(s, presence=said, now=MORNING + timedelta(hours=1))
    row = queries.boxes(s)[0]
    assert row.presence is not None
    assert (row.presence.waiting, row.heard_at) == (3, MORNING)


def test_a_call_for_help_overtakes_its_journal_and_counts_once(
    s: Session, here: Court, journal: Journal
) -> None:
    first, call = journal.ticket(), journal.raised()
    assert service.receive_urgent(s, envelope=call, now=MORNING)
    assert not service.receive_urgent(s, envelope=call, now=MORNING)
    assert [receive(s, each).verdict for each in (first, call)] == [ACCEPTED, DUPLICATE]
    assert kinds(s, here.id) == ["box.added", "hall.assistance_raised", "hall.ticket_taken"]


def test_nothing_but_a_call_for_help_overtakes(s: Session, here: Court, journal: Journal) -> None:
    assert not service.receive_urgent(s, envelope=journal.ticket(), now=MORNING)
    assert kinds(s, here.id) == ["box.added"]


def test_what_staff_do_with_a_number_is_taken_and_recorded(s: Session, here: Court, journal: Journal) -> None:
    sent = journal.ticket()
    receive(s, sent)
    assert isinstance(sent.body, wire.TicketTaken)
    number = {"ticket_id": sent.body.ticket_id, "counter": 2}
    for kind, status in (("held", "held"), ("returned", "waiting"), ("wrong", "wrong")):
        body = wire.TicketSetAside.model_validate({"type": f"ticket.{kind}", **number})
        assert receive(s, journal.put(body)).verdict is ACCEPTED
        assert s.exec(select(Ticket.status)).one() == status
    moved = wire.TicketMoved.model_validate({"service": "letter_drop", "to_counter": 3, **number})
    rule = wire.RuleSet(appointments=3, declared=1, by="李")
    for more in (moved, wire.TicketDeclared.model_validate({"first": True, **number}), rule):
        assert receive(s, journal.put(more)).verdict is ACCEPTED
    names = ("held", "returned", "wrong", "moved", "declared")
    assert kinds(s, here.id)[2:] == [*(f"hall.ticket_{name}" for name in names), "hall.rule_set"]


def test_a_call_that_nobody_answers_widens_until_somebody_is_there(s: Session, journal: Journal) -> None:
    call_id = halls.raise_call(s, journal)
    receive(s, journal.put(wire.AssistanceWidened(call_id=call_id, circle=2)))
    arrived = {"type": "assistance.arrived", "call_id": call_id, "by": "李四"}
    at = MORNING + timedelta(minutes=3)
    receive(s, journal.put(wire.AssistanceAnswered.model_validate(arrived), at=at))
    call = s.get_one(AssistanceCall, call_id)
    assert (call.circle, call.acknowledged_by, call.arrived_at) == (2, "李四", at)
