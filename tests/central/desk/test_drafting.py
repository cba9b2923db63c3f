"""Around a draft: kept by itself, two people at once, versions, remarks, templates; with scripts and without."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from central import db
from central.context import Context
from central.drafting.models import WorkingDraft
from central.events.models import Event
from central.events.verify import verify
from central.petitions.models import Petition
from central.petitions.states import Act, State
from shared.clock import FixedClock
from tests.central.desk.conftest import Desk
from tests.central.desk.test_draft import FULL, answers
from tests.factories import petitions
from tests.factories.accounts import House

At = Callable[..., Desk]
Bring = Callable[..., Petition]


def kept(at: Desk, petition: Petition, **fields: Any) -> tuple[int, dict[str, Any]]:
    answer = at.post(f"/petitions/{petition.id}/draft/keep", **fields)
    return answer.status_code, answer.json()


def events(context: Context) -> int:
    with context.read() as s:
        return len([each for each in s.exec(select(Event)).all() if not each.kind.startswith("look.")])


def test_what_is_kept_by_itself_is_there_again_and_leaves_no_event(
    desk: At, context: Context, bring: Bring
) -> None:
    petition = bring(State.HANDLING)
    at, before = desk("handler"), events(context)
    typed = answers(context, petition, facts="写到一半")
    status, told = kept(at, petition, text="来信收悉", revision=0, based_on=0, **typed)
    assert (status, told["revision"]) == (200, 1)
    assert events(context) == before
    text = at.get(f"/petitions/{petition.id}/draft")
    for part in ("来信收悉", "写到一半", "还没有保存为版本"):
        assert part in text, part
    assert "写到一半" not in desk("leader").get(f"/petitions/{petition.id}/draft")
    at = desk("handler")
    at.post(f"/petitions/{petition.id}/draft/discard")
    assert "写到一半" not in at.get(f"/petitions/{petition.id}/draft")


def test_what_is_kept_is_sealed(desk: At, context: Context, bring: Bring) -> None:
    petition = bring(State.HANDLING)
    kept(desk("handler"), petition, text="王小明的来信", revision=0)
    with context.engine.connect() as connection:
        stored = connection.execute(select(WorkingDraft.__table__.c.content)).scalar_one()  # type: ignore[attr-defined]
    assert "王小明".encode() not in bytes(stored)


def test_two_windows_of_one_person_do_not_overwrite_each_other(desk: At, bring: Bring) -> None:
    petition = bring(State.HANDLING)
    at = desk("handler")
    kept(at, petition, text="第一个窗口", revision=0)
    status, told = kept(at, petition, text="第二个窗口", revision=0)
    assert (status, told["kind"], told["revision"]) == (409, "elsewhere", 1)
    assert "一</del>" in told["html"]
    assert "二</ins>" in told["html"]
    assert "第一个窗口" in at.get(f"/petitions/{petition.id}/draft")
    assert kept(at, petition, text="第二个窗口", revision=1)[1]["revision"] == 2


def test_a_version_saved_meanwhile_is_laid_beside_and_not_overwritten(
    desk: At, context: Context, house: House, bring: Bring
) -> None:
    """Two people at once: the second is told while typing, sees both at saving, and decides."""
    petition = bring(State.HANDLING)
    at, path = desk("handler"), f"/petitions/{petition.id}/draft"
    with db.unit_of_work(context.engine) as s:
        petitions.do(s, house, petition, Act.SAVE_DRAFT, text="别人写的开头")
    _, told = kept(at, petition, text="我写的开头", revision=0, based_on=0)
    assert "保存了" in told["newer"] or "已保存第 1 版" in told["newer"]
    answer = at.post(path, text="我写的开头", version=petition.version, based_on=0, revision=1)
    assert answer.status_code == 422
    text = " ".join(answer.text.split())
    for part in ("没有覆盖任何人的内容", "我写的开头", "别人</del>", "我</ins>", "采用第 1 版的这一处"):
        assert part in text, part
    assert "别人写的开头" in at.get(f"{path}/versions")
    assert at.post(path, text="我写的开头", based_on=1).status_code == 303
    assert "第 1 版与第 2 版的差异" in at.get(f"{path}/versions")


def test_who_else_has_the_draft_open_is_said_until_they_leave(
    desk: At, context: Context, clock: FixedClock, bring: Bring
) -> None:
    petition = bring(State.DRAFTED)
    path = f"/petitions/{petition.id}/draft"
    assert desk("handler").post(f"{path}/here", writes="1").json() == {"people": ""}
    at = desk("leader")
    assert "handler也在写这份答复" in at.post(f"{path}/here", writes="0").json()["people"]
    clock.at += timedelta(minutes=1)
    assert at.post(f"{path}/here", writes="0").json() == {"people": ""}
    assert "也在写" not in at.get(path)


def test_two_approvers_at_once_are_not_both_heard(
    app: ASGIApp, desk: At, context: Context, bring: Bring, sign_in: Callable[[TestClient, str], str]
) -> None:
    """One approves while the other, on the page from before, sends back: the second is told, and nothing is undone."""
    petition = bring(State.DRAFTED)
    at, acts = desk("leader"), f"/petitions/{petition.id}/acts"
    with TestClient(app, follow_redirects=False) as second:
        other = Desk(second, sign_in(second, "leader.ln0102"))
        assert at.post(f"{acts}/approve", version=petition.version).status_code == 303
        refused = other.post(f"{acts}/send_back", version=petition.version, remark="请补充事实")
    assert refused.status_code == 409
    assert "请补充事实" in refused.text
    assert "答复已经批准" in at.get(f"/petitions/{petition.id}/draft")


def test_an_approver_remarks_on_a_passage_and_the_handler_deals_with_it(
    desk: At, context: Context, tmp_path: Path, bring: Bring
) -> None:
    petition = bring(State.DRAFTED)
    path = f"/petitions/{petition.id}/draft"
    at = desk("leader")
    facts = next(iter(answers(context, petition, facts="x")))
    refused = at.post(f"{path}/remarks", place=facts, quote="经查属实", words="")
    assert refused.status_code == 422
    assert "经查属实" in refused.text
    assert at.post(f"{path}/remarks", place="facts", words="哪一项？").status_code == 422
    assert (
        at.post(f"{path}/remarks", place=facts, quote="经查属实", words="请写明查证经过。").status_code == 303
    )
    at.post(f"/petitions/{petition.id}/acts/send_back", remark="见意见")
    at = desk("handler")
    text = at.get(path)
    for part in ("请写明查证经过。", "<blockquote>经查属实</blockquote>", "未处理的审批意见"):
        assert part in text, part
    resolve = text.split('name="resolve" value="')[1].split('"')[0]
    typed = answers(context, petition, **FULL)
    assert at.post(path, text="", resolve=resolve, **typed).status_code == 303
    assert "审批意见都已处理" in at.get(path)
    with context.read() as s:
        assert verify(s, public_key=None, anchor_folder=tmp_path).findings == []


def test_nobody_but_an_approver_remarks(desk: At, bring: Bring) -> None:
    petition = bring(State.DRAFTED)
    answer = desk("handler").post(f"/petitions/{petition.id}/draft/remarks", place="text", words="不错")
    assert answer.status_code == 403


def test_a_template_is_inserted_without_scripts_and_must_be_filled(
    desk: At, context: Context, bring: Bring
) -> None:
    petition = bring(State.HANDLING)
    at, path = desk("handler"), f"/petitions/{petition.id}/draft"
    typed = answers(context, petition, **FULL)
    demand = next(iter(typed)).partition("-")[2]
    chosen = {f"choose-{demand}": "support_done", "insert": demand}
    shown = " ".join(at.post(path, text="", **typed, **chosen).text.split())
    assert "您提出“尽快执行”。经核查，该事项已于【办结日期】办理完毕" in shown
    assert "没有填写的地方：【办结日期】【办理结果】" in shown
    assert "没有填写的地方：【办结日期】" not in at.get(path), "nothing was saved"
    answer = at.post(path, text="见【附件】", submit="1", **typed)
    assert answer.status_code == 422
    assert "答复书开头还有没有填写的地方：【附件】" in answer.text
    assert "见【附件】" in at.get(path)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            "您提出“{demand}”。经核查，该事项已于11月3日办理完毕，办理结果为：款项已发还。",
            "只用了模板“已经办理完毕”",
        ),
        ("本院于11月3日前往现场，查明房屋仍由被执行人占用，已限期腾退。", ""),
    ],
)
def test_the_approver_is_told_of_answers_that_are_templates_only(
    desk: At, context: Context, bring: Bring, facts: str, said: str
) -> None:
    petition = bring(State.HANDLING)
    typed = answers(context, petition, **FULL)
    for name, demand in zip(
        [n for n in typed if n.startswith("facts")], ("尽快执行", "书面说明理由"), strict=True
    ):
        typed[name] = facts.format(demand=demand)
    path = f"/petitions/{petition.id}/draft"
    assert desk("handler").post(path, text="", submit="1", **typed).status_code == 303
    for page in (path, f"/petitions/{petition.id}"):
        text = desk("leader").get(page)
        assert (said in text) if said else ("只用了模板" not in text), page
    assert ("整份答复只用了模板" in desk("leader").get(path)) is bool(said)


def test_a_draft_that_went_to_approval_is_not_kept_any_more(desk: At, bring: Bring) -> None:
    petition = bring(State.DRAFTED)
    status, told = kept(desk("handler"), petition, text="晚了", revision=0)
    assert (status, told["kind"]) == (409, "stopped")
    assert told["why"]


def test_the_catalogue_is_kept_on_its_page(desk: At, house: House) -> None:
    assert "新增常用语" not in desk("handler").get("/wording")
    at = desk("leader")
    refused = at.post("/wording", sort="item", title="无", words="没有选处理意见")
    assert refused.status_code == 422
    assert "没有选处理意见" in refused.text
    assert "按处理意见查找模板" in refused.text
    assert at.post("/wording", sort="phrase", title="盛京", words="本院位于沈阳。").status_code == 303
    assert "本院位于沈阳。" in desk("handler").get("/wording")
    assert "Put in force" in desk("leader").get("/wording/new?sort=letter&lang=en")


def test_a_number_that_no_column_holds_is_refused(desk: At, bring: Bring) -> None:
    petition, at = bring(State.HANDLING), desk("handler")
    for name in ("revision", "based_on"):
        status, _ = kept(at, petition, **({"text": "开头", "revision": 0} | {name: 2**63}))
        assert status == 409
