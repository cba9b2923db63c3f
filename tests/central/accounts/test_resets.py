"""One-time codes: from an administrator to somebody who cannot sign in."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from central import db
from central.accounts import queries
from central.actor import Role
from central.context import Context
from central.events.models import Event
from shared.clock import FixedClock
from tests.central.accounts.conftest import Browser
from tests.central.accounts.people import with_app
from tests.factories.accounts import PASSWORD, House, staff
from tests.factories.courts import court

Browsers = Callable[..., Browser]
Happened = Callable[[str], list[Event]]
LOGIN = "handler.ln0102"
NEW = "eleven geese in a kettle"


@pytest.fixture
def admin(house: House, context: Context, browser: Browsers) -> Browser:
    """The administrator of the court, signed in."""
    with db.unit_of_work(context.engine) as s:
        staff(s, house.court, Role.COURT_ADMIN)
        staff(s, court(s, "辽0103"), Role.HANDLER)
    made = browser("10.0.0.9")
    made.sign_in("court_admin.ln0102")
    return made


def place(context: Context, login: str = LOGIN) -> str:
    with context.read() as s:
        person = queries.by_username(s, login)
        assert person is not None
        return f"/staff/{person.id}/sign-in"


def code_for(admin: Browser, page: str, **fields: str) -> str:
    answer = admin.post(f"{page}/code", page, **{"reason": "forgotten", **fields})
    found = re.search(r"<code>([A-Z0-9]{5}-[A-Z0-9]{5})</code>", answer.text)
    assert found, answer.text
    return found[1]


def use(one: Browser, code: str, login: str = LOGIN, password: str = NEW) -> int:
    fields = {"username": login, "code": code, "password": password, "again": password}
    return one.client.post("/reset", data=fields).status_code


def test_with_the_code_a_person_sets_a_password_of_their_own(
    admin: Browser, browser: Browsers, context: Context
) -> None:
    one, elsewhere = browser(), browser()
    elsewhere.sign_in(LOGIN)
    assert use(one, code_for(admin, place(context)).lower().replace("-", " ")) == 303
    assert not one.is_signed_in()
    assert not elsewhere.is_signed_in()
    assert one.sign_in(LOGIN, PASSWORD).status_code == 401
    assert one.sign_in(LOGIN, NEW).status_code == 303


def test_a_code_is_good_once_and_a_new_one_voids_the_old(
    admin: Browser, browser: Browsers, context: Context
) -> None:
    old = code_for(admin, place(context))
    code = code_for(admin, place(context))
    one = browser()
    assert [use(one, each) for each in (old, code, code)] == [401, 303, 401]


def test_a_code_lapses_after_half_an_hour(
    admin: Browser, browser: Browsers, context: Context, clock: FixedClock
) -> None:
    code = code_for(admin, place(context))
    clock.at += timedelta(minutes=30)
    assert use(browser(), code) == 401


def test_a_code_is_good_for_its_account_alone(admin: Browser, browser: Browsers, context: Context) -> None:
    code = code_for(admin, place(context))
    assert use(browser(), code, "leader.ln0102") == 401


def test_guessing_codes_is_cut_off_alike_for_names_that_are_none(
    admin: Browser, browser: Browsers, context: Context
) -> None:
    code = code_for(admin, place(context))
    for login in (LOGIN, "nobody"):
        one = browser()
        assert [use(one, "AAAAA-AAAAA", login) for _ in range(12)] == [401] * 10 + [429] * 2
    assert use(browser("10.7.7.7"), code) == 429


def test_a_password_that_is_refused_leaves_the_code_good(
    admin: Browser, browser: Browsers, context: Context
) -> None:
    code, one = code_for(admin, place(context)), browser()
    assert use(one, code, password="1qaz2wsx3edc") == 422
    assert use(one, code) == 303


def test_the_second_factor_stays_unless_it_is_taken_away_too(
    admin: Browser, browser: Browsers, context: Context, clock: FixedClock, happened: Happened
) -> None:
    one = browser()
    one.sign_in(LOGIN)
    with_app(one, clock)
    use(one, code_for(admin, place(context)))
    assert one.sign_in(LOGIN, NEW).headers["location"].startswith("/login/second")
    use(one, code_for(admin, place(context), reason="lost_device", factors_too="true"), password=NEW + "!")
    assert one.sign_in(LOGIN, NEW + "!").headers["location"] == "/today"
    (removed,) = happened("staff.factor_removed")
    assert json.loads(removed.data)["facts"]["reason"] == "lost_device"


def test_what_was_done_is_on_record_and_the_code_is_not(
    admin: Browser, context: Context, happened: Happened
) -> None:
    code = code_for(admin, place(context))
    (event,) = happened("staff.reset_issued")
    assert json.loads(event.data)["facts"] == {"reason": "forgotten", "factors_too": False}
    assert event.actor.startswith("staff:")
    assert code not in event.data


def test_a_reason_is_asked_for(admin: Browser, context: Context) -> None:
    page = place(context)
    answer = admin.post(f"{page}/code", page, reason="")
    assert (answer.status_code, "请选择原因" in answer.text) == (422, True)


def test_a_suspicion_ends_every_session_at_once(admin: Browser, browser: Browsers, context: Context) -> None:
    one = browser()
    one.sign_in(LOGIN)
    code_for(admin, place(context), reason="suspected")
    assert not one.is_signed_in()


def test_an_administrator_ends_the_sessions_of_a_person(
    admin: Browser, browser: Browsers, context: Context
) -> None:
    one = browser()
    one.sign_in(LOGIN)
    page = place(context)
    assert "现在有 1 处登录" in admin.get(page).text
    assert admin.post(f"{page}/end", page).status_code == 303
    assert not one.is_signed_in()


def test_the_list_leads_to_the_people_of_the_court(admin: Browser, context: Context) -> None:
    page = admin.get("/staff/sign-in").text
    assert place(context) in page
    assert "court_admin.ln0102" not in page.split("<main")[1]


@pytest.mark.parametrize("login", [LOGIN, "leader.ln0102", "registrar.ln0102"])
def test_nobody_but_an_administrator_sees_these_pages(
    admin: Browser, browser: Browsers, context: Context, login: str
) -> None:
    one = browser()
    one.sign_in(login)
    other = place(context, "leader.ln0102" if login == LOGIN else LOGIN)
    assert one.get("/staff/sign-in").status_code == 404
    assert one.get(other).status_code == 404
    assert one.post(f"{other}/code", "/account/password", reason="forgotten").status_code == 404
    assert one.post(f"{other}/end", "/account/password").status_code == 404


def test_people_of_other_courts_and_oneself_are_not_there_for_an_administrator(
    admin: Browser, context: Context
) -> None:
    for login in ("handler.ln0103", "court_admin.ln0102"):
        assert admin.get(place(context, login)).status_code == 404
        assert admin.post(f"{place(context, login)}/code", "/account/password").status_code == 404
