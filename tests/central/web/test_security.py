"""What every answer carries and what no request gets past: read from the table of routes, so that a new one is held too (S4)."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from central import app as centre
from central.accounts.edge import COOKIE
from central.context import Context
from central.settings import Http, Settings
from central.web.security import Guard, is_known_host
from tests.factories.accounts import PASSWORD, House
from tests.support.site import application

NOWHERE = "00000000-0000-7000-8000-000000000000"
WANTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def routes() -> list[APIRoute]:
    return [route for router in centre.ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def paths(*methods: str) -> list[str]:
    """Return the paths of a method with something in the place of each parameter."""
    found = {route.path for route in routes() if route.methods and route.methods & set(methods)}
    return sorted(re.sub(r"\{[^}]+\}", NOWHERE, path) for path in found if "stream" not in path)


@pytest.fixture
def quiet(client: TestClient) -> Iterator[TestClient]:
    """A client to whom an error is an answer, as to a browser."""
    with TestClient(client.app, follow_redirects=False, raise_server_exceptions=False) as made:
        yield made


def check(headers: dict[str, str], path: str) -> None:
    policy = headers["content-security-policy"]
    assert policy.startswith(("default-src 'none'", "sandbox")), path
    assert "unsafe" not in policy
    assert "http" not in policy
    assert {name: headers.get(name) for name in WANTED} == WANTED, path
    assert "camera=()" in headers["permissions-policy"]
    assert "server" not in headers
    assert "x-powered-by" not in headers
    assert "no-store" in headers["cache-control"] or path.startswith("/static/"), path


def test_every_page_carries_the_headers(quiet: TestClient) -> None:
    for path in (*paths("GET"), "/nowhere", "/static/minyi.css"):
        answer = quiet.get(path)
        assert answer.status_code < 500, path
        check(dict(answer.headers), path)


def test_no_act_is_taken_from_a_foreign_page(quiet: TestClient) -> None:
    foreign = [{"origin": "https://elsewhere.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}]
    for path in paths("POST", "PUT", "PATCH", "DELETE"):
        for headers in foreign:
            answer = quiet.post(path, headers=headers)
            assert (path, answer.status_code) == (path, 403)
            check(dict(answer.headers), path)


def acts() -> list[str]:
    """Return the acts of signed-in people by forms: pages and their streams, not the API, which takes no cookie."""
    return [
        path
        for path in paths("POST")
        if not path.startswith(("/api/", "/track", "/verify", "/login", "/reset", "/boxes", "/lang", "/sso"))
    ]


def test_no_act_is_taken_without_the_token_of_the_form(quiet: TestClient, house: House) -> None:
    del house
    quiet.post("/login", data={"username": "registrar.ln0102", "password": PASSWORD})
    for path in acts():
        answer = quiet.post(path, data={"csrf": "made up"})
        assert answer.status_code in {303, 403, 404}, (path, answer.text)
        assert answer.status_code != 303 or "/login" in answer.headers["location"] or "/second" in path


def test_methods_that_no_route_has_are_refused(quiet: TestClient) -> None:
    for method in ("TRACE", "CONNECT", "PROPFIND", "PUT"):
        answer = quiet.request(method, "/track")
        assert answer.status_code == 405
        check(dict(answer.headers), "/track")


def test_signing_out_leaves_nothing_with_the_browser(client: TestClient, house: House, sign_in) -> None:  # type: ignore[no-untyped-def]
    del house
    csrf = sign_in(client, "registrar.ln0102")
    answer = client.post("/logout", data={"csrf": csrf})
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]


def test_behind_tls_cookies_and_pages_say_so(context: Context, house: House) -> None:
    del house
    settings = context.settings.model_copy(update={"http": Http(secure=True, allowed_hosts=["testserver"])})
    secured = application(replace(context, settings=settings))
    with TestClient(secured, base_url="https://testserver", follow_redirects=False) as client:
        answer = client.post("/login", data={"username": "registrar.ln0102", "password": PASSWORD})
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-")
        assert all(flag in cookie for flag in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"))
        assert "max-age=31536000" in answer.headers["strict-transport-security"]


def test_a_certificate_makes_everything_secure(tmp_path: Path) -> None:
    settings = Settings(
        data=tmp_path, http=Http(tls_certificate=tmp_path / "a.pem", tls_key=tmp_path / "a.key")
    )
    assert settings.http.secure


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "[", "testserver.evil"])
def test_a_foreign_name_is_told_what_to_do(quiet: TestClient, host: str) -> None:
    answer = quiet.get("/track", headers={"host": host})
    assert answer.status_code == 400
    assert "http.allowed_hosts" in answer.text
    check(dict(answer.headers), "/track")


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "10.1.2.3", "a.example"]
)
def test_own_names_and_bare_addresses_are_known(host: str) -> None:
    assert is_known_host(host, {"localhost", "a.example"})


def test_a_body_that_stops_coming_is_given_up_with_a_sentence(client: TestClient) -> None:
    async def stuck() -> Message:
        await asyncio.sleep(60)
        raise AssertionError

    told: list[Message] = []

    async def send(message: Message) -> None:
        told.append(message)

    async def reading(scope: Scope, receive: Receive, send: Send) -> None:
        await client.app(scope, receive, send)  # type: ignore[operator]

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/login",
        "raw_path": b"/login",
        "query_string": b"",
        "headers": [(b"host", b"testserver"), (b"content-type", b"application/x-www-form-urlencoded")],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
        "scheme": "http",
        "root_path": "",
        "http_version": "1.1",
    }
    guarded = Guard(reading, names={"testserver"}, body_seconds=0.05)
    asyncio.run(guarded(scope, stuck, send))
    assert told[0]["status"] == 408


@pytest.mark.parametrize("path", ["/login", "/track", "/api/v1/petitions"])
def test_a_body_past_its_limit_is_refused(quiet: TestClient, path: str) -> None:
    answer = quiet.post(path, content=b"x" * (3 * 2**20))
    assert answer.status_code == 413
    check(dict(answer.headers), path)


def test_a_browser_reads_a_page_with_the_way_back_when_its_files_are_too_large(quiet: TestClient) -> None:
    answer = quiet.post("/submit", content=b"x" * (3 * 2**20), headers={"Accept": "text/html,*/*"})
    assert answer.status_code == 413
    assert answer.text.count("data-back") == 2
    assert '<div lang="en">' in answer.text
    check(dict(answer.headers), "/submit")


@pytest.mark.parametrize("path", ["/petitions?court=%00", "/track%00", "/api/v1/petitions?after=a%00b"])
def test_an_address_with_the_null_sign_is_refused(quiet: TestClient, path: str) -> None:
    answer = quiet.get(path)
    assert answer.status_code == 400
    check(dict(answer.headers), path)


def test_a_form_token_in_another_script_is_a_wrong_token(client: TestClient, house: House, sign_in) -> None:  # type: ignore[no-untyped-def]
    del house
    sign_in(client, "registrar.ln0102")
    assert client.post("/register", data={"csrf": "令牌"}).status_code == 403


@pytest.mark.parametrize("path", ["/intake/ledgers", "/register", f"/api/v1/petitions/{NOWHERE}/documents"])
def test_of_a_stranger_no_file_is_read(quiet: TestClient, path: str) -> None:
    def never() -> Iterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    for headers in ({"content-length": str(3 * 2**20)}, {}, {"authorization": "Bearer made-up"}):
        answer = quiet.post(path, content=never(), headers=headers)
        assert answer.status_code == 401
        check(dict(answer.headers), path)


def test_who_is_signed_in_may_send_a_file(client: TestClient, house: House, sign_in) -> None:  # type: ignore[no-untyped-def]
    del house
    csrf = sign_in(client, "registrar.ln0102")
    files = {"file": ("台账.xlsx", b"x" * (3 * 2**20))}
    answer = client.post("/intake/ledgers", data={"csrf": csrf}, files=files)
    assert answer.status_code == 422
