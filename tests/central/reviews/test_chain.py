"""A decision on a review goes through the chain of the court that decides, by people who had no part in the petition."""

import pytest
from sqlmodel import Session

from central.accounts import queries as accounts
from central.accounts import standing_in
from central.actor import Actor, Role, Via
from central.approvals import service
from central.approvals.forms import Write
from central.casework import queries as casework
from central.courts import queries as courts
from central.errors import Conflict, Forbidden
from central.events.kinds import Kind
from central.letters import queries as letters
from central.letters.kinds import LetterKind
from central.petitions.models import Petition
from central.petitions.moves import Stale
from central.petitions.states import Act, NotYours, State
from shared.clock import court_day
from tests.factories import petitions
from tests.factories.accounts import House, actor, house
from tests.factories.courts import MORNING, tree


@pytest.fixture
def reviewing(s: Session) -> Petition:
    return petitions.at(s, house(s), State.REVIEWING)


@pytest.fixture
def above(s: Session, reviewing: Petition) -> House:
    """Those of the court above who had no part in the petition."""
    return petitions.deciding(s, reviewing)


@pytest.fixture
def judge(s: Session, above: House) -> Actor:
    return actor(s, above.court, Role.SUPERVISOR)


def chain(s: Session, above: House, *steps: str, kind: str = "review") -> None:
    service.write(s, form=Write(kind=kind, steps=steps), by=above.leader, now=MORNING)
    s.flush()


def hand_in(s: Session, above: House, petition: Petition) -> None:
    petitions.do(s, above, petition, Act.SUBMIT_OPINION)


def approve(s: Session, above: House, petition: Petition, by: Actor, version: int | None = None) -> None:
    petitions.do(s, above, petition, Act.APPROVE_OPINION, by=by, version=version)


def test_a_decision_goes_through_the_steps_and_only_the_last_writes_its_letter(
    s: Session, above: House, judge: Actor, reviewing: Petition
) -> None:
    chain(s, above, "leader", kind="re_review")  # another decision's
    chain(s, above, "role:supervisor", "leader")
    hand_in(s, above, reviewing)
    found = casework.of(s, reviewing)
    assert (found.approver, len(found.approvals)) == (judge.name, 2)
    with pytest.raises(NotYours):
        approve(s, above, reviewing, above.leader)
    seen = reviewing.version
    approve(s, above, reviewing, judge)
    assert (reviewing.state, reviewing.next_person_id) == (State.REVIEW_DRAFTED, above.leader.staff_id)
    assert casework.of(s, reviewing).timeline[-1].kind is Kind.REVIEW_STEP_APPROVED
    assert letters.newest(s, reviewing.id, LetterKind.REVIEW) is None
    with pytest.raises(Stale):
        approve(s, above, reviewing, above.leader, version=seen)
    approve(s, above, reviewing, above.leader)
    assert (reviewing.state, reviewing.approver_id) == (State.REVIEW_DECIDED, None)
    assert letters.newest(s, reviewing.id, LetterKind.REVIEW) is not None


def test_what_is_sent_back_begins_anew_and_the_leader_may_send_back_at_any_step(
    s: Session, above: House, judge: Actor, reviewing: Petition
) -> None:
    chain(s, above, "role:supervisor", "leader", kind="")  # for all that is approved
    hand_in(s, above, reviewing)
    petitions.do(s, above, reviewing, Act.RETURN_OPINION, by=above.leader, remark="请补充法律依据")
    assert (reviewing.state, reviewing.approver_id) == (State.REVIEWING, None)
    hand_in(s, above, reviewing)
    assert reviewing.next_person_id == judge.staff_id
    assert {row.turn for row in casework.of(s, reviewing).approvals} == {2}


def test_nobody_with_a_part_in_the_petition_is_a_step(s: Session) -> None:
    tree(s)
    top = house(
        s, courts.by_code(s, "辽")
    )  # above it there is no court of the province: the same one decides
    once = actor(s, top.court, Role.SUPERVISOR)
    chain(s, top, "role:supervisor", "leader", kind="")
    petition = petitions.at(s, top, State.DRAFTED)
    petitions.do(s, top, petition, Act.APPROVE, by=once)
    for act in (Act.APPROVE, Act.ISSUE, Act.RECORD_DELIVERY, Act.FOLLOW_UP, Act.CLOSE, Act.ASK_REVIEW):
        petitions.do(s, top, petition, act)
    others = petitions.deciding(s, petition)
    petitions.do(s, others, petition, Act.ASSIGN_REVIEW)
    with pytest.raises(Conflict) as refused:
        hand_in(s, others, petition)
    assert refused.value.key == "approvals.nobody"
    chain(s, others, f"person:{once.staff_id.hex}", kind="review")  # type: ignore[union-attr]
    hand_in(s, others, petition)
    assert petition.next_person_id == others.leader.staff_id, "the leader takes the step of who may not"
    day = court_day(MORNING)
    away = standing_in.Name(person=once.staff_id, from_on=day, until_on=day)
    standing_in.name(s, form=away, by=others.leader, now=MORNING)
    s.flush()
    account = accounts.get(s, once.staff_id)  # type: ignore[arg-type]
    assert account is not None
    with pytest.raises(Forbidden, match="took_part"):
        approve(s, others, petition, accounts.actor_for(s, account, Via.WEB, on=day))
