"""The inbox, the preferences, and who gets what when, over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from central import db
from central.accounts.models import Staff
from central.actor import Role
from central.notifications import service
from central.notifications.models import Dispatch, NoticePreference
from central.notifications.rules import Channel
from central.petitions.states import State
from tests.central.desk.conftest import Desk, desk, statements
from tests.central.notifications.conftest import Bring, Kept, Office
from tests.central.notifications.test_telling import bar, prefer, tell
from tests.factories.accounts import House, staff

__all__ = ["desk", "statements"]
At = Callable[..., Desk]


@pytest.fixture
def told(office: Office, bring: Bring) -> Any:
    """A petition whose answer is overdue, and everybody told."""
    office.at("2026-11-23T10:00")
    petition = bring(State.HANDLING)
    office.only(petition.id, "answer")
    office.due(petition.id, "answer", "2026-11-20")
    office.at("2026-11-24T09:00").run()
    return petition


def test_the_inbox_shows_what_is_due_and_counts_what_is_unread(desk: At, told: Any) -> None:
    at = desk("handler")
    assert "1 条未读" in at.get("/today")
    page = at.get("/inbox")
    assert f"信访件 {told.number} 已超期" in page
    assert f"/petitions/{told.id}" in page
    assert "1 unread" in at.get("/inbox?lang=en")


def test_a_message_is_marked_as_read_by_its_owner_alone(desk: At, told: Any, office: Office) -> None:
    [mine] = [each for each in office.dispatches() if each.lines and _owner(office, each) == "handler"]
    assert desk("leader").post("/inbox/read", id=str(mine.id)).status_code == 303
    assert desk("handler").post("/inbox/read", id="rubbish").status_code == 303
    at = desk("handler")
    assert "1 条未读" in at.get("/inbox")
    assert at.post("/inbox/read", id=str(mine.id)).status_code == 303
    assert "条未读" not in at.get("/inbox")
    assert "没有未读消息" in at.get("/inbox?unread=true")
    assert desk("leader").post("/inbox/read", id="all").status_code == 303
    assert "条未读" not in desk("leader").get("/today")
    assert "1 条未读" in desk("registrar").get("/today")


def _owner(office: Office, row: Dispatch) -> str:
    with office.context.read() as s:
        return s.get_one(Staff, row.staff_id).username.partition(".")[0]


def test_what_the_barrier_closes_vanishes_from_an_old_message(desk: At, told: Any, office: Office) -> None:
    bar(office, told, "registrar.ln0102")
    page = desk("registrar").get("/inbox")
    assert told.number not in page
    assert "已不能查看" in page


def test_who_gets_what_when(desk: At, told: Any, office: Office, house: House) -> None:
    with db.unit_of_work(office.context.engine) as s:
        staff(s, house.court, Role.COURT_ADMIN, username="admin.ln0102")
    page = desk("handler").get("/notifications?everybody=true&level=overdue")
    assert page.count(told.number) == 1
    everybody = desk("leader").get("/notifications?everybody=true&level=overdue")
    assert everybody.count(f'/petitions/{told.id}"') == 3
    admin = desk("admin").get("/notifications?everybody=true&level=overdue")
    assert told.number not in admin
    assert admin.count("您不能查看") == 3
    bar(office, told, "admin.ln0102")
    assert "您不能查看" not in desk("admin").get("/notifications?everybody=true")
    assert "没有符合条件的提醒" in desk("leader").get("/notifications?state=parked")


def test_another_courts_leader_sees_nothing_of_it(desk: At, told: Any, office: Office) -> None:
    from tests.factories.accounts import house as make_house

    with db.unit_of_work(office.context.engine) as s:
        make_house(s, "辽0103")
    page = desk("leader", "ln0103").get("/notifications?everybody=true")
    assert told.number not in page
    assert "还没有提醒" in page


def test_preferences_are_kept_and_mistakes_lose_nothing(desk: At, office: Office, house: House) -> None:
    at = desk("handler")
    assert "08:30 至 17:30" in at.get("/inbox/preferences")
    wrong = at.post("/inbox/preferences", channel="sms", phone="", opens="9点", digest="true")
    assert wrong.status_code == 422
    assert "9点" in wrong.text
    assert at.post("/inbox/preferences", channel="mail", mail="a@b.example").status_code == 422, "not set up"
    assert at.post("/inbox/preferences", channel="pigeon").status_code == 422
    assert at.post("/inbox/preferences", opens="12:00", closes="11:00").status_code == 422
    good = at.post(
        "/inbox/preferences", channel="sms", phone="138 0000 0001", opens="9:00".zfill(5), digest="true"
    )
    assert good.status_code == 303
    page = at.get("/inbox/preferences?done=1")
    assert "138 0000 0001" in page
    assert 'value="09:00"' in page
    with office.context.read() as s:
        row = s.exec(select(NoticePreference)).one()
        assert (row.channel, row.digest, row.opens, row.closes) == ("sms", True, "09:00", "")
        assert row.staff_id == house.handler.staff_id
    raw = office.context.engine.connect()
    stored = raw.exec_driver_sql("SELECT phone FROM notice_preference").scalar_one()
    raw.close()
    assert b"0000" not in bytes(stored)


def test_a_parked_message_is_tried_again_by_its_owner_or_the_courts_leader(
    desk: At, office: Office, house: House
) -> None:
    office.at("2026-11-24T09:00")
    prefer(office, house.handler)
    tell(office, house, at_once=True)
    office.run()  # no mail is set up: parked
    [parked] = office.dispatches(channel="mail")
    assert (parked.state, parked.why) == ("parked", "no_address")
    path = f"/notifications/{parked.id}/again"
    assert desk("registrar").post(path).status_code == 404
    assert "再发一次" not in desk("registrar").get("/notifications")
    assert path in desk("leader").get("/notifications")
    assert desk("leader").post(path).status_code == 303
    assert desk("leader").post(path).status_code == 409
    office.ways[Channel.MAIL] = mail = Kept()
    office.run()
    assert len(mail.sent) == 1
    assert office.dispatches(channel="mail")[0].state == "sent"


def test_pages_go_on_by_key_and_ask_as_many_statements_for_many_rows(
    desk: At, office: Office, house: House, statements: list[str]
) -> None:
    office.at("2026-11-24T10:00")

    def count(path: str) -> int:
        at = desk("handler")
        statements.clear()
        at.get(path)
        return len(statements)

    tell(office, house)
    office.at("2026-11-25T09:00").run()
    before = (count("/notifications"), count("/inbox"))
    with db.unit_of_work(office.context.engine) as s:
        for n in range(60):
            service.tell(
                s,
                recipient=house.handler.staff_id,  # type: ignore[arg-type]
                court_id=house.court.id,
                kind="notifications.kind.petition_assigned",
                key=f"more/{n}",
                at=office.clock.now(),
                values={"number": "甲"},
            )
    office.at("2026-11-26T09:00").run()
    assert (count("/notifications"), count("/inbox")) == before
    at = desk("handler")
    page = at.get("/notifications")
    assert page.count("办理动态") == 50
    following = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert at.get(following).count("办理动态") == 11
