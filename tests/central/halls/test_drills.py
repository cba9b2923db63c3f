"""Drills at the centre: nothing of one makes a row that counts, calls run their course marked, an order is followed soon or not at all."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from central import db
from central.actor import Role
from central.context import Context
from central.courts.models import Court
from central.errors import Forbidden, Invalid
from central.events.models import Event
from central.halls import drills, queries, service
from central.halls.drill_models import BoxDrill
from central.halls.models import AssistanceCall, HallBox, Ticket
from shared import topics, wire
from shared.clock import FixedClock
from shared.drills import DrillBegun, DrillEnded, DrillOrder, Ended
from shared.ids import new_id
from shared.receipts import Handed, ReceiptGiven
from tests.factories import accounts as people
from tests.factories import halls
from tests.factories.courts import MORNING, court
from tests.factories.halls import Journal

SignIn = Callable[[TestClient, str], str]
KEY = Ed25519PrivateKey.generate()
UNTIL = MORNING + timedelta(minutes=30)


@pytest.fixture
def hall(s: Session) -> tuple[Court, Journal]:
    at = court(s)
    return at, halls.box(s, at)


def practised(journal: Journal, body: wire.Body) -> wire.Envelope:
    return journal.put(body).model_copy(update={"drill": True})


def begun(journal: Journal) -> wire.Envelope:
    return practised(journal, DrillBegun(drill_id=new_id(), until=UNTIL, by="王院长"))


def test_numbers_of_a_drill_are_events_and_no_rows(s: Session, hall: tuple[Court, Journal]) -> None:
    _, journal = hall
    number = new_id()
    taken = wire.TicketTaken(ticket_id=number, day="2026-11-23", kind=wire.VisitKind.QUERY, number=1)
    called = wire.TicketCalled(type=wire.BoxEvent.TICKET_CALLED, ticket_id=number, counter=2)
    ended = wire.TicketEnded(type=wire.BoxEvent.TICKET_SERVED, ticket_id=number, counter=2)
    drill = [begun(journal), *(practised(journal, body) for body in (taken, called, ended))]
    arrivals = [service.Arrival(one, one.model_dump_json()) for one in drill]
    boxes = service.enter_boxes(s, {journal.box})
    acks = service.receive_many(s, arrivals, boxes=boxes, now=MORNING)
    assert {ack.verdict for ack in acks} == {wire.Verdict.ACCEPTED}
    assert s.exec(select(Ticket)).all() == []
    told = s.exec(select(Event).where(col(Event.kind).startswith("hall."))).all()
    assert len(told) == 4
    assert all('"drill":true' in one.data for one in told)
    assert s.get_one(BoxDrill, journal.box).until == UNTIL


def test_a_receipt_out_of_a_drill_goes_to_the_tray(s: Session, hall: tuple[Court, Journal]) -> None:
    _, journal = hall
    given = ReceiptGiven(number=1, counter=1, by="张敏", handed=Handed.OTHER, sheets=1)
    ack = halls.receive(s, practised(journal, given))
    assert (ack.verdict, ack.reason) == (wire.Verdict.REFUSED, "not_in_a_drill")


def test_a_call_of_a_drill_is_marked_and_a_real_one_in_between_is_not(
    s: Session, hall: tuple[Court, Journal]
) -> None:
    at, journal = hall
    halls.receive(s, begun(journal))
    marked = journal.raised("大厅").model_copy(update={"drill": True})
    assert service.receive_urgent(s, envelope=marked, now=MORNING)
    halls.receive(s, marked)
    halls.receive(s, journal.raised("大厅"))
    assert sorted(call.drill for call in queries.open_calls(s, at.id)) == [False, True]
    guard = people.actor(s, at, Role.HALL_STAFF)
    call = s.exec(select(AssistanceCall).where(col(AssistanceCall.drill))).one()
    service.acknowledge(s, call_id=call.id, by=guard, now=MORNING)
    assert call.acknowledged_by == guard.name


def test_an_order_goes_down_and_is_taken_away_when_the_box_followed(
    s: Session, hall: tuple[Court, Journal]
) -> None:
    at, journal = hall
    leader, box = people.actor(s, at, Role.LEADER), s.get_one(HallBox, journal.box)
    drills.order(s, box=box, minutes=30, by=leader, now=MORNING)
    assert drills.due(s, now=MORNING)
    (sent,) = drills.issue(s, key=KEY, now=MORNING)
    paper = DrillOrder.model_validate_json(wire.SignedDocument.model_validate_json(sent.payload).body)
    assert (sent.topic, paper.minutes, paper.by) == (topics.document(journal.box, "drill"), 30, leader.name)
    assert drills.issue(s, key=KEY, now=MORNING) == []
    begin = begun(journal)
    halls.receive(s, begin)
    assert [one.payload for one in drills.issue(s, key=KEY, now=MORNING)] == [""]
    assert [one.box_id for one in drills.of_court(s, at.id, now=MORNING)] == [journal.box]
    assert drills.of_court(s, at.id, now=UNTIL) == []  # over at its time, whether or not the box could say so
    ended = drills.order(s, box=box, minutes=0, by=leader, now=MORNING + timedelta(minutes=5))
    assert ended.serial > paper.serial
    assert isinstance(begin.body, DrillBegun)
    over = DrillEnded(drill_id=begin.body.drill_id, why=Ended.CENTRE, by=leader.name)
    halls.receive(s, journal.put(over, at=MORNING + timedelta(minutes=5)).model_copy(update={"drill": True}))
    row = s.get_one(BoxDrill, journal.box)
    assert (row.ended_why, drills.waits(row, now=MORNING + timedelta(minutes=5))) == ("centre", False)


def test_an_order_that_no_box_took_in_time_is_over(s: Session, hall: tuple[Court, Journal]) -> None:
    at, journal = hall
    leader, box = people.actor(s, at, Role.LEADER), s.get_one(HallBox, journal.box)
    row = drills.order(s, box=box, minutes=30, by=leader, now=MORNING)
    drills.issue(s, key=KEY, now=MORNING)
    later = MORNING + timedelta(minutes=6)
    assert not drills.waits(row, now=later)
    assert [one.payload for one in drills.issue(s, key=KEY, now=later)] == [""]
    assert not drills.due(s, now=later)
    assert (drills.lapsed(row, now=MORNING), drills.lapsed(row, now=later)) == (False, True)
    halls.receive(s, begun(journal))  # it had begun in time, and said so late
    assert not drills.lapsed(row, now=later)


def test_leaders_and_admins_order_drills_of_5_to_240_minutes(s: Session, hall: tuple[Court, Journal]) -> None:
    at, journal = hall
    box = s.get_one(HallBox, journal.box)
    with pytest.raises(Forbidden):
        drills.order(s, box=box, minutes=30, by=people.actor(s, at, Role.HALL_STAFF), now=MORNING)
    admin = people.actor(s, at, Role.COURT_ADMIN)
    for minutes in (4, 241):
        with pytest.raises(Invalid):
            drills.order(s, box=box, minutes=minutes, by=admin, now=MORNING)


def test_pages_say_that_a_drill_goes_on(client: TestClient, context: Context, sign_in: SignIn) -> None:
    now = context.clock.now()
    with db.unit_of_work(context.engine) as s:
        at = court(s, "辽0102")
        people.actor(s, at, Role.LEADER)
        journal = halls.box(s, at)
    csrf = sign_in(client, "leader.ln0102")
    page = f"/hall/boxes/{journal.box}"
    wrong = client.post(f"{page}/drill", data={"csrf": csrf, "minutes": "3"})
    assert (wrong.status_code, 'value="3"' in wrong.text) == (422, True)  # nothing typed is lost
    assert client.post(f"{page}/drill", data={"csrf": csrf, "minutes": "30"}).status_code == 303
    assert "正在等待一体机回应" in client.get(page).text
    assert isinstance(context.clock, FixedClock)
    context.clock.at = now + timedelta(minutes=6)
    assert "演练没有开始" in client.get(page).text
    context.clock.at = now
    with db.unit_of_work(context.engine) as s:
        begin = DrillBegun(drill_id=new_id(), until=now + timedelta(minutes=30), by="王院长")
        halls.receive(s, journal.put(begin, at=now).model_copy(update={"drill": True}))
        halls.receive(s, journal.raised("大厅").model_copy(update={"drill": True}))
    assert "演练中" in client.get(page).text
    hall = client.get("/hall?lang=en").text
    assert "holds a drill until" in hall
    assert ">Drill<" in hall.replace("</svg>", ">")
