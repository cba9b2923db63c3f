"""Files by the API: the same rules as on the pages, as JSON and bytes."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from central import db
from central.accounts import service
from central.actor import Role
from central.context import Context
from tests.central.api.conftest import LETTER
from tests.central.documents import corpus
from tests.factories.accounts import staff
from tests.factories.courts import MORNING, SEED, tree

Headers = Callable[[str], dict[str, str]]
PETITIONS = "/api/v1/petitions"
REASON = {"Access-Reason": f"other; {quote('核对签名')}"}


@pytest.fixture
def path(api: TestClient) -> str:
    """The files of a petition just registered."""
    return f"{PETITIONS}/{api.post(PETITIONS, json=LETTER).json()['petition']['id']}/documents"


def send(api: TestClient, path: str, name: str, content: bytes, **more: Any) -> Response:
    return api.post(path, files={"file": (name, BytesIO(content), "application/octet-stream")}, **more)


def test_a_file_is_added_listed_and_fetched(api: TestClient, path: str) -> None:
    answer = send(api, path, "判决书𠀀.pdf", corpus.pdf())
    assert answer.status_code == 201
    added = answer.json()
    assert (added["name"], added["kind"], added["pages"], added["number"]) == ("判决书𠀀.pdf", "pdf", 2, 1)
    assert api.get(path).json() == [added]
    fetched = api.get(f"{path}/{added['id']}")
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "application/pdf")
    assert fetched.headers["content-disposition"].startswith("attachment;")
    assert len(fetched.content) == added["made_size"]


def test_the_same_content_again_is_the_same_file(api: TestClient, path: str) -> None:
    first = send(api, path, "a.png", corpus.png())
    again = send(api, path, "b.png", corpus.png())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_a_bad_file_says_what_to_do(api: TestClient, path: str) -> None:
    answer = send(api, path, "a.svg", b"<svg/>", headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert "Print it to a PDF" in answer.json()["detail"]
    assert [each["field"] for each in answer.json()["errors"]] == ["file"]
    assert api.get(path).json() == []


@pytest.mark.parametrize("sent", [{}, {"data": {"file": "words"}}, {"json": {}}, {"content": b"\xff\xd8"}])
def test_a_body_without_a_file_is_refused(api: TestClient, path: str, sent: dict[str, Any]) -> None:
    assert api.post(path, **sent).status_code in {400, 422}


def test_the_original_needs_a_reason_each_time(api: TestClient, path: str) -> None:
    original = f"{path}/{send(api, path, 'a.pdf', corpus.pdf()).json()['id']}/original"
    assert api.get(original).status_code == 422
    answer = api.get(original, headers=REASON)
    assert (answer.status_code, answer.content) == (200, corpus.pdf())
    assert answer.headers["content-type"] == "application/octet-stream"
    assert api.get(original).status_code == 422


@pytest.mark.parametrize(("role", "listed", "added"), [("handler", 404, 404), ("leader", 200, 403)])
def test_others_read_or_do_not_even_see(
    api: TestClient, path: str, bearer: Headers, role: str, listed: int, added: int
) -> None:
    one = f"{path}/{send(api, path, 'a.pdf', corpus.pdf()).json()['id']}"
    api.headers.update(bearer(role))
    assert api.get(path, headers=REASON).status_code == listed
    assert api.get(one, headers=REASON).status_code == listed
    assert send(api, path, "b.png", corpus.png()).status_code == added
    assert api.get(f"{one}/original", headers=REASON).status_code == added


def test_without_a_token_no_body_is_read(api: TestClient, path: str) -> None:
    del api.headers["authorization"]
    assert send(api, path, "a.pdf", corpus.pdf()).status_code == 401


#: court and role of the caller; status of the list and of one file, of adding, of the original
MATRIX = [
    ("辽0102", Role.LEADER, 200, 403, 403),
    ("辽0102", Role.SUPERVISOR, 200, 403, 403),
    ("辽0102", Role.AUDITOR, 200, 403, 403),
    ("辽0102", Role.HANDLER, 404, 404, 404),  # not assigned
    ("辽0102", Role.HALL_STAFF, 404, 404, 404),
    ("辽0102", Role.COURT_ADMIN, 404, 404, 404),
    ("辽01", Role.SUPERVISOR, 200, 403, 403),
    ("辽01", Role.REGISTRAR, 404, 404, 404),
    ("辽", Role.AUDITOR, 200, 403, 403),
    ("辽0103", Role.REGISTRAR, 404, 404, 404),
    ("辽02", Role.SUPERVISOR, 404, 404, 404),
]


@pytest.mark.parametrize(("at", "role", "read", "added", "original"), MATRIX)
def test_files_are_seen_with_the_petition_and_added_by_those_who_work_on_it(
    at: str, role: Role, read: int, added: int, original: int, client: TestClient, context: Context
) -> None:
    with db.unit_of_work(context.engine) as s:
        courts = tree(s)
        clerk = staff(s, courts["辽0102"], Role.REGISTRAR, username="clerk")
        caller = staff(s, courts[at], role, username="caller")
        tokens = [
            service.issue_token(s, staff=person, label="x", by=SEED, now=MORNING)
            for person in (clerk, caller)
        ]
    clerks, callers = ({"Authorization": f"Bearer {token}"} for token in tokens)
    petition = client.post(PETITIONS, json=LETTER, headers=clerks).json()["petition"]["id"]
    path = f"{PETITIONS}/{petition}/documents"
    one = f"{path}/{send(client, path, 'a.png', corpus.png(), headers=clerks).json()['id']}"
    answers = (
        client.get(path, headers=callers | REASON).status_code,
        client.get(one, headers=callers | REASON).status_code,
        send(client, path, "b.pdf", corpus.pdf(), headers=callers).status_code,
        client.get(f"{one}/original", headers=callers | REASON).status_code,
    )
    assert answers == (read, read, added, original)
