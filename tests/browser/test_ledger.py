"""A spreadsheet becomes petitions on the page, at desktop and phone width."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from central import db
from central.intake import work
from tests.browser.conftest import Site
from tests.central.intake.sheets import HEADS, ROW, book
from tests.factories.accounts import PASSWORD, house
from tests.support.browser import PHONE, sound

pytestmark = pytest.mark.browser


@pytest.fixture
def page(site: Site, open_page: Callable[..., Page]) -> Page:
    """The page of ledgers, opened by a registrar."""
    with db.unit_of_work(site.context.engine) as s:
        house(s)
    found = open_page(PHONE)
    found.goto(f"{site.url}/login")
    found.get_by_label("用户名").fill("registrar.ln0102")
    found.get_by_label("密码").fill(PASSWORD)
    found.get_by_role("button", name="登录").click()
    expect(found).to_have_url(f"{site.url}/today")
    found.goto(f"{site.url}/intake/ledgers")
    return found


def upload(page: Page, content: bytes, folder: Path) -> None:
    path = folder / "台账.xlsx"
    path.write_bytes(content)
    page.locator("input[type=file]").set_input_files(path)
    page.locator("main form button[type=submit]").click()


def test_a_ledger_goes_in_and_opens_down_to_its_petitions(page: Page, site: Site, tmp_path: Path) -> None:
    sound(page, "ledgers")
    second = [HEADS, (2, *ROW[1:4], "另一件事。", *ROW[5:])]
    upload(page, book(HEADS, ROW, (*ROW[:3], "去年某日", *ROW[4:]), 二季度=second), tmp_path)
    expect(page.get_by_label("二季度（最多 1 行）")).not_to_be_checked()
    sound(page, "ledger-columns")
    page.locator("button[value=start]").click()
    sound(page, "ledger-waiting")
    work.resume(site.context)
    # The page asks again by itself; a reload would meet that one.
    expect(page.locator("main")).to_contain_text("去年某日")
    sound(page, "ledger-done")
    page.get_by_role("link", name="辽0102-2019-000001").click()
    expect(page.locator("main")).to_contain_text("您好，已收悉。")
    sound(page, "ledger-petition")


def test_what_is_no_spreadsheet_is_said_at_the_field(page: Page, tmp_path: Path) -> None:
    upload(page, b"%PDF-1.7", tmp_path)
    expect(page.locator("main")).to_contain_text("这是 PDF 文件")
    sound(page, "ledger-refused")
