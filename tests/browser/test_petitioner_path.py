"""The petitioner's way in a real browser: home, look-up, the petition, the sheet, leaving; phone and desktop."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from central import db
from central.petitions.states import Act, State
from tests.browser.conftest import Site
from tests.factories import petitions
from tests.factories.accounts import house
from tests.support.browser import PHONE, sound

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def receipt(site: Site, state: State) -> tuple[str, str]:
    """Return number and code of a petition at a state."""
    with db.unit_of_work(site.context.engine) as s:
        here = house(s)
        petition = petitions.at(s, here, state)
        return petition.number, petitions.do(s, here, petition, Act.REISSUE_CODE)


def look_up(page: Page, site: Site, number: str, code: str) -> None:
    page.goto(f"{site.url}/track")
    page.get_by_label("信访编号").fill(number)
    page.get_by_label("查询码", exact=False).first.fill(" ".join(code[i : i + 4] for i in range(0, 16, 4)))
    page.get_by_role("button", name="查询").click()


@pytest.mark.parametrize("path", ["/", "/track", "/help"])
def test_pages_without_a_petition_are_sound(path: str, site: Site, open_page: Open) -> None:
    page = open_page(PHONE)
    page.goto(site.url + path)
    sound(page, f"portal-{path.strip('/') or 'home'}")


@pytest.mark.parametrize("state", [State.REGISTERED, State.AWAITING_SUPPLEMENT, State.REPLIED])
def test_the_petition_is_found_and_its_page_is_sound(state: State, site: Site, open_page: Open) -> None:
    page = open_page(PHONE)
    look_up(page, site, *receipt(site, state))
    assert page.get_by_role("heading", level=1).inner_text() == "物业服务纠纷执行"
    sound(page, f"portal-petition-{state}")


def test_the_sheet_shows_how_the_day_was_found(site: Site, open_page: Open) -> None:
    page = open_page(PHONE)
    look_up(page, site, *receipt(site, State.REGISTERED))
    page.get_by_role("link", name="这个日期是怎么算出来的").first.click()
    page.locator("#days summary").click()
    assert page.locator("#days tbody tr").count() == 8
    sound(page, "portal-sheet")


def test_a_wrong_code_is_said_and_the_number_stays(site: Site, open_page: Open) -> None:
    page = open_page(PHONE)
    number, _ = receipt(site, State.REGISTERED)
    look_up(page, site, number, "0" * 16)
    assert page.get_by_role("alert").inner_text().count("编号和查询码对不上") == 1
    assert page.get_by_label("信访编号").input_value() == number
    sound(page, "portal-wrong-code")


def test_large_text_is_larger_stays_and_still_fits(site: Site, open_page: Open) -> None:
    page = open_page(PHONE)
    look_up(page, site, *receipt(site, State.REPLIED))
    size = "parseFloat(getComputedStyle(document.querySelector('main p')).fontSize)"
    page.wait_for_load_state()
    before = page.evaluate(size)
    page.get_by_role("link", name="大字").click()
    page.wait_for_load_state()
    assert page.evaluate(size) > before
    page.goto(f"{site.url}/track/petition")
    assert page.evaluate(size) > before
    sound(page, "portal-petition-large-phone")


def test_the_language_changes_and_the_petition_stays_open(site: Site, open_page: Open) -> None:
    page = open_page(PHONE)
    look_up(page, site, *receipt(site, State.REPLIED))
    page.get_by_role("link", name="English").click()
    assert page.get_by_role("heading", name="The court's reply").is_visible()
    sound(page, "portal-petition-english-phone")


def test_after_leaving_the_back_button_shows_nothing(site: Site, open_page: Open) -> None:
    page = open_page(PHONE)
    look_up(page, site, *receipt(site, State.REPLIED))
    page.get_by_role("button", name="退出查询").click()
    page.wait_for_url("**/track")
    page.go_back()
    page.wait_for_load_state()
    assert "物业服务纠纷执行" not in page.content()
    page.goto(f"{site.url}/track/petition")
    assert page.url == f"{site.url}/track"


def test_it_works_without_javascript(site: Site, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    look_up(page, site, *receipt(site, State.REPLIED))
    page.get_by_text("您写的全文").click()
    assert page.get_by_text("至今没有执行").is_visible()
    page.get_by_role("button", name="退出查询").click()
    assert page.url == f"{site.url}/track"
    context.close()


def test_the_keyboard_alone_is_enough(site: Site, open_page: Open) -> None:
    page = open_page()
    number, code = receipt(site, State.REGISTERED)
    page.goto(f"{site.url}/track")
    page.get_by_label("信访编号").focus()
    page.keyboard.type(number)
    page.keyboard.press("Tab")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/track/petition")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
