"""Written together in the hall: the clerk types, the visitor follows on a second screen without scripts, objects, confirms; it is sent."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from central import db
from central.petitions.models import Petition
from tests.browser.conftest import Site
from tests.browser.test_enclosures import signed_in
from tests.factories.accounts import house
from tests.support.browser import DESKTOP, PHONE, sideways_scroll, sound

pytestmark = pytest.mark.browser


def test_the_visitor_follows_objects_and_confirms(site: Site, open_page: Callable[..., Page]) -> None:
    with db.unit_of_work(site.context.engine) as s:
        house(s)
    clerk, visitor = open_page(DESKTOP), open_page(PHONE, scripts=False)
    beside = open_page(PHONE)  # the same screen with scripts: without them axe cannot look

    def look(name: str) -> None:
        beside.context.add_cookies(visitor.context.cookies())  # type: ignore[arg-type]
        beside.goto(visitor.url)
        sound(beside, name)
        assert sideways_scroll(visitor) == 0

    signed_in(clerk, site, "registrar.ln0102")
    clerk.goto(f"{site.url}/assist")
    sound(clerk, "assist-list")
    clerk.locator("main form button[type=submit]").first.click()
    clerk.locator("#f-petitioner_name").fill("王小明")
    clerk.locator("#f-subject").fill("判决后没有执行")
    clerk.locator("#f-text").fill("判决已经一年，至今没有执行。")
    clerk.locator("#f-demands").fill("尽快执行")
    clerk.locator("button[value=code]").click()
    code = re.sub(r"\D", "", clerk.locator(".slip-code").inner_text())
    sound(clerk, "assist-code")
    visitor.goto(f"{site.url}/screen")
    visitor.locator("#f-code").fill("000000")
    visitor.locator("main form button").click()
    expect(visitor.get_by_role("alert")).to_contain_text("连接码不对")
    look("screen-ask")
    visitor.locator("#f-code").fill(code)
    visitor.locator("main form button").click()
    expect(visitor.locator("main")).to_contain_text("判决已经一年")
    look("screen-view")
    asked = visitor.locator("section", has_text="判决已经一年")
    asked.locator("summary").click()
    asked.locator("textarea").fill("是两年，不是一年")
    asked.locator("button[value='wrong:text']").click()
    expect(clerk.locator("main")).to_contain_text("是两年，不是一年")
    clerk.locator("#f-text").fill("判决已经两年，至今没有执行。")
    clerk.locator("button[value=keep]").click()
    visitor.goto(f"{site.url}/screen/view")
    visitor.locator("button[value=confirm]").click()
    expect(visitor.locator("main")).to_contain_text("判决已经两年")
    look("screen-confirmed")
    clerk.reload()
    clerk.locator("button[value=send]").click()
    with site.context.read() as s:
        petition = s.exec(select(Petition)).one()
    expect(clerk.locator("main")).to_contain_text(petition.number)
    sound(clerk, "assist-sent")
    visitor.goto(f"{site.url}/screen/view")
    expect(visitor.locator("main")).not_to_contain_text("判决已经两年")
