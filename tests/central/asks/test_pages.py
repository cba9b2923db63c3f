"""What petitioners send later: from their page to the staff who deal with it, and back."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response
from sqlmodel import select
from starlette.testclient import TestClient

from central import db
from central.actor import petitioner
from central.asks.models import PetitionerAsk
from central.context import Context
from central.deadlines.calendar import shipped_calendar
from central.events.models import Event
from central.events.verify import verify
from central.keeping import work
from central.keeping.models import Appraisal
from central.litigation import forms as litigation
from central.litigation import service as directing
from central.litigation.rules import route, table
from central.messages.models import PetitionerMessage
from central.notifications.models import Notice
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.portal import passes
from shared.clock import FixedClock
from shared.ids import new_id
from tests.central.desk.conftest import Desk
from tests.central.documents import corpus
from tests.central.portal.conftest import Receipt
from tests.factories import petitions
from tests.factories.accounts import House
from tests.factories.courts import MORNING

At = Callable[..., Desk]
Make = Callable[..., Receipt]
LookUp = Callable[[Receipt], str]
HERE = "/track/petition"
WORDS = "补充一份收条，证明已经付款。"


def send(client: TestClient, form: str, **fields: Any) -> Response:
    return client.post(f"{HERE}/{form}", data={"id": str(new_id()), **fields})


def page(client: TestClient, path: str = HERE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split())


def asks(context: Context) -> list[PetitionerAsk]:
    with context.read() as s:
        return list(s.exec(select(PetitionerAsk)).all())


def state(context: Context, held: Receipt) -> Petition:
    with context.read() as s:
        return s.get_one(Petition, held.petition.id)


def assert_whole(context: Context) -> None:
    with context.read() as s:
        assert verify(s, public_key=None, anchor_folder=context.settings.data / "anchors").findings == []


def test_what_was_asked_for_is_sent_and_the_clocks_run_again(
    receipt: Make, look_up: LookUp, client: TestClient, context: Context, desk: At
) -> None:
    held = receipt(State.AWAITING_SUPPLEMENT)
    assert "现在补充" in look_up(held)
    fields = {"id": str(new_id()), "words": WORDS}
    files = [("files", ("收条.png", corpus.png(), "image/png"))]
    for _ in range(2):  # a double tap
        answer = client.post(f"{HERE}/supplement", data=fields, files=files)
        assert answer.status_code == 303, answer.text
    shown = page(client, answer.headers["location"].partition("#")[0])
    assert all(words in shown for words in ("收到了", WORDS, "收条.png", "您补充和提出的"))
    assert state(context, held).state == State.REGISTERED
    [row] = asks(context)
    assert (row.numbers, row.due_on.isoformat()) == ((1,), "2026-11-30")

    registrar = desk("registrar")
    assert "待阅的补充材料" in registrar.get("/today")
    assert held.petition.number in registrar.get("/asks")
    one = f"/petitions/{held.petition.id}/asks/{row.id}"
    assert WORDS in registrar.get(one)
    assert registrar.post(f"{one}/seen", words="收到，已转承办人。").status_code == 303
    assert registrar.post(f"{one}/seen").status_code == 409
    assert "待阅的补充材料" not in registrar.get("/today")
    assert "收到，已转承办人。" in look_up(held)
    assert_whole(context)


def test_at_other_times_it_is_added_to_the_file_and_the_handler_is_told(
    receipt: Make, look_up: LookUp, client: TestClient, context: Context, house: House
) -> None:
    held = receipt(State.HANDLING)
    look_up(held)
    before = state(context, held)
    assert send(client, "supplement", words=WORDS).status_code == 303
    after = state(context, held)
    assert (after.state, after.version, after.next_due_on) == (
        before.state,
        before.version,
        before.next_due_on,
    )
    with context.read() as s:
        told = s.exec(select(Notice).where(Notice.kind == "asks.told.supplement")).all()
    assert [each.staff_id for each in told] == [house.handler.staff_id]


def test_files_that_cannot_be_taken_keep_nothing_else_out(
    receipt: Make, look_up: LookUp, client: TestClient, context: Context
) -> None:
    look_up(receipt(State.HANDLING))
    files = [
        ("files", ("坏.png", b"no picture", "image/png")),
        ("files", ("好.png", corpus.png(), "image/png")),
    ]
    answer = client.post(f"{HERE}/supplement", data={"id": str(new_id()), "words": WORDS}, files=files)
    assert answer.status_code == 200
    assert "坏.png" in answer.text
    assert [row.numbers for row in asks(context)] == [(1,)]
    only_bad = client.post(f"{HERE}/supplement", data={"id": str(new_id())}, files=files[:1])
    assert (only_bad.status_code, len(asks(context))) == (422, 1)


def test_nothing_is_sent_without_words_or_a_file_and_ten_forms_a_day_are_enough(
    receipt: Make, look_up: LookUp, client: TestClient, context: Context, clock: FixedClock
) -> None:
    held = receipt(State.HANDLING)
    look_up(held)
    empty = send(client, "supplement", words="  ")
    assert (empty.status_code, "请写下要补充的内容" in empty.text) == (422, True)
    too_long = send(client, "supplement", words="长" * 4001)
    assert (too_long.status_code, "长" * 4001 in too_long.text) == (422, True)
    for number in range(10):
        assert send(client, "supplement", words=f"第{number}次").status_code == 303
    last = send(client, "supplement", words=WORDS)
    assert (last.status_code, WORDS in last.text) == (409, True)
    clock.at += timedelta(days=1, minutes=1)
    look_up(held)
    assert send(client, "supplement", words=WORDS).status_code == 303
    assert len(asks(context)) == 11


def test_an_objection_is_checked_sent_and_answered_by_a_leader_never_by_the_handler(
    receipt: Make, look_up: LookUp, client: TestClient, context: Context, desk: At
) -> None:
    held = receipt(State.HANDLING)
    look_up(held)
    fields = {"id": str(new_id()), "about": "delay", "words": "已经三个月没有消息。"}
    assert send(client, "objection", about="delay").status_code == 422
    check = client.post(f"{HERE}/objection", data=fields)
    assert "请核对您的异议" in check.text
    assert asks(context) == []
    change = client.post(f"{HERE}/objection", data=fields | {"change": "true"})
    assert "已经三个月没有消息。" in change.text
    for _ in range(2):
        assert client.post(f"{HERE}/objection", data=fields | {"sure": "true"}).status_code == 303
    [row] = asks(context)
    assert "最迟周二 12月8日，法院要答复您的异议" in page(client)

    one = f"/petitions/{held.petition.id}/asks/{row.id}"
    handler = desk("handler")
    assert "待答复的异议" not in handler.get("/today")
    answer = {"outcome": "partly", "words": "确有拖延，已责成本周内答复。"}
    assert handler.post(f"{one}/answer", **answer).status_code == 403
    leader = desk("leader")
    assert "待答复的异议" in leader.get("/today")
    assert leader.post(f"{one}/answer", outcome="partly").status_code == 422
    assert leader.post(f"{one}/answer", **answer).status_code == 303
    shown = look_up(held)
    assert "确有拖延，已责成本周内答复。" in shown
    assert "异议部分成立" in shown
    assert_whole(context)


@pytest.mark.parametrize("at", [State.REGISTERED, State.AWAITING_SUPPLEMENT, State.HANDLING, State.APPROVED])
def test_until_the_answer_left_a_petition_is_taken_back_by_ones_own_decision(
    at: State, receipt: Make, look_up: LookUp, client: TestClient, context: Context
) -> None:
    held = receipt(at)
    look_up(held)
    assert "请先勾选" in send(client, "withdraw", words="问题已经解决").text
    for _ in range(2):
        assert send(client, "withdraw", words="问题已经解决", sure="true").status_code == 303
    assert state(context, held).state == State.WITHDRAWN
    shown = page(client)
    assert "这件信访已经按您的要求撤回" in shown
    assert "问题已经解决" in shown
    assert f"{HERE}/withdraw" not in shown
    with context.read() as s:
        [event] = s.exec(select(Event).where(Event.kind == "petition.withdrawn")).all()
    assert event.actor == "petitioner"


def test_contact_data_are_corrected_and_the_log_names_the_items_alone(
    receipt: Make, look_up: LookUp, client: TestClient, context: Context, desk: At
) -> None:
    held = receipt(State.HANDLING)
    look_up(held)
    assert "13800000000" in page(client, f"{HERE}/contact")
    fields = {
        "phone": "13911112222",
        "mail": "",
        "address": "大连市",
        "tell_by": ["", "sms"],
        "reply_by": "post",
    }
    wrong = client.post(f"{HERE}/contact", data=fields | {"phone": "", "address": "新地址"})
    assert (wrong.status_code, "新地址" in wrong.text) == (422, True)
    for _ in range(2):
        assert client.post(f"{HERE}/contact", data=fields).status_code == 303
    shown = page(client)
    assert "尾号 2222" in shown
    assert shown.count("联系方式或者通知方式更正了") == 1
    with context.read() as s:
        [event] = s.exec(select(Event).where(Event.kind == "petition.contact_changed")).all()
    assert "13911112222" not in event.data
    assert "13911112222" in desk("handler").get(f"/petitions/{held.petition.id}")


@pytest.mark.parametrize("at", [State.REPLIED, State.DECLINED, State.CLOSED])
def test_afterwards_it_is_too_late_and_the_page_says_so(
    at: State, receipt: Make, look_up: LookUp, client: TestClient, context: Context
) -> None:
    held = receipt(at)
    assert f"{HERE}/withdraw" not in look_up(held)
    answer = send(client, "withdraw", sure="true")
    assert (answer.status_code, "不能再撤回" in answer.text) == (409, True)
    assert state(context, held).state == at


def test_two_people_decide_on_a_wish_for_erasure_and_the_reasons_are_told(
    receipt: Make, look_up: LookUp, client: TestClient, context: Context, desk: At
) -> None:
    held = receipt(State.HANDLING)
    look_up(held)
    for _ in range(2):
        assert send(client, "erasure", sure="true", words="已搬走").status_code == 303
        assert (
            client.get("/track/petition/erasure", follow_redirects=False)
            .headers["location"]
            .endswith("#erasure")
        )
    assert "最迟周三 12月23日，法院要答复您的删除申请" in page(client)
    with context.read() as s:
        [row] = s.exec(select(Appraisal)).all()
    registrar = desk("registrar")
    assert "删除申请" in registrar.get("/today")
    assert "信访人申请删除" in registrar.get("/keeping")
    ids = {"ids": str(row.id), "state": "due"}
    erase = registrar.post("/keeping/propose", **ids, decision="erase", words="同意")
    assert "还没办结" in erase.text
    words = "正在办理，办结后再删除。"
    assert (
        registrar.post("/keeping/propose", **ids, decision="keep", years="1", words=words).status_code == 303
    )
    leader = desk("leader")
    assert "待您决定的删除申请" in leader.get("/today")
    assert leader.post("/keeping/agree", ids=str(row.id), state="proposed").status_code == 303
    assert words in look_up(held)


def test_an_ended_petition_is_erased_at_its_petitioners_wish(
    receipt: Make, look_up: LookUp, client: TestClient, context: Context, desk: At
) -> None:
    held = receipt(State.CLOSED)
    look_up(held)
    assert send(client, "supplement", words=WORDS).status_code == 303
    assert send(client, "erasure", sure="true", words="不想留着").status_code == 303
    with context.read() as s:
        [row] = s.exec(select(Appraisal)).all()
    desk("registrar").post("/keeping/propose", ids=str(row.id), decision="erase", years="", words="同意")
    assert desk("leader").post("/keeping/agree", ids=str(row.id)).status_code == 303
    work.run(context)
    shown = look_up(held)
    assert "信访人申请删除" in shown
    assert WORDS not in shown
    assert client.get(f"{HERE}/data").status_code == 200
    assert send(client, "supplement", words=WORDS).status_code == 409
    assert_whole(context)


def test_everything_held_is_taken_away_in_one_file_and_that_is_on_record(
    receipt: Make, look_up: LookUp, client: TestClient, context: Context, house: House
) -> None:
    held = receipt(State.REPLIED)
    look_up(held)
    files = [("files", ("收条.png", corpus.png(), "image/png"))]
    client.post(f"{HERE}/supplement", data={"id": str(new_id()), "words": WORDS}, files=files)
    answer = client.post(f"{HERE}/data/file")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
        data = json.loads(packed.read("data.json"))
        shown = packed.read("index.html").decode()
    assert names[-1] == "files/001-收条.png"
    assert data["petitioner"]["phone"] == "13800000000"
    assert data["replies"][0]["text"] == "现答复如下。"
    assert data["sent_later"][0]["words"] == WORDS
    assert all(
        words in shown for words in (held.petition.number, "13800000000", "现答复如下。", WORDS, "王小明")
    )
    assert "您自己下载了这件信访的资料" in page(client)
    for _ in range(4):
        client.post(f"{HERE}/data/file")
    assert client.post(f"{HERE}/data/file").status_code == 429


def test_what_is_taken_away_holds_all_that_is_held(
    receipt: Make, look_up: LookUp, client: TestClient, context: Context, house: House
) -> None:
    with db.unit_of_work(context.engine) as s:
        people = [{"role": "agent", "name": "李代理", "phone": "13700000000"}]
        petition = petitions.registered(s, house, case_numbers="（2023）辽0102民初123号", people=people)
        guidance = table().get("civil_appeal")
        assert guidance is not None
        way = route(
            guidance,
            MORNING.date(),
            today=MORNING.date(),
            calendar=shipped_calendar(),
            warning=table().warning,
        )
        letter = litigation.Send(procedure="civil_appeal", remark="请在上诉期内上诉。")
        directing.send(
            s, petition_id=petition.id, form=letter, route=way, court="某院", by=house.registrar, now=MORNING
        )
        petitions.do(s, house, petition, Act.RECORD_DELIVERY, by=house.registrar)
        for act in (Act.CLOSE, Act.REOPEN, *petitions.WAY[State.REPLIED][1:]):
            petitions.do(s, house, petition, act)
        petitions.do(s, house, petition, Act.LOG_ATTEMPT)
        petitions.do(s, house, petition, Act.RECORD_DELIVERY)
        petitions.do(s, house, petition, Act.FOLLOW_UP, satisfaction="unsatisfied", words="没有说明理由")
        petitions.do(s, house, petition, Act.DECIDE, remark="答复已逐项说明")
        petitions.do(s, house, petition, Act.CLOSE)
        petitions.do(s, house, petition, Act.ASK_REVIEW)
        code = petitions.do(s, petitions.deciding(s, petition), petition, Act.REISSUE_CODE)
        s.add(
            PetitionerMessage(
                key="reply:sms",
                petition_id=petition.id,
                court_id=petition.court_id,
                channel="sms",
                about=["reply"],
                made_at=MORNING,
                next_try_at=MORNING,
            )
        )
    look_up(Receipt(petition, code))
    with zipfile.ZipFile(io.BytesIO(client.post(f"{HERE}/data/file").content)) as packed:
        data = json.loads(packed.read("data.json"))
        letters = {name: packed.read(name) for name in packed.namelist() if name.startswith("letters/")}
        shown = packed.read("index.html").decode()
    held = {
        "case_numbers": "（2023）辽0102民初123号",
        "people": "李代理",
        "litigation": "请在上诉期内上诉。",
        "deliveries": "EMS 1234",
        "delivery_attempts": "nobody_answered",
        "said_of_the_answer": "没有说明理由",
        "decided_on_it": "答复已逐项说明",
        "reviews": "请撤销答复",
        "messages": "reply",
    }
    assert [
        name for name, words in held.items() if words not in json.dumps(data[name], ensure_ascii=False)
    ] == []
    assert [words for name, words in held.items() if words not in shown and name != "messages"] == [
        "nobody_answered"
    ]
    assert [each.split("-")[1] for each in letters] == ["诉讼途径告知书", "信访事项处理意见书", "收件回执"]
    assert set(letters) <= set(data["files"])
    assert all(content.startswith(b"%PDF") for content in letters.values())


def test_an_ended_pass_loses_nothing_that_was_typed(
    receipt: Make, look_up: LookUp, client: TestClient, context: Context, clock: FixedClock
) -> None:
    held = receipt(State.HANDLING)
    look_up(held)
    clock.at += passes.LIFE + timedelta(minutes=1)
    fields = {"id": str(new_id()), "about": "delay", "words": "已经三个月没有消息。"}
    asked = client.post(f"{HERE}/objection", data=fields | {"sure": "true"})
    assert asked.status_code == 401
    assert "已经三个月没有消息。" in asked.text
    kept = fields | {"form": "objection", "number": held.petition.number}
    wrong = client.post("/track/again", data=kept | {"code": "0" * 16})
    assert (wrong.status_code, "已经三个月没有消息。" in wrong.text) == (404, True)
    again = client.post("/track/again", data=kept | {"code": held.code})
    assert (again.status_code, "已经三个月没有消息。" in again.text) == (200, True)
    assert asks(context) == []
    assert client.post(f"{HERE}/objection", data=fields | {"sure": "true"}).status_code == 303
    assert len(asks(context)) == 1


def test_a_petitioner_sees_and_acts_on_their_own_petition_alone(
    receipt: Make, look_up: LookUp, client: TestClient, context: Context, house: House
) -> None:
    mine, other = receipt(State.HANDLING), receipt(State.HANDLING)
    look_up(other)
    fields = {"id": str(new_id()), "words": WORDS}
    assert client.post(f"{HERE}/supplement", data=fields).status_code == 303
    look_up(mine)
    answer = client.post(f"{HERE}/supplement", data=fields)
    assert (answer.status_code, len(asks(context))) == (409, 1)
    with db.unit_of_work(context.engine) as s, pytest.raises(Exception, match="not_found"):
        petitions.do(s, house, other.petition.id, Act.WITHDRAW, by=petitioner(mine.petition.id))


@pytest.mark.parametrize("form", ["supplement", "objection", "withdraw", "contact", "erasure", "data"])
def test_without_a_pass_there_is_no_form(form: str, client: TestClient) -> None:
    answer = client.get(f"{HERE}/{form}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/track")


@pytest.mark.parametrize("form", ["supplement", "objection", "withdraw", "contact", "erasure", "data"])
def test_every_form_reads_in_english(form: str, receipt: Make, look_up: LookUp, client: TestClient) -> None:
    look_up(receipt(State.HANDLING))
    assert "Back without sending" in client.get(f"{HERE}/{form}?lang=en").text


@pytest.mark.parametrize("form", ["supplement", "objection", "withdraw", "contact", "erasure"])
def test_every_form_is_kept_while_number_and_code_are_asked_for(
    form: str, receipt: Make, client: TestClient
) -> None:
    held = receipt(State.HANDLING)
    typed = {"words": WORDS, "phone": "13911112222", "tell_by": ["", "sms"]}
    asked = client.post(f"{HERE}/{form}", data=typed)
    assert asked.status_code == 401
    hidden = dict(re.findall(r'<textarea name="(\w+)" hidden[^>]*>\n([^<]*)</textarea>', asked.text))
    again = client.post(
        "/track/again", data=hidden | {"form": form, "number": held.petition.number, "code": held.code}
    )
    assert again.status_code == 200
    kept = ("13911112222", 'value="sms" checked') if form == "contact" else (WORDS,)
    assert all(each in again.text for each in kept)


@pytest.mark.parametrize(
    ("form", "state_", "typed", "kept"),
    [
        ("review", State.CLOSED, {"asked": WORDS}, (WORDS,)),
        (
            "satisfaction",
            State.FOLLOWED_UP,
            {"satisfaction": "partly", "words": WORDS, "answer_full": "no"},
            (WORDS, 'value="partly" checked', '<option value="no" selected'),
        ),
    ],
)
def test_what_is_said_of_the_answer_is_kept_as_well(
    form: str, state_: State, typed: dict[str, str], kept: tuple[str, ...], receipt: Make, client: TestClient
) -> None:
    held = receipt(state_)
    asked = client.post(f"{HERE}/{form}", data=typed)
    assert (asked.status_code, WORDS in asked.text) == (401, True)
    hidden = dict(re.findall(r'<textarea name="(\w+)" hidden[^>]*>\n([^<]*)</textarea>', asked.text))
    again = client.post(
        "/track/again", data=hidden | {"form": form, "number": held.petition.number, "code": held.code}
    )
    assert again.status_code == 200
    assert [each for each in kept if each not in again.text] == []
    sent = {name: value for name, value in hidden.items() if value} | {"of": held.petition.number}
    assert client.post(f"{HERE}/{form}", data=sent).status_code == 303
