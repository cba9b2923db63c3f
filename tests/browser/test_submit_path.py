"""Handing in in a real browser: on a phone without script, by keyboard with it, over a line that breaks, and in the hall."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from central import db
from central.petitions.models import Petition
from central.submitting.models import Upload
from tests.browser.conftest import Site
from tests.central.documents.corpus import jpeg
from tests.factories.accounts import house
from tests.support.browser import PHONE, sound

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def go_on(page: Page) -> None:
    page.locator("p.buttons").get_by_role("button", name="下一步").click()


def to_files(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/submit")
    page.locator("[name=court]").first.check()
    go_on(page)
    page.get_by_label("用一句话说").fill("判决后没有执行")
    page.get_by_label("详细经过").fill("判决已经一年，至今没有执行。")
    go_on(page)
    page.get_by_label("第 1 条").fill("尽快执行")
    go_on(page)


def to_check(page: Page) -> None:
    go_on(page)
    page.get_by_label("为我自己").check()
    page.locator("#f-name").fill("王小明")
    page.locator("#f-phone").fill("13800000000")
    go_on(page)
    go_on(page)


def test_on_a_phone_without_script(site: Site, chromium: Browser) -> None:
    with db.unit_of_work(site.context.engine) as s:
        house(s)
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN", viewport=PHONE.size)
    page = context.new_page()
    to_files(page, site)
    page.get_by_label("选择文件").set_input_files(
        [{"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}]
    )
    to_check(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("核对以后提交")
    page.wait_for_load_state()
    page.go_back()
    assert page.get_by_role("heading", level=1).inner_text() == "怎样通知您？"
    page.go_forward()
    assert page.get_by_text("照片.jpg").is_visible()
    page.get_by_role("button", name="提交", exact=True).click()
    assert page.get_by_role("heading", level=1).inner_text() == "已经提交"
    context.close()


def test_a_file_goes_on_after_the_line_broke_and_the_draft_after_the_page_was_closed(
    site: Site, open_page: Open, tmp_path: Path
) -> None:
    with db.unit_of_work(site.context.engine) as s:
        house(s)
    photo = tmp_path / "照片.jpg"
    photo.write_bytes(jpeg())
    page = open_page(PHONE)
    to_files(page, site)
    sound(page, "submit-files-phone")
    page.context.set_offline(True)
    page.get_by_label("选择文件").set_input_files(photo)
    expect(page.locator("#sending")).to_contain_text("线路不通")
    page.context.set_offline(False)
    expect(page.locator("#sending")).to_contain_text("已上传")
    with page.expect_navigation():
        page.get_by_role("button", name="删除 照片.jpg").click()
    assert page.locator("#there, #sending li").count() == 0
    page.get_by_label("选择文件").set_input_files(photo)
    expect(page.locator("#sending")).to_contain_text("已上传")
    page.goto(f"{site.url}/submit")
    sound(page, "submit-offer-phone")
    page.get_by_role("button", name="继续填写").click()
    expect(page.locator("#there")).to_contain_text("照片.jpg")
    to_check(page)
    sound(page, "submit-check-phone")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已经提交")
    sound(page, "submit-receipt-phone")
    assert page.evaluate("localStorage.getItem('minyi:draft')") is None
    with site.context.read() as s:
        assert len(s.exec(select(Petition)).all()) == 1
        assert s.exec(select(Upload)).all() == []


def test_the_keyboard_alone_is_enough_and_the_summary_takes_the_focus(site: Site, open_page: Open) -> None:
    with db.unit_of_work(site.context.engine) as s:
        house(s)
    page = open_page()
    page.goto(f"{site.url}/submit")
    page.locator("#f-find").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    sound(page, "submit-court-missing-desktop")
    page.locator("[name=court]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("发生了什么事？")
    page.wait_for_load_state()  # what is typed is kept by the page's script
    page.get_by_label("用一句话说").focus()
    page.keyboard.type("判决后没有执行")
    page.keyboard.press("Tab")
    page.keyboard.type("至今没有执行。")
    page.reload()
    expect(page.get_by_label("用一句话说")).to_have_value("判决后没有执行")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What happened?")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("#f-text")).to_have_value("至今没有执行。")
    page.wait_for_load_state()  # the key is the script's, which comes after the words
    page.locator("#f-text").focus()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("您要求法院做什么？")
