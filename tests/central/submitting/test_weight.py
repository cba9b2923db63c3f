"""What comes over the line on first view: page, style, scripts and icons as they are sent, at most 60 kB."""

import re

import pytest
from starlette.testclient import TestClient

from tests.central.submitting.conftest import Writer
from tests.factories.accounts import House

MOST = 60 * 1024
_PARTS = re.compile(r'(?:href|src)="(/static/[^"?#]+)')


def weight(client: TestClient, page: str) -> int:
    """Return the bytes sent for a page and all that it names, each once."""
    names = {"/static/favicon.svg", *_PARTS.findall(page)}
    return len(page.encode()) + sum(_sent(client, name) for name in names)


def _sent(client: TestClient, name: str) -> int:
    with client.stream("GET", name, headers={"accept-encoding": "gzip"}) as answer:
        return sum(len(piece) for piece in answer.iter_raw())


@pytest.mark.parametrize("path", ["/", "/help", "/track", "/submit", "/screen"])
def test_a_page_for_petitioners_is_light(path: str, client: TestClient, house: House) -> None:
    del house
    assert weight(client, client.get(path).text) < MOST


def test_the_page_with_all_answers_is_light(client: TestClient, house: House) -> None:
    del house
    page = Writer(client)
    page.answer()
    assert weight(client, page.page) < MOST
