"""Inbox, preferences and who gets what when in a real browser: phone and desktop, Chinese and English, by keyboard."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from central import db
from central.notifications import gathering, overdue, planning
from central.petitions.states import State
from shared.clock import FixedClock
from tests.browser.conftest import Site
from tests.factories import petitions
from tests.factories.accounts import PASSWORD, house
from tests.support.browser import PHONE, sound

pytestmark = pytest.mark.browser


def look(page: Page, name: str) -> None:
    """The page fits its screen and axe finds nothing."""
    sound(page, f"notifications-{name}")


def test_a_leader_reads_and_chooses_how_to_be_told(
    site: Site, open_page: Callable[..., Page], clock: FixedClock
) -> None:
    with db.unit_of_work(site.context.engine) as s:
        court = house(s)
        for _ in range(3):
            petitions.at(s, court, State.HANDLING)
        petitions.registered(s, court)
    clock.at += timedelta(days=98)
    now = clock.now()
    overdue.run(site.context, now)
    planning.remind(site.context, now)
    planning.read(site.context)
    assert gathering.run(site.context, now) == 3
    page = open_page(PHONE)
    page.goto(f"{site.url}/login?to=/inbox")
    page.get_by_label("用户名").fill("leader.ln0102")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="消息", level=1)).to_be_visible()
    look(page, "inbox")
    page.get_by_role("button", name="标为已读").first.press("Enter")
    expect(page.get_by_text("已读", exact=True)).to_be_visible()
    page.goto(f"{site.url}/notifications?everybody=true")
    look(page, "told")
    page.goto(f"{site.url}/notifications?everybody=true&lang=en")
    look(page, "told-en")
    page.goto(f"{site.url}/inbox/preferences?lang=zh-CN")
    page.get_by_label("接收方式").select_option("sms")
    page.get_by_role("button", name="保存").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("手机号码")
    look(page, "preferences")
    page.get_by_label("手机号码").fill("13800000001")
    page.get_by_role("button", name="保存").press("Enter")
    expect(page.get_by_text("已保存")).to_be_visible()
