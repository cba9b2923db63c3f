"""A supervision order in a real browser, from the petition to the judgement: desktop and phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from central import db
from central.actor import Role
from central.petitions.states import State
from tests.browser.conftest import Site
from tests.factories import petitions
from tests.factories.accounts import PASSWORD, actor, house
from tests.factories.courts import tree
from tests.support.browser import PHONE, sound

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture
def petition_id(site: Site) -> str:
    """A petition that is being handled in 辽0102, under a supervisor of 辽01."""
    with db.unit_of_work(site.context.engine) as s:
        courts = tree(s)
        here = house(s, courts["辽0102"])
        actor(s, courts["辽01"], Role.SUPERVISOR)
        return str(petitions.at(s, here, State.HANDLING).id)


class Way:
    """Goes through the pages as several people and looks at each on the way."""

    def __init__(self, page: Page, site: Site, lang: str = "") -> None:
        self.page, self.url, self._shots = page, site.url, 0
        self._lang = lang

    def sign_in(self, who: str) -> None:
        self.page.context.clear_cookies()
        self.page.goto(f"{self.url}/login")
        self.page.get_by_label("用户名").fill(who)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        expect(self.page).to_have_url(f"{self.url}/today")

    def look(self, name: str) -> None:
        self._shots += 1
        sound(self.page, f"supervision-{self._shots:02}-{name}")

    def english(self, name: str) -> None:
        """Look at the page once in English and go back."""
        at = self.page.url.split("#")[0]
        self.page.goto(at + ("&" if "?" in at else "?") + "lang=en")
        self.look(name + "-en")
        self.page.goto(at + ("&" if "?" in at else "?") + "lang=zh-CN")


def test_an_order_goes_from_the_petition_to_its_judgement(
    site: Site, open_page: Open, petition_id: str
) -> None:
    way = Way(open_page(PHONE), site)
    page = way.page
    way.sign_in("supervisor.ln01")
    page.goto(f"{site.url}/petitions/{petition_id}")
    page.get_by_role("radio").first.check()
    page.locator("main form button").first.click()
    page.get_by_role("link", name="提出督办").click()
    way.english("petition")
    page.get_by_label("督办事由").select_option(label="超过办理期限")
    page.get_by_label("督办要求").fill("请说明为什么三个月没有答复，并说明责任人。")
    page.get_by_role("button", name="发出督办").click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.get_by_label("督办要求")).to_have_value("请说明为什么三个月没有答复，并说明责任人。")
    page.get_by_label("答复期限").select_option(index=2)
    page.get_by_role("button", name="发出督办").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("督办件：超过办理期限")
    way.look("given")

    way.sign_in("leader.ln0102")
    way.look("today")
    page.get_by_role("link", name=re.compile("待答复的督办")).click()
    way.english("list")
    page.get_by_role("link", name=re.compile("辽0102-2026-000001")).click()
    page.get_by_label("情况说明").fill("案卷在上级法院调阅，没有及时催还。")
    page.get_by_label("已采取和将采取的措施").fill("已取回案卷，11月27日前答复。")
    way.look("answering")
    page.get_by_role("button", name="答复督办").click()
    expect(page.get_by_text("待审核").first).to_be_visible()

    way.sign_in("supervisor.ln01")
    page.get_by_role("link", name=re.compile("待审核的督办答复")).click()
    page.get_by_role("link", name=re.compile("辽0102-2026-000001")).click()
    way.english("judging")
    page.get_by_label("审核意见").select_option(label="认可答复")
    page.get_by_role("button", name="审核答复").click()
    expect(page.get_by_text("答复已认可").first).to_be_visible()
    way.look("accepted")
    page.goto(f"{site.url}/petitions/{petition_id}#supervision")
    way.look("on-the-petition")
