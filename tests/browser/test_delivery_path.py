"""An answer is handed over in a real browser: the worklist, a letter, a signature on the hall's screen; and where the paper lies."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from central import db
from central.petitions.states import State
from tests.browser.conftest import Site
from tests.browser.test_supervision_path import Way
from tests.factories import petitions
from tests.factories.accounts import house
from tests.support.browser import PHONE

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def test_a_visitor_signs_on_the_screen_of_the_hall(site: Site, open_page: Open) -> None:
    with db.unit_of_work(site.context.engine) as s:
        petition = petitions.at(s, house(s), State.DECLINED)
    way = Way(open_page(PHONE), site)
    page, here = way.page, f"{site.url}/petitions/{petition.id}"
    way.sign_in("registrar.ln0102")
    page.goto(f"{site.url}/deliveries")
    way.english("deliveries")
    page.get_by_role("link", name=petition.number).click()
    way.look("delivery")
    page.get_by_text("当面交付，请来人签名").click()
    page.locator("#act-sign").get_by_label("页数").fill("3")
    page.get_by_role("button", name="请来人签名").click()
    code = page.locator(".slip-code").inner_text()
    way.look("delivery-asked")

    page.goto(f"{site.url}/sign")
    page.get_by_label("八位号码").fill("12345678")
    page.get_by_role("button", name="打开").click()
    expect(page.get_by_role("alert")).to_contain_text("号码不对")
    way.look("sign-code")
    page.get_by_label("八位号码").fill(code)
    page.get_by_role("button", name="打开").click()
    expect(page.get_by_text(petition.number)).to_be_visible()
    expect(page.get_by_role("button", name="确认收到")).to_be_disabled()
    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 60, steps=8)
    page.mouse.move(box["x"] + 200, box["y"] + 30, steps=8)
    page.mouse.up()
    way.look("sign-paper")
    page.get_by_role("button", name="确认收到").click()
    expect(page.get_by_text("谢谢，您已经签收。")).to_be_visible()

    page.goto(f"{here}/delivery")
    expect(page.locator("img.signature")).to_be_visible()
    way.look("delivery-signed")


def test_paper_is_noted_handed_over_and_found_by_its_code(site: Site, open_page: Open) -> None:
    with db.unit_of_work(site.context.engine) as s:
        petition = petitions.at(s, house(s), State.CLOSED)
    way = Way(open_page(PHONE), site)
    page = way.page
    way.sign_in("registrar.ln0102")
    page.goto(f"{site.url}/petitions/{petition.id}/paper")
    page.get_by_role("button", name="登记收到的纸质材料").click()
    expect(page.get_by_role("alert")).to_contain_text("请填写这一项")
    page.get_by_label("页数").fill("4")
    page.get_by_label("有原件").check()
    page.get_by_label("位置").fill("A-3-12")
    page.get_by_role("button", name="登记收到的纸质材料").click()
    page.locator("summary", has_text="移交").click()
    move = page.locator("form[action$='/move']")
    move.get_by_label("放在").select_option("person")
    move.get_by_label("交给谁").select_option(label="辽0102的handler")
    move.get_by_label("事由").fill("核对原件")
    way.look("paper")
    move.get_by_role("button", name="移交").click()
    expect(page.get_by_role("table")).to_contain_text("核对原件")
    page.goto(f"{site.url}/custody")
    expect(page.get_by_role("table")).to_contain_text("由人保管")
    way.english("custody")
    page.get_by_label("封面条码").fill("0102-2026-000001-p1")
    page.get_by_label("封面条码").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("纸质材料")
