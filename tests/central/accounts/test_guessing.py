"""Guessing at passwords: cut off, without locking the owner out, and without telling who exists."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlmodel import Session

from central.accounts import passwords, service
from central.accounts.models import Staff
from central.actor import Role
from central.context import Context
from central.events.models import Event
from central.settings import Throttle
from shared.clock import FixedClock
from tests.central.accounts.conftest import Browser
from tests.factories.accounts import PASSWORD, House, staff
from tests.factories.courts import MORNING, court

Browsers = Callable[..., Browser]
Happened = Callable[[str], list[Event]]
LOGIN = "handler.ln0102"


@pytest.fixture(autouse=True)
def _house(house: House) -> None:
    """Somebody works here."""


def guess(one: Browser, login: str = LOGIN, times: int = 1) -> list[int]:
    return [one.sign_in(login, f"wrong password {n}").status_code for n in range(times)]


def test_of_a_hundred_guesses_ten_are_answered(browser: Browsers) -> None:
    assert guess(browser(), times=100) == [401] * 10 + [429] * 90


def test_addresses_do_not_buy_more_guesses_at_one_account(browser: Browsers) -> None:
    assert [guess(browser(f"10.0.1.{n}"))[0] for n in range(12)] == [401] * 10 + [429] * 2


def test_the_wait_is_told_and_over_after_the_window(browser: Browsers, clock: FixedClock) -> None:
    one = browser()
    guess(one, times=10)
    answer = one.sign_in(LOGIN)
    assert answer.status_code == 429
    assert "15 分钟后再试" in answer.text
    clock.at += timedelta(minutes=15)
    assert one.sign_in(LOGIN).status_code == 303


def test_a_stranger_who_guesses_does_not_lock_the_owner_out(browser: Browsers) -> None:
    owner, stranger = browser(), browser("10.6.6.6")
    owner.sign_in(LOGIN)
    owner.post("/logout", "/today")
    guess(stranger, times=20)
    assert owner.sign_in(LOGIN).status_code == 303


def test_a_known_browser_has_its_own_limit(browser: Browsers) -> None:
    owner = browser()
    owner.sign_in(LOGIN)
    assert guess(owner, times=12) == [401] * 10 + [429] * 2


def test_a_known_browser_is_known_for_its_owner_alone(browser: Browsers) -> None:
    insider = browser()
    insider.sign_in("leader.ln0102")
    assert guess(insider, times=11)[-1] == 429
    assert guess(browser("10.7.7.7"))[0] == 429


def test_one_address_does_not_try_all_names(browser: Browsers) -> None:
    one = browser()
    answers = [guess(one, f"nobody{n}")[0] for n in range(101)]
    assert answers == [401] * 100 + [429]
    assert guess(browser("10.8.8.8"), "nobody500") == [401]


def test_names_that_exist_and_names_that_do_not_are_answered_alike(browser: Browsers) -> None:
    there, not_there = browser(), browser("10.0.0.2")
    for _ in range(12):
        one, other = there.sign_in(LOGIN, "wrong"), not_there.sign_in("nobody.at0all", "wrong")
        assert one.status_code == other.status_code
        assert one.text.replace(LOGIN, "") == other.text.replace("nobody.at0all", "")
        assert one.headers.keys() == other.headers.keys()


def test_the_cut_off_is_on_record_for_both(browser: Browsers, happened: Happened) -> None:
    guess(browser(), times=12)
    guess(browser("10.0.0.2"), "nobody", times=12)
    events = happened("staff.sign_in_blocked")
    assert [json.loads(each.data)["facts"]["address"] for each in events] == ["10.0.0.1", "10.0.0.2"]
    assert events[1].stream == "staff/nobody"


def test_the_record_of_names_that_are_none_can_be_verified(browser: Browsers, context: Context) -> None:
    from central.commands import log as commands

    guess(browser(), "nobody", times=12)
    assert commands.run(context).findings == []


def test_a_hash_of_other_parameters_is_made_anew_at_sign_in(s: Session) -> None:
    person = staff(s, court(s, "辽0103"), Role.HANDLER)
    person.password_hash = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    rules = service.Rules(Throttle())
    assert service.sign_in(s, username=person.username, password=PASSWORD, rules=rules, now=MORNING)
    s.commit()
    assert not passwords.is_outdated(s.get_one(Staff, person.id).password_hash)


def test_a_password_typed_in_full_width_letters_is_the_same_password(s: Session) -> None:
    person = staff(s, court(s, "辽0103"), Role.HANDLER)
    rules, wide = service.Rules(Throttle()), PASSWORD.replace("a", "ａ")
    assert service.sign_in(s, username=person.username, password=wide, rules=rules, now=MORNING)
