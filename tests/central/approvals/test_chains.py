"""A reply goes through the steps of its chain, each with a name; a stand-in approves for who is away; of two at once one wins."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlmodel import Session

from central import db
from central.access.rules import own_work
from central.accounts import queries as accounts
from central.accounts import standing_in
from central.accounts.models import StandIn
from central.actor import Actor, Role, Via
from central.approvals import queries, service
from central.approvals.forms import Which, Write
from central.casework import looks
from central.casework import queries as casework
from central.context import Context
from central.errors import Conflict, Forbidden, Invalid
from central.events.kinds import Kind
from central.petitions import queries as petitions_
from central.petitions.models import Petition
from central.petitions.states import Act, NotYours, State
from tests.factories import petitions
from tests.factories.accounts import House, actor
from tests.factories.accounts import house as make_house
from tests.factories.courts import MORNING

TODAY = date(2026, 11, 23)


@pytest.fixture
def house_(s: Session) -> House:
    return make_house(s)


@pytest.fixture
def deputy(s: Session, house_: House) -> Actor:
    return actor(s, house_.court, Role.SUPERVISOR)


def chain(s: Session, here: House, *steps: str, kind: str = "") -> None:
    service.write(s, form=Write(kind=kind, steps=steps), by=here.leader, now=MORNING)
    s.flush()


def away(s: Session, who: Actor, stand_in: Actor, *, first: date = TODAY, last: date = TODAY) -> StandIn:
    form = standing_in.Name(person=stand_in.staff_id, from_on=first, until_on=last)
    row = standing_in.name(s, form=form, by=who, now=MORNING)
    s.flush()
    return row


def on_day(s: Session, who: Actor, day: date) -> Actor:
    staff = accounts.get(s, who.staff_id) if who.staff_id else None
    assert staff is not None
    return accounts.actor_for(s, staff, Via.WEB, on=day)


def approve(s: Session, here: House, petition: Petition, by: Actor) -> None:
    petitions.do(s, here, petition, Act.APPROVE, by=by)


def test_a_reply_goes_through_the_steps_of_its_chain(s: Session, house_: House, deputy: Actor) -> None:
    chain(s, house_, "role:supervisor", "leader")
    petition = petitions.at(s, house_, State.DRAFTED)
    found = casework.of(s, petition)
    assert (petition.next_person_id, found.approver) == (deputy.staff_id, deputy.name)
    assert [row.person_id for row in found.approvals] == [deputy.staff_id, house_.leader.staff_id]
    with pytest.raises(NotYours):
        approve(s, house_, petition, house_.leader)
    approve(s, house_, petition, deputy)
    assert (petition.state, petition.next_person_id) == (State.DRAFTED, house_.leader.staff_id)
    assert casework.of(s, petition).timeline[-1].kind is Kind.REPLY_STEP_APPROVED
    approve(s, house_, petition, house_.leader)
    assert petition.state == State.APPROVED
    petitions.do(s, house_, petition, Act.ISSUE)
    assert petition.approver_id is None


def test_what_a_late_step_sends_back_begins_anew(s: Session, house_: House, deputy: Actor) -> None:
    chain(s, house_, "role:supervisor", "leader")
    petition = petitions.at(s, house_, State.DRAFTED)
    approve(s, house_, petition, deputy)
    petitions.do(s, house_, petition, Act.SEND_BACK, by=house_.leader, remark="请补充法律依据")
    assert petition.state == State.HANDLING
    petitions.do(s, house_, petition, Act.SUBMIT)
    assert petition.next_person_id == deputy.staff_id
    steps = queries.of_petition(s, petition.id)
    assert [(row.turn, row.number, row.outcome) for row in steps] == [
        (1, 1, "approved"),
        (1, 2, "sent_back"),
        (2, 1, None),
        (2, 2, None),
    ]


def test_a_chain_holds_for_the_kind_it_was_set_for(s: Session, house_: House, deputy: Actor) -> None:
    chain(s, house_, f"person:{deputy.staff_id}", "leader", kind="class6")
    petition = petitions.at(s, house_, State.DRAFTED)
    assert petition.next_person_id == house_.leader.staff_id
    assert casework.of(s, petition).approvals == ()
    service.end(s, which=Which(kind="class6"), by=house_.leader, now=MORNING)
    assert queries.in_force(s, house_.court.id) == []


def test_a_step_nobody_may_take_stops_the_submission(s: Session, house_: House) -> None:
    chain(s, house_, "leader", "role:supervisor")
    petition = petitions.at(s, house_, State.HANDLING)
    petitions.do(s, house_, petition, Act.SAVE_DRAFT)
    with pytest.raises(Conflict) as refused:
        petitions.do(s, house_, petition, Act.SUBMIT)
    assert (refused.value.key, refused.value.values["number"]) == ("approvals.nobody", 2)


def test_chains_are_set_by_leaders_and_name_people_of_the_court(s: Session, house_: House) -> None:
    with pytest.raises(Forbidden):
        service.write(s, form=Write(steps=("leader",)), by=house_.handler, now=MORNING)
    with pytest.raises(Invalid):
        chain(s, house_, f"person:{house_.handler.staff_id}")  # sees only what is assigned


def test_a_stand_in_approves_in_the_place_of_who_is_away(s: Session, house_: House, deputy: Actor) -> None:
    away(s, house_.leader, deputy, last=TODAY + timedelta(days=2))
    petition = petitions.at(s, house_, State.DRAFTED)
    with pytest.raises(NotYours):
        approve(s, house_, petition, on_day(s, deputy, TODAY + timedelta(days=3)))  # it ended by itself
    by = on_day(s, deputy, TODAY)
    assert [row.id for row in petitions_.worklist(s, actor=by)] == [petition.id]
    approve(s, house_, petition, by)
    found = casework.of(s, petition)
    assert found.approved is not None
    assert (found.approved.by, found.approved.facts["for"]) == (deputy.name, house_.leader.name)


def test_standing_in_is_not_passed_on_nor_wider_than_approval(
    s: Session, house_: House, deputy: Actor
) -> None:
    third = actor(s, house_.court, Role.SUPERVISOR, username="third.ln0102")
    row = away(s, house_.leader, deputy)
    away(s, deputy, third)
    away(s, third, house_.leader)  # a ring
    by = on_day(s, third, TODAY)
    assert [each.staff_id for each in by.stands_for] == [deputy.staff_id]
    drafted = petitions.at(s, house_, State.DRAFTED)
    with pytest.raises(NotYours):
        approve(s, house_, drafted, by)
    assert petitions_.worklist(s, actor=by) == []
    assert not own_work(by, looks.standing(drafted))
    handled = petitions.at(s, house_, State.HANDLING)
    for who in (on_day(s, deputy, TODAY), by):
        assert not own_work(who, looks.standing(handled)), "the leader's other work is not theirs"
    assert own_work(on_day(s, deputy, TODAY), looks.standing(drafted))
    approve(s, house_, drafted, on_day(s, deputy, TODAY))
    gone = accounts.get(s, row.staff_id)
    assert gone is not None
    gone.active = False
    s.flush()
    assert on_day(s, deputy, TODAY).stands_for == (), "nobody acts for one who has left"


def test_standing_in_has_one_person_a_day_and_ends_early(s: Session, house_: House, deputy: Actor) -> None:
    row = away(s, house_.leader, deputy, last=TODAY + timedelta(days=2))
    with pytest.raises(Conflict):
        away(
            s,
            house_.leader,
            house_.registrar,
            first=TODAY + timedelta(days=2),
            last=TODAY + timedelta(days=5),
        )
    with pytest.raises(Invalid):
        away(s, house_.leader, house_.handler)
    standing_in.end(s, stand_in_id=row.id, by=house_.leader, now=MORNING)
    s.flush()
    assert on_day(s, deputy, TODAY).stands_for == ()


def test_of_two_approvers_at_once_one_wins_and_the_other_is_told(context: Context, house: House) -> None:
    with db.unit_of_work(context.engine) as s:
        deputy = actor(s, house.court, Role.SUPERVISOR)
        chain(s, house, "leader", "role:registrar")
        away(s, house.leader, deputy)
        petition = petitions.at(s, house, State.DRAFTED)
        both, version = [house.leader, on_day(s, deputy, TODAY)], petition.version
    start = Barrier(2)

    def press(by: Actor) -> str:
        start.wait()
        try:
            with db.unit_of_work(context.engine) as s:
                petitions.do(s, house, petition.id, Act.APPROVE, by=by, version=version)
        except Conflict as error:
            return error.key
        return "won"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, both)) == ["petitions.stale", "won"]
    with context.read() as s:
        now = petitions_.found(s, petition.id)
        assert (now.state, now.next_person_id) == (State.DRAFTED, house.registrar.staff_id)
        assert [row.outcome for row in queries.of_petition(s, petition.id)] == ["approved", None]
