"""Petitions of one court, and its people signed in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import event
from starlette.testclient import TestClient

from central import db
from central.context import Context
from central.petitions.models import Petition
from central.petitions.states import Act, State
from tests.factories import petitions
from tests.factories.accounts import House


@dataclass
class Desk:
    """A client somebody is signed in on."""

    client: TestClient
    csrf: str

    def get(self, path: str) -> str:
        """Return the text of a page, with runs of blanks made one. Who is asked for a reason gives one."""
        answer = self.client.get(path)
        if answer.status_code == 303 and "/reason?" in answer.headers["location"]:
            self.post(answer.headers["location"].partition("?")[0], why="asked")
            answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return " ".join(answer.text.split())

    def post(self, path: str, **fields: Any) -> Response:
        """Send a form of our own page."""
        return self.client.post(path, data={"csrf": self.csrf, **fields})


@pytest.fixture
def desk(client: TestClient, sign_in: Callable[[TestClient, str], str]) -> Callable[[str], Desk]:
    """`desk("registrar")` signs the person of the house with that role in."""

    def at(role: str, court: str = "ln0102") -> Desk:
        client.cookies.clear()
        return Desk(client, sign_in(client, f"{role}.{court}"))

    return at


@pytest.fixture
def bring(context: Context, house: House) -> Callable[..., Petition]:
    """`bring(State.HANDLING, Act.ACKNOWLEDGE)` keeps a petition at a state, with further acts taken."""

    def brought(state: State = State.REGISTERED, *more: Act, **values: Any) -> Petition:
        with db.unit_of_work(context.engine) as s:
            petition = petitions.at(s, house, state)
            for act in more:
                petitions.do(s, house, petition, act, **values)
        return petition

    return brought


@pytest.fixture
def statements(context: Context) -> Iterator[list[str]]:
    """The SQL statements sent since the list was last cleared."""
    sent: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        if statement.lstrip().startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            sent.append(statement)

    event.listen(context.engine, "before_cursor_execute", note)
    yield sent
    event.remove(context.engine, "before_cursor_execute", note)
