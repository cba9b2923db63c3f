"""The page of worklists: tabs with counts, filters in the address, levels with icon and word."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from central.petitions.models import Petition
from central.petitions.states import Act, State
from shared.clock import FixedClock
from tests.central.desk.conftest import Desk
from tests.factories.accounts import House

Bring = Callable[..., Petition]


@pytest.mark.parametrize("role", ["registrar", "handler", "leader"])
def test_everybody_has_a_list_of_their_own(role: str, bring: Bring, desk: Callable[[str], Desk]) -> None:
    bring(State.HANDLING)
    assert "待办" in desk(role).get("/work")


def test_the_courts_list_can_be_narrowed(
    bring: Bring, desk: Callable[[str], Desk], clock: FixedClock
) -> None:
    late, other = bring(), bring(State.HANDLING)
    clock.at += timedelta(days=9)
    here = desk("registrar")
    page = here.get("/work?tab=court")
    assert late.number in page
    assert other.number in page
    page = here.get("/work?tab=court&level=overdue")
    assert late.number in page
    assert other.number not in page
    assert "已超期 2 天" in page
    assert here.get(f"/work?tab=court&handler={other.handler_id}&rule=answer").count(other.number) >= 1


@pytest.mark.parametrize(
    "query", ["tab=below", "tab=nonsense", "level=x&rule=y&handler=z&department=1", "due=2026-11-23&after="]
)
def test_what_cannot_be_read_narrows_nothing(query: str, bring: Bring, desk: Callable[[str], Desk]) -> None:
    answer = desk("registrar").client.get(f"/work?{query}")
    assert answer.status_code in {200, 422}


def test_a_court_out_of_sight_is_as_if_it_were_not_there(bring: Bring, desk: Callable[[str], Desk]) -> None:
    assert desk("registrar").client.get("/work?court=辽09").status_code == 404


def test_today_shows_the_tabs(bring: Bring, desk: Callable[[str], Desk]) -> None:
    bring()
    assert "/work?tab=court" in desk("registrar").get("/today")


def test_call_backs_open_at_the_list_in_which_something_waits(
    bring: Bring, desk: Callable[[str], Desk]
) -> None:
    waiting = bring(State.REPLIED, Act.RECORD_DELIVERY)
    here = desk("registrar")
    assert waiting.number in here.get("/followups")
    here.post(f"/petitions/{waiting.id}/acts/follow_up", method="phone", satisfaction="unsatisfied")
    assert waiting.number in desk("leader").get("/followups")


def test_a_refused_review_names_the_field_as_the_form_does(desk: Callable[[str], Desk], house: House) -> None:
    answer = desk("registrar").post("/reviews", number="")
    assert "信访编号：请填写这一项" in answer.text
