"""Writing a reply in a real browser: nothing typed is lost by a closed tab or a lost line, nobody is overwritten, keys do everything."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from central import db
from central.petitions.models import Petition
from central.petitions.states import Act, State
from tests.browser.conftest import Site
from tests.browser.test_staff_path import Way
from tests.factories import petitions
from tests.factories.accounts import House, house
from tests.support.browser import DESKTOP, PHONE

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
OPENING, FACTS = "答复书开头", "事实和理由"


@pytest.fixture
def court(site: Site) -> House:
    """Registrar, handler and leader of one court."""
    with db.unit_of_work(site.context.engine) as s:
        return house(s)


@pytest.fixture
def petition(site: Site, court: House) -> Petition:
    """A petition whose reply is being written."""
    with db.unit_of_work(site.context.engine) as s:
        return petitions.at(s, court, State.HANDLING)


def kept(page: Page) -> None:
    expect(page.locator("[data-state]")).to_contain_text("已自动保存")


def overfill(page: Page) -> None:
    """Fill a field to its limit: it says so, as the browser cuts in silence."""
    opening = page.get_by_label(OPENING).first
    limit = int(opening.get_attribute("maxlength") or 0)
    opening.fill("长" * limit)
    expect(page.get_by_text(f"已满 {limit} 字")).to_be_visible()


def test_typed_words_outlive_a_closed_tab_and_a_lost_line(
    site: Site, open_page: Open, petition: Petition, court: House
) -> None:
    way = Way(open_page(DESKTOP), site)
    way.sign_in("handler")
    url, page = f"{site.url}/petitions/{petition.id}/draft", way.page
    page.goto(url)
    overfill(page)
    page.get_by_label(OPENING).first.fill("写到一半的话")
    expect(page.get_by_text("已满")).not_to_be_visible()
    kept(page)
    again = page.context.new_page()
    page.close()
    again.goto(url)
    expect(again.get_by_label(OPENING).first).to_have_value("写到一半的话")
    expect(again.get_by_text("还没有保存为版本")).to_be_visible()

    again.context.set_offline(True)
    again.get_by_label(OPENING).first.fill("断线以后写的话")
    expect(again.locator("[data-state]")).to_contain_text("连接中断")
    again.get_by_role("button", name="保存草稿", exact=True).click()
    expect(again.get_by_label(OPENING).first).to_have_value("断线以后写的话")
    again.context.set_offline(False)
    kept(again)
    again.reload()
    expect(again.get_by_label(OPENING).first).to_have_value("断线以后写的话")

    # The tab is closed while the line is away: the browser itself offers the words back.
    again.context.set_offline(True)
    again.get_by_label(OPENING).first.fill("没有送到的话")
    expect(again.locator("[data-state]")).to_contain_text("连接中断")
    # The emulated line comes back for a page that is being closed: this one has none.
    again.evaluate("() => { window.fetch = () => Promise.reject(new Error('no line')); }")
    last = again.context.new_page()
    again.close()
    last.context.set_offline(False)
    last.goto(url)
    expect(last.get_by_label(OPENING).first).to_have_value("断线以后写的话")
    last.get_by_role("button", name="放回来").click()
    expect(last.get_by_label(OPENING).first).to_have_value("没有送到的话")
    expect(last.locator('[data-preview="text"]')).to_have_text("没有送到的话")
    kept(last)

    # Somebody else saves meanwhile: said while writing, laid beside at saving, and not overwritten.
    with db.unit_of_work(site.context.engine) as s:
        petitions.do(s, court, petition, Act.SAVE_DRAFT, text="别人保存的话")
    last.get_by_label(OPENING).first.fill("我又改了")
    expect(last.get_by_text("已保存第 1 版")).to_be_visible()
    last.get_by_role("button", name="保存草稿", exact=True).click()
    expect(last.locator("[data-error-summary]")).to_contain_text("没有覆盖任何人的内容")
    way.page = last
    way.look("draft-conflict")
    last.get_by_role("button", name="采用第 1 版的这一处").first.click()
    expect(last.get_by_label(OPENING).first).to_have_value("别人保存的话")

    last.locator("details.user summary").click()
    last.get_by_role("button", name="退出登录").click()
    expect(last).to_have_url(re.compile("/login"))
    assert last.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('minyi:')).length") == 0


def test_a_reply_is_written_and_remarked_on(site: Site, open_page: Open, petition: Petition) -> None:
    way = Way(open_page(PHONE), site)
    page, url = way.page, f"{site.url}/petitions/{petition.id}/draft"
    way.sign_in("handler")
    page.goto(url)
    answer = page.locator(".draft-answer").first
    answer.get_by_role("combobox").select_option("support_done")
    answer.get_by_role("button", name="插入").click()
    facts = answer.get_by_label(FACTS)
    expect(facts).to_have_value(re.compile("您提出“尽快执行”.*【办结日期】"))
    expect(page.locator("[data-check]").first).to_contain_text("【办结日期】")
    page.keyboard.insert_text("十一月三日")
    expect(facts).to_have_value(re.compile("已于十一月三日办理完毕"))
    page.keyboard.press("Alt+1")
    expect(answer.get_by_role("radio", name="支持", exact=True)).to_be_checked()
    facts.fill("已于十一月三日发还。")
    second = page.locator(".draft-answer").nth(1)
    second.get_by_role("radio", name="解释说明").check()
    second.get_by_label(FACTS).fill("经查阅案卷，承办法官已说明理由。")
    second.get_by_label("依据").fill("《信访工作条例》第三十二条")
    way.look("draft-written")
    page.get_by_role("button", name="保存并提交审批").click()
    expect(page.locator('.rail [aria-current="step"]')).to_have_text("答复待审批")

    way.sign_in("leader")
    page.goto(url)
    page.locator("[data-passage^=facts]").first.select_text()
    expect(page.get_by_label("针对的原文")).to_have_value("已于十一月三日发还。")
    page.get_by_label("意见内容").fill("请写明金额。")
    way.look("draft-remarking")
    page.get_by_role("button", name="提出意见").click()
    expect(page.locator(".remark")).to_contain_text("请写明金额。")
