"""The list of petitions, its filters and pages; finding by number."""

from collections.abc import Callable

from sqlmodel import select

from central import db
from central.access.models import AccessEntry
from central.context import Context
from central.events.models import Event
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


def test_a_phone_or_identity_number_finds_its_petitions_however_it_is_written(
    desk: At, context: Context, house: House
) -> None:
    number = "21010219491231002x"
    with db.unit_of_work(context.engine) as s:
        one = petitions.registered(s, house, phone="139 9887 7665").number
        other = petitions.registered(s, house, id_number=number, phone="13800000001").number
    at = desk("registrar")
    found = at.post("/petitions/contact", contact="13998877665").text
    assert (one in found, other in found) == (True, False)
    found = at.post("/petitions/contact", contact=number.upper()).text
    assert (one in found, other in found) == (False, True)
    for part in ("1399887", "", "139%", "' OR 1=1 --"):
        text = at.post("/petitions/contact", contact=part).text
        assert "没有用这个号码登记的信访件" in text
        assert one not in text


def test_a_number_of_another_court_or_of_whom_one_must_keep_away_from_finds_nothing(
    desk: At, context: Context, house: House
) -> None:
    with db.unit_of_work(context.engine) as s:
        there = make_house(s, "辽0103")
        hidden = petitions.registered(s, there, phone="13998877665").number
    assert hidden not in desk("registrar").post("/petitions/contact", contact="13998877665").text


def test_the_record_of_the_search_holds_no_number(desk: At, context: Context, house: House) -> None:
    del house
    desk("registrar").post("/petitions/contact", contact="13998877665")
    with context.read() as s:
        entry = s.exec(select(AccessEntry).where(AccessEntry.what == "contact")).one()
        event = s.get_one(Event, entry.event_id)
    assert (entry.look, entry.count) == ("searched", 0)
    assert "13998877665" not in event.data
