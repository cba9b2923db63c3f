"""The list of petitions, its filters and pages; finding by number."""

from collections.abc import Callable

from central import db
from central.context import Context
from central.petitions.models import Petition
from central.petitions.queries import PAGE
from central.petitions.states import State
from tests.central.desk.conftest import Desk
from tests.factories import petitions
from tests.factories.accounts import House
from tests.factories.accounts import house as make_house

At = Callable[..., Desk]
Bring = Callable[..., Petition]


def test_filters_narrow_the_list_and_stay_on_the_page(desk: At, bring: Bring) -> None:
    closed, new = bring(State.CLOSED), bring()
    text = desk("registrar").get("/petitions?only_open=true&channel=letter")
    assert new.number in text
    assert closed.number not in text
    assert '<option value="letter" selected>' in text


def test_filters_that_fit_nothing_say_how_to_go_on(desk: At, bring: Bring) -> None:
    bring()
    text = desk("registrar").get("/petitions?overdue=true")
    assert "没有符合条件的信访件" in text
    assert "清除筛选" in text


def test_a_long_list_goes_on_by_key(desk: At, context: Context, house: House) -> None:
    with db.unit_of_work(context.engine) as s:
        made = [petitions.registered(s, house).number for _ in range(PAGE + 1)]
    at = desk("registrar")
    first = at.client.get("/petitions").text
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = at.get(following)
    assert [number for number in made if number not in first] == [
        number for number in made if number in second
    ]


def test_a_number_leads_to_its_petition(desk: At, bring: Bring) -> None:
    petition = bring()
    answer = desk("registrar").client.get("/find?q=辽0102-2026-1")
    assert answer.headers["location"] == f"/petitions/{petition.id}"


def test_an_unknown_number_is_said_with_what_to_check(desk: At, house: House) -> None:
    answer = desk("registrar").client.get("/find?q=9")
    assert answer.status_code == 404
    assert "请核对编号" in answer.text


def test_another_courts_petition_is_not_there(desk: At, context: Context, house: House, bring: Bring) -> None:
    petition = bring(State.HANDLING)
    with db.unit_of_work(context.engine) as s:
        make_house(s, "辽0103")
    at = desk("registrar", "ln0103")
    for path in (
        f"/petitions/{petition.id}",
        f"/petitions/{petition.id}/draft",
        f"/find?q={petition.number}",
    ):
        assert at.client.get(path).status_code == 404
    assert petition.number not in at.get("/petitions")
    assert at.post(f"/petitions/{petition.id}/acts/accept").status_code == 404
