"""Every refusal of the API is problem details in the caller's language."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from central import db
from central.accounts import queries
from central.accounts.models import ApiToken
from central.accounts.service import revoke_token
from central.context import Context
from central.errors import TooManyTries
from central.web import error_pages
from tests.central.api.conftest import LETTER
from tests.factories.courts import MORNING, SEED

PETITIONS = "/api/v1/petitions"


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found.keys() <= {"type", "title", "status", "detail", "errors"}
    assert (found["type"], found["status"]) == ("about:blank", status)
    return found


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic dTpw", "Bearer 令牌"])
def test_without_a_valid_token_nothing_is_shown(header: str, client: TestClient) -> None:
    answer = client.get(PETITIONS, headers={"Authorization": header.encode()})
    problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_revoked_token_ends_at_once(api: TestClient, context: Context) -> None:
    with db.unit_of_work(context.engine) as s:
        staff = queries.by_username(s, "registrar.ln0102")
        assert staff is not None
        token: ApiToken = queries.tokens(s, staff.id, "program")[0]
        revoke_token(s, token=token, by=SEED, now=MORNING)
    problem(api.get(PETITIONS), 401)


def test_the_cookie_of_a_signed_in_person_opens_no_api(
    client: TestClient, house: object, sign_in: Callable[[TestClient, str], str]
) -> None:
    sign_in(client, "registrar.ln0102")
    problem(client.get(PETITIONS), 401)


def test_what_is_not_ones_own_act_is_forbidden(
    api: TestClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    problem(api.post(PETITIONS, json=LETTER, headers=bearer("leader")), 403)


def test_what_is_not_there_is_not_found(api: TestClient) -> None:
    problem(api.get(f"{PETITIONS}/{uuid4()}"), 404)
    problem(api.get("/api/v1/nothing"), 404)
    problem(api.get(PETITIONS, params={"court": "辽9999"}), 404)


def test_an_act_that_does_not_fit_is_a_conflict_with_a_sentence(api: TestClient) -> None:
    ident = api.post(PETITIONS, json=LETTER).json()["petition"]["id"]
    found = problem(api.post(f"{PETITIONS}/{ident}/acts", json={"act": "close"}), 409)
    assert "不能“办结”" in found["detail"]


def test_it_speaks_english_when_asked(api: TestClient) -> None:
    found = problem(api.get(f"{PETITIONS}/{uuid4()}", headers={"Accept-Language": "en"}), 404)
    assert found["detail"].startswith("This petition was not found")


def test_a_body_too_large_is_refused(api: TestClient) -> None:
    problem(
        api.post(PETITIONS, content=b"x" * (2 * 2**20 + 1), headers={"Content-Type": "application/json"}), 413
    )


def test_a_body_too_large_that_hides_its_length_is_refused(api: TestClient) -> None:
    parts = (b"x" * 2**20 for _ in range(3))
    problem(api.post(PETITIONS, content=parts, headers={"Content-Type": "application/json"}), 413)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_only_json_is_read(kind: str, api: TestClient) -> None:
    problem(api.post(PETITIONS, content=b"{}", headers={"Content-Type": kind}), 415)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channel": "pigeon"}, "body.channel"),
        ({"subject": ""}, "body.subject"),
        ({"subject": "长" * 201}, "body.subject"),
        ({"text": "有\x00空字符"}, "body.text"),
        ({"demands": []}, "body.demands"),
        ({"received_at": "2026-11-20T09:00:00"}, "body.received_at"),
        ({"received_at": "2027-01-01T00:00:00Z"}, "received_on"),
        ({"received_at": "0001-01-01T00:00:00+14:00"}, "received_on"),
        ({"score": 1}, "body.score"),
    ],
    ids=str,
)
def test_a_value_that_cannot_be_taken_is_named(change: dict[str, Any], field: str, api: TestClient) -> None:
    found = problem(api.post(PETITIONS, json=LETTER | change), 422)
    assert [each["field"] for each in found["errors"]] == [field]


def test_broken_json_is_a_value_that_cannot_be_taken(api: TestClient) -> None:
    problem(api.post(PETITIONS, content=b"{", headers={"Content-Type": "application/json"}), 422)


def test_bytes_that_are_no_text_are_a_bad_request(api: TestClient) -> None:
    problem(api.post(PETITIONS, content=b'{"\xff', headers={"Content-Type": "application/json"}), 400)


@pytest.mark.parametrize("cursor", ["x", "é", "MjAyNg", "MHwx", "A" * 200])
def test_a_cursor_of_ones_own_making_is_refused(cursor: str, api: TestClient) -> None:
    problem(api.get(PETITIONS, params={"after": cursor}), 422)


def test_an_unknown_act_is_named(api: TestClient) -> None:
    ident = api.post(PETITIONS, json=LETTER).json()["petition"]["id"]
    found = problem(api.post(f"{PETITIONS}/{ident}/acts", json={"act": "reissue_code"}), 422)
    assert "reissue_code" in found["detail"]


def test_another_method_is_refused_and_the_right_one_named(api: TestClient) -> None:
    answer = api.delete(PETITIONS)
    problem(answer, 405)
    assert answer.headers["allow"]


def test_too_many_tries_say_how_long_to_wait(context: Context) -> None:
    app = FastAPI()
    app.state.context = context

    @app.get("/api/v1/tried")
    def tried() -> None:
        raise TooManyTries("accounts.too_many_tries", minutes=7)

    error_pages.install(app)
    assert "7 分钟" in problem(TestClient(app).get("/api/v1/tried"), 429)["detail"]


def test_an_error_nobody_expected_names_a_number_and_nothing_of_the_inside(context: Context) -> None:
    app = FastAPI()
    app.state.context = context

    @app.get("/api/v1/broken")
    def broken() -> None:
        raise RuntimeError("secret")

    error_pages.install(app)
    found = problem(TestClient(app, raise_server_exceptions=False).get("/api/v1/broken"), 500)
    assert "secret" not in str(found)


def test_half_a_sign_in_a_text_is_left_out(api: TestClient) -> None:
    broken = LETTER | {"subject": "a\ud800bc", "demands": ["d\ud83dem"]}
    answer = api.post(
        PETITIONS, content=json.dumps(broken).encode(), headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["petition"]["subject"]) == (201, "abc"), answer.text


def test_each_refused_value_is_told_in_the_callers_language(api: TestClient) -> None:
    found = problem(api.get(PETITIONS, params={"limit": 0, "state": "odd"}), 422)
    said = {each["field"]: each["message"] for each in found["errors"]}
    assert "Input should" not in str(said)
    assert "'registered'" in said["query.state"]
