"""Petitions at any state, brought there by the real services."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from central.accounts import queries as accounts
from central.actor import Actor, Role, Via
from central.casework import acts
from central.courts import queries as courts
from central.petitions import forms, queries, service
from central.petitions.models import Petition
from central.petitions.states import UNDER_REVIEW, Act, State
from central.reviews import queries as reviews
from tests.factories.accounts import House, actor
from tests.factories.courts import MORNING

FORM = {
    "channel": "letter",
    "subject": "物业服务纠纷执行",
    "text": "我的\t案子\u3000至今没有执行。",
    "demands": "尽快执行\n书面说明理由",
    "petitioner_name": "王小明",
    "phone": "13800000000",
    "address": "沈阳市和平区某路1号",
}
WHY = {"remark": "理由如下"}

#: Who takes an act and with what, unless a test says otherwise.
USUAL: dict[Act, tuple[Role, dict[str, Any]]] = {
    Act.ACCEPT: (Role.REGISTRAR, {}),
    Act.DECLINE: (Role.REGISTRAR, WHY),
    Act.TO_LITIGATION: (Role.REGISTRAR, WHY),
    Act.ASK_SUPPLEMENT: (Role.REGISTRAR, WHY),
    Act.WITHDRAW: (Role.REGISTRAR, WHY),
    Act.RECEIVE_SUPPLEMENT: (Role.REGISTRAR, WHY),
    Act.TRANSFER: (Role.REGISTRAR, WHY),
    Act.RETURN: (Role.REGISTRAR, WHY),
    Act.ASSIGN: (Role.REGISTRAR, {}),
    Act.TAKE_UP: (Role.HANDLER, {}),
    Act.ACKNOWLEDGE: (Role.REGISTRAR, {"method": "phone"}),
    Act.TELL_PROGRESS: (Role.HANDLER, {"method": "phone"}),
    Act.CHANGE_DEMANDS: (Role.REGISTRAR, {"demands": "尽快执行"}),
    Act.MERGE: (Role.REGISTRAR, WHY),
    Act.REISSUE_CODE: (Role.REGISTRAR, {"checked": "id_document"}),
    Act.CHANGE_CONTACT: (
        Role.REGISTRAR,
        {"phone": "13900000000", "mail": "wang@example.org", "tell_by": ["sms", "mail"]},
    ),
    Act.CHANGE_CASES: (Role.REGISTRAR, {"case_numbers": "（2023）辽0102民初123号"}),
    Act.ASK_EXTENSION: (Role.HANDLER, WHY | {"days": 30}),
    Act.DECIDE_EXTENSION: (Role.LEADER, WHY | {"decision": "grant"}),
    Act.STOP_CLOCKS: (Role.HANDLER, WHY | {"stopped_by": "hearing"}),
    Act.RESUME_CLOCKS: (Role.HANDLER, {}),
    Act.NAME_CONFLICT: (Role.REGISTRAR, {"ground": "handled"}),
    Act.RECUSE: (Role.HANDLER, WHY),
    Act.SAVE_DRAFT: (Role.HANDLER, {}),
    Act.SUBMIT: (Role.HANDLER, {}),
    Act.SEND_BACK: (Role.LEADER, WHY),
    Act.APPROVE: (Role.LEADER, {}),
    Act.ISSUE: (Role.HANDLER, {}),
    Act.RECORD_DELIVERY: (Role.HANDLER, {"method": "post", "proof": "EMS 1234"}),
    Act.LOG_ATTEMPT: (Role.HANDLER, {"method": "phone", "reason": "nobody_answered"}),
    Act.EXCUSE_REPLY: (Role.REGISTRAR, WHY | {"excuse": "nobody_answered"}),
    Act.FOLLOW_UP: (Role.REGISTRAR, {"method": "phone", "satisfaction": "satisfied"}),
    Act.LOG_CALL: (Role.REGISTRAR, {}),
    Act.DECIDE: (Role.LEADER, WHY | {"verdict": "no"}),
    Act.DECIDE_REOPEN: (Role.LEADER, WHY),
    Act.ASK_REVIEW: (Role.REGISTRAR, {"came": "letter", "asked": "请撤销答复"}),
    Act.ADMIT_REVIEW: (Role.LEADER, WHY),
    Act.REFUSE_REVIEW: (Role.LEADER, WHY),
    Act.WITHDRAW_REVIEW: (Role.REGISTRAR, WHY),
    Act.ASSIGN_REVIEW: (Role.REGISTRAR, {}),
    Act.SAVE_OPINION: (Role.HANDLER, {"facts": "查明如下"}),
    Act.SUBMIT_OPINION: (
        Role.HANDLER,
        {"outcome": "upheld", "facts": "原答复属实", "basis": "《信访工作条例》第三十五条"},
    ),
    Act.RETURN_OPINION: (Role.LEADER, WHY),
    Act.APPROVE_OPINION: (Role.LEADER, {}),
    Act.DELIVER_OPINION: (Role.HANDLER, {"method": "post", "proof": "EMS 9876"}),
    Act.EXCUSE_OPINION: (Role.REGISTRAR, WHY | {"excuse": "nobody_answered"}),
    Act.END_SAME_FACTS: (Role.REGISTRAR, WHY),
    Act.CLOSE: (Role.REGISTRAR, {}),
    Act.CLOSE_EXCUSED: (Role.REGISTRAR, WHY | {"excuse": "nobody_answered"}),
    Act.REOPEN: (Role.LEADER, WHY),
}

_REPLIED = (Act.ACCEPT, Act.ASSIGN, Act.TAKE_UP, Act.SAVE_DRAFT, Act.SUBMIT, Act.APPROVE, Act.ISSUE)
_FOLLOWED = (*_REPLIED, Act.RECORD_DELIVERY, Act.FOLLOW_UP)
_ASKED = (*_FOLLOWED, Act.CLOSE, Act.ASK_REVIEW)
_DECIDED = (Act.ASSIGN_REVIEW, Act.SUBMIT_OPINION, Act.APPROVE_OPINION)
#: A request that comes so late has to be judged.
LATE = MORNING + timedelta(days=60)

#: The shortest way of acts to each state; a transfer goes to the house given as `to`, a merge into a second petition.
WAY: dict[State, tuple[Act, ...]] = {
    State.REGISTERED: (),
    State.AWAITING_SUPPLEMENT: (Act.ASK_SUPPLEMENT,),
    State.TRANSFERRED: (Act.TRANSFER,),
    State.ACCEPTED: _REPLIED[:1],
    State.ASSIGNED: _REPLIED[:2],
    State.HANDLING: _REPLIED[:3],
    State.DRAFTED: _REPLIED[:5],
    State.APPROVED: _REPLIED[:6],
    State.REPLIED: _REPLIED,
    State.FOLLOWED_UP: _FOLLOWED,
    State.REVIEW_LATE: _ASKED,
    State.REVIEW_ASKED: _ASKED,
    State.REVIEWING: (*_ASKED, *_DECIDED[:1]),
    State.REVIEW_DRAFTED: (*_ASKED, *_DECIDED[:2]),
    State.REVIEW_DECIDED: (*_ASKED, *_DECIDED),
    State.DECLINED: (Act.DECLINE,),
    State.TO_LITIGATION: (Act.TO_LITIGATION,),
    State.CLOSED: (*_FOLLOWED, Act.CLOSE),
    State.WITHDRAWN: (Act.WITHDRAW,),
    State.MERGED: (Act.MERGE,),
}


def registered(s: Session, house: House, *, now: datetime = MORNING, **fields: Any) -> Petition:
    """Return a petition just registered by the house's registrar."""
    form = forms.Register.model_validate({**FORM, **fields})
    return service.register(s, form=form, by=house.registrar, now=now).petition


def at(s: Session, house: House, state: State, *, to: House | None = None) -> Petition:
    """Return a petition that went the shortest way to `state`."""
    petition = registered(s, house)
    for act in WAY[state]:
        more: dict[str, Any] = {}
        if act is Act.TRANSFER:
            assert to is not None, "a transferred petition needs the receiving house"
            more = {"court": to.court.code}
        if act is Act.MERGE:
            more = {"into": registered(s, house).number}
        if act is Act.ASK_REVIEW and state is State.REVIEW_LATE:
            more = {"now": LATE}
        here = deciding(s, petition) if State(petition.state) in UNDER_REVIEW else house
        do(s, here, petition, act, **more)
    return petition


def by_number(s: Session, number: str) -> Petition:
    """Return a petition by its receipt number."""
    return s.exec(select(Petition).where(Petition.number == number)).one()


def deciding(s: Session, petition: Petition) -> House:
    """Return people of the court that has the petition now who had no part in it, made when there are none yet."""
    at, turn = courts.get(s, petition.court_id), len(reviews.of_petition(s, petition.id))

    def one(role: Role) -> Actor:
        name = f"review{turn}.{role}.{at.latin}"
        known = accounts.by_username(s, name)
        return accounts.actor_of(known, at, Via.WEB) if known else actor(s, at, role, username=name)

    return House(at, one(Role.REGISTRAR), one(Role.HANDLER), one(Role.LEADER))


def do(
    s: Session,
    house: House,
    petition: Petition | UUID,
    act: Act,
    *,
    by: Actor | None = None,
    now: datetime = MORNING,
    version: int | None = None,
    **values: Any,
) -> Any:
    """Take one act with the usual actor and values of the house; return what its service returns."""
    petition_id = petition if isinstance(petition, UUID) else petition.id
    role, usual = USUAL[act]
    return acts.perform(
        s,
        petition_id=petition_id,
        act=act,
        values={**usual, **_of(s, house, petition_id, act), **values},
        by=by or house.by_role(role),
        now=now,
        version=version,
    )


def excused(s: Session, house: House, petition: Petition | UUID, act: Act, **values: Any) -> Any:
    """Take an act that needs an excuse, after the attempts that bear "nobody answered" out; return what it returns."""
    by = house.registrar
    for day in (0, 0, 1):
        do(s, house, petition, Act.LOG_ATTEMPT, by=by, now=MORNING + timedelta(days=day))
    return do(s, house, petition, act, now=MORNING + timedelta(days=1), **values)


def _of(s: Session, house: House, petition_id: UUID, act: Act) -> dict[str, Any]:
    if act in {Act.ASSIGN, Act.ASSIGN_REVIEW}:
        return {"handler_id": house.handler.staff_id, "leader_id": house.leader.staff_id}
    if act is Act.SAVE_DRAFT:
        demands = [demand.id for demand in queries.demands(s, petition_id)]
        return {"text": "现答复如下。", "items": [answer(demand) for demand in demands]}
    return {}


def answer(demand_id: UUID, **parts: Any) -> dict[str, Any]:
    """Return a full answer to one demand; `parts` replace some of it."""
    return {
        "demand_id": demand_id,
        "outcome": "support",
        "facts": "经查属实。",
        "basis": "民法典第九百四十二条",
        **parts,
    }
