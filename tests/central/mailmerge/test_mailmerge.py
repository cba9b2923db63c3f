"""One text becomes each petition's own letter, through approval to issue; broken off anywhere, none twice and none left out."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, select

from central import db
from central.commands import log
from central.context import Context
from central.letters.models import Letter
from central.mailmerge import work
from central.mailmerge.models import MailMerge, MailMergeItem
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.replies import queries as replies
from central.wording.shipped import starters
from shared.ids import new_id
from tests.central.desk.conftest import Desk
from tests.central.supervision.conftest import Province
from tests.factories import petitions

Bring = Callable[..., Petition]
At = Callable[..., Desk]
WORDS = "【信访人】：您的来信（【编号】）收悉。"
TEXT = {
    "title": "供热收费答复",
    "outcome": "explain",
    "facts": "关于“【诉求】”，已核实。",
    "basis": "《信访工作条例》第三十二条",
}


def _write(at: Desk, *found: Petition, go: str = "start", **more: Any) -> Any:
    numbers = "\n".join(each.number for each in found)
    return at.post("/mailmerge", id=new_id().hex, numbers=numbers, go=go, **(TEXT | {"words": WORDS} | more))


def _now(context: Context, petition: Petition) -> Petition:
    with context.read() as s:
        return s.get_one(Petition, petition.id)


def _merge(context: Context) -> MailMerge:
    with context.read() as s:
        return s.exec(select(MailMerge)).one()


def _do(at: Desk, context: Context, act: str, **more: str) -> Any:
    answer = at.post(f"/mailmerge/{_merge(context).id}/acts", act=act, **more)
    work.run(context)
    return answer


def test_each_gets_its_own_letter_through_approval_to_issue(desk: At, bring: Bring, context: Context) -> None:
    found = [bring(State.HANDLING) for _ in range(3)]
    assert _write(desk("handler"), *found).status_code == 303
    work.run(context)
    assert {_now(context, each).state for each in found} == {State.DRAFTED}
    with context.read() as s:
        for each in found:
            reply = replies.latest(s, each.id)
            assert reply is not None
            assert reply.text == f"王小明：您的来信（{each.number}）收悉。"
            facts = {item.facts for item in replies.items(s, reply.id).values()}
            assert facts == {"关于“尽快执行”，已核实。", "关于“书面说明理由”，已核实。"}
    _do(desk("leader"), context, "approve")
    assert {_now(context, each).state for each in found} == {State.APPROVED}
    _do(desk("handler"), context, "issue")
    assert {_now(context, each).state for each in found} == {State.REPLIED}
    with context.read() as s:
        letters = s.exec(select(Letter).where(Letter.kind == "reply")).all()
        assert sorted(letter.petition_id for letter in letters) == sorted(each.id for each in found)
    assert not log.run(context).findings


def test_the_preview_fills_in_and_says_what_is_left_out(desk: At, bring: Bring) -> None:
    one, other = bring(State.HANDLING), bring(State.REGISTERED)
    shown = _write(desk("handler"), one, go="preview").text
    assert f"王小明：您的来信（{one.number}）收悉。" in shown
    assert "起草并送审 1 件" in shown
    registrar = _write(desk("registrar"), one, other, go="preview").text
    assert "由别人承办（1 件）" in registrar
    assert "还没有开始办理（1 件）" in registrar
    # Others' petitions are read on their own pages, where a reason is asked for.
    assert "王小明" not in registrar
    assert "尽快执行" not in registrar
    unknown = _write(desk("handler"), one, go="preview", facts="关于【楼栋】的说明。").text
    assert "【楼栋】" in unknown
    assert "没有内容可以填入" in unknown


def test_what_cannot_be_done_is_said_and_the_others_go_on(desk: At, bring: Bring, context: Context) -> None:
    fits, drafted, taken = bring(State.HANDLING), bring(State.HANDLING, Act.SAVE_DRAFT), bring(State.HANDLING)
    at = desk("handler")
    answer = _write(at, fits, drafted, taken)
    desk("handler").post(f"/petitions/{taken.id}/draft", text="自己写的")
    work.run(context)
    assert _now(context, fits).state == State.DRAFTED
    assert _now(context, drafted).state == _now(context, taken).state == State.HANDLING
    page = desk("handler").get(f"{answer.headers['location']}?only=refused")
    assert page.count("已经有人写了答复稿") == 2
    assert fits.number not in page


def test_one_that_breaks_holds_up_no_other(desk: At, bring: Bring, context: Context) -> None:
    broken, sound = bring(State.HANDLING), bring(State.HANDLING)
    _write(desk("handler"), broken, sound)
    context.vault.destroy(broken.key_id)
    work.run(context)
    assert _now(context, sound).state == State.DRAFTED
    with context.read() as s:
        problems = [each.problem or "" for each in s.exec(select(MailMergeItem)).all()]
    assert [bool(each) for each in problems] == [True, False], problems


def test_an_unfilled_place_keeps_a_letter_from_approval(desk: At, bring: Bring, context: Context) -> None:
    petition = bring(State.HANDLING)
    _write(desk("handler"), petition, facts="关于【楼栋】的说明。")
    work.run(context)
    assert _now(context, petition).state == State.HANDLING
    with context.read() as s:
        assert replies.latest(s, petition.id) is None


def test_sent_back_with_words_and_sent_again(desk: At, bring: Bring, context: Context) -> None:
    found = [bring(State.HANDLING), bring(State.HANDLING)]
    _write(desk("handler"), *found)
    work.run(context)
    assert _do(desk("leader"), context, "send_back").status_code == 422
    _do(desk("leader"), context, "send_back", remark="请写明标准")
    assert {_now(context, each).state for each in found} == {State.HANDLING}
    desk("handler").post(f"/petitions/{found[0].id}/draft", text="改过的开头")
    _do(desk("handler"), context, "submit")
    with context.read() as s:
        reply = replies.latest(s, found[0].id)
        assert reply is not None
        assert reply.text == "改过的开头"
    # What is no longer the common text is not approved unread.
    _do(desk("leader"), context, "approve")
    assert _now(context, found[0]).state == State.DRAFTED
    assert _now(context, found[1]).state == State.APPROVED
    place = f"/mailmerge/{_merge(context).id}?only=refused"
    assert "请打开阅读后单独批准" in desk("leader").get(place)


class Cut(BaseException):
    """The power goes."""


def test_cut_off_anywhere_none_is_done_twice(
    desk: At, bring: Bring, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [bring(State.HANDLING) for _ in range(4)]
    _write(desk("handler"), *found)
    with context.read() as s:
        merge_id = s.exec(select(MailMerge.id)).one()
    commit, commits = Session.commit, 0

    def cutting(s: Session) -> None:
        nonlocal commits
        commits += 1
        if commits % 2:
            raise Cut
        commit(s)

    for _ in range(40):
        try:
            with monkeypatch.context() as power:
                power.setattr(Session, "commit", cutting)
                work.carry_on(context, merge_id)
            break
        except Cut:
            continue
    with context.read() as s:
        for each in found:
            reply = replies.latest(s, each.id)
            assert reply is not None
            assert len(replies.versions(s, reply.id)) == 1
        assert s.exec(select(MailMerge)).one().act is None
    assert {_now(context, each).state for each in found} == {State.DRAFTED}


def test_stopped_it_rests_and_goes_on(desk: At, bring: Bring, context: Context) -> None:
    found = [bring(State.HANDLING) for _ in range(3)]
    at = desk("handler")
    place = _write(at, *found).headers["location"]
    merge_id = UUID(place.rpartition("/")[2])
    assert work.step(context, merge_id)
    at.post(f"{place}/stop")
    assert work.run(context) == 0
    page = at.get(place)
    assert "已暂停" in page
    assert 'value="1" max="3"' in page
    at.post(f"{place}/go-on")
    work.run(context)
    assert {_now(context, each).state for each in found} == {State.DRAFTED}


def test_only_who_began_it_goes_on_with_it(desk: At, bring: Bring, context: Context) -> None:
    petition = bring(State.HANDLING)
    place = _write(desk("handler"), petition).headers["location"]
    at = desk("leader")
    assert at.post(f"{place}/stop").status_code == 303
    assert at.post(f"{place}/go-on").status_code == 403
    assert at.post(f"{place}/end").status_code == 303
    work.run(context)
    assert _now(context, petition).state == State.HANDLING


def test_it_is_known_to_its_court_alone_and_petitions_kept_from_one_stay_hidden(
    desk: At, bring: Bring, context: Context, province: Province
) -> None:
    petition, other = bring(State.HANDLING), bring(State.HANDLING)
    place = _write(desk("handler"), petition, other).headers["location"]
    work.run(context)
    with db.unit_of_work(context.engine) as s:
        petitions.do(s, province.houses["辽0102"], petition, Act.NAME_CONFLICT, person="leader.ln0102")
    page = desk("leader").get(place)
    assert petition.number not in page
    assert "您不能查看的" in page
    assert other.number in page
    assert desk("leader", "ln0103").client.get(place).status_code == 404
    with db.unit_of_work(context.engine) as s:
        petitions.do(s, province.houses["辽0102"], other, Act.NAME_CONFLICT, person="leader.ln0102")
    # The common text tells of the matter: whom a conflict keeps from all of it does not know of it.
    assert desk("leader").client.get(place).status_code == 404
    assert TEXT["title"] not in desk("leader").get("/mailmerge")


def test_nobody_without_it_asks_for_it(desk: At, bring: Bring, context: Context) -> None:
    petition = bring(State.HANDLING)
    refused = _write(desk("registrar"), petition)
    assert refused.status_code == 422
    assert "都不能由您起草" in refused.text
    gone = petition.model_copy(update={"number": "辽0102-2026-999999"})
    assert "没有找到这些编号：辽0102-2026-999999" in _write(desk("handler"), gone).text


def test_sent_twice_it_is_one(desk: At, bring: Bring, context: Context) -> None:
    petition, key = bring(State.HANDLING), new_id().hex
    at = desk("handler")
    for _ in range(2):
        at.post("/mailmerge", id=key, numbers=petition.number, go="start", **TEXT)
    with context.read() as s:
        assert len(s.exec(select(MailMergeItem)).all()) == 1


def test_a_matter_leads_to_one_answer_for_all_of_it(desk: At, bring: Bring) -> None:
    first, again = bring(State.HANDLING), bring(State.HANDLING)
    desk("registrar").post(f"/petitions/{again.id}/matters", other=first.number, verdict="same")
    at = desk("handler")
    page = at.get(f"/petitions/{again.id}/matters")
    assert '<form action="/mailmerge/new" method="post">' in page
    numbers = f"{again.number} {first.number}"
    assert f'name="numbers" value="{numbers}"' in page
    assert numbers in at.post("/mailmerge/new", numbers=numbers).text


def test_bad_numbers_are_named_with_what_to_do_and_the_rest_is_kept(
    desk: At, bring: Bring, context: Context, province: Province
) -> None:
    fits, answered, closed = bring(State.HANDLING), bring(State.REPLIED), bring(State.CLOSED)
    elsewhere, kept_from = bring(State.HANDLING, at="辽0103"), bring(State.HANDLING)
    with db.unit_of_work(context.engine) as s:
        petitions.do(s, province.houses["辽0102"], kept_from, Act.NAME_CONFLICT, person="handler.ln0102")
    typed = (fits, fits, answered, closed, elsewhere, kept_from)
    shown = " ".join(_write(desk("handler"), *typed, go="preview").text.split())
    assert f"1 个编号写了不止一次，各只算一件：{fits.number}" in shown
    assert "已经答复（1 件）" in shown
    assert "要重新答复的，先由领导决定重新办理" in shown
    assert "已经办结（1 件）" in shown
    # What one may not see reads like what does not exist.
    assert f"<li>{elsewhere.number}</li><li>{kept_from.number}</li>" in shown
    assert "起草并送审 1 件" in shown
    # Not named as seen, they are not passed over in silence.
    assert _write(desk("handler"), *typed).status_code == 422
    without = f"{elsewhere.number} {kept_from.number}"
    assert _write(desk("handler"), *typed, without=without).status_code == 303
    with context.read() as s:
        assert [each.petition_id for each in s.exec(select(MailMergeItem)).all()] == [fits.id]


def test_the_approver_is_told_that_the_common_text_is_a_template_only(
    desk: At, bring: Bring, context: Context
) -> None:
    words, facts = (
        next(each.words for each in starters() if each.key == key) for key in ("opening", "explain")
    )
    place = _write(
        desk("handler"), bring(State.HANDLING), words=words, facts=facts.replace("【说明理由】", "尚无规定")
    ).headers["location"]
    own = _write(desk("handler"), bring(State.HANDLING)).headers["location"]
    work.run(context)
    at = desk("leader")
    page = at.get(place)
    assert "只用了模板“一般来信”" in page
    assert "只用了模板“事由合理，缺乏依据”" in page
    assert "整份答复只用了模板" in page
    assert "只用了模板" not in at.get(own)
    assert "只用了模板" not in desk("handler").get(place)
