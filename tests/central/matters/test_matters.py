"""Candidates of one matter, what a clerk decides, and the court's record of earlier petitions."""

from collections.abc import Callable
from typing import Any

from sqlmodel import select

from central import db
from central.context import Context
from central.courts import queries as courts
from central.events.verify import verify
from central.matters import following, queries, rules
from central.matters.models import MatterPiece
from central.matters.rules import Reason
from central.petitions.models import Petition
from central.petitions.queries import found as petition_of
from central.petitions.states import Act, State
from tests.central.desk.conftest import Desk
from tests.central.matters.test_texts import AGAIN, OTHER, STORY
from tests.central.supervision.conftest import Province
from tests.factories import petitions
from tests.factories.accounts import House

At = Callable[..., Desk]
PLAIN = {"phone": "", "petitioner_name": "", "address": "", "demands": "给我答复"}


def taken(context: Context, house: House, **fields: Any) -> Petition:
    """Return a petition that was registered and read by the reader of the log."""
    with db.unit_of_work(context.engine) as s:
        made = petitions.registered(s, house, **{**PLAIN, "subject": "来信", "text": STORY, **fields})
    following.run(context)
    return made


def likely_of(context: Context, petition: Petition) -> dict[Any, tuple[Reason, ...]]:
    with context.read() as s:
        row = petition_of(s, petition.id)
        what = queries.sought(s, row, courts.get(s, row.court_id).path)
        return {key: each.reasons for key, each in rules.trimmed(queries.found(s, what)).items()}


def test_each_reason_is_found_and_another_story_is_not(context: Context, house: House) -> None:
    first = taken(context, house, phone="138 0000 1111", case_numbers="（2023）辽0102民初123号")
    other = taken(context, house, text=OTHER)
    by_text = taken(context, house, text=AGAIN)
    by_case = taken(context, house, text="我的案子 2023辽0102民初第123号 没有结果")
    by_phone = taken(context, house, text="请问开庭时间", phone="+86 13800001111")
    assert likely_of(context, by_text) == {first.id: (Reason.TEXT,)}
    assert likely_of(context, by_case) == {first.id: (Reason.CASE,)}
    assert likely_of(context, by_phone) == {first.id: (Reason.PHONE,)}
    assert likely_of(context, other) == {}
    assert set(likely_of(context, first)) == {by_text.id, by_case.id, by_phone.id}


def test_a_clerk_compares_and_decides_and_is_not_asked_again(
    context: Context, house: House, desk: At
) -> None:
    first, again = taken(context, house), taken(context, house, text=AGAIN)
    at = desk("registrar")
    assert f"/petitions/{again.id}/matters/panel" in at.get(f"/petitions/{again.id}")
    assert first.number in at.get(f"/petitions/{again.id}/matters/panel")
    page = at.get(f"/petitions/{again.id}/matters")
    assert first.number in page
    assert "内容相近" in page
    page = at.get(f"/petitions/{again.id}/matters/{first.number}")
    assert 'mark class="only"' in page
    assert "并入" in page
    assert (
        at.post(f"/petitions/{again.id}/matters", other=first.number, verdict="different").status_code == 303
    )
    page = at.get(f"/petitions/{first.id}/matters")
    assert "没有找到可能是同一事项的信访件" in page
    assert at.get(f"/petitions/{again.id}/matters/panel").strip() == ""
    at.post(f"/petitions/{again.id}/matters", other=first.number, verdict="same", words="同一份判决")
    assert "同一份判决" in at.get(f"/petitions/{again.id}/matters")
    with context.read() as s:
        assert queries.same_matter(s, first.id) == {again.id}
    with context.read() as s:
        assert verify(s, public_key=None, anchor_folder=context.settings.data).findings == []


def test_an_unknown_number_and_the_petition_itself_are_refused(
    context: Context, house: House, desk: At
) -> None:
    first = taken(context, house)
    at = desk("registrar")
    for number in ("辽0102-2026-999999", first.number, "<b>"):
        assert at.post(f"/petitions/{first.id}/matters", other=number, verdict="same").status_code == 422


def test_what_is_typed_meets_what_is_there(context: Context, house: House, desk: At) -> None:
    first = taken(context, house)
    at = desk("registrar")
    assert first.number in at.post("/register/matters", text=AGAIN).text
    assert at.post("/register/matters", text=OTHER).text.strip() == ""
    assert at.post("/register/matters", text="x", phone="1").text.strip() == ""
    assert 'data-matters="/register/matters"' in at.get("/register")


def test_what_may_not_be_seen_is_a_petition_at_a_court_with_whom_to_call(
    context: Context, province: Province, desk: At
) -> None:
    houses = province.houses
    there = taken(context, houses["辽0103"], subject="不能看的题目", case_numbers="（2023）辽0102民初123号")
    here = taken(context, houses["辽0102"], text="案号（2023）辽0102民初123号")
    page = desk("registrar").get(f"/petitions/{here.id}/matters")
    assert "辽0103人民法院有一件可能是同一事项，您无权查看" in page
    assert houses["辽0103"].registrar.name in page
    assert there.number not in page
    assert "不能看的题目" not in page


def test_typing_tells_no_other_court_who_petitioned_elsewhere(
    context: Context, province: Province, desk: At
) -> None:
    there = taken(
        context, province.houses["辽0103"], phone="138 0000 1111", case_numbers="（2023）辽0102民初123号"
    )
    tried: tuple[dict[str, str], ...] = (
        {"text": AGAIN},
        {"phone": "13800001111", "text": "x"},
        {"case_numbers": "（2023）辽0102民初123号", "text": "x"},
    )
    own = desk("registrar", "ln0103")
    assert all(there.number in own.post("/register/matters", **fields).text for fields in tried)
    at = desk("registrar")
    assert [at.post("/register/matters", **fields).text.strip() for fields in tried] == ["", "", ""]
    by_text = taken(context, province.houses["辽0102"], text=AGAIN)
    assert "您无权查看" not in at.get(f"/petitions/{by_text.id}/matters")


def test_a_court_above_is_told_of_what_a_court_below_accepted(
    context: Context, province: Province, desk: At
) -> None:
    below = taken(context, province.houses["辽0102"])
    with db.unit_of_work(context.engine) as s:
        petitions.do(s, province.houses["辽0102"], below, Act.ACCEPT)
    above = taken(context, province.houses["辽01"], text=AGAIN)
    page = desk("registrar", "ln01").get(f"/petitions/{above.id}/matters")
    assert "第十九条第三款" in page


def test_the_record_is_opened_with_a_reason_and_shows_what_the_court_did(
    context: Context, house: House, desk: At
) -> None:
    with db.unit_of_work(context.engine) as s:
        first = petitions.at(s, house, State.REPLIED)
        again = petitions.registered(s, house)
    at, path = desk("registrar"), f"/petitions/{again.id}/history"
    assert first.number not in at.get(path)
    assert at.post(path, why="same_matter").status_code == 303
    page = at.get(path)
    assert first.number in page
    assert "经查属实" in page
    assert "前事今声" in at.get(f"/petitions/{first.id}/looks")


def test_an_erased_petition_leaves_and_everything_can_be_made_again(context: Context, house: House) -> None:
    first, again = taken(context, house), taken(context, house, text=AGAIN)
    with db.unit_of_work(context.engine) as s:
        before = sorted(s.exec(select(MatterPiece.value)).all())
        following.rebuild(s)
        assert s.exec(select(MatterPiece)).all() == []
    following.run(context)
    with context.read() as s:
        assert sorted(s.exec(select(MatterPiece.value)).all()) == before
    assert set(likely_of(context, again)) == {first.id}
