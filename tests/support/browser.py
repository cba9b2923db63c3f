"""Debian's Chromium through Playwright; nothing is downloaded and nothing outside the machine is asked."""

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright


@dataclass(frozen=True)
class Viewport:
    """A screen in CSS pixels."""

    name: str
    width: int
    height: int
    phone: bool = False

    @property
    def size(self) -> ViewportSize:
        """Width and height as the browser takes them."""
        return {"width": self.width, "height": self.height}


DESKTOP = Viewport("desktop", 1280, 800)
PHONE = Viewport("phone", 390, 844, phone=True)

#: How long a page may take to show what is expected: two busy cores are slow, and waiting longer costs only what fails.
PATIENCE_MS = 90_000

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No name but this machine's is looked up. Stopping each request to ask would also switch off the browser's cache.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser without a window, on a fresh profile that is removed at the end."""
    path = shutil.which("chromium") or "/usr/bin/chromium"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def open_page(
    browser: Browser, viewport: Viewport = DESKTOP, *, language: str = "zh-CN", scripts: bool = True
) -> Iterator[Page]:
    """Open a page in a context of its own (own cookies), with or without scripts; fail at the end when a script of the page broke."""
    context = browser.new_context(
        viewport=viewport.size,
        has_touch=viewport.phone,
        is_mobile=viewport.phone,
        locale=language,
        java_script_enabled=scripts,
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    broken: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: broken.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    if broken:
        raise AssertionError("a script of the page broke: " + "; ".join(broken))


def sound(page: Page, name: str) -> None:
    """At desktop and at phone width the page fits and axe-core finds nothing; pictures `<name>-desktop` and `<name>-phone` are kept.

    It is left at the width it had. Colours are the same at both: contrast, most of axe-core's work, is looked at once.
    """
    page.wait_for_load_state()
    own = page.viewport_size
    for viewport in sorted((DESKTOP, PHONE), key=lambda one: one.size == own):
        page.set_viewport_size(viewport.size)
        screenshot(page, f"{name}-{viewport.name}")
        assert axe_violations(page, contrast=viewport.size == own) == [], f"{name}-{viewport.name}"
        assert sideways_scroll(page) == 0, f"{name}-{viewport.name}"


def axe_violations(page: Page, *, contrast: bool = True) -> list[str]:
    """Return what axe-core finds wrong with the page, one sentence each: rule, help, places (empty when clean)."""
    options = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": contrast}}}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{rule['id']}: {rule['help']} at {'; '.join(str(node['target'][0]) for node in rule['nodes'][:5])}"
        for rule in found
    ]


def sideways_scroll(page: Page) -> int:
    """Return by how many pixels the page is wider than its window (0 when it fits)."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def screenshot(page: Page, name: str) -> Path | None:
    """Keep a picture `<name>.png` of the whole page in the folder MINYI_SHOTS; do nothing when that is not set."""
    folder = os.environ.get("MINYI_SHOTS")
    if not folder:
        return None
    target = Path(folder, re.sub(r"[^\w.-]+", "-", name) + ".png")
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=target, full_page=True)
    return target
