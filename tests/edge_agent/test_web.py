"""The pages as a browser or a stranger meets them; the box behind them runs without devices and line."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.testclient import TestClient

from edge_agent.desk import Desk
from edge_agent.web import live
from edge_agent.web.app import build
from shared import wire
from shared.i18n import Catalogue, Lang
from tests.edge_agent import papers
from tests.edge_agent.conftest import PIN

JSON = {"accept": "application/json"}


@pytest.fixture
def web(desk: Desk) -> Iterator[TestClient]:
    with TestClient(
        build(desk), base_url="http://127.0.0.1:8081", headers=JSON, follow_redirects=False
    ) as client:
        yield client


@pytest.fixture
def staff(web: TestClient) -> TestClient:
    web.post("/counter/sign-in", data={"pin": PIN, "by": "李书记员"})
    return web


def take(web: TestClient, nonce: str = "tap", kind: str = "query") -> dict[str, str]:
    told: dict[str, str] = web.post("/tickets", json={"kind": kind, "nonce": nonce}).json()["ticket"]
    return told


@pytest.mark.parametrize(
    "path", ["/", "/display", "/healthz", "/metrics", "/counter/sign-in", "/static/live.js"]
)
def test_what_everybody_may_see_is_there_with_its_guards(web: TestClient, path: str) -> None:
    answer = web.get(path)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_double_tap_makes_one_ticket(web: TestClient, desk: Desk) -> None:
    assert take(web)["number"] == take(web)["number"] == "C001"
    assert len(desk.box.hall.tickets) == 1


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8081", "127.0.0.1.evil.example", "127.0.0.1@evil.example", ""]
)
def test_a_foreign_name_that_points_here_gets_nothing(web: TestClient, host: str) -> None:
    assert web.get("/", headers={"host": host}).status_code == 403
    answer = web.post("/help", json={}, headers={"host": host, "origin": f"http://{host}"})
    assert (answer.status_code, answer.json()["error"]) == (403, "error.other_name")


@pytest.mark.parametrize("host", ["127.0.0.1:8081", "[::1]:8081", "10.1.2.3", "localhost", "localhost:8081"])
def test_addresses_in_figures_and_own_names_are_taken(web: TestClient, host: str) -> None:
    assert web.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "http://["},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
def test_a_post_from_another_site_does_nothing(web: TestClient, desk: Desk, headers: dict[str, str]) -> None:
    assert web.post("/help", json={}, headers=headers).status_code == 403
    assert desk.box.hall.calls == {}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 16_000,
        b"\xff",
        b"[]",
        b"null",
        b'{"kind": 3}',
        b'{"kind": "gold"}',
        b"",
        b'{"kind":"\\ud800"}',
    ],
    ids=["cut", "deep", "bytes", "list", "null", "number", "unknown", "empty", "half sign"],
)
def test_odd_bodies_get_a_sentence_and_no_ticket(web: TestClient, desk: Desk, body: bytes) -> None:
    answer = web.post("/tickets", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (400, "error.bad_input")
    assert desk.box.hall.tickets == {}


def test_a_large_body_is_not_read(web: TestClient) -> None:
    answer = web.post("/tickets", json={"kind": "query", "nonce": "x" * 20_000})
    assert (answer.status_code, answer.json()["error"]) == (413, "error.too_large")


@pytest.mark.parametrize("length", ["x", "-1", "1" * 30, "00000000000099999999"])
def test_a_false_length_is_refused(web: TestClient, length: str) -> None:
    assert web.post("/help", content=b"{}", headers={"content-length": length}).status_code == 413


@pytest.mark.parametrize("path", ["/counter/" + "9" * 5000, "/ticket/x", "/nowhere", "/static/../app.py"])
def test_pages_that_are_not_there_say_so(web: TestClient, path: str) -> None:
    answer = web.get(path)
    assert (answer.status_code, answer.json()["error"]) == (404, "error.not_here")


@pytest.mark.parametrize("verb", ["next", "recall", "served", "absent"])
def test_counters_want_a_pin(web: TestClient, verb: str) -> None:
    assert web.post(f"/counter/1/{verb}", json={}).status_code == 401


def test_a_person_without_a_session_is_led_to_the_sign_in(web: TestClient) -> None:
    answer = web.get("/counter/2", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/counter/sign-in?next=/counter/2")


def test_a_wrong_pin_says_so_beside_the_form_and_keeps_the_name(web: TestClient) -> None:
    answer = web.post(
        "/counter/sign-in", data={"pin": "1", "by": "李书记员"}, headers={"accept": "text/html"}
    )
    assert answer.status_code == 403
    assert "PIN 码不对" in answer.text
    assert 'value="李书记员"' in answer.text


@pytest.mark.parametrize(
    "then", ["http://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example"]
)
def test_nobody_is_sent_elsewhere_after_an_act(web: TestClient, then: str) -> None:
    for path, values in (("/counter/sign-in", {"pin": PIN, "by": "x"}), ("/language", {"lang": "en"})):
        target = web.post(path, data={**values, "next": then}).headers["location"]
        assert re.match(r"/[a-z%0-9]|/$", target)
        assert "\\" not in target


def test_a_counter_calls_recalls_and_ends(staff: TestClient) -> None:
    ticket = take(staff)
    assert staff.post("/counter/1/next", json={}).json() == {"number": "C001"}
    for verb in ("recall", "absent", "recall", "served"):
        assert staff.post(f"/counter/1/{verb}", json={"ticket": ticket["id"]}).json() == {"number": "C001"}
    assert staff.get(f"/ticket/{ticket['id']}").status_code == 200


def test_what_staff_type_is_one_line_without_hidden_signs(
    staff: TestClient, desk: Desk, reported: Callable[[], list[wire.Body]]
) -> None:
    staff.post("/help", json={})
    (call,) = desk.box.hall.calls.values()
    typed = json.dumps({"note": "ok\x00\n\u202eno\ud800"})
    staff.post(
        f"/counter/1/help/{call.id}/close", content=typed, headers={"content-type": "application/json"}
    )
    told = reported()[-1]
    assert isinstance(told, wire.AssistanceAnswered)
    assert told.note == "ok no"
    assert desk.box.hall.calls[call.id].note == ""


def test_the_display_knows_no_names(staff: TestClient) -> None:
    take(staff)
    staff.post("/counter/1/next", json={})
    staff.post("/help", json={})
    page = staff.get("/display").text
    assert "C001" in page
    assert "李书记员" not in page


def test_the_display_says_that_staff_are_coming(staff: TestClient, desk: Desk) -> None:
    staff.post("/help", json={})
    assert "有群众需要帮助" in staff.get("/display").text
    (call,) = desk.box.hall.calls
    staff.post(f"/counter/1/help/{call}/acknowledge", json={})
    assert "工作人员正在赶来" in staff.get("/display").text


def test_each_refused_code_has_its_sentence_in_both_languages(
    web: TestClient, centre_key: Ed25519PrivateKey, appointment_id: UUID, now: datetime
) -> None:
    day = 24 * 60 * 60
    texts = {
        "other_court": papers.token(appointment_id, centre_key, at=now, court="ln0103"),
        "expired": papers.token(
            appointment_id, centre_key, at=datetime.fromtimestamp(now.timestamp() - day, now.tzinfo)
        ),
        "too_early": papers.token(
            appointment_id, centre_key, at=datetime.fromtimestamp(now.timestamp() + day, now.tzinfo)
        ),
        "forged": papers.token(appointment_id, Ed25519PrivateKey.generate(), at=now),
        "unreadable": "hello",
        "no_roster": papers.TYPED,
    }
    said = set()
    for text in texts.values():
        for lang in ("zh-CN", "en"):
            answer = web.post(f"/check-in?lang={lang}", json={"code": text})
            said.add(answer.json()["refused"]["sentence"])
    assert len(said) == 2 * len(texts)


def test_a_used_code_says_which_number_it_opened(
    web: TestClient, centre_key: Ed25519PrivateKey, appointment_id: UUID, now: datetime
) -> None:
    text = papers.token(appointment_id, centre_key, at=now)
    web.post("/check-in", json={"code": text, "nonce": "a"})
    refused = web.post("/check-in", json={"code": text, "nonce": "b"}).json()["refused"]
    assert "B001" in refused["earlier"]


def test_a_full_disk_gives_no_number_and_says_where_to_go(web: TestClient, desk: Desk) -> None:
    with desk.box.store.reading() as connection:
        connection.execute("pragma query_only = on")
    answer = web.post("/tickets", json={"kind": "query", "nonce": "a"})
    assert (answer.status_code, answer.json()["error"]) == (503, "error.cannot_keep")
    assert web.post("/help", json={}).status_code == 200
    assert web.get("/healthz").status_code == 503
    assert "请到人工窗口" in web.get("/").text


def test_a_ticket_shows_a_code_for_phones_only_when_they_can_reach_the_box(
    web: TestClient, desk: Desk
) -> None:
    assert take(web)["qr"] == ""
    desk.base_url = "http://10.1.2.3:8081"
    told = take(web)
    assert web.get(told["qr"]).headers["content-type"] == "image/svg+xml"


def test_more_phones_than_the_box_can_feed_are_told_to_watch_the_screen(
    web: TestClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = take(web)
    monkeypatch.setattr(live, "MOST_FOLLOWERS", 0)
    assert web.get(f"/live/ticket/{ticket['id']}").json()["error"] == "error.too_many_screens"


def test_every_kind_the_hall_offers_can_be_taken(web: TestClient, desk: Desk) -> None:
    numbers = [take(web, kind.value, kind.value)["number"] for kind in desk.settings.hall.kinds]
    assert numbers == [f"{wire.BANDS[kind]}001" for kind in desk.settings.hall.kinds]


def test_without_a_script_each_step_is_a_page(web: TestClient) -> None:
    plain = {"accept": "text/html"}
    answer = web.post("/tickets", data={"kind": "query"}, headers=plain)
    assert answer.status_code == 303
    assert "C001" in web.get(answer.headers["location"], headers=plain).text
    refused = web.post("/check-in", data={"code": "x"}, headers=plain).headers["location"]
    assert "没有读出预约码" in web.get(refused, headers=plain).text


def test_the_dummy_button_is_not_there_without_its_driver(web: TestClient) -> None:
    assert web.post("/device/button", json={}).status_code == 404


@pytest.mark.parametrize("act", ["held", "back", "wrong", "move", "declare", "undeclare", "rule", "reprint"])
def test_what_staff_do_with_numbers_needs_the_pin(web: TestClient, act: str) -> None:
    assert web.post(f"/counter/1/{act}", json={}).status_code == 401


def test_a_number_is_picked_held_called_again_and_moved_on(staff: TestClient, desk: Desk) -> None:
    first, second = take(staff, "a")["id"], take(staff, "b")["id"]
    assert staff.post("/counter/1/next", json={"ticket": second}).json() == {"number": "C002"}
    assert staff.post("/counter/1/held", json={"ticket": second}).status_code == 200
    assert staff.post("/counter/1/declare", json={"ticket": first}).status_code == 200
    page = staff.get("/counter/1", headers={"accept": "text/html"}).text
    assert page.count("优先</td>") == 1
    assert staff.post("/counter/1/recall", json={"ticket": second}).status_code == 200
    moved = staff.post("/counter/1/move", json={"ticket": second, "to": "3", "service": "letter_drop"})
    assert moved.json() == {"number": "C002"}
    assert staff.post("/counter/1/wrong", json={"ticket": first}).status_code == 200
    assert staff.post("/counter/3/next", json={}).json() == {"number": "C002"}


def test_the_order_of_calls_is_changed_and_bad_figures_are_a_sentence(staff: TestClient) -> None:
    assert staff.post("/counter/1/rule", json={"appointments": "3", "declared": "1"}).status_code == 200
    page = staff.get("/counter/2", headers={"accept": "text/html"}).text
    assert "每连叫 3 个后叫 1 个现场取号" in page
    refused = staff.post("/counter/1/rule", json={"appointments": "21", "declared": "1"})
    assert (refused.status_code, refused.json()["error"]) == (400, "error.rule_range")


def test_a_phone_calls_staff_with_a_number_of_today_alone(web: TestClient, desk: Desk) -> None:
    number = take(web)
    for _ in range(2):
        assert web.post(f"/ticket/{number['id']}/help", json={}).status_code == 200
    assert [call.place for call in desk.box.hall.calls.values()] == ["C001"]
    assert web.post(f"/ticket/{UUID(int=7)}/help", json={}).status_code == 404
    assert "请在原处等候" in web.get(f"/ticket/{number['id']}", headers={"accept": "text/html"}).text


def test_the_kiosk_tells_the_time_to_wait_and_a_box_without_a_voice_is_silent(web: TestClient) -> None:
    take(web, "a")
    assert "预计等候约" in take(web, "b")["wait"]
    assert web.get("/speech/step/start.wav").status_code == 404
    page = web.get("/", headers={"accept": "text/html"}).text
    assert (page.count("data-size="), page.count('id="speak"')) == (3, 0)


def test_the_language_asked_for_survives_the_sign_in(web: TestClient) -> None:
    html = {"accept": "text/html"}
    there = web.get("/counter/2?lang=en", headers=html).headers["location"]
    assert there == "/counter/sign-in?next=/counter/2&lang=en"
    assert "Counter sign-in" in web.get(there, headers=html).text
    then = web.post("/counter/sign-in", data={"pin": PIN, "by": "Li", "next": "/counter/2"}, headers=html)
    assert "Call next" in web.get(then.headers["location"], headers=html).text


def test_a_refused_record_says_why_and_what_to_do(staff: TestClient, desk: Desk) -> None:
    take(staff)
    desk.outbox.park(desk.outbox.oldest(1)[0].event_id, "ticket_known")
    page = staff.get("/counter/1?lang=en", headers={"accept": "text/html"}).text
    assert "the centre has this number already" in page
    assert "Mark it as dealt with at the centre." in page


def test_numbers_of_pages_are_singular_for_one() -> None:
    text = Catalogue([{"a": {"zh": "页 {pages}", "en": "letter (pages {pages})"}}]).text
    assert (text("a", Lang.EN, pages="1"), text("a", Lang.EN, pages="1, 2")) == (
        "letter (page 1)",
        "letter (pages 1, 2)",
    )
