"""Cookies are kept in one place: behind TLS they are this host's alone, no script reads them, no other site sends them (ASVS 5: 3.3)."""

import ast
from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from central import db
from central.context import Context
from central.petitions.states import Act
from central.settings import Http
from tests.architecture.sources import house as sources
from tests.factories import petitions
from tests.factories.accounts import PASSWORD, House
from tests.support.site import application


@pytest.fixture
def browser(context: Context) -> Iterator[TestClient]:
    """A browser at a server behind TLS."""
    settings = context.settings.model_copy(update={"http": Http(secure=True, allowed_hosts=["testserver"])})
    app = application(replace(context, settings=settings))
    with TestClient(app, base_url="https://testserver", follow_redirects=False) as client:
        yield client


def test_behind_tls_every_cookie_is_this_hosts_alone(
    browser: TestClient, context: Context, house: House
) -> None:
    with db.unit_of_work(context.engine) as s:
        petition = petitions.registered(s, house)
        number, code = petition.number, petitions.do(s, house, petition, Act.REISSUE_CODE)
    answers = [
        browser.post("/login", data={"username": "registrar.ln0102", "password": PASSWORD}),
        browser.get("/track?lang=en&size=large"),
        browser.post("/track", data={"number": number, "code": code}),
        browser.get("/track/petition"),
    ]
    set_ = [line for answer in answers for line in answer.headers.get_list("set-cookie")]
    names = {line.partition("=")[0] for line in set_}
    wanted = ("minyi_session", "minyi_device", "minyi_track", "lang", "size")
    assert names == {f"__Host-{name}" for name in wanted}
    for line in set_:
        assert all(flag in line for flag in ("HttpOnly", "Secure", "Path=/", "SameSite=")), line
        assert "Domain" not in line
    assert answers[-1].status_code == 200, "they come back and are understood"
    assert 'lang="en"' in browser.get("/track").text


def test_cookies_are_set_in_one_place() -> None:
    found = [
        module.name
        for module in sources().values()
        if module.parts[0] == "central" and module.name != "central.cookies"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"set_cookie", "delete_cookie"}
    ]
    assert found == []
