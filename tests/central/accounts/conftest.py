"""People at their browsers: signing in, and what they see of their account."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from central.accounts.edge import COOKIE
from central.context import Context
from central.events.models import Event
from tests.factories.accounts import PASSWORD

_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Browser:
    """One browser with its cookies, from one address."""

    client: TestClient

    def sign_in(self, login: str, password: str = PASSWORD, to: str = "/today") -> httpx2.Response:
        return self.client.post("/login", data={"username": login, "password": password, "to": to})

    def get(self, path: str) -> httpx2.Response:
        return self.client.get(path)

    def post(self, path: str, page: str, **fields: Any) -> httpx2.Response:
        """Send a form with the token that `page` carries."""
        found = _TOKEN.search(self.client.get(page).text)
        assert found, page
        return self.client.post(path, data={"csrf": found[1], **fields})

    @property
    def cookie(self) -> str:
        return self.client.cookies[COOKIE]

    def is_signed_in(self) -> bool:
        return self.client.get("/today").status_code == 200


@pytest.fixture
def browser(app: ASGIApp) -> Iterator[Callable[..., Browser]]:
    """`browser()` is a new browser; `browser("10.0.0.2")` one at that address."""
    with ExitStack() as stack:

        def opened(address: str = "10.0.0.1") -> Browser:
            client = TestClient(app, follow_redirects=False, client=(address, 50000))
            return Browser(stack.enter_context(client))

        yield opened


@pytest.fixture
def happened(context: Context) -> Callable[[str], list[Event]]:
    """`happened("staff.signed_in")` gives the events of a kind, oldest first."""

    def of(kind: str) -> list[Event]:
        with context.read() as s:
            return list(s.exec(select(Event).where(Event.kind == kind).order_by(col(Event.id))).all())

    return of
