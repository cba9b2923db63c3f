"""One whole round by the petitioner on a phone without JavaScript: what they think of the answer, a review, its decision, a re-review."""

import pytest
from playwright.sync_api import Browser, Page

from central import db
from central.petitions.states import Act, State
from tests.browser.conftest import Site
from tests.browser.test_petitioner_path import Open, look_up, receipt
from tests.factories import petitions
from tests.support.browser import PHONE, sound

pytestmark = pytest.mark.browser


@pytest.fixture
def plain(chromium: Browser) -> Page:
    context = chromium.new_context(locale="zh-CN", viewport=PHONE.size, java_script_enabled=False)
    return context.new_page()


def court_does(site: Site, number: str, *acts: Act, **values: str) -> None:
    """The court that has the petition takes some acts."""
    with db.unit_of_work(site.context.engine) as s:
        found = petitions.by_number(s, number)
        for act in acts:
            here = petitions.deciding(s, found)
            by = here.registrar if act is Act.RECORD_DELIVERY else None
            petitions.do(s, here, found, act, by=by, **values)


def test_a_petitioner_says_no_and_asks_for_a_review_and_a_re_review(site: Site, plain: Page) -> None:
    number, code = receipt(site, State.REPLIED)
    court_does(site, number, Act.RECORD_DELIVERY)
    look_up(plain, site, number, code)
    plain.get_by_role("link", name="评价答复").click()
    plain.get_by_role("button", name="提交").click()
    assert "请在三项中选一项" in plain.locator("main").inner_text()
    plain.locator("input[value=unsatisfied]").check()
    plain.get_by_label("您想补充的话", exact=False).fill("没有说明理由")
    plain.get_by_role("button", name="提交").click()
    assert "您说不满意" in plain.locator("#satisfaction").inner_text()

    for stage in ("复查", "复核"):
        plain.get_by_role("link", name=f"申请{stage}", exact=True).click()
        asked = plain.get_by_label("请求和理由", exact=False)
        if stage == "复查":
            assert asked.input_value().strip() == "没有说明理由"
        asked.fill("")
        plain.get_by_role("button", name="提交申请").click()
        assert plain.get_by_role("alert").is_visible()
        plain.get_by_label("请求和理由", exact=False).fill(f"请求{stage}，撤销答复")
        plain.get_by_role("button", name="提交申请").click()
        assert f"申请{stage}" in plain.locator("#review").inner_text()
        court_does(
            site, number, Act.ASSIGN_REVIEW, Act.SUBMIT_OPINION, Act.APPROVE_OPINION, Act.DELIVER_OPINION
        )
        plain.reload()
        assert f"信访事项{stage}意见书" in plain.locator("#review").inner_text()
    assert plain.get_by_role("link", name="申请复核", exact=True).count() == 0
    assert "第三十六条第三款" in plain.locator("#review").inner_text()


def test_the_forms_are_sound(site: Site, open_page: Open) -> None:
    page = open_page(PHONE)
    number, code = receipt(site, State.REPLIED)
    court_does(site, number, Act.RECORD_DELIVERY)
    look_up(page, site, number, code)
    for path in ("satisfaction", "review"):
        page.goto(f"{site.url}/track/petition/{path}")
        sound(page, f"portal-{path}")
