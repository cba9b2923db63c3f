"""Enclosures in a real browser: chosen without scripts, read by the approver, downloaded by the petitioner on a phone without scripts."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from central import db
from central.petitions.models import Petition
from central.petitions.numbering import shown_code
from central.petitions.states import Act, State
from tests.browser.conftest import Site
from tests.browser.test_documents import written
from tests.central.documents import corpus
from tests.factories import petitions
from tests.factories.accounts import PASSWORD, House, house
from tests.support.browser import PHONE, sound

pytestmark = pytest.mark.browser


def signed_in(page: Page, site: Site, login: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{site.url}/login")
    page.get_by_label("用户名").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(f"{site.url}/today")


def take(site: Site, here: House, petition: Petition, *acts: Act) -> None:
    with db.unit_of_work(site.context.engine) as s:
        for act in acts:
            petitions.do(s, here, petition, act)


def test_from_the_handlers_choice_to_the_petitioners_phone(
    site: Site, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    with db.unit_of_work(site.context.engine) as s:
        here = house(s)
        petition = petitions.at(s, here, State.HANDLING)
        code = shown_code(str(petitions.do(s, here, petition, Act.REISSUE_CODE)))
    page = open_page(PHONE)
    signed_in(page, site, "handler.ln0102")
    page.goto(f"{site.url}/petitions/{petition.id}/draft")
    page.get_by_role("button", name="保存草稿并选择附件").click()
    page.locator("input[type=file]").set_input_files(
        written(tmp_path, **{"合同.pdf": corpus.pdf(), "现场.png": corpus.png()})
    )
    page.get_by_role("button", name="保存附件").click()
    expect(page.get_by_role("status").first).to_contain_text("附件已保存")
    second = page.locator("#choose fieldset").nth(1)
    second.get_by_label("印出的名称").fill("现场照片及情况说明（含辽0102执行1号案件执行款发还材料目录）")
    page.locator("#choose fieldset").nth(0).get_by_label("附件序号").fill("3")
    page.get_by_role("button", name="保存附件").click()
    expect(page.locator("#enclosures li").first).to_contain_text("现场照片")
    sound(page, "enclosures-chosen")
    page.get_by_role("link", name="回到答复").first.click()
    expect(page.locator("#letter-paper")).to_contain_text("附件：1. 现场照片")
    sound(page, "enclosures-draft")
    take(site, here, petition, Act.SAVE_DRAFT, Act.SUBMIT)
    signed_in(page, site, "leader.ln0102")
    page.goto(f"{site.url}/petitions/{petition.id}/draft")
    with page.expect_download() as seen:
        page.locator("#letter").get_by_role("link", name="合同").click()
    assert Path(seen.value.path()).read_bytes().startswith(b"%PDF")
    sound(page, "enclosures-approver")
    take(site, here, petition, Act.APPROVE, Act.ISSUE)
    plain = open_page(PHONE, scripts=False)
    plain.goto(f"{site.url}/track")
    plain.locator("#f-number").fill(petition.number)
    plain.locator("#f-code").fill(code)
    plain.locator("main form button[type=submit]").click()
    with plain.expect_download() as saved:
        plain.locator("#reply-1").get_by_role("link", name="合同").click()
    assert Path(saved.value.path()).read_bytes().startswith(b"%PDF")
