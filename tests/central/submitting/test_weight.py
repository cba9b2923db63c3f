"""What a page weighs on first view: page, style, scripts, icons, compressed together, at most 60 kB."""

import re
import zlib

import pytest
from starlette.testclient import TestClient

from tests.central.submitting.conftest import Writer
from tests.factories.accounts import House

MOST = 60 * 1024
_PARTS = re.compile(r'(?:href|src)="(/static/[^"?#]+)')


def weight(client: TestClient, page: str) -> int:
    """Return the compressed bytes of a page and all that it names, each once."""
    names = {"/static/favicon.svg", *_PARTS.findall(page)}
    parts = [client.get(name).content for name in names] + [page.encode()]
    return sum(len(zlib.compress(part, 6)) for part in parts)


@pytest.mark.parametrize("path", ["/", "/help", "/track", "/submit", "/screen"])
def test_a_page_for_petitioners_is_light(path: str, client: TestClient, house: House) -> None:
    del house
    assert weight(client, client.get(path).text) < MOST


def test_the_page_with_all_answers_is_light(client: TestClient, house: House) -> None:
    del house
    page = Writer(client)
    page.answer()
    assert weight(client, page.page) < MOST
