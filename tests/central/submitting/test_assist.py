"""Written together in the hall: paired once, followed, objected to, confirmed, registered as confirmed."""

import re
from collections.abc import Callable

import pytest
from sqlmodel import select
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from central.context import Context
from central.petitions.models import Petition
from tests.factories.accounts import House

TYPED = {
    "petitioner_name": "王小明",
    "phone": "13800000000",
    "subject": "判决后没有执行",
    "text": "至今没有执行。",
    "demands": "尽快执行\n说明理由",
    "group_size": "1",
    "tell_by": "",
    "reply_by": "in_person",
}


class Hall:
    """A clerk and a visitor, each with a browser."""

    def __init__(self, app: ASGIApp, clerk: TestClient, csrf: str) -> None:
        self.clerk, self.csrf = clerk, csrf
        self.visitor = TestClient(app, follow_redirects=False)
        self.place = clerk.post("/assist", data={"csrf": csrf}).headers["location"]

    def type(self, go: str = "keep", **changed: str):  # type: ignore[no-untyped-def]
        return self.clerk.post(self.place, data={"csrf": self.csrf, "go": go, **TYPED, **changed})

    def pair(self) -> str:
        found = re.search(r'slip-code">(\d{3}) (\d{3})<', self.type("code").text)
        assert found is not None
        return found[1] + found[2]

    def open(self) -> None:
        assert self.visitor.post("/screen", data={"code": self.pair()}).status_code == 303

    def read(self) -> str:
        return self.visitor.get("/screen/part").text

    def say(self, go: str, **more: str):  # type: ignore[no-untyped-def]
        found = re.search(r'name="version" value="(\d+)"', self.read())
        version = found[1] if found else "0"
        return self.visitor.post("/screen/view", data={"go": go, "version": version, **more})


@pytest.fixture
def hall(app: ASGIApp, client: TestClient, house: House, sign_in: Callable[[TestClient, str], str]) -> Hall:
    """A sheet of the court's registrar."""
    del house
    return Hall(app, client, sign_in(client, "registrar.ln0102"))


def test_the_visitor_reads_objects_and_confirms_then_it_is_registered(hall: Hall, context: Context) -> None:
    hall.open()
    assert "王小明" in hall.read()
    hall.say("wrong:petitioner_name", words="是王晓明")
    assert "是王晓明" in hall.clerk.get(hall.place + "/side").text
    refused = hall.type("send")
    assert (refused.status_code, "还没有确认" in refused.text) == (422, True)
    assert hall.say("confirm").status_code == 409
    hall.type(petitioner_name="王晓明")
    assert "王晓明" in hall.read()
    assert hall.say("confirm").status_code == 303
    assert "来访人已确认" in hall.clerk.get(hall.place + "/side").text
    done = hall.type("send", petitioner_name="王晓明")
    assert done.status_code == 201
    with context.read() as s:
        [petition] = s.exec(select(Petition)).all()
        assert (petition.channel, petition.state) == ("visit", "registered")
        assert petition.confirmed_at is not None
    assert "已经登记" in hall.read()
    assert hall.type("send", petitioner_name="王晓明").status_code == 201
    page = hall.clerk.get(f"/petitions/{petition.id}").text
    assert "信访人当场确认" in page


def test_a_change_after_the_visitor_confirmed_has_to_be_confirmed_anew(hall: Hall) -> None:
    hall.open()
    hall.say("confirm")
    assert "还没有确认" in hall.type("send", subject="换了题目").text


def test_a_code_opens_one_screen_once_and_a_new_one_closes_it(hall: Hall) -> None:
    code = hall.pair()
    assert hall.visitor.post("/screen", data={"code": f" {code[:3]} {code[3:]}"}).status_code == 303
    assert (
        TestClient(hall.visitor.app, follow_redirects=False).post("/screen", data={"code": code}).status_code
        == 404
    )
    hall.pair()
    assert "这块屏幕已断开" in hall.read()


def test_both_sides_survive_reload(hall: Hall) -> None:
    hall.open()
    hall.say("wrong:text", words="缺一个日期")
    assert "缺一个日期" in hall.visitor.get("/screen/view").text
    page = hall.clerk.get(hall.place).text
    assert "缺一个日期" in page
    assert "至今没有执行" in page
