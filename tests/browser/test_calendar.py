"""The calendar in a real browser: the year, a notice pasted, checked and saved, and what moved; phone and desktop, by keyboard."""

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from central import db
from central.actor import Role
from central.workdays import work
from tests.browser.conftest import Site
from tests.central.workdays.notice import NOTICE
from tests.factories import petitions
from tests.factories.accounts import PASSWORD, house, staff
from tests.factories.courts import MORNING, tree
from tests.support.browser import PHONE, sound

pytestmark = pytest.mark.browser


def look(page: Page, name: str, heading: str) -> None:
    """The page with this heading fits its screen and axe finds nothing."""
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    sound(page, f"calendar-{name}")


def sign_in(page: Page, site: Site, login: str, to: str) -> None:
    page.goto(f"{site.url}/login?to={to}")
    page.get_by_label("用户名").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")


def test_a_notice_is_entered_and_what_moved_is_read(site: Site, open_page: Callable[..., Page]) -> None:
    with db.unit_of_work(site.context.engine) as s:
        courts = tree(s)
        here = house(s, courts["辽0102"])
        staff(s, courts["辽"], Role.COURT_ADMIN)
        petition = petitions.registered(s, here, now=datetime(2027, 1, 29, 1, tzinfo=MORNING.tzinfo))
    page = open_page(PHONE)
    sign_in(page, site, "court_admin.ln", "/calendar?year=2026")
    look(page, "year", "工作日历")
    page.get_by_role("link", name="录入放假通知").click()
    look(page, "form", "录入放假通知")
    page.get_by_label("通知原文或者安排").fill("春节：2月30日放假。")
    page.get_by_role("button", name="核对").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("这一天")
    look(page, "refused", "录入放假通知")
    page.get_by_label("通知原文或者安排").fill(NOTICE + "\n鼓励职工在除夕（2月5日）休息。")
    page.get_by_role("button", name="核对").click()
    expect(page.locator("q")).to_contain_text("鼓励职工在除夕")
    look(page, "check", "核对")
    page.get_by_role("button", name="确认并保存").press("Enter")
    expect(page.get_by_role("heading", name="变动的期限", level=1)).to_be_visible()
    work.run(site.context)
    page.goto(f"{site.url}/calendar?year=2027&lang=en")
    look(page, "entered", "Calendar")
    page.context.clear_cookies()
    sign_in(page, site, "registrar.ln0102", "/calendar/moved/1")
    expect(page.get_by_role("link", name=petition.number)).to_be_visible()
    look(page, "moved", "变动的期限")
