"""Signing in with a second factor: apps, recovery codes, passkeys, and who must have one."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select
from starlette.types import ASGIApp

from central.accounts.models import FactorKey, RecoveryCode
from central.context import Context
from central.events.models import Event
from central.settings import Http, SignInRules
from shared.clock import FixedClock
from tests.central.accounts.conftest import Browser
from tests.central.accounts.people import (
    ORIGIN,
    PASSKEY,
    Key,
    halfway,
    options_on,
    token_on,
    with_app,
    with_passkey,
)
from tests.factories.accounts import House
from tests.support.site import application

Browsers = Callable[..., Browser]
Happened = Callable[[str], list[Event]]
LOGIN = "leader.ln0102"
SECOND = "/login/second"


@pytest.fixture
def app(context: Context) -> ASGIApp:
    """The application at an address for which browsers make passkeys."""
    settings = context.settings.model_copy(
        update={"http": Http(public_url=ORIGIN, allowed_hosts=["testserver"])}
    )
    return application(replace(context, settings=settings))


@pytest.fixture
def one(house: House, browser: Browsers) -> Browser:
    made = browser()
    made.sign_in(LOGIN)
    return made


def test_with_an_app_the_password_alone_opens_nothing(
    one: Browser, browser: Browsers, clock: FixedClock
) -> None:
    app, _ = with_app(one, clock)
    other = browser()
    halfway(other, LOGIN)
    assert not other.is_signed_in()
    assert other.get("/account").status_code == 303
    assert other.get("/account/factors").status_code == 303
    answer = other.post(SECOND, SECOND, code=app.code(1), to="/today")
    assert answer.headers["location"] == "/today"
    assert other.is_signed_in()


def test_the_session_has_a_new_id_after_the_second_factor(
    one: Browser, browser: Browsers, clock: FixedClock
) -> None:
    app, _ = with_app(one, clock)
    other = browser()
    halfway(other, LOGIN)
    before = other.cookie
    other.post(SECOND, SECOND, code=app.code(1))
    assert other.cookie != before
    thief = browser()
    thief.client.cookies.set("minyi_session", before)
    assert not thief.is_signed_in()
    assert thief.get(SECOND).headers["location"].startswith("/login?")


def test_a_code_is_good_once(one: Browser, browser: Browsers, clock: FixedClock) -> None:
    app, _ = with_app(one, clock)
    clock.at += timedelta(minutes=1)
    for expected in (303, 401):
        other = browser()
        halfway(other, LOGIN)
        assert other.post(SECOND, SECOND, code=app.code()).status_code == expected


def test_the_code_of_enrolment_does_not_sign_in(one: Browser, browser: Browsers, clock: FixedClock) -> None:
    app, _ = with_app(one, clock)
    other = browser()
    halfway(other, LOGIN)
    assert other.post(SECOND, SECOND, code=app.code()).status_code == 401


@pytest.mark.parametrize(("steps", "expected"), [(-2, 401), (-1, 303), (0, 303), (1, 303), (2, 401)])
def test_a_clock_may_be_one_step_off(
    one: Browser, browser: Browsers, clock: FixedClock, steps: int, expected: int
) -> None:
    app, _ = with_app(one, clock)
    clock.at += timedelta(minutes=5)
    other = browser()
    halfway(other, LOGIN)
    assert other.post(SECOND, SECOND, code=app.code(steps)).status_code == expected


def test_guessing_codes_is_cut_off_and_on_record(
    one: Browser, browser: Browsers, clock: FixedClock, happened: Happened
) -> None:
    app, _ = with_app(one, clock)
    clock.at += timedelta(minutes=1)
    other = browser("10.6.6.6")
    halfway(other, LOGIN)
    wrong = f"{(int(app.code()) + 5) % 1_000_000:06}"
    answers = [other.post(SECOND, SECOND, code=wrong).status_code for _ in range(12)]
    assert answers == [401] * 10 + [429] * 2
    assert other.post(SECOND, SECOND, code=app.code()).status_code == 429
    facts = [json.loads(each.data)["facts"] for each in happened("staff.sign_in_blocked")]
    assert facts == [{"what": "second", "address": "10.6.6.6"}]


def test_a_halfway_session_is_over_after_ten_minutes(
    one: Browser, browser: Browsers, clock: FixedClock
) -> None:
    app, _ = with_app(one, clock)
    other = browser()
    token = token_on(halfway(other, LOGIN))
    clock.at += timedelta(minutes=11)
    answer = other.client.post(SECOND, data={"csrf": token, "code": app.code()})
    assert answer.status_code == 401
    assert not other.is_signed_in()


def test_giving_up_halfway_ends_it(one: Browser, browser: Browsers, clock: FixedClock) -> None:
    with_app(one, clock)
    other = browser()
    halfway(other, LOGIN)
    assert other.post("/login/cancel", SECOND).headers["location"] == "/login"
    assert other.get("/login").status_code == 200


def test_a_recovery_code_stands_in_once(one: Browser, browser: Browsers, clock: FixedClock) -> None:
    _, codes = with_app(one, clock)
    assert len(codes) == 10
    for expected in (303, 401):
        other = browser()
        halfway(other, LOGIN)
        assert other.post(SECOND, SECOND, code=codes[3].lower()).status_code == expected
    assert "还有 9 个恢复码" in one.get("/account/factors").text


def test_new_recovery_codes_void_the_old_ones(one: Browser, browser: Browsers, clock: FixedClock) -> None:
    _, codes = with_app(one, clock)
    assert one.post("/account/factors/recovery", "/account/factors").status_code == 200
    other = browser()
    halfway(other, LOGIN)
    assert other.post(SECOND, SECOND, code=codes[0]).status_code == 401


def test_no_secret_stands_in_the_database_or_the_log(
    one: Browser, context: Context, clock: FixedClock, happened: Happened
) -> None:
    _, codes = with_app(one, clock)
    page = one.get("/account/factors/app").text
    secret = page.split("<code>")[1].split("</code>")[0].replace(" ", "").strip()
    with context.read() as s:
        content = s.exec(select(FactorKey.content)).one()
        hashes = s.exec(select(RecoveryCode.code_hash)).all()
    assert secret.encode() not in content
    assert len(content) > 60
    assert all(each.startswith("$argon2id$") for each in hashes)
    said = "".join(each.data for kind in KINDS for each in happened(kind))
    assert not any(code.split("-", 1)[1] in said for code in codes)


KINDS = ("staff.factor_added", "staff.recovery_codes_made", "staff.signed_in")


def test_a_passkey_signs_in(one: Browser, browser: Browsers) -> None:
    key = with_passkey(one)
    other = browser()
    page = halfway(other, LOGIN)
    fields = {"csrf": token_on(page), "credential": key.get(options_on(page)), "to": "/account"}
    answer = other.client.post("/login/second/passkey", data=fields)
    assert answer.headers["location"] == "/account"
    assert other.is_signed_in()


def test_what_a_passkey_signed_is_good_once_and_for_one_session(one: Browser, browser: Browsers) -> None:
    key = with_passkey(one)
    first, second = browser(), browser()
    page = halfway(first, LOGIN)
    credential = key.get(options_on(page))
    stolen = token_on(halfway(second, LOGIN))
    answer = second.client.post("/login/second/passkey", data={"csrf": stolen, "credential": credential})
    assert answer.status_code == 401
    fields = {"csrf": token_on(page), "credential": credential}
    assert first.client.post("/login/second/passkey", data=fields).status_code == 303
    third = browser()
    fields = {"csrf": token_on(halfway(third, LOGIN)), "credential": credential}
    assert third.client.post("/login/second/passkey", data=fields).status_code == 401


def test_a_passkey_made_on_another_site_is_refused(one: Browser, browser: Browsers) -> None:
    key = with_passkey(one)
    other = browser()
    page = halfway(other, LOGIN)
    fields = {
        "csrf": token_on(page),
        "credential": key.get(options_on(page), "http://localhost.example:8080"),
    }
    assert other.client.post("/login/second/passkey", data=fields).status_code == 401


def test_the_passkey_of_somebody_else_is_refused(one: Browser, browser: Browsers) -> None:
    with_passkey(one)
    insider = browser()
    insider.sign_in("handler.ln0102")
    key = with_passkey(insider)
    thief = browser()
    page = halfway(thief, LOGIN)
    options = options_on(page)
    fields = {"csrf": token_on(page), "credential": key.get(options)}
    assert thief.client.post("/login/second/passkey", data=fields).status_code == 401


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", "nonsense", '{"id": 1}', '{"rawId": "AA", "response": {}}']
)
def test_nonsense_instead_of_a_passkey_is_refused(one: Browser, browser: Browsers, answer: str) -> None:
    assert one.post(PASSKEY, PASSKEY, credential=answer).status_code == 422
    with_passkey(one)
    other = browser()
    halfway(other, LOGIN)
    assert other.post("/login/second/passkey", SECOND, credential=answer).status_code == 401


def test_an_answer_to_another_challenge_makes_no_passkey(one: Browser) -> None:
    options = options_on(one.get(PASSKEY).text)
    credential = Key().create(options)
    assert one.post(PASSKEY, PASSKEY, credential=credential).status_code == 422


def test_a_factor_is_renamed_and_removed_and_its_codes_with_it(
    one: Browser, browser: Browsers, clock: FixedClock, happened: Happened, context: Context
) -> None:
    with_app(one, clock)
    page = one.get("/account/factors").text
    place = page.split('action="/account/factors/')[1].split("/rename")[0]
    one.post(f"/account/factors/{place}/rename", "/account/factors", label="旧手机")
    assert "旧手机" in one.get("/account/factors").text
    assert one.post(f"/account/factors/{place}/remove", "/account/factors").status_code == 303
    assert browser().sign_in(LOGIN).headers["location"] == "/today"
    with context.read() as s:
        assert s.exec(select(RecoveryCode)).all() == []
    assert len(happened("staff.factor_removed")) == 1


def test_nobody_removes_the_factor_of_somebody_else(
    one: Browser, browser: Browsers, clock: FixedClock
) -> None:
    with_app(one, clock)
    place = one.get("/account/factors").text.split('action="/account/factors/')[1].split("/rename")[0]
    other = browser()
    other.sign_in("handler.ln0102")
    assert other.post(f"/account/factors/{place}/remove", "/account/password").status_code == 404


def test_some_time_after_signing_in_the_password_is_asked_for_before_factors_change(
    one: Browser, clock: FixedClock
) -> None:
    clock.at += timedelta(minutes=20)
    for path in ("/account/factors/app", "/account/factors/passkey"):
        assert one.get(path).headers["location"] == f"/account/confirm?to={path}"


class TestRequired:
    """Where a role must have a second factor."""

    @pytest.fixture
    def app(self, context: Context) -> ASGIApp:
        rules = SignInRules(require_second_factor="always")
        return application(replace(context, settings=context.settings.model_copy(update={"sign_in": rules})))

    @pytest.fixture
    def one(self, house: House, browser: Browsers) -> Browser:
        return browser()

    def test_who_must_have_one_is_led_to_enrol_and_can_do_nothing_else(
        self, one: Browser, clock: FixedClock
    ) -> None:
        assert one.sign_in(LOGIN).headers["location"] == "/account/factors"
        assert not one.is_signed_in()
        for path in ("/petitions", "/account", "/account/password", "/find?q=1"):
            assert one.get(path).headers["location"].startswith("/login")
        assert one.get("/login").headers["location"] == "/account/factors"
        before = one.cookie
        with_app(one, clock)
        assert one.cookie != before
        assert one.is_signed_in()

    def test_who_need_not_have_one_signs_in_by_password(self, one: Browser) -> None:
        assert one.sign_in("handler.ln0102").headers["location"] == "/today"

    def test_who_must_enrol_can_also_leave(self, one: Browser) -> None:
        one.sign_in(LOGIN)
        assert one.post("/logout", "/account/factors").headers["location"] == "/login"
        assert one.get("/account/factors").status_code == 303


@pytest.mark.parametrize(
    ("environment", "wish", "forced"),
    [
        ("production", "production", True),
        ("demo", "production", False),
        ("development", "production", False),
        ("demo", "always", True),
        ("production", "never", False),
    ],
)
def test_it_is_required_in_production_unless_set_otherwise(
    context: Context, environment: str, wish: str, *, forced: bool
) -> None:
    rules = SignInRules.model_validate({"require_second_factor": wish})
    settings = context.settings.model_copy(update={"environment": environment, "sign_in": rules})
    assert bool(settings.must_have_factor) == forced
