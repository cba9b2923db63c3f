"""Programs with tokens."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from central import db
from central.accounts import queries, service
from central.context import Context
from tests.factories.accounts import House
from tests.factories.courts import MORNING, SEED

#: What a program sends to register a letter.
LETTER: dict[str, Any] = {
    "channel": "letter",
    "subject": "工资款未发还",
    "text": "执行款到账后一直没有发还。",
    "demands": ["说明进度", "尽快发还"],
}


@pytest.fixture
def bearer(context: Context, house: House) -> Callable[[str], dict[str, str]]:
    """`bearer("handler")` gives the header of a program that acts as the handler of the house."""

    def made(role: str) -> dict[str, str]:
        with db.unit_of_work(context.engine) as s:
            staff = queries.by_username(s, f"{role}.ln0102")
            assert staff is not None
            token = service.issue_token(s, staff=staff, label="program", by=SEED, now=MORNING)
        return {"Authorization": f"Bearer {token}"}

    return made


@pytest.fixture
def api(client: TestClient, bearer: Callable[[str], dict[str, str]]) -> TestClient:
    """A client that acts as the registrar."""
    client.headers.update(bearer("registrar"))
    return client
