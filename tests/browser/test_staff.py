"""An administrator's people in a real browser: a new account, roles, a grant and its end; phone and desktop, by keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from central import db
from central.actor import Role
from tests.browser.conftest import Site
from tests.factories.accounts import PASSWORD, house, staff
from tests.factories.courts import tree
from tests.support.browser import PHONE, sound

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture(autouse=True)
def _court(site: Site) -> None:
    with db.unit_of_work(site.context.engine) as s:
        courts = tree(s)
        house(s, courts["辽0102"])
        staff(s, courts["辽01"], Role.COURT_ADMIN)


def look(page: Page, name: str, heading: str) -> None:
    """The page with this heading fits its screen and axe finds nothing."""
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    sound(page, f"staff-{name}")


def test_an_administrator_keeps_people_and_their_rights(site: Site, open_page: Open) -> None:
    page = open_page(PHONE)
    page.goto(f"{site.url}/login?to=/staff")
    page.get_by_label("用户名").fill("court_admin.ln01")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    look(page, "list", "工作人员")
    page.get_by_role("link", name="新建账号").click()
    look(page, "court", "新建账号")
    page.get_by_label("法院").select_option("辽0102")
    page.get_by_role("button", name="下一步").press("Enter")
    expect(page.get_by_label("姓名", exact=True)).to_be_visible()
    look(page, "new", "新建账号")
    page.get_by_label("姓名", exact=True).fill("赵敏")
    page.get_by_role("button", name="建立账号").click()
    expect(page.get_by_role("alert")).to_contain_text("用户名")
    look(page, "refused", "新建账号")
    page.get_by_label("用户名").fill("zhao.min")
    page.get_by_label("承办人").press("Space")
    page.get_by_role("button", name="建立账号").press("Enter")
    expect(page.locator("code")).to_be_visible()
    look(page, "made", "已为赵敏")
    page.get_by_role("link", name="查看此人").click()
    look(page, "person", "赵敏")
    page.get_by_role("link", name="另外授予角色").click()
    page.get_by_label("法院").select_option("辽0103")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_label("范围")).to_be_visible()
    look(page, "grant", "另外授予")
    page.get_by_label("角色").select_option("supervisor")
    page.get_by_label("范围").select_option("below")
    page.get_by_label("原因").fill("借调")
    page.get_by_role("button", name="授予").press("Enter")
    expect(page.get_by_text("由辽01的court_admin授予")).to_be_visible()
    look(page, "granted", "赵敏")
    page.get_by_label("收回的原因").fill("期满")
    page.get_by_role("button", name="收回").press("Enter")
    expect(page.get_by_text("没有其他授权")).to_be_visible()
    page.goto(f"{site.url}/staff?q=赵敏&lang=en")
    expect(page.get_by_role("link", name="赵敏")).to_be_visible()
    look(page, "found", "Staff")
