"""Every refusal leaves a line in the server's log, and the line holds nothing that was typed (ASVS 5: 16.3)."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import structlog
from starlette.testclient import TestClient

from central import db
from central.context import Context
from central.running import configure_logging
from central.settings import Throttle
from central.web.refusals import is_refusal
from shared.canonical import sha256_hex
from tests.factories import petitions
from tests.factories.accounts import House
from tests.factories.accounts import house as make_house
from tests.support.site import application

TYPED = "司马密语"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """`lines()` returns the refusals that were logged, oldest first; none may hold what was typed."""
    out = io.StringIO()
    configure_logging("info")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=out))

    def found() -> list[dict[str, Any]]:
        assert TYPED not in out.getvalue()
        every = [json.loads(line) for line in out.getvalue().splitlines()]
        return [line for line in every if line["event"] == "refused"]

    yield found
    structlog.reset_defaults()


def test_a_wrong_password_is_noted_with_the_digest_of_the_name(
    client: TestClient, house: House, lines: Lines
) -> None:
    del house
    for name in ("registrar.ln0102", TYPED):
        client.post("/login", data={"username": name, "password": TYPED})
    told = lines()
    assert [(line["route"], line["status"], line["address"]) for line in told] == [
        ("/login", 401, "testclient")
    ] * 2
    assert [line["guessed_at"] for line in told] == [
        sha256_hex(f"username:{name}")[:16] for name in ("registrar.ln0102", TYPED)
    ]
    assert all(line["timestamp"].endswith("Z") for line in told)


def test_what_somebody_may_not_see_is_noted_with_who_and_which(
    client: TestClient,
    context: Context,
    house: House,
    sign_in: Callable[[TestClient, str], str],
    lines: Lines,
) -> None:
    with db.unit_of_work(context.engine) as s:
        foreign = petitions.registered(s, make_house(s, "辽0103"))
    sign_in(client, "registrar.ln0102")
    assert client.get(f"/petitions/{foreign.id}").status_code == 404
    assert client.get("/access").status_code in {403, 404}
    first, second = lines()
    assert (first["route"], first["ids"]) == ("/petitions/{petition_id}", [str(foreign.id)])
    assert second["route"] == "/access"
    assert {first["who"], second["who"]} == {f"staff:{house.registrar.staff_id}"}


def test_what_the_guard_refuses_is_noted(client: TestClient, lines: Lines) -> None:
    client.get("/track", headers={"host": "evil.example"})
    client.post("/login", headers={"origin": "https://evil.example"})
    client.post("/login", headers={"content-length": "99999999"})
    client.request("TRACE", "/track")
    client.request(f"X{'Y' * 9}", "/" + TYPED)
    assert [line["status"] for line in lines()] == [400, 403, 413, 405, 404]
    assert [line["method"] for line in lines()][-2:] == ["other", "other"]


def test_a_guess_too_many_and_a_token_of_nobody_are_noted(
    context: Context, house: House, lines: Lines
) -> None:
    del house
    throttle = Throttle(guesses=1)
    settings = context.settings.model_copy(update={"throttle": throttle})
    with TestClient(application(replace(context, settings=settings)), follow_redirects=False) as client:
        for _ in range(2):
            client.post("/login", data={"username": "registrar.ln0102", "password": TYPED})
        client.get("/api/v1/petitions", headers={"authorization": f"Bearer {TYPED.encode().hex()}"})
        client.post("/track", data={"number": "辽0102-2026-000009", "code": "1234567890123456"})
    assert [(line["route"], line["status"]) for line in lines()] == [
        ("/login", 401),
        ("/login", 429),
        ("/api/v1/petitions", 401),
        ("/track", 404),
    ]


def test_what_is_answered_leaves_no_line(
    client: TestClient, house: House, sign_in: Callable[[TestClient, str], str], lines: Lines
) -> None:
    del house
    sign_in(client, "registrar.ln0102")
    client.get("/today")
    client.get("/track")
    assert lines() == []


@pytest.mark.parametrize(("status", "is_one"), [(200, False), (303, False), (409, False), (428, False), (500, False),
    (400, True), (401, True), (403, True), (404, True), (408, True), (413, True), (422, True), (429, True), (503, True)])  # fmt: skip
def test_which_answers_are_refusals(status: int, *, is_one: bool) -> None:
    assert is_refusal(status) is is_one
