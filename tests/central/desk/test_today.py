"""Today: the five counts, then one list, overdue first, each row with its next step."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from central import db
from central.context import Context
from central.petitions.models import Petition
from central.petitions.states import State
from shared.clock import FixedClock
from tests.central.desk.conftest import Desk
from tests.factories import petitions
from tests.factories.accounts import House

At = Callable[..., Desk]
Bring = Callable[..., Petition]


def test_what_is_overdue_comes_first(desk: At, context: Context, house: House) -> None:
    with db.unit_of_work(context.engine) as s:
        petitions.registered(s, house, subject="新来的")
        petitions.registered(s, house, subject="超期的", received_on=date(2026, 11, 2))
    text = desk("registrar").get("/today")
    assert text.index("超期的") < text.index("新来的")
    assert "超期 1 件" in text
    assert "已超期 14 天" in text


def test_a_row_leads_to_its_next_step(desk: At, bring: Bring) -> None:
    petition = bring(State.ACCEPTED)
    text = desk("registrar").get("/today")
    assert f'href="/petitions/{petition.id}#act-assign"' in text
    assert "分派承办人" in text


def test_everybody_sees_only_what_waits_for_them(desk: At, bring: Bring) -> None:
    petition = bring(State.HANDLING)
    assert petition.number in desk("handler").get("/today")
    assert petition.number not in desk("registrar").get("/today")


def test_an_empty_list_says_what_to_do(desk: At, house: House) -> None:
    assert "收到新的来信来访，请登记" in desk("registrar").get("/today")
    assert "轮到您的下一步会出现在这里" in desk("handler").get("/today")


def test_five_counts_open_to_what_is_behind_them(desk: At, house: House) -> None:
    text = desk("registrar").get("/today")
    for address in ("/invariants/1", "/invariants/2", "/invariants/3", "/invariants/4", "/hall#tray"):
        assert f'href="{address}"' in text


def test_a_broken_rule_counts_and_opens_to_the_petition(desk: At, context: Context, bring: Bring) -> None:
    petition = bring(State.ACCEPTED)
    with context.engine.begin() as connection:  # past the system, as no act can
        connection.exec_driver_sql("UPDATE petition SET leader_id = NULL")
    at = desk("registrar")
    assert "需要处理" in at.get("/today")
    assert petition.number in at.get("/invariants/4")


def test_a_rule_that_holds_says_so(desk: At, house: House) -> None:
    assert "一件也没有" in desk("registrar").get("/invariants/1")


def test_the_page_of_an_unknown_rule_is_not_found(desk: At, house: House) -> None:
    assert desk("registrar").client.get("/invariants/9").status_code == 404


def test_the_due_day_is_told_in_the_language_of_the_page(desk: At, bring: Bring) -> None:
    bring()
    assert "7 days left" in desk("registrar").get("/today?lang=en")


def test_a_day_later_less_is_left(desk: At, bring: Bring, clock: FixedClock) -> None:
    bring()
    clock.at += timedelta(days=7)
    assert "今天到期" in desk("registrar").get("/today")


@pytest.mark.parametrize("role", ["registrar", "handler", "leader"])
def test_the_list_takes_few_statements(role: str, desk: At, bring: Bring, statements: list[str]) -> None:
    for _ in range(3):
        bring(State.HANDLING)
    at = desk(role)
    statements.clear()
    at.get("/today")
    assert len(statements) <= 15
