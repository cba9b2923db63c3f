"""The staff's way in a real browser, from the letter to the closed file: desktop and phone, and by keyboard alone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from central import db
from central.petitions.states import Act, State
from tests.browser.conftest import Site
from tests.factories import petitions
from tests.factories.accounts import PASSWORD, house
from tests.support.browser import DESKTOP, PHONE, sound

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture
def court(site: Site) -> None:
    """Registrar, handler and leader of one court."""
    with db.unit_of_work(site.context.engine) as s:
        house(s)


class Way:
    """Goes through the pages as several people, and looks at each page on the way."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self._url = site.url
        self._shots = 0

    def sign_in(self, role: str) -> None:
        self.page.context.clear_cookies()
        self.page.goto(f"{self._url}/login")
        self.page.get_by_label("用户名").fill(f"{role}.ln0102")
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        expect(self.page).to_have_url(f"{self._url}/today")
        self.look(f"today-{role}")

    def look(self, name: str) -> None:
        """The page fits its screen and axe finds nothing; its picture is kept."""
        self._shots += 1
        sound(self.page, f"staff-{self._shots:02}-{name}")

    def open_next(self, act: str) -> None:
        """Go from Today to the petition by the button of its next step."""
        self.page.get_by_role("link", name=re.compile(f"^{act}")).first.click()
        self.page.wait_for_load_state()

    def take(self, act: str, state: str, **fields: str) -> None:
        """Take an act in the panel and see where the petition stands then."""
        panel = self.page.locator("details.act", has=self.page.locator("summary", has_text=act)).first
        if panel.get_attribute("open") is None:
            panel.locator("summary").click()
        for label, value in fields.items():
            field = panel.get_by_label(label)
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(label=value)
            else:
                field.fill(value)
        panel.get_by_role("button", name=act).click()
        expect(self.page.locator('.rail [aria-current="step"]')).to_have_text(state)
        self.look(act)


def test_a_letter_is_registered_answered_and_closed(site: Site, open_page: Open, court: None) -> None:
    way = Way(open_page(PHONE), site)
    page = way.page
    way.sign_in("registrar")
    page.get_by_role("link", name="登记一件").click()
    way.look("register")
    page.get_by_label("信访人姓名").fill("王小明")
    page.get_by_role("textbox", name="联系电话").first.fill("13800000000")
    page.get_by_label("事由").fill("物业服务纠纷执行")
    page.get_by_label("信访全文").fill("我的案子至今没有执行。")
    page.get_by_label("诉求").fill("尽快执行\n书面说明理由")
    page.locator("main").get_by_role("button", name="登记").click()
    expect(page.locator(".slip-code").first).to_have_text("辽0102-2026-000001")
    expect(page.locator(".slip-code").nth(1)).to_have_text(re.compile(r"^\d{4} \d{4} \d{4} \d{4}$"))
    way.look("registered")

    page.get_by_role("link", name="打开这一件").click()
    way.take("受理", "已受理")
    way.take("分派承办人", "已分派", 承办人="辽0102的handler")

    way.sign_in("handler")
    way.open_next("开始办理")
    way.take("开始办理", "办理中")
    page.goto(f"{page.url.split('#')[0]}/draft")
    for answer in page.locator(".draft-answer").all():
        answer.get_by_role("radio", name="支持", exact=True).check()
        answer.get_by_label("事实和理由").fill("经查属实。")
        answer.get_by_label("依据").fill("民法典第九百四十二条")
    way.look("draft")
    page.get_by_role("button", name="保存并提交审批").click()
    expect(page.locator('.rail [aria-current="step"]')).to_have_text("答复待审批")

    way.sign_in("leader")
    way.open_next("批准答复")
    way.take("批准答复", "答复已批准，待发出")
    way.sign_in("handler")
    way.open_next("发出答复")
    way.take("发出答复", "已答复")
    way.take("登记送达", "已答复", 方式="邮寄", 送达凭据="EMS 1082")
    way.sign_in("registrar")
    way.open_next("登记回访")
    way.take("登记回访", "已回访", 方式="电话", 对答复的意见="对答复满意")
    way.take("办结", "已办结")
    page.locator("#clocks a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("期限计算单")
    way.look("sheet")


def test_a_letter_is_registered_by_keyboard_alone(site: Site, open_page: Open, court: None) -> None:
    page = open_page(DESKTOP)
    keys = page.keyboard
    page.goto(f"{site.url}/login")
    expect(page.locator("[autofocus]")).to_be_focused()
    for text, then in (("registrar.ln0102", "Tab"), (PASSWORD, "Enter")):
        keys.insert_text(text)
        keys.press(then)
    expect(page).to_have_url(f"{site.url}/today")
    page.wait_for_load_state()
    keys.press("g")
    keys.press("r")
    expect(page.get_by_label("信访人姓名")).to_be_focused()
    page.wait_for_load_state()
    keys.insert_text("王小明")
    keys.press("Control+Enter")

    # Three things are missing: the list of them has the focus, and its first link leads to the first.
    expect(page.locator(".error-summary")).to_be_focused()
    page.wait_for_load_state()
    assert page.get_by_label("信访人姓名").input_value() == "王小明"
    keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_label("事由")).to_be_focused()
    for text in ("物业服务纠纷执行", "我的案子至今没有执行。", "尽快执行"):
        keys.insert_text(text)
        keys.press("Tab")
    keys.press("Control+Enter")
    expect(page.locator(".slip-code").first).to_have_text("辽0102-2026-000001")
    page.wait_for_load_state()
    keys.press("n")
    expect(page).to_have_url(f"{site.url}/register?channel=letter")
    expect(page.get_by_label("信访人姓名")).to_have_value("")


def test_the_list_and_the_acts_follow_the_keys(site: Site, open_page: Open) -> None:
    with db.unit_of_work(site.context.engine) as s:
        here = house(s)
        for subject in ("第一件", "第二件"):
            petitions.registered(s, here, subject=subject)
    page = open_page(DESKTOP)
    Way(page, site).sign_in("registrar")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="第二件")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("第二件")
    page.wait_for_load_state()
    page.keyboard.press("2")
    expect(page.locator("details.act").nth(1)).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_words_that_were_not_sent_are_still_there_after_a_reload(
    site: Site, open_page: Open, court: None
) -> None:
    page = open_page(DESKTOP)
    Way(page, site).sign_in("registrar")
    page.goto(f"{site.url}/register")
    page.get_by_label("信访全文").fill("写了一半")
    page.reload()
    expect(page.get_by_label("信访全文")).to_have_value("写了一半")
    expect(page.get_by_text("已放回您上次没有提交的内容")).to_be_visible()
    page.get_by_role("button", name="不要了，重新填写").click()
    expect(page.get_by_label("信访全文")).to_have_value("")


def test_a_reply_is_read_in_english(site: Site, open_page: Open) -> None:
    with db.unit_of_work(site.context.engine) as s:
        here = house(s)
        petition = petitions.at(s, here, State.REPLIED)
        petitions.do(s, here, petition, Act.LOG_ATTEMPT)
    way = Way(open_page(PHONE), site)
    way.sign_in("leader")
    way.page.goto(f"{site.url}/petitions/{petition.id}?lang=en")
    expect(way.page.get_by_role("heading", name="Demands and answers")).to_be_visible()
    way.look("english")


@pytest.mark.parametrize("path", ["/styleguide", "/petitions", "/invariants/3", "/petitions/none"])
def test_the_other_pages_are_sound(site: Site, open_page: Open, court: None, path: str) -> None:
    way = Way(open_page(PHONE), site)
    way.sign_in("registrar")
    way.page.goto(site.url + path)
    way.look(path.strip("/").replace("/", "-"))
