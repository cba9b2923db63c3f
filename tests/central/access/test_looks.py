"""Every look leaves an entry and an event; outside one's own work a reason is asked for first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from central import db
from central.access.checks import check_entries
from central.access.models import AccessEntry, AccessReason, Look
from central.access.service import looked, shown
from central.accounts import queries as accounts
from central.accounts import service as accounts_service
from central.actor import Role
from central.context import Context
from central.courts.models import Court
from central.events import log
from central.events.verify import verify
from central.petitions.models import Petition
from central.petitions.states import Act, State
from shared.clock import FixedClock
from tests.central.desk.conftest import Desk
from tests.factories import petitions
from tests.factories.accounts import House, staff
from tests.factories.courts import MORNING, SEED

At = Callable[..., Desk]
Bring = Callable[..., Petition]
Entries = Callable[[], list[AccessEntry]]


def test_each_page_of_a_petition_is_a_look(desk: At, bring: Bring, entries: Entries) -> None:
    petition = bring(State.HANDLING)
    at = desk("registrar")
    path = f"/petitions/{petition.id}"
    page = at.get(path)
    sheet = page.split("/clocks/")[1].split('"')[0]
    for more in ("/draft", f"/clocks/{sheet}", f"/clocks/{sheet}?print=true", "/print", "/looks"):
        at.get(path + more)
    assert at.post(f"{path}/printed").status_code == 204
    assert [(each.look, each.what) for each in entries()] == [
        ("opened", "page"),
        ("opened", "draft"),
        ("opened", "sheet"),
        ("printed", "sheet"),
        ("printed", "page"),
        ("opened", "looks"),
        ("printed", "page"),
    ]
    assert {(each.petition_id, each.role, each.court, each.via) for each in entries()} == {
        (petition.id, "registrar", "辽0102", "web")
    }


def test_a_list_is_a_look_with_its_filter_count_first_and_last(
    desk: At, context: Context, bring: Bring, entries: Entries
) -> None:
    first, second = bring(), bring()
    at = desk("registrar")
    at.get("/petitions?channel=letter")
    at.get("/today")
    listed, today = entries()
    assert (listed.look, listed.what, listed.count, listed.petition_id) == ("listed", "list", 2, None)
    assert (today.what, today.count) == ("today", 2)
    with context.read() as s:
        [event, _] = log.of_stream(s, "access/court-辽0102")
    assert f'"filter":{{"channel":"letter"}},"first":"{second.id.hex}","last":"{first.id.hex}"' in event.data


def test_what_was_typed_to_find_somebody_is_not_written_down(
    desk: At, context: Context, house: House, entries: Entries
) -> None:
    assert desk("registrar").client.get("/find?q=王小明").status_code == 404
    assert [(each.look, each.count) for each in entries()] == [("searched", 0)]
    with context.read() as s:
        assert "王小明" not in log.of_stream(s, "access/court-辽0102")[0].data


def test_a_look_that_cannot_be_recorded_shows_nothing(
    desk: At, bring: Bring, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    petition = bring()
    at = desk("registrar")

    def fails(*_: Any, **__: Any) -> int:
        raise OSError("disk full")

    monkeypatch.setattr(log, "append", fails)
    with pytest.raises(OSError, match="disk full"):
        at.client.get(f"/petitions/{petition.id}")


def test_outside_ones_own_work_a_reason_comes_first(
    desk: At, bring: Bring, entries: Entries, people: Callable[[Role], str], context: Context
) -> None:
    petition = bring(State.HANDLING)
    people(Role.SUPERVISOR)
    at = desk("supervisor")
    path = f"/petitions/{petition.id}"
    answer = at.client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"{path}/reason?to=%2Fpetitions%2F{petition.id}",
    )
    asked = at.get(answer.headers["location"])
    assert petition.number in asked
    assert petition.subject not in asked
    assert entries() == []
    assert at.post(f"{path}/reason", why="other", to=path).status_code == 422
    assert at.post(f"{path}/reason", to=path).status_code == 422
    given = at.post(f"{path}/reason", why="other", text="上级交办", to=f"{path}/draft")
    assert given.headers["location"] == f"{path}/draft"
    page = at.get(path)
    assert [(each.role, each.why) for each in entries()] == [("supervisor", "other")]
    assert "上级交办" in desk("handler").get(path)
    assert petition.subject in page
    with context.read() as s:
        assert "上级交办" not in "".join(
            event.data for event in log.of_stream(s, f"access/{petition.id.hex}")
        )


def test_a_reason_holds_for_eight_hours_one_petition_and_one_person(
    desk: At, bring: Bring, people: Callable[[Role], str], clock: FixedClock, context: Context
) -> None:
    one, other = bring(State.HANDLING), bring(State.HANDLING)
    people(Role.AUDITOR)
    at = desk("auditor")
    at.post(f"/petitions/{one.id}/reason", why="audit")
    assert at.client.get(f"/petitions/{one.id}").status_code == 200
    assert at.client.get(f"/petitions/{other.id}").status_code == 303
    with context.read() as s:
        reason = s.exec(select(AccessReason)).one()
    assert (reason.until - reason.at).total_seconds() == 8 * 3600
    clock.at = reason.until
    at = desk("auditor")
    assert at.client.get(f"/petitions/{one.id}").status_code == 303


def test_a_reason_leads_nowhere_else(desk: At, bring: Bring, people: Callable[[Role], str]) -> None:
    path = f"/petitions/{bring(State.HANDLING).id}"
    people(Role.SUPERVISOR)
    at = desk("supervisor")
    for to in (
        "https://example.org/",
        "/petitions/00000000-0000-0000-0000-000000000000",
        f"{path}/reason",
        "",
    ):
        assert at.post(f"{path}/reason", why="asked", to=to).headers["location"] == path


def test_who_had_it_earlier_needs_no_reason(desk: At, bring: Bring, context: Context, house: House) -> None:
    petition = bring(State.HANDLING)
    with db.unit_of_work(context.engine) as s:
        court = s.get_one(Court, house.court.id)
        other = staff(s, court, Role.HANDLER, username="other")
        petitions.do(s, house, petition.id, Act.ASSIGN, handler_id=other.id, leader_id=house.leader.staff_id)
    assert desk("handler").client.get(f"/petitions/{petition.id}").status_code == 200


def test_a_program_says_its_reason_in_a_header(
    client: TestClient,
    bring: Bring,
    context: Context,
    house: House,
    people: Callable[[Role], str],
    entries: Entries,
) -> None:
    petition = bring(State.HANDLING)
    name = people(Role.SUPERVISOR)
    with db.unit_of_work(context.engine) as s:
        person = accounts.by_username(s, name)
        assert person is not None
        token = accounts_service.issue_token(s, staff=person, label="x", by=SEED, now=MORNING)
    headers = {"Authorization": f"Bearer {token}"}
    path = f"/api/v1/petitions/{petition.id}"
    refused = client.get(path, headers=headers)
    assert (refused.status_code, refused.headers["content-type"]) == (428, "application/problem+json")
    assert "Access-Reason" in refused.json()["detail"]
    assert client.get(path, headers=headers | {"Access-Reason": "curiosity"}).status_code == 422
    assert client.get(path, headers=headers | {"Access-Reason": "other"}).status_code == 422
    words = headers | {"Access-Reason": "other; %E4%B8%8A%E7%BA%A7%E4%BA%A4%E5%8A%9E"}
    assert client.get(path, headers=words).status_code == 200
    assert client.get(f"{path}/events", headers=headers).status_code == 200
    client.get("/api/v1/petitions", headers=headers)
    assert [(each.what, each.why, each.via) for each in entries()] == [
        ("api", "other", "api"),
        ("api_events", "other", "api"),
        ("api_list", None, "api"),
    ]
    with context.read() as s:
        assert s.exec(select(AccessReason)).one().text == "上级交办"


def test_who_looked_stands_on_the_petition_newest_first(desk: At, bring: Bring) -> None:
    petition = bring(State.HANDLING)
    for role in ("registrar", "handler"):
        desk(role).get(f"/petitions/{petition.id}")
    text = desk("registrar").get(f"/petitions/{petition.id}").split('id="looks"')[1]
    assert text.index("辽0102的handler") < text.index("辽0102的registrar")


def test_the_looks_go_on_by_key(desk: At, bring: Bring, context: Context, house: House) -> None:
    petition = bring()
    with db.unit_of_work(context.engine) as s:
        for _ in range(53):
            looked(s, by=house.handler, how=Look.OPENED, petitions=[petition.id], now=MORNING)
    at = desk("registrar")
    first = at.client.get(f"/petitions/{petition.id}/looks").text
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    rows = '<th scope="row">辽0102的handler'
    assert (first.count(rows), at.client.get(following).text.count(rows)) == (50, 3)


def test_the_looks_are_part_of_the_chain(desk: At, bring: Bring, context: Context) -> None:
    at, petition = desk("registrar"), bring()
    at.get(f"/petitions/{petition.id}")
    at.get("/petitions")
    with context.read() as s:
        report = verify(s, public_key=None, anchor_folder=context.settings.data)
    assert report.findings == []
    with db.unit_of_work(context.engine) as s:
        assert log.of_stream(s, f"access/{petition.id.hex}")[0].seq == 1


def test_many_who_look_at_once_make_one_chain(context: Context, house: House) -> None:
    # Ten each, of one court: on PostgreSQL each look is one statement, the first of all makes the stream.
    def look(_: int) -> None:
        for _ in range(10):
            with context.look() as s:
                shown(s, by=house.registrar, what="list", keys=(), now=MORNING, filter_={"channel": "来信\n"})

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(look, range(4)))
    with context.read() as s:
        events = log.of_stream(s, "access/court-辽0102")
        report = verify(s, public_key=None, anchor_folder=context.settings.data, checks=[check_entries])
    assert [event.seq for event in events] == list(range(1, 41))
    assert len({event.id for event in events}) == 40
    assert report.findings == []
