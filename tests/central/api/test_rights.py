"""Who reads and acts by the API: the same people as on the pages."""

import pytest
from starlette.testclient import TestClient

from central import db
from central.accounts import service
from central.actor import Role
from central.context import Context
from tests.central.api.conftest import LETTER
from tests.factories.accounts import staff
from tests.factories.courts import MORNING, SEED, tree

#: Not every caller is at their own work.
REASON = {"Access-Reason": "asked"}
PETITIONS = "/api/v1/petitions"

#: court and role of the caller; petitions in the list; status of reading one of 辽0102, of accepting it
MATRIX = [
    ("辽0102", Role.REGISTRAR, 1, 200, 200),
    ("辽0102", Role.LEADER, 1, 200, 403),
    ("辽0102", Role.HANDLER, 0, 404, 404),  # not assigned
    ("辽0102", Role.HALL_STAFF, 0, 404, 404),
    ("辽0102", Role.COURT_ADMIN, 0, 404, 404),
    ("辽0102", Role.SUPERVISOR, 1, 200, 403),
    ("辽0102", Role.AUDITOR, 1, 200, 403),
    ("辽01", Role.SUPERVISOR, 1, 200, 403),
    ("辽", Role.AUDITOR, 1, 200, 403),
    ("辽01", Role.REGISTRAR, 0, 404, 404),
    ("辽0103", Role.REGISTRAR, 0, 404, 404),
    ("辽02", Role.SUPERVISOR, 0, 404, 404),
]


@pytest.mark.parametrize(("at", "role", "listed", "read", "acted"), MATRIX)
def test_a_program_sees_and_does_what_its_person_may(
    at: str, role: Role, listed: int, read: int, acted: int, client: TestClient, context: Context
) -> None:
    with db.unit_of_work(context.engine) as s:
        courts = tree(s)
        clerk = staff(s, courts["辽0102"], Role.REGISTRAR, username="clerk")
        staff(s, courts["辽0102"], Role.LEADER, username="somebody")
        caller = staff(s, courts[at], role, username="caller")
        tokens = [
            service.issue_token(s, staff=person, label="x", by=SEED, now=MORNING)
            for person in (clerk, caller)
        ]
    clerks, callers = ({"Authorization": f"Bearer {token}"} for token in tokens)
    one = f"{PETITIONS}/{client.post(PETITIONS, json=LETTER, headers=clerks).json()['petition']['id']}"
    answers = (
        len(client.get(PETITIONS, headers=callers).json()["items"]),
        client.get(one, headers=callers | REASON).status_code,
        client.get(f"{one}/events", headers=callers).status_code,
        client.post(f"{one}/acts", json={"act": "accept"}, headers=callers).status_code,
    )
    assert answers == (listed, read, read, acted)
