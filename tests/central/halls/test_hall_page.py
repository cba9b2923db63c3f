"""The page of the hall: what it shows, what can be done on it, by whom, in both languages."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from central import db
from central.context import Context
from central.halls import queries
from central.halls.models import Appointment, AssistanceCall
from shared import wire
from shared.codes import SHORT_ALPHABET
from shared.ids import new_id
from tests.central.halls.conftest import Hall, make
from tests.factories import halls
from tests.factories.courts import MORNING
from tests.factories.halls import receive

SignIn = Callable[[TestClient, str], str]


@pytest.fixture
def csrf(client: TestClient, kept: Hall, sign_in: SignIn) -> str:
    """The form token of the hall's staff, signed in."""
    return sign_in(client, f"hall_staff.{kept.court.latin}")


def press(context: Context, hall: Hall, place: str = "3号窗口") -> AssistanceCall:
    with db.unit_of_work(context.engine) as s:
        return s.get_one(AssistanceCall, halls.raise_call(s, hall.journal, place))


def appointment(**more: str) -> dict[str, str]:
    facts = {
        "appointment_id": str(new_id()),
        "kind": "appointment",
        "day": "2026-11-23",
        "start": "10:00",
        "minutes": "30",
    }
    return facts | more


@pytest.mark.parametrize(
    ("lang", "word"), [("zh-CN", "现在没有人求助"), ("en", "Nobody is calling for help")]
)
def test_an_empty_hall_says_so(client: TestClient, csrf: str, lang: str, word: str) -> None:
    del csrf
    answer = client.get(f"/hall?lang={lang}")
    assert answer.status_code == 200
    assert word in answer.text


def test_calls_nobody_answered_stand_first_and_say_what_to_do(
    client: TestClient, context: Context, kept: Hall, csrf: str
) -> None:
    first = press(context, kept, "一号厅")
    press(context, kept, "二号厅")
    client.post(f"/hall/calls/{first.id}/acknowledge", data={"csrf": csrf})
    text = client.get("/hall").text
    assert text.index("二号厅") < text.index("一号厅")
    assert "还没有人应答" in text
    assert f"{kept.staff.name} 已在" in text


def test_acknowledging_and_closing_work_as_plain_forms(
    client: TestClient, context: Context, kept: Hall, csrf: str
) -> None:
    call = press(context, kept)
    for act, fields in (("acknowledge", {}), ("arrive", {}), ("close", {"note": "已送医"})):
        answer = client.post(f"/hall/calls/{call.id}/{act}", data={"csrf": csrf, **fields})
        assert (answer.status_code, answer.headers["location"]) == (303, "/hall#calls")
    assert "已送医" in client.get("/hall").text


def test_a_call_is_not_closed_without_a_word(
    client: TestClient, context: Context, kept: Hall, csrf: str
) -> None:
    call = press(context, kept)
    answer = client.post(f"/hall/calls/{call.id}/close", data={"csrf": csrf, "note": " "})
    assert answer.status_code == 422
    assert "请用几个字写明处理情况" in answer.text
    with context.read() as s:
        assert s.get_one(AssistanceCall, call.id).closed_at is None


def test_nothing_is_answered_without_the_form_token(
    client: TestClient, context: Context, kept: Hall, csrf: str
) -> None:
    del csrf
    call = press(context, kept)
    assert client.post(f"/hall/calls/{call.id}/acknowledge", data={"csrf": "x"}).status_code == 403


def test_tickets_are_shown_by_number_and_state(
    client: TestClient, context: Context, kept: Hall, csrf: str
) -> None:
    del csrf
    with db.unit_of_work(context.engine) as s:
        taken = kept.journal.ticket(12)
        receive(s, taken)
        assert isinstance(taken.body, wire.TicketTaken)
        called = {"type": "ticket.called", "ticket_id": taken.body.ticket_id, "counter": 2}
        receive(s, kept.journal.put(wire.TicketCalled.model_validate(called)))
    text = client.get("/hall").text
    assert "C012" in text
    assert "已叫号" in text


def test_a_refused_message_is_shown_with_its_reason_and_leaves_when_treated(
    client: TestClient, context: Context, kept: Hall, csrf: str
) -> None:
    with db.unit_of_work(context.engine) as s:
        receive(s, kept.journal.answered(new_id()))
        (row,) = queries.tray(s)
    assert "没有登记过这次求助" in client.get("/hall").text
    path = f"/hall/tray/{row.id}/treat"
    assert client.post(path, data={"csrf": csrf, "note": ""}).status_code == 422
    assert client.post(path, data={"csrf": csrf, "note": "已核对"}).status_code == 303
    assert "没有待人工处理的记录" in client.get("/hall").text


def test_an_appointment_shows_its_codes_once(
    client: TestClient, context: Context, kept: Hall, csrf: str
) -> None:
    form = appointment(csrf=csrf)
    answer = client.post("/hall/appointments", data=form)
    assert answer.status_code == 201
    assert re.search(rf"[{SHORT_ALPHABET}]{{5}} [{SHORT_ALPHABET}]{{5}}", answer.text)
    assert "data:image/svg+xml" in answer.text
    assert client.post("/hall/appointments", data=form).status_code == 409
    with context.read() as s:
        (row,) = queries.appointments(s, kept.court.id, first=MORNING.date(), last=MORNING.date())
    text = client.get("/hall").text
    assert f"/hall/appointments/{row.id}/revoke" in text
    assert "10:00</time> – 10:30" in text


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [("start", "", "请填写开始时间"), ("minutes", "1", "请填写时长"), ("day", "2026-11-22", "已经过去")],
    ids=["no time", "too short", "past"],
)
def test_a_wrong_appointment_is_explained_and_keeps_what_was_typed(
    client: TestClient, csrf: str, field: str, value: str, word: str
) -> None:
    typed = {"start": "14:35", field: value}
    answer = client.post("/hall/appointments", data=appointment(csrf=csrf, **typed))
    assert answer.status_code == 422
    assert word in answer.text
    assert field == "start" or "14:35" in answer.text


def test_an_appointment_is_called_off(client: TestClient, context: Context, csrf: str) -> None:
    form = appointment(csrf=csrf)
    client.post("/hall/appointments", data=form)
    path = f"/hall/appointments/{form['appointment_id']}/revoke"
    assert client.post(path, data={"csrf": csrf}).status_code == 303
    with context.read() as s:
        assert s.get_one(Appointment, UUID(form["appointment_id"])).revoked_at == MORNING


def test_boxes_are_listed_with_their_line(
    client: TestClient, context: Context, kept: Hall, csrf: str
) -> None:
    del csrf
    assert "从未连接" in client.get("/hall").text
    with db.unit_of_work(context.engine) as s:
        receive(s, kept.journal.ticket())
    text = client.get("/hall").text
    assert kept.journal.box in text
    assert "离线时大厅照常" in text


@pytest.mark.parametrize("role", ["handler"])
def test_other_roles_do_not_see_the_hall(client: TestClient, kept: Hall, sign_in: SignIn, role: str) -> None:
    token = sign_in(client, f"{role}.{kept.court.latin}")
    assert client.get("/hall").status_code == 403
    assert client.post("/hall/appointments", data=appointment(csrf=token)).status_code == 403


def test_a_supervisor_looks_and_does_not_act(
    client: TestClient, context: Context, kept: Hall, sign_in: SignIn
) -> None:
    call = press(context, kept)
    token = sign_in(client, f"supervisor.{kept.court.latin}")
    page = client.get("/hall")
    assert page.status_code == 200
    assert "/acknowledge" not in page.text
    assert client.post(f"/hall/calls/{call.id}/acknowledge", data={"csrf": token}).status_code == 403


def test_the_hall_of_another_court_is_neither_shown_nor_answered(
    client: TestClient, context: Context, csrf: str
) -> None:
    with db.unit_of_work(context.engine) as s:
        elsewhere = make(s, "辽0103")
    call = press(context, elsewhere, "别处")
    assert "别处" not in client.get("/hall").text
    assert client.post(f"/hall/calls/{call.id}/acknowledge", data={"csrf": csrf}).status_code == 404


def test_the_page_asks_the_database_the_same_number_of_times_however_much_there_is(
    client: TestClient, context: Context, kept: Hall, csrf: str
) -> None:
    del csrf
    asked: list[str] = []

    @event.listens_for(context.engine, "after_cursor_execute")
    def _count(*args: object) -> None:
        asked.append(str(args[2]))

    client.get("/hall")
    before = len(asked)
    with db.unit_of_work(context.engine) as s:
        for number in range(1, 30):
            receive(s, kept.journal.ticket(number))
            halls.raise_call(s, kept.journal, f"{number}号")
    asked.clear()
    client.get("/hall")
    assert len(asked) <= before <= 16
