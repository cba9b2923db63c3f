"""Chains of approval in a real browser: set for replies and for decisions on reviews, refused with a sentence, changed, ended."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from central import db
from tests.browser.conftest import Site
from tests.browser.test_enclosures import signed_in
from tests.factories.accounts import house
from tests.support.browser import sound

pytestmark = pytest.mark.browser


def test_a_leader_sets_changes_and_ends_chains(site: Site, open_page: Callable[..., Page]) -> None:
    with db.unit_of_work(site.context.engine) as s:
        house(s)
    page = open_page()
    signed_in(page, site, "leader.ln0102")
    page.goto(f"{site.url}/approvals")
    page.get_by_role("link", name="设定流程").click()
    page.get_by_role("button", name="启用").click()
    expect(page.get_by_role("alert")).to_contain_text("请至少选择一步")
    sound(page, "approvals-refused")
    page.locator("#f-kind").select_option("review")
    page.locator("#f-steps").select_option("role:registrar")
    page.locator("#f-steps-2").select_option("leader")
    page.get_by_role("button", name="启用").click()
    row = page.locator("#in-force tr", has_text="复查意见")
    expect(row.locator("li")).to_have_count(2)
    sound(page, "approvals-list")
    row.get_by_role("link", name="修改").click()
    page.locator("#f-steps-2").select_option("")
    page.get_by_role("button", name="启用").click()
    expect(row.locator("li")).to_have_count(1)
    row.get_by_role("button", name="停用").click()
    expect(page.locator("#in-force tr", has_text="复查意见")).to_have_count(0)
    expect(page.locator("#former tr", has_text="复查意见")).to_have_count(2)
    sound(page, "approvals-former")
