"""Drill mode: a queue of its own, a mark on every event, an end by itself, and a way out for whoever really needs help."""

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.testclient import TestClient

from edge_agent import assist, documents, drill, pace, receipts, serving, tickets, views
from edge_agent.box import Box
from edge_agent.desk import Desk
from edge_agent.documents import Answer
from edge_agent.errors import Illegal
from edge_agent.outbox import Outbox
from edge_agent.paper import batches
from edge_agent.records import TicketState
from edge_agent.upkeep import Upkeep
from edge_agent.web.app import build
from shared import wire
from shared.clock import FixedClock
from shared.drills import DrillBegun, DrillEnded, DrillOrder, Ended
from shared.i18n import Lang
from shared.receipts import Handed
from tests.edge_agent import papers
from tests.edge_agent.papers import BOX_ID

BUTTON = wire.CallOrigin.DEVICE_BUTTON
QUERY = wire.VisitKind.QUERY


def begin(box: Box, now: datetime, minutes: int = 30) -> None:
    drill.begin(box, minutes=minutes, by="张敏", now=now)


def sent(box: Box) -> list[wire.Envelope]:
    return [wire.Envelope.model_validate_json(row.payload) for row in Outbox(box.store).oldest(1000)]


def test_the_real_queue_stands_still_and_is_as_before_at_the_end(box: Box, now: datetime) -> None:
    first = tickets.take(box, kind=QUERY, nonce="a", now=now)
    second = tickets.take(box, kind=QUERY, nonce="b", now=now)
    tickets.call_next(box, counter=1, now=now)
    before, estimate = dict(box.today(now).tickets), pace.of(box, box.today(now), now=now)
    begin(box, now)
    assert tickets.waiting(box.today(now)) == []
    drilled = tickets.take(box, kind=QUERY, nonce="a", now=now)
    assert (first.label, drilled.label, drilled.date) == ("C001", "Y001", first.day)
    called = tickets.call_next(box, counter=1, now=now)
    assert called is not None
    tickets.end(
        box, counter=1, ticket_id=called.id, outcome=TicketState.SERVED, now=now + timedelta(minutes=9)
    )
    drill.end(box, why=Ended.HALL, by="张敏", now=now + timedelta(minutes=10))
    hall = box.today(now + timedelta(minutes=10))
    assert hall.tickets == before
    assert pace.of(box, hall, now=now) == estimate
    assert tickets.take(box, kind=QUERY, nonce="c", now=now).label == "C003"
    assert [one.drill for one in sent(box)] == [*(False,) * 3, *(True,) * 5, False]
    assert second.id in hall.tickets


def test_an_appointment_is_not_used_up_by_a_drill(box: Box, now: datetime, appointment_id: UUID) -> None:
    begin(box, now)
    tickets.take(box, kind=QUERY, nonce="a", now=now, appointment_id=appointment_id)
    drill.end(box, why=Ended.TIME, now=now)
    assert box.today(now).used == set()


def test_nothing_that_reaches_beyond_the_drill_can_be_done_in_it(box: Box, now: datetime) -> None:
    begin(box, now)
    with pytest.raises(Illegal, match="no_receipts"):
        receipts.give(box, counter=1, by="张敏", handed=Handed.OTHER, sheets=1, nonce="n", now=now)
    with pytest.raises(Illegal, match="no_rule"):
        serving.set_rule(box, appointments=9, declared=9, by="张敏", now=now)
    with pytest.raises(Illegal, match="no_pages"):
        batches.finish(box, counter=1, by="张敏", now=now)
    with pytest.raises(Illegal, match="no_pages"):
        batches.lay_cover(box, counter=1, code="x", by="张敏", now=now)


def test_it_ends_by_itself_also_over_a_power_cut(
    desk: Desk, box: Box, opened: Callable[[], Box], clock: FixedClock, now: datetime
) -> None:
    begin(box, now, minutes=5)
    tickets.take(box, kind=QUERY, nonce="a", now=now)
    again = opened()
    assert [one.label for one in again.today(now + timedelta(minutes=4)).tickets.values()] == ["Y001"]
    desk.box = opened()
    clock.at = now + timedelta(minutes=6)
    assert desk.box.today(clock.at).tickets == {}  # before anything has looked after it
    Upkeep(desk).tick()
    assert desk.box.drill is None
    bodies = [one.body for one in sent(desk.box)]
    assert isinstance(bodies[0], DrillBegun)
    assert isinstance(bodies[-1], DrillEnded)
    assert bodies[-1].why is Ended.TIME
    with desk.box.store.reading() as connection:
        assert connection.execute("select count(*) from ticket").fetchone() == (0,)
    assert opened().drill is None


@pytest.mark.parametrize("minutes", [-10, 400], ids=["back", "beyond"])
def test_a_clock_that_jumps_does_not_prolong_it(box: Box, now: datetime, minutes: int) -> None:
    begin(box, now, minutes=9999)
    assert box.drilling(now + timedelta(minutes=239))
    drill.tick(box, now=now + timedelta(minutes=minutes))
    assert box.drill is None


def test_a_call_of_a_drill_runs_its_course_marked(box: Box, now: datetime) -> None:
    begin(box, now)
    call = assist.press(box, origin=BUTTON, now=now)
    assert assist.press(box, origin=BUTTON, now=now + timedelta(seconds=1)) == call  # a double tap
    assist.widen(box, now=now + timedelta(seconds=61), seconds=60)
    assist.acknowledge(box, call_id=call.id, by="李四", now=now)
    drill.end(box, why=Ended.HALL, now=now)
    assist.arrive(
        box, call_id=call.id, by="李四", now=now
    )  # a person closes a call, not the end of the drill
    assist.close(box, call_id=call.id, by="李四", note="演练", now=now)
    marked = {one.body.type: one.drill for one in sent(box)}
    assert all(marked.values())
    assert wire.BoxEvent.ASSISTANCE_WIDENED in marked
    assert not assist.press(box, origin=BUTTON, now=now).drill


def test_whoever_presses_again_or_says_so_has_a_real_call_and_the_drill_ends(box: Box, now: datetime) -> None:
    begin(box, now)
    practised = assist.press(box, origin=BUTTON, now=now)
    real = assist.press(box, origin=BUTTON, now=now + timedelta(seconds=4))
    assert (practised.drill, real.drill, box.drill) == (True, False, None)
    last = sent(box)[-2:]
    assert [(one.body.type.value, one.drill) for one in last] == [
        ("assistance.raised", False),
        ("drill.ended", True),
    ]
    begin(box, now + timedelta(minutes=1))
    other = assist.press(box, origin=BUTTON, now=now + timedelta(minutes=1), place="Y001")
    said = assist.is_real(box, call_id=other.id, now=now + timedelta(minutes=1))
    assert (said.place, said.drill, box.drill) == ("Y001", False, None)


def test_a_call_that_was_open_before_stays_real(box: Box, now: datetime) -> None:
    call = assist.press(box, origin=BUTTON, now=now)
    begin(box, now)
    assist.acknowledge(box, call_id=call.id, by="李四", now=now)
    assert [one.drill for one in sent(box)] == [False, True, False]
    assert assist.press(box, origin=BUTTON, now=now).id == call.id


def test_an_order_of_the_centre_begins_and_ends_it_once(
    box: Box, centre_key: Ed25519PrivateKey, now: datetime
) -> None:
    def give(serial: int, minutes: int, at: datetime = now, **more: object) -> Answer:
        facts = {
            "box": BOX_ID,
            "serial": serial,
            "not_after": now + timedelta(minutes=5),
            "minutes": minutes,
            "by": "王院长",
        }
        order = DrillOrder.model_validate({**facts, **more})
        payload = papers.signed(order, centre_key)
        return documents.take(box, payload, name="drill", keys=[centre_key.public_key()], now=at)

    assert give(5, 30, box="ln0103-1") is Answer.OTHER_BOX
    assert give(5, 30) is Answer.TAKEN
    assert box.drilling(now)
    assert give(6, 0) is Answer.TAKEN
    assert box.drill is None
    assert (give(6, 0), give(5, 30)) == (Answer.KNOWN, Answer.OLD)
    assert (
        give(7, 30, at=now + timedelta(minutes=6)) is Answer.EXPIRED
    )  # no surprise for a hall that was away
    assert box.drill is None


def test_an_order_that_power_was_cut_in_is_followed_when_it_comes_again(
    opened: Callable[[], Box], centre_key: Ed25519PrivateKey, now: datetime
) -> None:
    def give(box: Box, serial: int, minutes: int) -> Answer:
        facts = {"box": BOX_ID, "serial": serial, "not_after": now + timedelta(minutes=5), "by": "王院长"}
        order = DrillOrder.model_validate({**facts, "minutes": minutes})
        payload = papers.signed(order, centre_key)
        return documents.take(box, payload, name="drill", keys=[centre_key.public_key()], now=now)

    def cut(box: Box) -> None:
        with box.store.reading() as connection:  # lasts as long as the connection
            connection.execute(
                "create temp trigger cut before insert on main.outbox begin select raise(abort, 'cut'); end"
            )

    for serial, minutes in ((5, 30), (6, 0)):
        box = opened()
        before = box.drilling(now)
        cut(box)
        with pytest.raises(sqlite3.IntegrityError, match="cut"):
            give(box, serial, minutes)
        box = opened()
        assert box.drilling(now) is before
        assert give(box, serial, minutes) is Answer.TAKEN  # the broker hands it out again at each connect
        assert box.drilling(now) is (minutes > 0)
    assert give(box, 6, 0) is Answer.KNOWN
    assert give(box, 7, 0) is Answer.TAKEN  # nothing to end, and noted all the same
    assert give(box, 7, 0) is Answer.KNOWN


def test_every_screen_says_that_it_is_a_drill(desk: Desk, box: Box, now: datetime) -> None:
    real = tickets.take(box, kind=QUERY, nonce="a", now=now)
    begin(box, now)
    drilled = tickets.take(box, kind=QUERY, nonce="a", now=now)
    desk.press(BUTTON)
    client = TestClient(build(desk), base_url="http://127.0.0.1:8081", client=("127.0.0.1", 5000))
    client.post("/counter/sign-in", data={"pin": "2468", "by": "张敏", "next": "/counter"})
    pages = [
        "/",
        "/display",
        f"/ticket/{real.id}",
        f"/ticket/{drilled.id}",
        "/counter",
        "/counter/1",
        "/counter/1/receipts",
        "/counter/1/slips",
    ]
    for page in pages:
        assert 'class="drill"' in client.get(page).text, page
    assert "这不是演练" in client.get("/").text
    assert "您的号码保留" in client.get(f"/ticket/{real.id}").text
    called = views.own_place(desk, real.id, Lang.ZH)
    assert (called["paused"], called["place"]) == (True, "")
    client.post(f"/ticket/{real.id}/help")  # whoever holds a real number takes no part in the drill
    assert box.drill is None
    assert 'class="drill"' not in client.get("/display").text
    assert client.post("/counter/1/drill/end").status_code == 200
