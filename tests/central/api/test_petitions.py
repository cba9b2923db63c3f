"""Register, list, get, act, receipts, events by the API."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from central import db
from central.accounts import passwords
from central.context import Context
from central.petitions.models import Petition
from tests.central.api.conftest import LETTER
from tests.factories.accounts import House
from tests.factories.courts import court

PETITIONS = "/api/v1/petitions"


def registered(api: TestClient, **more: Any) -> dict[str, Any]:
    answer = api.post(PETITIONS, json=LETTER | more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def act(api: TestClient, petition_id: str, name: str, **more: Any) -> Any:
    return api.post(f"{PETITIONS}/{petition_id}/acts", json={"act": name} | more)


def test_registering_gives_number_and_code(api: TestClient, context: Context) -> None:
    found = registered(api)
    assert found["petition"]["number"] == "辽0102-2026-000001"
    assert re.fullmatch(r"(\d{4} ){3}\d{4}", found["code"])
    with context.read() as s:
        kept = s.get_one(Petition, _id(found)).code_hash
    assert passwords.matches_code(kept, found["code"].replace(" ", ""))


def _id(found: dict[str, Any]) -> UUID:
    return UUID(found["petition"]["id"])


def test_times_go_out_in_utc_whatever_zone_they_came_in(api: TestClient) -> None:
    petition = registered(api, received_at="2026-11-20T09:00:00+08:00")["petition"]
    assert petition["received_at"] == "2026-11-20T01:00:00Z"


@pytest.mark.parametrize("way", ["header", "body"])
def test_sent_twice_it_registers_once_and_the_code_is_shown_once(way: str, api: TestClient) -> None:
    key = str(uuid4())
    more = {"petition_id": key} if way == "body" else {}
    headers = {"Idempotency-Key": key} if way == "header" else {}
    first, again = (api.post(PETITIONS, json=LETTER | more, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["petition"]["number"] == again.json()["petition"]["number"]
    assert again.json()["code"] is None


def test_a_key_belongs_to_one_petition(api: TestClient) -> None:
    headers = {"Idempotency-Key": "day-7/letter-12"}
    api.post(PETITIONS, json=LETTER, headers=headers)
    answer = api.post(PETITIONS, json=LETTER | {"text": "另一封信"}, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


def test_two_programs_with_the_same_key_do_not_meet(
    api: TestClient, bearer: Callable[[str], dict[str, str]], context: Context
) -> None:
    key = {"Idempotency-Key": "1"}
    first = api.post(PETITIONS, json=LETTER, headers=key)
    other = api.post(PETITIONS, json=LETTER, headers=key | bearer("handler"))
    assert (first.status_code, other.status_code) == (201, 403)


def test_the_list_is_newest_first_and_goes_on_by_key(api: TestClient) -> None:
    made = [
        registered(api, received_at=f"2026-11-20T0{hour}:00:00+08:00")["petition"]["id"] for hour in range(5)
    ]
    seen, cursor = list[str](), None
    while True:
        params = {"limit": 2} | ({"after": cursor} if cursor else {})
        page = api.get(PETITIONS, params=params).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == made[::-1]


def test_the_list_can_be_narrowed(api: TestClient) -> None:
    registered(api)
    params = {"court": "辽0102", "state": "registered", "channel": "letter", "only_open": True}
    assert len(api.get(PETITIONS, params=params).json()["items"]) == 1
    assert api.get(PETITIONS, params=params | {"channel": "phone"}).json() == {"items": [], "next": None}


def test_one_petition_comes_with_demands_and_clocks(api: TestClient) -> None:
    found = api.get(f"{PETITIONS}/{registered(api)['petition']['id']}").json()
    assert [demand["text"] for demand in found["demands"]] == LETTER["demands"]
    assert {clock["rule"] for clock in found["clocks"]} == {"procedural_reply", "written_notice", "answer"}
    assert (found["court_code"], found["reply"]) == ("辽0102", None)


def test_an_act_moves_the_petition(api: TestClient) -> None:
    found = act(api, registered(api)["petition"]["id"], "accept").json()
    assert (found["state"], found["leader"], found["next_act"]) == ("accepted", "辽0102的leader", "assign")


def test_a_petition_goes_all_the_way_to_its_answer(
    api: TestClient, bearer: Callable[[str], dict[str, str]], house: House
) -> None:
    ident = registered(api)["petition"]["id"]
    people = {"handler_id": str(house.handler.staff_id), "leader_id": str(house.leader.staff_id)}
    act(api, ident, "accept")
    demands = act(api, ident, "assign", fields=people).json()["demands"]
    answers = [
        {"demand_id": demand["id"], "outcome": "support", "facts": "属实", "basis": "条例第三十二条"}
        for demand in demands
    ]
    api.headers.update(bearer("handler"))
    act(api, ident, "take_up")
    act(api, ident, "save_draft", fields={"text": "现答复如下。", "items": answers})
    act(api, ident, "submit")
    api.headers.update(bearer("leader"))
    act(api, ident, "approve")
    api.headers.update(bearer("handler"))
    found = act(api, ident, "issue").json()
    assert (found["state"], found["reply"]["status"], len(found["reply"]["items"])) == (
        "replied",
        "issued",
        2,
    )


def test_the_version_seen_guards_against_acting_on_an_old_view(api: TestClient) -> None:
    petition = registered(api)["petition"]
    assert act(api, petition["id"], "accept", version=petition["version"]).status_code == 200
    told = {"method": "phone"}
    again = act(api, petition["id"], "acknowledge", version=petition["version"], fields=told)
    assert again.status_code == 409
    assert act(api, petition["id"], "acknowledge", version=2, fields=told).status_code == 200


def test_a_transfer_answers_though_the_petition_left_the_court(api: TestClient, context: Context) -> None:
    with db.unit_of_work(context.engine) as s:
        court(s, "辽0103")
    fields = {"court": "辽0103", "remark": "不属本院管辖"}
    found = act(api, registered(api)["petition"]["id"], "transfer", fields=fields).json()
    assert (found["state"], found["court_code"]) == ("transferred", "辽0103")


def test_a_new_code_ends_the_old_one(api: TestClient, context: Context) -> None:
    found = registered(api)
    answer = api.post(
        f"{PETITIONS}/{found['petition']['id']}/receipt", json={"checked": "id_document"}
    ).json()
    assert answer["number"] == found["petition"]["number"]
    with context.read() as s:
        kept = s.get_one(Petition, _id(found)).code_hash
    assert not passwords.matches_code(kept, found["code"].replace(" ", ""))
    assert passwords.matches_code(kept, answer["code"].replace(" ", ""))


def test_events_come_in_order_with_who_and_when(api: TestClient) -> None:
    ident = registered(api)["petition"]["id"]
    act(api, ident, "accept")
    events = api.get(f"{PETITIONS}/{ident}/events").json()
    assert [(event["seq"], event["kind"]) for event in events] == [
        (1, "petition.registered"),
        (2, "petition.accepted"),
    ]
    assert events[1]["by"] == "辽0102的registrar"


def test_a_petition_of_another_court_is_not_there(
    api: TestClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    ident = registered(api)["petition"]["id"]
    assert api.get(f"{PETITIONS}/{ident}", headers=bearer("handler")).status_code == 404
    assert api.get(PETITIONS, headers=bearer("handler")).json()["items"] == []
