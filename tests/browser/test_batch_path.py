"""A batch in a real browser, from the numbers to the close, and the page of the late warning: desktop and phone."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from central import db
from central.actor import Role
from central.neglect import features
from central.neglect.models import NeglectModel
from central.petitions.states import State
from shared.clock import court_day
from tests.browser.conftest import Site
from tests.factories import petitions
from tests.factories.accounts import PASSWORD, actor, house
from tests.factories.courts import MORNING, tree
from tests.support.browser import PHONE, sound

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture
def numbers(site: Site) -> list[str]:
    """Two petitions in hand at 辽0102 and one at 辽0103, under a supervisor of 辽01."""
    with db.unit_of_work(site.context.engine) as s:
        courts = tree(s)
        here, there = house(s, courts["辽0102"]), house(s, courts["辽0103"])
        actor(s, courts["辽01"], Role.SUPERVISOR)
        return [petitions.at(s, each, State.HANDLING).number for each in (here, here, there)]


class Way:
    """Goes through the pages as several people and looks at each on the way."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page, self.url = page, site.url

    def sign_in(self, who: str, to: str) -> None:
        self.page.context.clear_cookies()
        self.page.goto(f"{self.url}/login?to={to}")
        self.page.get_by_label("用户名").fill(who)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        expect(self.page).to_have_url(self.url + to)

    def look(self, name: str) -> None:
        sound(self.page, f"batch-{name}")


def test_a_batch_goes_from_the_numbers_to_its_close(site: Site, open_page: Open, numbers: list[str]) -> None:
    way = Way(open_page(PHONE), site)
    page = way.page
    way.sign_in("supervisor.ln01", "/batches")
    way.look("none-yet")
    page.get_by_role("link", name="交办一批").click()
    page.get_by_label("信访件编号").fill(f"{numbers[0]}\n辽0102-2026-999999")
    page.get_by_label("交办要求").fill("请在期限内查明并报告。")
    page.get_by_label("回报期限").select_option(index=1)
    page.get_by_role("button", name="交办", exact=True).click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator(".error-summary")).to_contain_text("999999")
    way.look("refused")
    page.get_by_label("信访件编号").fill("，".join((numbers[0], numbers[2])))
    page.get_by_role("button", name="交办", exact=True).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("交办批次")
    batch = page.url.removeprefix(site.url)
    page.get_by_role("button", name="办结本批").click()
    expect(page.get_by_role("alert")).to_contain_text("还有 2 件没有认可")
    way.look("given")

    for number, words in ((numbers[0], "已约谈双方。"), (numbers[2], "已经办结。")):
        way.sign_in("leader.ln" + number[1:5], batch)
        page.get_by_role("link", name=number).click()
        page.get_by_role("button", name="提交报告").click()
        expect(page.locator(".error-summary")).to_be_focused()
        page.get_by_label("办理情况报告").fill(words)
        page.get_by_role("button", name="提交报告").press("Enter")
        expect(page.get_by_text(words)).to_be_visible()
    way.look("reported")

    way.sign_in("supervisor.ln01", batch)
    for number, verdict in ((numbers[0], "退回补充办理"), (numbers[2], "认可")):
        page.goto(site.url + batch)
        page.get_by_role("link", name=number).click()
        page.wait_for_url(re.compile("/reason|/items/"))
        if "/reason" in page.url:  # of another court's petition, once; it leads to the petition
            page.get_by_role("radio").first.check()
            page.locator("main form button").first.click()
            page.wait_for_url(re.compile("/petitions/[^/]*$"))
            page.goto(site.url + batch)
            page.get_by_role("link", name=number).click()
        page.get_by_label("审核意见").select_option(label=verdict)
        page.get_by_role("button", name="审核报告").click()
        if verdict != "认可":
            expect(page.locator(".error-summary")).to_contain_text("退回时请写明理由")
            way.look("judging")
            page.get_by_label("理由").fill("请写明处理结果。")
            page.get_by_role("button", name="审核报告").click()
            expect(page.get_by_text("请写明处理结果。")).to_be_visible()
    page.goto(f"{site.url}{batch}?lang=en")
    page.get_by_role("link", name=re.compile("Sent back 1")).first.click()
    expect(page.get_by_role("link", name=numbers[2])).to_have_count(0)
    way.look("narrowed-en")


def test_the_late_warning_says_how_well_it_does(site: Site, open_page: Open, numbers: list[str]) -> None:
    del numbers
    today = court_day(MORNING)
    way = Way(open_page(PHONE), site)
    way.sign_in("supervisor.ln01", "/neglect")
    expect(way.page.get_by_text("还不够多")).to_be_visible()
    way.look("neglect-none")

    def quality(auc: float, brier: float) -> dict[str, object]:
        said = [{"count": 80 + 10 * n, "said": n / 10 + 0.05, "missed": n / 10 + 0.03} for n in range(10)]
        return {"auc": auc, "brier": brier, "bins": said}

    def split(back: int) -> dict[str, object]:
        first = today - timedelta(days=91 * back)
        tested = {"learnt": 35076, "tested": 1250, "missed": 288}
        days = {"first": first.isoformat(), "last": (first + timedelta(days=91)).isoformat()}
        return days | tested | {"model": quality(0.75, 0.147), "base": quality(0.675, 0.156)}

    with db.unit_of_work(site.context.engine) as s:
        content = {"names": list(features.NAMES), "splits": [split(back) for back in (4, 3, 2, 1)]}
        s.add(
            NeglectModel(
                made_at=MORNING, until=today, examples=59355, petitions=14000, in_force=True, content=content
            )
        )
    way.page.reload()
    expect(way.page.get_by_role("cell", name="0.750").first).to_be_visible()
    way.look("neglect")
    way.page.goto(f"{site.url}/neglect?lang=en")
    way.look("neglect-en")
