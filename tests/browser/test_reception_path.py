"""A reception day in a real browser: planned, published, booked, recorded, promised; desktop and phone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from central import db
from central.petitions.states import State
from shared.clock import FixedClock
from tests.browser.conftest import Site
from tests.browser.test_supervision_path import Way
from tests.factories import petitions
from tests.factories.accounts import house
from tests.support.browser import PHONE

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def test_a_day_goes_from_the_roster_to_a_promise(site: Site, open_page: Open, clock: FixedClock) -> None:
    with db.unit_of_work(site.context.engine) as s:
        number = petitions.at(s, house(s), State.HANDLING).number
    way = Way(open_page(PHONE), site)
    page = way.page
    way.sign_in("registrar.ln0102")
    page.goto(f"{site.url}/reception")
    way.english("reception-empty")
    page.get_by_role("link", name="安排接访日").first.click()
    page.get_by_label("接访领导").select_option(label="辽0102的leader")
    page.get_by_label("日期和时间").fill("2026-11-27")
    page.get_by_label("开始时间").fill("09:00")
    page.get_by_label("结束时间").fill("11:00")
    page.get_by_label("地点").fill("诉讼服务中心 201 室")
    way.look("reception-plan")
    page.get_by_role("button", name="保存安排").click()
    page.get_by_role("button", name="公开", exact=True).click()
    page.get_by_label("时段", exact=True).select_option(index=1)
    page.get_by_label("信访件编号").fill(number)
    page.get_by_label("来访人").fill("王小明")
    page.get_by_label("联系电话").fill("13800000000")
    way.look("reception-book")
    page.get_by_role("button", name="预约", exact=True).click()
    expect(page.locator(".slip-code")).to_be_visible()
    way.look("reception-booked")
    page.get_by_role("link", name="返回接访日").click()
    way.english("reception-day")
    page.goto(f"{site.url}/receptions")
    way.english("reception-public")

    clock.at += timedelta(days=4)
    way.sign_in("leader.ln0102")
    way.look("reception-today")
    page.goto(f"{site.url}/reception")
    way.look("reception-roster")
    page.locator("tbody a").first.click()
    page.get_by_role("link", name="接访记录").first.click()
    page.get_by_label("来访人反映的问题和要求").fill("要求尽快执行。")
    page.get_by_label("接访领导的答复").fill("一个月内答复，由承办人电话告知进展。")
    way.look("reception-record")
    page.get_by_role("button", name="保存接访记录").click()
    page.get_by_label("承诺内容").fill("一个月内书面答复")
    page.get_by_label("负责人").select_option(label="辽0102的handler")
    page.get_by_label("兑现期限").select_option(index=3)
    way.look("reception-promise")
    page.get_by_role("button", name="登记承诺").click()
    expect(page.get_by_text("一个月内书面答复")).to_be_visible()
    way.english("reception-promised")
    page.goto(f"{site.url}/reception/promises")
    way.english("reception-promises")
    page.goto(f"{site.url}/reception/leaders")
    way.look("reception-leaders")
