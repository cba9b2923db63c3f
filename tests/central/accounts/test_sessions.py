"""Sessions: fresh ids, ends, the list of one's own."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from central import db
from central.accounts import queries, sessions
from central.accounts.models import SignIn, Staff
from central.context import Context
from central.events.models import Event
from shared.clock import FixedClock
from tests.central.accounts.conftest import Browser
from tests.factories.accounts import PASSWORD, House
from tests.factories.courts import SEED

Browsers = Callable[..., Browser]
Happened = Callable[[str], list[Event]]
LOGIN = "handler.ln0102"


@pytest.fixture(autouse=True)
def _house(house: House) -> None:
    """Somebody works here."""


def test_signing_in_makes_a_new_id_and_a_planted_one_is_worth_nothing(browser: Browsers) -> None:
    one = browser()
    one.client.cookies.set("minyi_session", "planted")
    one.client.cookies.clear()
    one.sign_in(LOGIN)
    first = one.cookie
    one.sign_in(LOGIN)
    assert one.cookie not in {"planted", first}


def test_the_cookie_is_kept_from_scripts_and_other_sites(browser: Browsers) -> None:
    cookie = browser().sign_in(LOGIN).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


def test_after_signing_out_the_old_cookie_opens_nothing(browser: Browsers, happened: Happened) -> None:
    one, thief = browser(), browser()
    one.sign_in(LOGIN)
    thief.client.cookies.set("minyi_session", one.cookie)
    assert thief.is_signed_in()
    assert one.post("/logout", "/today").status_code == 303
    assert not thief.is_signed_in()
    assert json.loads(happened("staff.signed_out")[0].data)["facts"] == {"how": "out", "sessions": 1}


def test_a_session_ends_when_idle_and_at_the_latest_after_its_hours(
    browser: Browsers, clock: FixedClock
) -> None:
    one = browser()
    one.sign_in(LOGIN)
    clock.at += timedelta(minutes=29)
    assert one.is_signed_in()
    clock.at += timedelta(minutes=31)
    assert not one.is_signed_in()
    one.sign_in(LOGIN)
    for _ in range(12 * 60 // 25):
        clock.at += timedelta(minutes=25)
        assert one.is_signed_in()
    clock.at += timedelta(minutes=25)
    assert not one.is_signed_in()


def test_a_changed_role_holds_at_the_next_request_and_a_closed_account_is_out(
    browser: Browsers, context: Context
) -> None:
    one = browser()
    one.sign_in("registrar.ln0102")
    assert one.get("/register").status_code == 200
    _set(context, "registrar.ln0102", roles="hall_staff")
    assert one.get("/register").status_code in {403, 404}
    _set(context, "registrar.ln0102", active=False)
    assert not one.is_signed_in()


def _set(context: Context, username: str, **changes: object) -> None:
    with context.engine.begin() as connection:
        connection.execute(Staff.__table__.update().where(Staff.username == username).values(**changes))  # type: ignore[attr-defined, arg-type]


def test_one_sees_where_one_is_signed_in_and_ends_one_of_them(browser: Browsers, happened: Happened) -> None:
    here, there = browser(), browser("10.9.9.9")
    there.client.headers["user-agent"] = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0"
    here.sign_in(LOGIN)
    there.sign_in(LOGIN)
    page = here.get("/account").text
    assert "Windows 上的 Edge" in page
    assert "10.9.9.9" in page
    (end,) = re.findall(r'action="(/account/sessions/[0-9a-f-]+/end)"', page)
    assert here.post(end, "/account").headers["location"].startswith("/account")
    assert here.is_signed_in()
    assert not there.is_signed_in()
    assert json.loads(happened("staff.signed_out")[0].data)["facts"]["how"] == "revoked"


def test_nobody_ends_a_session_of_somebody_else(browser: Browsers, context: Context) -> None:
    one, other = browser(), browser()
    one.sign_in(LOGIN)
    other.sign_in("leader.ln0102")
    with context.read() as s:
        theirs = {row.staff_id: row.id for row in s.exec(select(SignIn)).all()}
        me = queries.by_username(s, LOGIN)
    assert me is not None
    answer = other.post(f"/account/sessions/{theirs[me.id]}/end", "/account")
    assert answer.status_code == 404
    assert one.is_signed_in()


def test_signing_out_everywhere_else_leaves_this_one(browser: Browsers) -> None:
    here, others = browser(), [browser() for _ in range(3)]
    for each in (here, *others):
        each.sign_in(LOGIN)
    here.post("/account/sessions/end-others", "/account")
    assert here.is_signed_in()
    assert not any(each.is_signed_in() for each in others)


def test_some_time_after_signing_in_the_password_is_asked_for_before_sessions_change(
    browser: Browsers, clock: FixedClock
) -> None:
    here, there = browser(), browser()
    here.sign_in(LOGIN)
    there.sign_in(LOGIN)
    clock.at += timedelta(minutes=20)
    answer = here.post("/account/sessions/end-others", "/account")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/account/confirm")
    assert there.is_signed_in()
    wrong = here.post("/account/confirm", "/account/confirm", password="not it", to="/account")
    assert wrong.status_code == 422
    before = here.cookie
    right = here.post("/account/confirm", "/account/confirm", password=PASSWORD, to="/account")
    assert right.headers["location"] == "/account"
    assert here.cookie != before
    here.post("/account/sessions/end-others", "/account")
    assert not there.is_signed_in()


def test_the_oldest_session_gives_way_when_there_are_too_many(browser: Browsers, clock: FixedClock) -> None:
    many = [browser() for _ in range(11)]
    for each in many:
        each.sign_in(LOGIN)
        clock.at += timedelta(seconds=1)
    assert [each.is_signed_in() for each in many] == [False] + [True] * 10


def test_an_administrator_of_the_machine_ends_all_sessions_of_a_person(
    browser: Browsers, context: Context, clock: FixedClock
) -> None:
    one = browser()
    one.sign_in(LOGIN)
    with db.unit_of_work(context.engine) as s:
        person = queries.by_username(s, LOGIN)
        assert person is not None
        assert sessions.end_all(s, staff_id=person.id, how="admin", by=SEED, now=clock.now()) == 1
    assert not one.is_signed_in()


def test_a_sign_in_is_on_record_without_any_secret(browser: Browsers, happened: Happened) -> None:
    one = browser()
    one.sign_in(LOGIN, "wrong password!")
    one.sign_in(LOGIN)
    (event,) = happened("staff.signed_in")
    facts = json.loads(event.data)["facts"]
    assert (facts["method"], facts["address"], facts["failed_before"]) == ("password", "10.0.0.1", 1)
    assert one.cookie not in event.data
    assert PASSWORD not in event.data
