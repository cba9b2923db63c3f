"""Take the README's pictures from a running demo: `.venv/bin/python scripts/make_pictures.py CENTRE BOX NUMBER CODE`.

All four as `make demo` prints them. The pictures go to docs/pictures/.
"""

import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.support.browser import Viewport, chromium, open_page

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
PASSWORD = "minyi-demo"
DESKTOP = Viewport("desktop", 1200, 780)
PHONE = Viewport("phone", 390, 780, phone=True)


def signed_in(page: Page, centre: str, username: str) -> None:
    """Sign a demo account in."""
    page.goto(f"{centre}/login")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/today")


def taken(page: Page, name: str) -> None:
    """Keep what the screen shows."""
    page.wait_for_timeout(400)
    page.screenshot(path=PICTURES / f"{name}.png")


def staff(browser: Browser, centre: str) -> None:
    """Take the pages of the staff."""
    with open_page(browser, DESKTOP) as page:
        signed_in(page, centre, "reg.0102")
        for name, path in (("today", "/today"), ("register", "/register"), ("hall", "/hall")):
            page.goto(centre + path)
            taken(page, name)
        page.goto(f"{centre}/intake/ledgers")
        taken(page, "ledger")
    with open_page(browser, DESKTOP) as page:
        signed_in(page, centre, "hand1.0102")
        page.goto(page.locator("main a[href^='/petitions/']").first.evaluate("a => a.href"))
        taken(page, "petition")


def petitioner(browser: Browser, centre: str, number: str, code: str) -> None:
    """Take the petitioner's page on a phone."""
    with open_page(browser, PHONE) as page:
        page.goto(f"{centre}/track")
        page.fill("input[name=number]", number)
        page.fill("input[name=code]", code)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(re.compile(r"/track/.+"))
        taken(page, "track")


def hall(browser: Browser, box: str) -> None:
    """Take the screens of the hall box."""
    for name, path in (("kiosk", "/"), ("display", "/display")):
        with open_page(browser, DESKTOP) as page:
            page.goto(box + path)
            taken(page, name)


def main(centre: str, box: str, number: str, code: str) -> None:
    """Take all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        staff(browser, centre)
        petitioner(browser, centre, number, code)
        hall(browser, box)


if __name__ == "__main__":
    main(*sys.argv[1:5])
