"""One's own new password."""

from collections.abc import Callable

import pytest

from tests.central.accounts.conftest import Browser
from tests.factories.accounts import PASSWORD, House

Browsers = Callable[..., Browser]
LOGIN = "handler.ln0102"
NEW = "eleven geese in a kettle"
PAGE = "/account/password"


@pytest.fixture
def one(house: House, browser: Browsers) -> Browser:
    made = browser()
    made.sign_in(LOGIN)
    return made


def test_a_new_password_counts_from_now_on_and_other_sessions_end(one: Browser, browser: Browsers) -> None:
    elsewhere = browser()
    elsewhere.sign_in(LOGIN)
    assert one.post(PAGE, PAGE, present=PASSWORD, password=NEW, again=NEW).status_code == 303
    assert one.is_signed_in()
    assert not elsewhere.is_signed_in()
    assert elsewhere.sign_in(LOGIN).status_code == 401
    assert elsewhere.sign_in(LOGIN, NEW).status_code == 303


@pytest.mark.parametrize(
    ("present", "new", "again", "said"),
    [
        ("not it at all", NEW, NEW, "密码不对"),
        (PASSWORD, NEW, NEW + "x", "不一样"),
        (PASSWORD, "short", "short", "至少用 12 个字符"),
        (PASSWORD, "1qaz2wsx3edc", "1qaz2wsx3edc", "曾经泄露"),
        (PASSWORD, "handler.ln0102-1", "handler.ln0102-1", "容易猜到"),
    ],
)
def test_a_refusal_says_why_and_changes_nothing(
    one: Browser, present: str, new: str, again: str, said: str, browser: Browsers
) -> None:
    answer = one.post(PAGE, PAGE, present=present, password=new, again=again)
    assert answer.status_code == 422
    assert said in answer.text
    assert browser().sign_in(LOGIN).status_code == 303


def test_guessing_the_present_password_in_a_stolen_session_is_cut_off(one: Browser) -> None:
    for _ in range(10):
        one.post(PAGE, PAGE, present="guess", password=NEW, again=NEW)
    answer = one.post(PAGE, PAGE, present=PASSWORD, password=NEW, again=NEW)
    assert answer.status_code == 422
    assert "分钟后再试" in answer.text
