"""An extended petition in a real browser: handler, leader, rules, sheet, and what the petitioner reads; desktop and phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from central import db
from central.petitions.states import Act
from tests.browser.conftest import Site
from tests.factories import petitions
from tests.factories.accounts import PASSWORD, house
from tests.support.browser import PHONE, screenshot, sideways_scroll, sound

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture
def held(site: Site) -> tuple[str, str, str]:
    """A petition under art. 31(6) that is being handled: id, number, code."""
    with db.unit_of_work(site.context.engine) as s:
        here = house(s)
        petition = petitions.registered(s, here, kind="class6")
        for act in (Act.ACCEPT, Act.ASSIGN, Act.TAKE_UP):
            petitions.do(s, here, petition, act)
        code = petitions.do(s, here, petition, Act.REISSUE_CODE)
        return str(petition.id), petition.number, code


def sign_in(page: Page, site: Site, who: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{site.url}/login")
    page.get_by_label("用户名").fill(who)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(f"{site.url}/today")


def look(page: Page, name: str, *, english: bool = False) -> None:
    sound(page, f"deadlines-{name}")
    if english:
        page.goto(page.url.split("#")[0] + "?lang=en")
        screenshot(page, f"deadlines-{name}-en")
        assert sideways_scroll(page) == 0, name
        page.goto(page.url.replace("?lang=en", "?lang=zh-CN"))


def test_an_extension_is_asked_for_granted_and_read(
    site: Site, open_page: Open, held: tuple[str, str, str]
) -> None:
    key, number, code = held
    page = open_page(PHONE)
    sign_in(page, site, "handler.ln0102")
    page.goto(f"{site.url}/petitions/{key}#act-ask_extension")
    page.locator("#f-ask_extension-days").fill("20")
    page.locator("#f-ask_extension-remark").fill("需要向档案馆调取原始案卷。")
    look(page, "ask")
    page.locator("#act-ask_extension button[type=submit]").click()
    sign_in(page, site, "leader.ln0102")
    expect(page.get_by_text("审批延期").first).to_be_visible()
    page.goto(f"{site.url}/petitions/{key}")
    page.locator("#f-decide_extension-decision").select_option("grant")
    page.locator("#f-decide_extension-remark").fill("案情复杂，案卷尚在调取，同意延期二十日。")
    look(page, "decide", english=True)
    page.locator("#f-decide_extension-decision").select_option("grant")
    page.locator("#f-decide_extension-remark").fill("案情复杂，案卷尚在调取，同意延期二十日。")
    page.locator("#act-decide_extension button[type=submit]").click()
    expect(page.get_by_text("已延期 20 日").first).to_be_visible()
    look(page, "petition")
    page.locator("#clocks a").filter(has_text="处理意见").first.click()
    expect(page.get_by_text("案情复杂").first).to_be_visible()
    look(page, "sheet", english=True)
    page.goto(f"{site.url}/deadlines/rules")
    look(page, "rules", english=True)
    page.context.clear_cookies()
    page.goto(f"{site.url}/track")
    page.get_by_label("信访编号").fill(number)
    page.get_by_label("查询码", exact=False).first.fill(" ".join(code[i : i + 4] for i in range(0, 16, 4)))
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("已延期 20 日").first).to_be_visible()
    look(page, "track")
    page.locator('a[href*="/track/petition/clocks/"]').first.click()
    look(page, "track-sheet", english=True)
