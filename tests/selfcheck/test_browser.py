"""The browser that every page test drives."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Page

from tests.support.browser import DESKTOP, PHONE, Viewport, axe_violations, open_page, sideways_scroll

pytestmark = pytest.mark.browser

GOOD = "<!doctype html><html lang=zh><title>信访</title><meta name=viewport content='width=device-width'><main><h1>信访</h1></main>"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=lambda viewport: viewport.name)
def test_a_page_has_the_width_of_its_screen(open_page: Callable[..., Page], viewport: Viewport) -> None:
    page = open_page(viewport)
    page.set_content(GOOD)
    assert (page.evaluate("innerWidth"), sideways_scroll(page)) == (viewport.width, 0)


def test_axe_finds_nothing_on_a_good_page(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.set_content(GOOD)
    assert axe_violations(page) == []


def test_axe_names_what_is_wrong(open_page: Callable[..., Page]) -> None:
    page = open_page(DESKTOP)
    page.set_content(GOOD + "<nav><img src='data:,'></nav>")
    assert [found.split(":")[0] for found in axe_violations(page)] == ["image-alt"]


def test_a_page_cannot_reach_another_machine(open_page: Callable[..., Page]) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        open_page(PHONE).goto("http://192.0.2.1/")


def test_a_broken_script_fails_the_test(chromium: object) -> None:
    with pytest.raises(AssertionError, match="broken on purpose"), open_page(chromium) as page:
        page.set_content("<script>throw new Error('broken on purpose')</script>")
