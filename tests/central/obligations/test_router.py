"""The pages of the ledger: figures with their formula, numbers that open, files that say who took them."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from central import db
from central.accounts import grants
from central.actor import Role
from central.context import Context
from central.petitions.models import Petition
from central.petitions.states import Act, State
from shared.clock import FixedClock
from tests.central.desk.conftest import Desk
from tests.factories import accounts, courts, petitions

Bring = Callable[..., Petition]
AtDesk = Callable[..., Desk]


def test_the_formula_stands_beside_the_figure_with_its_numbers(
    bring: Bring, desk: AtDesk, clock: FixedClock
) -> None:
    bring(State.ACCEPTED)
    bring(State.REGISTERED)
    clock.at += timedelta(days=8)
    page = desk("registrar").get("/obligations")
    assert "按期率 = 按期 ÷（按期 + 逾期完成 + 逾期未办）" in page
    assert "1 ÷（1 + 0 + 1）= 1 ÷ 2 = 50.0%" in page


def test_a_number_opens_to_the_petitions_behind_it(bring: Bring, desk: AtDesk, clock: FixedClock) -> None:
    done, late = bring(State.ACCEPTED), bring(State.REGISTERED)
    clock.at += timedelta(days=8)
    here = desk("registrar")
    link = re.search(r'href="(/obligations/petitions\?[^"]*what=open_overdue)"', here.get("/obligations"))
    assert link
    page = here.get(link[1].replace("&amp;", "&"))
    assert late.number in page
    assert done.number not in page
    assert "超期 1 天" in page


def test_the_report_prints_every_duty(bring: Bring, desk: AtDesk) -> None:
    bring(State.HANDLING)
    page = desk("leader").get("/obligations/report?month=2026-11")
    assert "辽0102人民法院2026-11答复责任报告" in page
    assert "程序性回复" in page
    assert "实体答复" in page
    assert "data-print" in page


@pytest.mark.parametrize("month", ["", "2026-13", "x" * 7, "1000-01"])
def test_a_month_that_cannot_be_read_is_the_usual_one(bring: Bring, desk: AtDesk, month: str) -> None:
    bring()
    here = desk("registrar")
    here.get(f"/obligations?since={month}&until={month}&duty=nonsense")
    here.get(f"/obligations/report?month={month}")
    here.get(f"/obligations/petitions?what=nonsense&since={month}&at=a~b~c&after={'0' * 32}")


def test_the_file_is_marked_and_holds_the_numbers(bring: Bring, desk: AtDesk) -> None:
    bring(State.ACCEPTED)
    answer = desk("registrar").client.get("/obligations/file/xlsx?duty=procedural_reply")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert "registrar.ln0102" in str(rows[0][0])
    assert rows[2][:6] == ["辽0102", "辽0102人民法院", "2026-11", "程序性回复", "1", "1"]


def test_another_court_is_as_if_it_were_not_there(context: Context, bring: Bring, desk: AtDesk) -> None:
    bring()
    with db.unit_of_work(context.engine) as s:
        accounts.house(s, courts.court(s, "辽0103"))
    here = desk("registrar")
    hidden, absent = (here.client.get(f"/obligations?court={code}") for code in ("辽0103", "辽0199"))
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert hidden.text.replace("0103", "") == absent.text.replace("0199", "")


def test_a_supervisor_goes_down_the_tree(context: Context, desk: AtDesk) -> None:
    with db.unit_of_work(context.engine) as s:
        made = courts.tree(s)
        accounts.staff(s, made["辽"], Role.SUPERVISOR)
        here, there = (accounts.house(s, made[code]) for code in ("辽0102", "辽0103"))
        petitions.at(s, here, State.HANDLING)
        petitions.at(s, here, State.TRANSFERRED, to=there)
    top = desk("supervisor", "ln")
    assert "Court 辽01" in top.get("/obligations?lang=en&duty=answer")
    middle = top.get("/obligations?lang=en&duty=answer&court=辽01")
    assert "Court 辽0102" in middle
    assert "Court 辽0103" in middle


def test_who_looks_at_several_parts_of_the_tree_chooses_where_to_begin(
    context: Context, desk: AtDesk
) -> None:
    with db.unit_of_work(context.engine) as s:
        made = courts.tree(s)
        person = accounts.staff(s, made["辽01"], Role.SUPERVISOR)
        grants.grant(
            s,
            staff=person,
            role=Role.SUPERVISOR,
            court=made["辽02"],
            below=True,
            department_id=None,
            reason="代管",
            by=accounts.actor(s, made["辽"], Role.COURT_ADMIN),
            now=courts.MORNING,
        )
    here = desk("supervisor", "ln01")
    first = here.get("/obligations?lang=en")
    assert first.count('aria-current="page">Court 辽01</a>') == 1
    assert ">Court 辽02</a>" in first
    assert 'aria-current="page">Court 辽02</a>' in here.get("/obligations?lang=en&court=辽02")


def test_what_moved_out_of_sight_is_counted_and_not_listed(context: Context, desk: AtDesk) -> None:
    with db.unit_of_work(context.engine) as s:
        made = courts.tree(s)
        here, there, last = (accounts.house(s, made[code]) for code in ("辽0102", "辽0103", "辽02"))
        petition = petitions.at(s, here, State.TRANSFERRED, to=there)
        petitions.do(s, there, petition, Act.ACCEPT)
        petitions.do(s, there, petition, Act.TRANSFER, court=last.court.code)
        number = petition.number
    page = desk("registrar", "ln0103").get("/obligations/petitions?duty=answer&what=moved")
    assert "计 1 件" in page
    assert number not in page


def test_clocks_from_before_the_ledger_are_said_to_be_in_no_number(
    context: Context, bring: Bring, desk: AtDesk
) -> None:
    bring()
    assert "台账启用之前" not in desk("leader").get("/obligations")
    with context.engine.begin() as connection:
        connection.execute(text("UPDATE clock SET result = NULL, owed_month = NULL, court_id = NULL"))
    assert "台账启用之前" in desk("leader").get("/obligations")
