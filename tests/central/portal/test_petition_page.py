"""What the petitioner reads, at every stage, and what nobody outside the court reads."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from central import db
from central.context import Context
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.petitions.states import Act, State
from shared.clock import FixedClock
from shared.ids import new_id
from tests.central.documents.corpus import jpeg
from tests.central.portal.conftest import Receipt
from tests.factories import petitions
from tests.factories.accounts import House
from tests.factories.accounts import house as make_house
from tests.factories.courts import MORNING, SEED

Make = Callable[..., Receipt]
LookUp = Callable[[Receipt], str]
SECRET = "内部讨论不外传"


@pytest.mark.parametrize("state", [each for each in State if each is not State.TRANSFERRED])
def test_every_state_has_its_page(state: State, receipt: Make, look_up: LookUp) -> None:
    assert "物业服务纠纷执行" in look_up(receipt(state))


@pytest.mark.parametrize("state", [State.HANDLING, State.REPLIED, State.CLOSED])
def test_the_page_is_complete_in_english(
    state: State, receipt: Make, look_up: LookUp, client: TestClient
) -> None:
    look_up(receipt(state))
    assert "What has happened so far" in client.get("/track/petition?lang=en").text


def test_what_was_handed_in_and_the_receipt_are_on_it(
    receipt: Make, look_up: LookUp, client: TestClient
) -> None:
    held = receipt(State.REGISTERED)
    look_up(held)
    photo = {"files": ("门牌.jpg", jpeg(), "image/jpeg")}
    client.post("/track/petition/supplement", data={"id": str(new_id()), "words": "见照片"}, files=photo)
    page = client.get("/track/petition").text
    assert "<li>门牌.jpg</li>" in page
    assert client.get("/track/petition/receipt.pdf").content.startswith(b"%PDF")
    assert "/track/petition/receipt.pdf" in page


def test_no_sign_is_escaped_twice(
    receipt: Make, look_up: LookUp, client: TestClient, context: Context, house: House
) -> None:
    held = receipt(State.REGISTERED)
    with db.unit_of_work(context.engine) as s:
        s.merge(house.court).name_en = "Heping District People's Court"
        log.record(
            s, kind=Kind.COURT_CREATED, stream=stream_name("court", house.court.id), actor=SEED, at=MORNING
        )
    look_up(held)
    page = client.get("/track/petition?lang=en").text
    assert "&amp;#" not in page
    assert "People&#39;s" in page


def test_it_says_what_the_court_owes_by_when_and_how_the_date_was_found(
    receipt: Make, look_up: LookUp
) -> None:
    page = look_up(receipt(State.REGISTERED))
    assert "最迟周一 11月30日，法院要告诉您：信访收到了，由谁办理。" in page
    assert "还有 7 天" in page
    assert "/track/petition/clocks/" in page


def test_it_names_court_handler_and_leader(receipt: Make, look_up: LookUp) -> None:
    page = look_up(receipt(State.HANDLING))
    assert all(name in page for name in ("辽0102人民法院", "辽0102的handler", "辽0102的leader"))


def test_a_late_court_is_called_late_and_the_page_says_where_to_turn(
    receipt: Make, look_up: LookUp, clock: FixedClock
) -> None:
    held = receipt(State.REGISTERED)
    clock.at += timedelta(days=10)
    page = look_up(held)
    assert "法院已经超期 3 天" in page
    assert "12368" in page


def test_the_issued_reply_is_there_with_the_outcome_of_each_demand(receipt: Make, look_up: LookUp) -> None:
    page = look_up(receipt(State.REPLIED))
    assert all(words in page for words in ("现答复如下。", "支持", "经查属实。", "民法典第九百四十二条"))


@pytest.mark.parametrize("state", [State.HANDLING, State.DRAFTED, State.APPROVED])
def test_a_reply_is_not_shown_before_it_is_issued(
    state: State, receipt: Make, look_up: LookUp, context: Context, house: House
) -> None:
    held = receipt(State.HANDLING)
    with db.unit_of_work(context.engine) as s:
        petitions.do(s, house, held.petition.id, Act.SAVE_DRAFT, text=SECRET)
        if state is not State.HANDLING:
            petitions.do(s, house, held.petition.id, Act.SUBMIT)
        if state is State.APPROVED:
            petitions.do(s, house, held.petition.id, Act.APPROVE)
    page = look_up(held)
    assert SECRET not in page
    assert "经查属实" not in page
    assert "答复待审批" not in page


def test_a_draft_of_the_next_round_does_not_hide_the_issued_reply(
    receipt: Make, look_up: LookUp, context: Context, house: House
) -> None:
    held = receipt(State.FOLLOWED_UP)
    with db.unit_of_work(context.engine) as s:
        petitions.do(s, house, held.petition.id, Act.REOPEN)
        petitions.do(s, house, held.petition.id, Act.SAVE_DRAFT, text=SECRET)
    page = look_up(held)
    assert "现答复如下。" in page
    assert SECRET not in page


@pytest.mark.parametrize(
    ("state", "act"),
    [
        (State.ACCEPTED, Act.ASSIGN),
        (State.ASSIGNED, Act.TAKE_UP),
        (State.DRAFTED, Act.SEND_BACK),
        (State.DRAFTED, Act.APPROVE),
        (State.APPROVED, Act.ISSUE),
        (State.REPLIED, Act.LOG_ATTEMPT),
        (State.FOLLOWED_UP, Act.CLOSE),
        (State.FOLLOWED_UP, Act.REOPEN),
    ],
)
def test_remarks_inside_the_court_stay_there(state: State, act: Act, receipt: Make, look_up: LookUp) -> None:
    assert SECRET not in look_up(receipt(state, act, remark=SECRET))


def test_the_proof_of_delivery_stays_in_the_court(receipt: Make, look_up: LookUp) -> None:
    assert SECRET not in look_up(receipt(State.REPLIED, Act.RECORD_DELIVERY, proof=SECRET))


@pytest.mark.parametrize(
    ("state", "act", "sentence"),
    [
        (State.REGISTERED, Act.DECLINE, "不受理"),
        (State.REGISTERED, Act.TO_LITIGATION, "诉讼程序"),
        (State.REGISTERED, Act.ASK_SUPPLEMENT, "补充材料"),
    ],
)
def test_a_notice_is_read_in_full(
    state: State, act: Act, sentence: str, receipt: Make, look_up: LookUp
) -> None:
    page = look_up(receipt(state, act, remark="请看《信访工作条例》第二十二条"))
    assert sentence in page
    assert "请看《信访工作条例》第二十二条" in page


def test_asked_for_a_supplement_it_says_what_to_do_by_when_and_that_the_periods_stand_still(
    receipt: Make, look_up: LookUp
) -> None:
    page = look_up(receipt(State.AWAITING_SUPPLEMENT))
    assert "请在周二 12月8日之前（含当天）把材料补交给辽0102人民法院" in page
    assert "期限已暂停" in page


def test_a_supplement_asked_long_ago_can_still_be_sent(
    receipt: Make, look_up: LookUp, clock: FixedClock
) -> None:
    held = receipt(State.AWAITING_SUPPLEMENT)
    clock.at += timedelta(days=40)
    page = look_up(held)
    assert "您仍然可以补交" in page
    assert "法院已经超期" not in page


def test_a_transferred_petition_names_the_court_that_owes_now(
    receipt: Make, look_up: LookUp, context: Context
) -> None:
    with db.unit_of_work(context.engine) as s:
        there = make_house(s, "辽0103")
    page = look_up(receipt(State.TRANSFERRED, to=there))
    assert "您的信访已经转到辽0103人民法院" in page
    assert "对转送、交办提出异议" not in page


def test_after_delivery_the_right_to_a_review_stands_there_with_its_day(
    receipt: Make, look_up: LookUp
) -> None:
    page = look_up(receipt(State.REPLIED, Act.RECORD_DELIVERY))
    assert "之前（含当天）向上一级机关申请复查" in page


def test_closed_without_delivery_says_why_and_what_to_do(
    receipt: Make, look_up: LookUp, context: Context, house: House
) -> None:
    held = receipt(State.REPLIED)
    with db.unit_of_work(context.engine) as s:
        petitions.excused(s, house, held.petition.id, Act.CLOSE_EXCUSED, remark=SECRET)
    page = look_up(held)
    assert "没能把答复送到您手上（多次联系无人应答）" in page
    assert "留下新的联系方式" in page
    assert SECRET not in page


def test_a_closed_one_owes_nothing_more(receipt: Make, look_up: LookUp) -> None:
    page = look_up(receipt(State.CLOSED))
    assert "这件信访已经办结。" in page
    assert "法院没有还没做的事" in page


def test_a_merged_one_does_not_name_the_other_petition(receipt: Make, look_up: LookUp) -> None:
    held = receipt(State.MERGED)
    page = look_up(held)
    others = {f"辽0102-2026-{serial:06d}" for serial in (1, 2, 3)} - {held.petition.number}
    assert "另一件信访" in page
    assert not any(other in page for other in others)


def test_name_address_and_phone_are_not_on_the_page(receipt: Make, look_up: LookUp) -> None:
    page = look_up(receipt(State.REGISTERED))
    assert not any(words in page for words in ("王小明", "13800000000", "某路1号"))
    assert "尾号 0000" in page


def test_the_registrar_is_not_named(receipt: Make, look_up: LookUp) -> None:
    assert "的registrar" not in look_up(receipt(State.CLOSED))
