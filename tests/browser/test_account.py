"""One's own account in a real browser: second factors, the list of sessions, a new password; phone and desktop."""

import re
from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import Page, expect

from central import db
from shared.clock import FixedClock
from tests.browser.conftest import Site
from tests.factories.accounts import PASSWORD, house
from tests.support.browser import DESKTOP, PHONE, sound

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
LOGIN = "handler.ln0102"


@pytest.fixture(autouse=True)
def _court(site: Site) -> None:
    with db.unit_of_work(site.context.engine) as s:
        house(s)


@pytest.fixture
def url(site: Site) -> str:
    """The address by name: browsers make no passkeys for a bare network address."""
    return site.url.replace("127.0.0.1", "localhost")


def look(page: Page, name: str) -> None:
    """The page fits its screen and axe finds nothing."""
    sound(page, f"account-{name}")


def give_password(page: Page, url: str) -> None:
    page.goto(f"{url}/login")
    page.get_by_label("用户名").fill(LOGIN)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def sign_out(page: Page) -> None:
    page.locator("details.user summary").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading", name="工作人员登录")).to_be_visible()


def virtual_key(page: Page) -> None:
    """Plug in a security key that says yes to everything."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasResidentKey": False,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_an_app_is_enrolled_and_signs_in(url: str, open_page: Open, clock: FixedClock) -> None:
    page = open_page(PHONE)
    give_password(page, url)
    page.goto(f"{url}/account")
    look(page, "account")
    page.get_by_role("link", name="管理两步登录").click()
    look(page, "no-factors")
    page.get_by_role("link", name="添加验证器应用").click()
    look(page, "app")
    secret = re.sub(r"\s", "", page.locator("code").inner_text())
    app = pyotp.TOTP(secret)
    page.get_by_label("验证码").fill("000000")
    page.get_by_role("button", name="添加").click()
    expect(page.get_by_text("数字不对")).to_be_visible()
    page.get_by_label("验证码").fill(app.at(int(clock.now().timestamp())))
    page.get_by_label("名称").fill("办公手机")
    page.get_by_role("button", name="添加").click()
    expect(page.get_by_role("heading", name="恢复码")).to_be_visible()
    look(page, "codes")
    page.goto(f"{url}/account/factors")
    look(page, "factors")
    sign_out(page)
    give_password(page, url)
    look(page, "second")
    page.get_by_label("验证码").fill(app.at(int(clock.now().timestamp()) + 30))
    page.get_by_role("button", name="继续").click()
    expect(page).to_have_url(f"{url}/today")


def test_a_passkey_is_enrolled_and_signs_in(url: str, open_page: Open) -> None:
    page = open_page(PHONE)
    virtual_key(page)
    give_password(page, url)
    page.goto(f"{url}/account/factors")
    page.get_by_role("link", name="添加通行密钥").click()
    look(page, "passkey")
    page.get_by_label("名称").fill("安全密钥")
    page.get_by_role("button", name="创建通行密钥").click()
    expect(page.get_by_role("heading", name="恢复码")).to_be_visible()
    page.goto(f"{url}/today")
    sign_out(page)
    give_password(page, url)
    look(page, "second-passkey")
    page.get_by_role("button", name="用通行密钥验证").click()
    expect(page).to_have_url(f"{url}/today")


def test_a_session_elsewhere_is_ended(url: str, open_page: Open) -> None:
    page, elsewhere = open_page(PHONE), open_page(DESKTOP)
    for each in (page, elsewhere):
        give_password(each, url)
        expect(each).to_have_url(f"{url}/today")
    page.goto(f"{url}/account")
    look(page, "sessions")
    page.get_by_role("button", name="结束登录", exact=True).click()
    expect(page.get_by_text("该登录已结束")).to_be_visible()
    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", name="工作人员登录")).to_be_visible()


def test_a_new_password_is_set(url: str, open_page: Open) -> None:
    page = open_page(PHONE)
    give_password(page, url)
    page.goto(f"{url}/account/password")
    look(page, "password")
    page.get_by_label("现在的密码").fill(PASSWORD)
    page.get_by_label("新密码", exact=True).fill("1qaz2wsx3edc")
    page.get_by_label("再输一次新密码").fill("1qaz2wsx3edc")
    page.get_by_role("button", name="设为新密码").click()
    expect(page.locator(".problem").get_by_text("曾经泄露")).to_be_visible()
    look(page, "password-refused")
    page.get_by_label("现在的密码").fill(PASSWORD)
    page.get_by_label("新密码", exact=True).fill("落霞与孤鹜齐飞，秋水共长天一色")
    page.get_by_label("再输一次新密码").fill("落霞与孤鹜齐飞，秋水共长天一色")
    page.get_by_role("button", name="设为新密码").click()
    expect(page.get_by_text("密码已修改")).to_be_visible()


def test_it_reads_in_english(url: str, open_page: Open) -> None:
    page = open_page(DESKTOP)
    give_password(page, url)
    page.goto(f"{url}/account?lang=en")
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    look(page, "english")
