"""A petition at any state, opened on the petitioner's page as its petitioner would."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from starlette.testclient import TestClient

from central import db
from central.context import Context
from central.petitions.models import Petition
from central.petitions.states import Act, State
from tests.factories import petitions
from tests.factories.accounts import House


class Receipt(NamedTuple):
    """What the petitioner holds."""

    petition: Petition
    code: str


@pytest.fixture
def receipt(context: Context, house: House) -> Callable[..., Receipt]:
    """`receipt(State.REPLIED)` brings a petition to a state and gives its number and code."""

    def made(state: State = State.REGISTERED, *acts: Act, to: House | None = None, **values: Any) -> Receipt:
        with db.unit_of_work(context.engine) as s:
            petition = petitions.at(s, house, state, to=to)
            code = petitions.do(s, to or house, petition, Act.REISSUE_CODE)
            for act in acts:
                petitions.do(s, house, petition, act, **values)
        return Receipt(petition, code)

    return made


@pytest.fixture
def look_up(client: TestClient) -> Callable[[Receipt], str]:
    """`look_up(receipt)` opens the page with number and code and gives its text, with runs of blanks made one."""

    def looked(held: Receipt) -> str:
        answer = client.post("/track", data={"number": held.petition.number, "code": held.code})
        assert answer.status_code == 303, answer.text
        page = client.get(answer.headers["location"])
        assert page.status_code == 200, page.text
        return " ".join(page.text.split())

    return looked
