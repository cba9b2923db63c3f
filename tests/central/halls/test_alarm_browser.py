"""The alarm in a real browser: it lights, it is answered, it says when it is cut off and comes back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from central import db
from central.accounts.edge import COOKIE
from central.context import Context
from tests.central.halls.conftest import Hall, Served, live_of
from tests.factories import halls
from tests.support.browser import PHONE, Viewport, sound

pytestmark = pytest.mark.browser

SignIn = Callable[[TestClient, str], str]


@pytest.fixture
def signed_page(
    open_page: Callable[..., Page], client: TestClient, kept: Hall, sign_in: SignIn, served: Served
) -> Callable[..., Page]:
    """Opens the page of the hall as its staff."""
    sign_in(client, f"hall_staff.{kept.court.latin}")

    def opened(*viewport: Viewport) -> Page:
        page = open_page(*viewport)
        page.context.add_cookies([{"name": COOKIE, "value": client.cookies[COOKIE], "url": served.url}])
        with page.expect_response("**/hall/events"):
            page.goto(f"{served.url}/hall")
        return page

    return opened


def press(context: Context, hall: Hall, place: str) -> None:
    with db.unit_of_work(context.engine) as s:
        halls.raise_call(s, hall.journal, place)
    context.wake.notify()


def test_a_press_lights_the_open_page_and_is_answered_there(
    signed_page: Callable[..., Page], context: Context, kept: Hall
) -> None:
    page = signed_page()
    alarm = page.locator("#hall-calls")
    press(context, kept, "3号窗口")
    expect(alarm).to_contain_text("大厅求助：3号窗口")
    assert page.title().startswith("(1) ")
    expect(page.locator("#calls")).to_contain_text("还没有人应答")
    alarm.get_by_role("button", name="我去").click()
    expect(alarm).to_contain_text("正在前往 3号窗口")
    expect(page.locator("#calls")).to_contain_text("已在")
    assert not page.title().startswith("(")


def test_a_press_before_the_stream_begins_is_on_the_page_too(
    signed_page: Callable[..., Page],
    open_page: Callable[..., Page],
    context: Context,
    kept: Hall,
    served: Served,
) -> None:
    page = open_page()
    page.context.add_cookies(signed_page().context.cookies())  # type: ignore[arg-type]

    def first_press(route: Route) -> None:
        press(context, kept, "3号窗口")
        route.continue_()

    page.route("**/hall/events", first_press)
    page.goto(f"{served.url}/hall")
    expect(page.locator("#calls")).to_contain_text("还没有人应答")


def test_all_pages_of_a_browser_share_one_stream_and_one_takes_over_from_another(
    signed_page: Callable[..., Page], context: Context, kept: Hall, app: ASGIApp, served: Served
) -> None:
    first = signed_page()
    second = first.context.new_page()
    second.goto(f"{served.url}/hall")
    press(context, kept, "一号厅")
    for page in (first, second):
        expect(page.locator("#hall-calls")).to_contain_text("一号厅")
    assert live_of(app).listeners == 1
    with second.expect_response("**/hall/events"):
        first.close()
    press(context, kept, "二号厅")
    expect(second.locator("#hall-calls")).to_contain_text("二号厅")


def test_what_is_being_typed_is_not_taken_away(
    signed_page: Callable[..., Page], context: Context, kept: Hall
) -> None:
    press(context, kept, "一号厅")
    page = signed_page()
    page.locator("#calls input[name=note]").fill("已经")
    press(context, kept, "二号厅")
    expect(page.locator("#hall-calls")).to_contain_text("二号厅")
    page.locator("#calls input[name=note]").press_sequentially("送医")
    assert page.locator("#calls input[name=note]").input_value() == "已经送医"


def test_a_page_that_is_cut_off_says_so_and_comes_back(
    signed_page: Callable[..., Page], context: Context, kept: Hall, served: Served
) -> None:
    page = signed_page()
    expect(page.locator("#calls")).to_contain_text("现在没有人求助")
    served.stop()
    expect(page.locator("#hall-calls")).to_contain_text("实时连接已中断")
    press(context, kept, "断线时")
    served.start()
    expect(page.locator("#hall-calls")).to_contain_text("断线时")
    expect(page.locator("#hall-calls")).not_to_contain_text("实时连接已中断")


def test_the_hall_fits_its_screen_and_can_be_read_by_everyone(
    signed_page: Callable[..., Page], context: Context, kept: Hall
) -> None:
    press(context, kept, "3号窗口")
    page = signed_page(PHONE)
    expect(page.locator("#hall-calls")).to_contain_text("3号窗口")
    sound(page, "hall")
