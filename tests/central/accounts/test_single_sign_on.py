"""Single sign-on: against a real provider in a process of its own, and against one that tells lies."""

import html
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import httpx2
import pytest
from joserfc.jwk import RSAKey
from pydantic import ValidationError
from sqlmodel import Session, select
from starlette.testclient import TestClient

from central import db
from central.accounts import external, grants, journeys
from central.accounts.models import SignIn, Staff
from central.accounts.oidc import Departure, Identity
from central.accounts.service import Rules
from central.actor import Via, system
from central.context import Context
from central.events.models import Event
from central.settings import SingleSignOn, Throttle
from shared.clock import Clock, FixedClock, SystemClock
from tests.central.accounts.conftest import Browser
from tests.central.accounts.people import with_app
from tests.factories.accounts import House
from tests.support import site
from tests.support.providers import LIES, LyingProvider, RealProvider, query_of

Browsers = Callable[..., Browser]
Happened = Callable[[str], list[Event]]
LOGIN = "handler.ln0102"
SUBJECT = "wang@court"


@pytest.fixture
def clock() -> Clock:
    """The provider lives in the present."""
    return SystemClock()


@pytest.fixture(autouse=True)
def _house(house: House) -> None:
    """Somebody works here."""


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealProvider]:
    made = RealProvider(tmp_path_factory.mktemp("provider"))
    yield made
    made.stop()


@pytest.fixture
def liar() -> Iterator[LyingProvider]:
    lying = LyingProvider()
    with site.served(lying.app) as lying.issuer:
        yield lying


@pytest.fixture
def opened(context: Context) -> Iterator[Callable[[SingleSignOn], Browser]]:
    """`opened(settings)` is a browser at the server with that single sign-on."""
    with ExitStack() as stack:

        def at(sso: SingleSignOn) -> Browser:
            settings = context.settings.model_copy(update={"sso": sso})
            app = site.application(replace(context, settings=settings))
            return Browser(stack.enter_context(TestClient(app, follow_redirects=False)))

        yield at


Opened = Callable[[SingleSignOn], Browser]


def _staff(s: Session, login: str = LOGIN) -> Staff:
    return s.exec(select(Staff).where(Staff.username == login)).one()


def _link(context: Context, sso: SingleSignOn, subject: str = SUBJECT) -> None:
    with db.unit_of_work(context.engine) as s:
        staff, now = _staff(s), context.clock.now()
        external.link(
            s, staff_id=staff.id, issuer=sso.issuer, subject=subject, by=system(Via.COMMAND), now=now
        )


def _depart(one: Browser, to: str = "/today") -> str:
    answer = one.get("/login/sso?to=" + to)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def _round(
    one: Browser, provider: RealProvider, subject: str = SUBJECT, to: str = "/today"
) -> httpx2.Response:
    return one.get(provider.sign_in(_depart(one, to), subject))


def _lied_to(one: Browser, liar: LyingProvider) -> httpx2.Response:
    back = httpx2.get(_depart(one)).headers["location"]
    return one.get(back)


def _plain(liar: LyingProvider, **more: object) -> SingleSignOn:
    return SingleSignOn(issuer=liar.issuer, client_id="minyi", client_secret="a secret", **more)


def test_without_a_provider_there_is_no_button_and_no_way(browser: Browsers) -> None:
    one = browser()
    assert "/login/sso" not in one.get("/login").text
    assert one.get("/login/sso").status_code == 404
    assert one.get("/login/sso/back?code=1&state=2").status_code == 404


def test_a_joined_account_signs_in_and_the_log_says_how(
    context: Context, opened: Opened, provider: RealProvider, happened: Happened
) -> None:
    sso = provider.register()
    _link(context, sso)
    one = opened(sso)
    assert "/login/sso?to=/petitions" in one.get("/login?to=/petitions").text
    answer = _round(one, provider, to="/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert one.is_signed_in()
    assert json.loads(happened("staff.signed_in")[0].data)["facts"]["method"] == "sso"


def test_what_is_sent_to_the_provider_binds_its_answer_to_this_browser(
    opened: Opened, provider: RealProvider
) -> None:
    sso = provider.register()
    one, query = opened(sso), query_of(_depart(opened(sso)))
    assert query["response_type"] == "code"
    assert query["scope"] == "openid"
    assert query["code_challenge_method"] == "S256"
    assert query["redirect_uri"] == "http://testserver/login/sso/back"
    again = query_of(_depart(one))
    assert all(query[name] != again[name] for name in ("state", "nonce", "code_challenge"))
    cookie = one.get("/login/sso").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "Path=/;" in cookie


def test_an_account_nobody_joined_signs_nobody_in(opened: Opened, provider: RealProvider) -> None:
    one = opened(provider.register())
    answer = _round(one, provider, "stranger@court")
    assert answer.status_code == 401
    assert "还没有关联" in answer.text
    assert not one.is_signed_in()


def test_a_closed_account_is_not_opened_by_it(
    context: Context, opened: Opened, provider: RealProvider
) -> None:
    sso = provider.register()
    _link(context, sso)
    with db.unit_of_work(context.engine) as s:
        grants.set_active(
            s, staff=_staff(s), active=False, reason="离职", by=system(Via.COMMAND), now=context.clock.now()
        )
    assert _round(opened(sso), provider).status_code == 401


def test_giving_up_at_the_provider_leads_back_to_the_sign_in_page(
    opened: Opened, provider: RealProvider
) -> None:
    one = opened(provider.register())
    answer = one.get(provider.deny(_depart(one)) + "&state=x")
    assert answer.status_code == 401
    assert 'name="username"' in answer.text


def test_an_answer_is_good_once_and_only_in_the_browser_that_set_out(
    context: Context, opened: Opened, provider: RealProvider
) -> None:
    sso = provider.register()
    _link(context, sso)
    one, other = opened(sso), opened(sso)
    back = provider.sign_in(_depart(one), SUBJECT)
    assert other.get(back).status_code == 401
    _depart(other)
    assert other.get(back).status_code == 401
    assert one.get(back).status_code == 303
    kept = one.client.cookies
    assert journeys.COOKIE not in kept
    assert one.get(back).status_code == 401


def test_the_second_factor_is_asked_for_after_it(
    context: Context, opened: Opened, provider: RealProvider
) -> None:
    sso = provider.register()
    _link(context, sso)
    one = opened(sso)
    one.sign_in(LOGIN)
    app, _ = with_app(one, FixedClock(context.clock.now()))
    one.post("/logout", "/today")
    answer = _round(one, provider)
    assert answer.headers["location"].startswith("/login/second")
    assert not one.is_signed_in()
    assert one.post("/login/second", "/login/second", code=app.code(1)).status_code == 303
    assert one.is_signed_in()


def test_one_joins_an_account_after_the_password_and_parts_it_again(
    opened: Opened, provider: RealProvider, happened: Happened
) -> None:
    sso = provider.register()
    one, later = opened(sso), opened(sso)
    one.sign_in(LOGIN)
    page = one.post("/account/logins", "/account")
    url = re.search(r'href="(http[^"]+authorize[^"]+)"', page.text)
    assert url
    back = provider.sign_in(html.unescape(url[1]), SUBJECT)
    assert one.get(back).headers["location"] == "/account?done=linked#logins"
    assert SUBJECT in one.get("/account").text
    assert _round(later, provider).status_code == 303
    remove = re.search(r"/account/logins/[0-9a-f-]{36}/remove", one.get("/account").text)
    assert remove
    assert one.post(remove[0], "/account").status_code == 303
    assert _round(opened(sso), provider).status_code == 401
    assert [len(happened(kind)) for kind in ("staff.login_linked", "staff.login_unlinked")] == [1, 1]


def test_an_account_of_somebody_else_cannot_be_joined(
    context: Context, opened: Opened, provider: RealProvider
) -> None:
    sso = provider.register()
    _link(context, sso)
    one = opened(sso)
    one.sign_in("leader.ln0102")
    page = one.post("/account/logins", "/account")
    url = re.search(r'href="(http[^"]+authorize[^"]+)"', page.text)
    assert url
    answer = one.get(provider.sign_in(html.unescape(url[1]), SUBJECT))
    assert answer.status_code == 409
    assert "另一名" in answer.text


def test_joining_needs_the_password_where_the_provider_does_not_say_when_it_asked(
    context: Context, opened: Opened, liar: LyingProvider
) -> None:
    sso = _plain(liar)
    _link(context, sso, "wang")
    one = opened(sso)
    _lied_to(one, liar)
    answer = one.post("/account/logins", "/account")
    assert answer.headers["location"] == "/account/confirm?to=/account/logins"
    assert 'name="to" value="/account"' in one.get(answer.headers["location"]).text


def test_a_changed_or_late_cookie_is_no_journey(context: Context) -> None:
    now = context.clock.now()
    journey = journeys.Journey(Departure("u", "s", "n", "v"), "/today")
    cookie = journeys.sealed(context.vault, journey, now=now)
    assert journeys.opened(context.vault, cookie, now=now) == journey
    assert journeys.opened(context.vault, cookie, now=now + timedelta(minutes=11)) is None
    for wrong in ("", "x", cookie[:-6] + "AAAAAA", "ä", cookie[:10]):
        assert journeys.opened(context.vault, wrong, now=now) is None


def test_a_provider_that_is_away_leaves_the_password(opened: Opened, liar: LyingProvider) -> None:
    one = opened(SingleSignOn(issuer="http://127.0.0.1:9", client_id="minyi"))
    answer = one.get("/login/sso")
    assert answer.status_code == 503
    assert 'name="password"' in answer.text
    liar.said = {"issuer": "http://somebody.else"}
    assert opened(_plain(liar)).get("/login/sso").status_code == 503


def test_an_honest_answer_of_the_provider_that_lies_below_is_taken(
    context: Context, opened: Opened, liar: LyingProvider
) -> None:
    sso = _plain(liar)
    _link(context, sso, "wang")
    one = opened(sso)
    assert _lied_to(one, liar).status_code == 303
    assert one.is_signed_in()
    challenge, verifier = liar.asked[0]["code_challenge"], liar.asked[1]["code_verifier"]
    assert challenge == urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_signs_nobody_in(context: Context, opened: Opened, liar: LyingProvider, lie: str) -> None:
    sso = _plain(liar)
    _link(context, sso, "wang")
    one = opened(sso)
    LIES[lie](liar)
    answer = _lied_to(one, liar)
    assert answer.status_code == 401, answer.text
    assert 'name="password"' in answer.text
    assert not one.is_signed_in()


def test_an_answer_that_names_another_issuer_is_not_taken(
    context: Context, opened: Opened, liar: LyingProvider
) -> None:
    sso = _plain(liar)
    _link(context, sso, "wang")
    one = opened(sso)
    back = httpx2.get(_depart(one)).headers["location"]
    assert one.get(back + "&iss=http://somebody.else").status_code == 401
    assert len(liar.asked) == 1


def test_new_keys_of_the_provider_are_fetched_when_a_token_names_one(
    context: Context, opened: Opened, liar: LyingProvider
) -> None:
    sso = _plain(liar)
    _link(context, sso, "wang")
    one = opened(sso)
    assert _lied_to(one, liar).status_code == 303
    liar.asked.clear()
    liar.key = liar.published = RSAKey.generate_key(2048, {"kid": "2"})
    liar.header = {"alg": "RS256", "kid": "2"}
    assert _lied_to(one, liar).status_code == 303


def test_a_second_factor_at_the_provider_stands_in_only_where_the_settings_say_so(
    context: Context, opened: Opened, liar: LyingProvider
) -> None:
    trusting, plain = _plain(liar, factor_methods=("mfa",)), _plain(liar)
    _link(context, plain, "wang")
    one = opened(plain)
    one.sign_in(LOGIN)
    with_app(one, FixedClock(context.clock.now()))
    for sso, claims, to in (
        (trusting, {"amr": ["pwd", "mfa"]}, "/today"),
        (trusting, {"amr": ["pwd"]}, "/login/second"),
        (plain, {"amr": ["pwd", "mfa"]}, "/login/second"),
    ):
        liar.asked.clear()
        liar.claims = dict(claims)
        assert _lied_to(opened(sso), liar).headers["location"].startswith(to)


@pytest.mark.parametrize("minutes", [5, 60, -5, None])
def test_proof_is_as_old_as_the_provider_says(context: Context, house: House, minutes: int | None) -> None:
    del house
    now = context.clock.now()
    at = None if minutes is None else now - timedelta(minutes=minutes)
    sso = SingleSignOn(issuer="http://localhost", client_id="minyi")
    _link(context, sso)
    with db.unit_of_work(context.engine) as s:
        found = external.sign_in(
            s,
            identity=Identity(sso.issuer, SUBJECT, at=at),
            rules=Rules(Throttle()),
            factor_methods=(),
            now=now,
        )
        assert found is not None
        row: SignIn = found[1]
        assert row.proved_at == (datetime(1970, 1, 1, tzinfo=UTC) if at is None else min(at, now))


@pytest.mark.parametrize("issuer", ["http://id.example.org", "ftp://id.example.org", "id.example.org"])
def test_the_provider_is_asked_over_tls_alone(issuer: str) -> None:
    with pytest.raises(ValidationError, match="https"):
        SingleSignOn(issuer=issuer, client_id="minyi")


def test_a_provider_without_our_name_there_is_refused() -> None:
    with pytest.raises(ValidationError, match="client_id"):
        SingleSignOn(issuer="https://id.example.org")
