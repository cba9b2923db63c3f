"""The pages of approval: a chain is set, a stand-in named, and the petition shows where the reply stands and with whom."""

from collections.abc import Callable
from datetime import timedelta

from central import db
from central.actor import Role
from central.context import Context
from central.petitions.models import Petition
from central.petitions.states import Act, State
from shared.clock import court_day
from tests.central.desk.conftest import Desk
from tests.factories import petitions
from tests.factories.accounts import House, actor

At = Callable[..., Desk]
Bring = Callable[..., Petition]


def test_a_chain_is_set_and_the_petition_shows_where_the_reply_stands(
    desk: At, context: Context, house: House, bring: Bring
) -> None:
    at = desk("leader")
    refused = at.post("/approvals", kind="", rules="", steps=["", ""])
    assert refused.status_code == 422
    assert "请至少选择一步" in refused.text
    assert at.post("/approvals", kind="", rules="", steps=["role:registrar", "leader", ""]).status_code == 303
    assert "任一登记分流人员" in at.get("/approvals")
    assert "/approvals/new" not in desk("handler").get("/approvals")
    petition = bring(State.DRAFTED)
    page = f"/petitions/{petition.id}"
    assert f"正在等待 {house.registrar.name} 审批（第 1 步，共 2 步）" in desk("registrar").get(page)
    with db.unit_of_work(context.engine) as s:
        petitions.do(s, house, petition, Act.APPROVE, by=house.registrar)
    at = desk("leader")
    assert "step 2 of 2" in at.get(page + "?lang=en")
    version = petition.version + 1
    sent = at.post(f"{page}/acts/approve", version=version, remark="")
    assert sent.status_code == 303
    late = at.post(f"{page}/acts/approve", version=version, remark="")
    assert late.status_code == 409
    assert "别人已经处理过这件信访" in late.text or "Somebody else acted" in late.text
    assert (
        at.client.post("/approvals/end", data={"csrf": at.csrf, "kind": "", "rules": ""}).status_code == 303
    )


def test_a_stand_in_is_named_on_ones_own_page_and_named_on_what_they_approved(
    desk: At, context: Context, house: House, bring: Bring
) -> None:
    with db.unit_of_work(context.engine) as s:
        deputy = actor(s, house.court, Role.SUPERVISOR)
    today = court_day(context.clock.now())
    at, days = desk("leader"), {"from_on": today, "until_on": today + timedelta(days=3)}
    assert "/account/stand-ins" in at.get("/account")
    assert at.get("/account/stand-ins").count("请选择") <= 1
    assert "请填写代理的第一天" in at.post("/account/stand-ins", person=deputy.staff_id, from_on="明天").text
    assert at.post("/account/stand-ins", person=deputy.staff_id, **days).status_code == 303
    assert "代理中" in at.get("/account/stand-ins")
    petition = bring(State.DRAFTED)
    page, at = f"/petitions/{petition.id}", desk("supervisor")
    assert petition.number in at.get("/work")
    assert f"{house.leader.name} 已指定 {deputy.name} 代为审批" in at.get(page)
    assert at.post(f"{page}/acts/approve", version=petition.version, remark="").status_code == 303
    assert f"{deputy.name}（代{house.leader.name}）" in at.get(page)


def test_an_approver_who_sends_back_goes_on_with_their_day(
    desk: At, context: Context, house: House, bring: Bring
) -> None:
    with db.unit_of_work(context.engine) as s:
        actor(s, house.court, Role.SUPERVISOR)
    desk("leader").post("/approvals", kind="", rules="", steps=["role:supervisor"])
    petition = bring(State.DRAFTED)
    sent = desk("supervisor").post(f"/petitions/{petition.id}/acts/send_back", remark="请补充依据")
    assert (sent.status_code, sent.headers["location"]) == (303, "/today")
