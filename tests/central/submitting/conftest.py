"""Somebody at the public pages, page by page, as a browser without script sends them."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.factories.accounts import House

ANSWERS: dict[str, dict[str, Any]] = {
    "court": {"court": "辽0102"},
    "matter": {"subject": "判决后没有执行", "text": "判决\t已经一年，\n至今没有执行。"},
    "demands": {"demands": ["尽快执行", "书面说明理由", ""]},
    "files": {},
    "who": {"as_who": "self", "name": "王小明", "phone": "13800000000"},
    "tell": {"tell_by": ["", "sms"], "reply_by": "portal", "language": "zh"},
}


class Writer:
    """Carries the sealed draft from page to page."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.page = ""
        self.status = 0
        self.seen(client.get("/submit"))

    def seen(self, answer: Any) -> Any:
        """Keep what a page carries."""
        self.page, self.status = answer.text, answer.status_code
        return answer

    def field(self, name: str) -> str:
        """Return a hidden field of the page."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        return unescape(found[1]) if found else ""

    @property
    def step(self) -> str:
        """The question of the page."""
        return self.field("at")

    def say(self, go: str = "next", files: Any = None, **typed: Any) -> Any:
        """Send the page with what was typed."""
        path = "/submit/files" if self.step == "files" else "/submit"
        data = {"carry": self.field("carry"), "at": self.step, "go": go, **typed}
        return self.seen(self.client.post(path, data=data, files=files))

    def answer(self, **others: dict[str, Any]) -> None:
        """Answer every question, up to the page that shows all answers."""
        given = ANSWERS | others
        while self.step != "check" and self.status == 200:
            self.say(**given[self.step])


@pytest.fixture
def writer(client: TestClient, house: House) -> Callable[[], Writer]:
    """Begin to write."""
    del house
    return lambda: Writer(client)
