"""The auditor's page: everybody's looks in their court and below, by person, court, petition, kind and day."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from central import db
from central.access.models import Look
from central.access.service import looked
from central.actor import Role
from central.context import Context
from central.courts.models import Court
from central.petitions.models import Petition
from central.petitions.states import State
from tests.central.desk.conftest import Desk
from tests.factories.accounts import House, staff
from tests.factories.accounts import house as make_house
from tests.factories.courts import MORNING

At = Callable[..., Desk]
Bring = Callable[..., Petition]


@pytest.fixture
def auditor(desk: At, bring: Bring, context: Context, people: Callable[[Role], str], house: House) -> Desk:
    """An auditor of 辽0102, where the handler opened one petition and printed another yesterday; somebody of 辽0103 looked as well."""
    one, other = bring(State.HANDLING), bring(State.HANDLING)
    with db.unit_of_work(context.engine) as s:
        elsewhere = make_house(s, "辽0103")
        looked(s, by=house.handler, how=Look.OPENED, petitions=[one.id], now=MORNING)
        looked(s, by=house.handler, how=Look.PRINTED, petitions=[other.id], now=MORNING - timedelta(days=1))
        looked(s, by=house.leader, how=Look.EXPORTED, petitions=[one.id, other.id], now=MORNING, alone=False)
        looked(s, by=elsewhere.registrar, how=Look.OPENED, petitions=[one.id], now=MORNING)
    people(Role.AUDITOR)
    return desk("auditor")


def shown(page: str) -> list[str]:
    """Return role of each row shown, newest first."""
    body = page.partition('class="table looks"')[2].partition("<tbody>")[2].partition("</tbody>")[0]
    return [row.split('<td class="narrow">')[2].split("<")[0] for row in body.split("<tr>")[1:]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["责任领导", "承办人", "承办人"]),
        ("?look=printed", ["承办人"]),
        ("?person=leader.ln0102", ["责任领导"]),
        ("?since=2026-11-23", ["责任领导", "承办人"]),
        ("?until=2026-11-22", ["承办人"]),
        ("?court=辽0102&look=opened", ["承办人"]),
        ("?court=辽0103", []),
        ("?person=nobody", []),
        ("?number=辽0102-2026-1", ["登记分流人员", "责任领导", "承办人"]),
    ],
)
def test_the_log_is_narrowed(auditor: Desk, query: str, expected: list[str]) -> None:
    assert shown(auditor.get("/access" + query)) == expected


def test_a_petition_of_the_log_opens(auditor: Desk, context: Context) -> None:
    page = auditor.get("/access")
    with context.read() as s:
        petition = s.exec(select(Petition).limit(1)).one()
    assert f'href="/petitions/{petition.id}"' in page
    assert petition.subject in auditor.get(f"/petitions/{petition.id}")


def test_an_auditor_sees_the_looks_of_their_own_courts_people(
    auditor: Desk, context: Context, desk: At
) -> None:
    with db.unit_of_work(context.engine) as s:
        staff(s, s.exec(select(Court).where(Court.code == "辽0103")).one(), Role.AUDITOR)
    assert shown(desk("auditor", "ln0103").get("/access")) == ["登记分流人员"]


def test_others_do_not_read_the_log(desk: At, house: House) -> None:
    for role in ("registrar", "handler", "leader"):
        assert desk(role).client.get("/access").status_code == 403


def test_the_page_takes_few_statements(auditor: Desk, statements: list[str]) -> None:
    statements.clear()
    auditor.get("/access")
    assert len(statements) <= 15


def test_reading_the_log_is_a_look(auditor: Desk) -> None:
    auditor.get("/access")
    assert "审计人员" in shown(auditor.get("/access"))
