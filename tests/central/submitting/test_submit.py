"""Handing in without script: page by page, back, corrected, sent once, found again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from central import db
from central.context import Context
from central.courts import queries as courts
from central.petitions import queries as petitions
from central.petitions.models import Petition, PetitionPerson
from central.settings import Submitting
from central.submitting import carry, service
from shared.clock import FixedClock
from tests.central.submitting.conftest import ANSWERS, Writer

Write = Callable[[], Writer]


def all_of(context: Context) -> list[Petition]:
    with context.read() as s:
        return list(s.exec(select(Petition).order_by(col(Petition.registered_at))).all())


def test_what_is_written_becomes_a_registered_petition_of_the_court(writer: Write, context: Context) -> None:
    page = writer()
    page.answer()
    assert "请核对" in page.page
    assert "书面说明理由" in page.page
    answer = page.say("send")
    assert (answer.status_code, answer.headers["location"]) == (303, "/submit/receipt")
    [petition] = all_of(context)
    assert (petition.channel, petition.state, petition.registered_by) == ("online", "registered", None)
    assert petition.text == "判决\t已经一年，\n至今没有执行。"
    assert petition.next_due_on is not None
    with context.read() as s:
        person = petitions.petitioner(s, petition.id)
        assert person is not None
        assert (person.name, person.tell_by) == ("王小明", "sms")
        assert [each.text for each in petitions.demands(s, petition.id)] == ["尽快执行", "书面说明理由"]


def test_the_receipt_opens_the_petition_and_survives_reload(
    writer: Write, client: TestClient, context: Context
) -> None:
    page = writer()
    page.answer()
    page.say("send")
    first, again = client.get("/submit/receipt").text, client.get("/submit/receipt").text
    assert first == again
    [petition] = all_of(context)
    draft = carry.receipt_of(context.vault, client.cookies["minyi_receipt"])
    assert draft is not None
    assert petition.number in first
    assert client.post("/track", data={"number": petition.number, "code": draft[1]}).status_code == 303


def test_the_receipt_can_be_kept_as_signed_file_and_as_picture(
    writer: Write, client: TestClient, context: Context
) -> None:
    assert client.get("/submit/receipt.pdf").headers["location"] == "/track"
    page = writer()
    page.answer()
    page.say("send")
    assert 'href="/submit/receipt.png"' in client.get("/submit/receipt").text
    first = client.get("/submit/receipt.pdf").content
    assert first == client.get("/submit/receipt.pdf").content
    sent = client.post("/verify", files={"file": ("receipt.pdf", first, "application/pdf")}).text
    assert "真实，没有改动" in sent
    assert client.get("/submit/receipt.png").content.startswith(b"\x89PNG")


def test_sent_again_it_is_one_petition_with_the_same_receipt(
    writer: Write, client: TestClient, context: Context
) -> None:
    page = writer()
    page.answer()
    kept = {"carry": page.field("carry"), "at": "check", "go": "send"}
    assert client.post("/submit", data=kept).status_code == 303
    first = client.get("/submit/receipt").text
    assert client.post("/submit", data=kept).status_code == 303
    assert client.get("/submit/receipt").text == first
    assert len(all_of(context)) == 1


def test_nothing_is_kept_before_it_is_sent(writer: Write, context: Context) -> None:
    page = writer()
    page.answer()
    assert all_of(context) == []


def test_back_shows_what_was_typed_and_checks_nothing(writer: Write) -> None:
    page = writer()
    page.say(**ANSWERS["court"])
    page.say(**ANSWERS["matter"])
    page.say("back", demands=["只有一条", "", ""])
    assert page.step == "matter"
    assert "判决后没有执行" in page.page
    page.say(**ANSWERS["matter"])
    assert "只有一条" in page.page


def test_a_change_from_the_check_page_leads_straight_back_to_it(writer: Write) -> None:
    page = writer()
    page.answer(who=ANSWERS["who"] | {"address": "", "id_number": " "})
    assert "证件号码" not in page.page
    assert "<dd></dd>" not in page.page
    page.say("to:demands")
    page.say(demands=["另一条"])
    assert page.step == "check"
    assert "另一条" in page.page
    page.say("to:who")
    page.say(**(ANSWERS["who"] | {"as_who": "ward"}))
    assert page.step == "others"


@pytest.mark.parametrize(
    ("step", "typed", "sentence"),
    [
        ("court", {}, "请选择一家法院"),
        ("court", {"court": "京01"}, "请选择一家法院"),
        ("matter", {"subject": " ", "text": "x"}, "请用一句话写出是什么事"),
        ("demands", {"demands": ["", " "]}, "请至少写一条要求"),
        ("who", {}, "请选择您为谁提出"),
        ("who", {"as_who": "self", "phone": "13800000000"}, "请填写姓名"),
        ("who", {"as_who": "self", "name": "王小明"}, "请填写联系电话或通信地址"),
        ("tell", {"tell_by": ["", "mail"]}, "邮"),
    ],
)
def test_what_is_missing_is_said_beside_the_field(
    step: str, typed: dict[str, object], sentence: str, writer: Write
) -> None:
    page = writer()
    while page.step != step:
        page.say(**ANSWERS[page.step])
    page.say(**typed)
    assert (page.status, page.step) == (422, step)
    assert page.page.count(sentence) >= 2
    assert "data-error-summary" in page.page


def test_a_group_names_up_to_five_representatives(writer: Write, context: Context) -> None:
    page = writer()
    group = ANSWERS["who"] | {"as_who": "group"}
    six = {f"person-{n}-name": f"代表{n}" for n in range(6)}
    page.answer(who=group, others={"group_size": "30", **six})
    assert page.status == 422
    assert "代表最多 5 人，您填了 6 人" in page.page
    page.say(group_size="30", **{f"person-{n}-name": f"代表{n}" for n in range(5)})
    page.answer()
    page.say("send")
    with context.read() as s:
        people = s.exec(select(PetitionPerson).order_by(col(PetitionPerson.number))).all()
        assert [(each.role, each.name) for each in people] == [
            ("representative", f"代表{n}") for n in range(5)
        ]


def test_without_a_name_nobody_is_noted_and_fewer_questions_are_asked(
    writer: Write, context: Context
) -> None:
    page = writer()
    page.answer(who={"as_who": "anonymous", "name": "不该留下", "phone": "13900000000"})
    assert "不该留下" not in page.page.partition("<main")[2].partition('name="carry"')[0]
    assert "第 6 步，共 6 步" in page.page
    page.say("send")
    [petition] = all_of(context)
    with context.read() as s:
        person = petitions.petitioner(s, petition.id)
        assert person is not None
        assert (person.name, person.phone) == (None, None)


def test_a_draft_that_was_changed_or_lay_too_long_begins_anew_with_what_was_typed(
    writer: Write, clock: FixedClock
) -> None:
    page = writer()
    page.say(**ANSWERS["court"])
    clock.at += timedelta(days=31)
    page.say(**ANSWERS["matter"])
    assert "需要从这里重新开始" in page.page
    assert "判决后没有执行" in page.page


def test_one_address_waits_after_its_quota_and_loses_nothing(
    writer: Write, context: Context, clock: FixedClock
) -> None:
    most = Submitting().per_address_hour
    page = writer()
    page.answer()
    with db.unit_of_work(context.engine) as s:
        court = courts.by_code(s, "辽0102")
        for _ in range(most):
            service.take_quota(
                s, address="testclient", court_id=court.id, limits=Submitting(), now=clock.now()
            )
    page.say("send")
    assert page.status == 429
    assert "这个网络一小时内提交的信访太多" in page.page
    assert "书面说明理由" in page.page
    clock.at += timedelta(hours=1)
    assert page.say("send").status_code == 303
