"""What petitioners do on their page, in a real browser: on a phone with and without JavaScript, by keyboard and accessibility tree."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from central.petitions.states import State
from tests.browser.conftest import Site
from tests.browser.test_petitioner_path import look_up, receipt
from tests.central.documents import corpus
from tests.support.browser import PHONE, screenshot, sound

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
WORDS = "补充一份收条，证明已经付款。"
FORMS = ("supplement", "objection", "contact", "withdraw", "data", "erasure")


def low_contrast(page: Page) -> list[Any]:
    """Return what axe finds of less contrast than 7:1."""
    found = Axe().run(page, options={"runOnly": ["color-contrast-enhanced"]}).response["violations"]
    return [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]


def test_every_form_is_sound_on_a_phone_and_its_contrast_is_seven_to_one(site: Site, open_page: Open) -> None:
    page = open_page(PHONE)
    look_up(page, site, *receipt(site, State.HANDLING))
    page.wait_for_url("**/track/petition")
    assert low_contrast(page) == []
    for form in FORMS:
        page.goto(f"{site.url}/track/petition/{form}")
        assert page.get_by_role("heading", level=1).count() == 1
        sound(page, f"portal-{form}-phone")
        assert low_contrast(page) == []


def test_without_javascript_a_supplement_an_objection_and_the_withdrawal_go_through(
    site: Site, chromium: Browser
) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN", viewport=PHONE.size)
    page = context.new_page()
    look_up(page, site, *receipt(site, State.AWAITING_SUPPLEMENT))
    page.get_by_role("link", name="现在补充").click()
    page.get_by_label("要补充的内容").fill(WORDS)
    page.get_by_label("照片或扫描件").set_input_files(
        {"name": "收条.png", "mimeType": "image/png", "buffer": corpus.png()}
    )
    page.get_by_role("button", name="提交补充材料").click()
    assert page.get_by_text(WORDS).is_visible()
    page.get_by_role("link", name="提出异议").click()
    page.get_by_label("对什么不同意").select_option("delay")
    page.get_by_role("button", name="下一步：核对").click()
    assert page.get_by_role("alert").is_visible()
    page.get_by_label("您不同意什么，为什么").fill("三个月没有消息。")
    page.get_by_role("button", name="下一步：核对").click()
    page.get_by_role("button", name="提交异议").click()
    assert page.get_by_text("法院要答复您的异议").is_visible()
    page.get_by_role("link", name="撤回信访").click()
    page.get_by_label("我看明白了").check()
    page.get_by_role("button", name="确认撤回").click()
    assert page.get_by_text("这件信访已经撤回。").is_visible()
    context.close()


def test_the_keyboard_and_a_screen_reader_are_enough_to_object(site: Site, open_page: Open) -> None:
    page = open_page(PHONE)
    look_up(page, site, *receipt(site, State.HANDLING))
    page.wait_for_url("**/track/petition")
    link = page.get_by_role("link", name="提出异议")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/objection")
    tree = page.locator("main").aria_snapshot()
    assert all(
        part in tree
        for part in (
            'heading "提出异议" [level=1]',
            'combobox "对什么不同意"',
            'textbox "您不同意什么，为什么"',
            'button "下一步：核对"',
        )
    )
    page.get_by_role("button", name="下一步：核对").press("Enter")
    page.wait_for_load_state()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert 'textbox "您不同意什么，为什么"' in page.locator("main").aria_snapshot()
    page.get_by_label("对什么不同意").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("三个月没有消息。")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    screenshot(page, "portal-check-phone")
    page.get_by_role("button", name="提交异议").press("Enter")
    page.wait_for_url("**done=objection*")
    assert "status" in page.locator("main").aria_snapshot()
    tree = page.locator("body").aria_snapshot()
    assert all(part in tree for part in ("banner", "main", "contentinfo", "navigation"))


def test_a_double_tap_sends_once(site: Site, open_page: Open) -> None:
    page = open_page(PHONE)
    look_up(page, site, *receipt(site, State.HANDLING))
    page.wait_for_url("**/track/petition")
    page.goto(f"{site.url}/track/petition/supplement")
    page.get_by_label("要补充的内容").fill(WORDS)
    page.get_by_role("button", name="提交补充材料").dblclick()
    page.wait_for_url("**done=supplement*")
    page.goto(f"{site.url}/track/petition")
    assert page.get_by_text(WORDS).count() == 1
