"""One review and one re-review through three courts, late requests, and the same facts afterwards."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import Session

from central.actor import Role, petitioner
from central.courts import queries as courts
from central.deadlines import queries as deadlines
from central.deadlines.models import DeadlineClock
from central.errors import Conflict, Invalid, NotFound
from central.events.verify import verify
from central.petitions import queries as found
from central.petitions.checks import check_numbers
from central.petitions.invariants import INVARIANTS
from central.petitions.models import Petition
from central.petitions.states import Act, NotReady, State
from central.reviews import asking, forms, queries
from tests.factories import petitions
from tests.factories.accounts import House, actor, house
from tests.factories.courts import MORNING, tree


@pytest.fixture
def here(s: Session) -> House:
    return house(s, tree(s)["辽0102"])


@pytest.fixture
def closed(s: Session, here: House) -> Petition:
    return petitions.at(s, here, State.CLOSED)


def after(days: int) -> datetime:
    return MORNING + timedelta(days=days)


def ask(s: Session, petition: Petition, days: int = 0) -> None:
    form = forms.OwnAsk(asked="请撤销答复，重新处理")
    asking.ask_own(s, petition_id=petition.id, form=form, by=petitioner(petition.id), now=after(days))


def act(s: Session, petition: Petition, one: Act, days: int = 0, **values: Any) -> None:
    petitions.do(s, petitions.deciding(s, petition), petition, one, now=after(days), **values)


def decide(s: Session, petition: Petition, outcome: str, days: int = 0) -> None:
    act(s, petition, Act.ASSIGN_REVIEW, days)
    act(s, petition, Act.SUBMIT_OPINION, days, outcome=outcome)
    act(s, petition, Act.APPROVE_OPINION, days)
    act(s, petition, Act.DELIVER_OPINION, days)


def clock(s: Session, petition: Petition, rule: str) -> DeadlineClock:
    return [each for each in deadlines.of_petition(s, petition.id) if each.rule == rule][-1]


def sees(s: Session, petition: Petition, who: Any) -> bool:
    try:
        found.get(s, petition.id, actor=who)
    except NotFound:
        return False
    return True


def holds(s: Session, folder: Path) -> None:
    s.flush()
    assert [found.count_breaking(s, each) for each in INVARIANTS] == [0] * len(INVARIANTS)
    assert verify(s, public_key=None, anchor_folder=folder, checks=(check_numbers,)).findings == []


def test_a_review_goes_to_the_court_above_with_its_own_clock_and_comes_back_closed(
    s: Session, here: House, closed: Petition, tmp_path: Path
) -> None:
    above = petitions.deciding
    ask(s, closed, 10)
    assert closed.court_id == courts.by_code(s, "辽01").id
    assert (closed.state, closed.next_act, closed.next_rule) == (
        State.REVIEW_ASKED,
        Act.ASSIGN_REVIEW,
        "review_answer",
    )
    assert clock(s, closed, "review_request").outcome == "met"
    reviewers = above(s, closed)
    assert sees(s, closed, reviewers.leader)
    assert sees(s, closed, here.leader), "the court below goes on seeing it"
    assert not sees(s, closed, actor(s, courts.by_code(s, "辽0103"), Role.LEADER, username="beside"))
    decide(s, closed, "upheld", 12)
    assert (closed.state, closed.court_id) == (State.CLOSED, here.court.id)
    assert closed.handler_id == here.handler.staff_id
    assert sees(s, closed, reviewers.leader), "the court above goes on seeing what it decided"
    review = queries.of_petition(s, closed.id)[0]
    assert (review.stage, review.end, review.delivered_on) == ("review", "decided", after(12).date())
    assert review.letter is not None
    assert clock(s, closed, "review_answer").result == "in_time"
    assert clock(s, closed, "re_review_request").started_on == after(12).date()
    holds(s, tmp_path)


def test_after_a_re_review_nothing_can_be_asked_and_the_same_facts_end_with_a_letter(
    s: Session, here: House, closed: Petition, tmp_path: Path
) -> None:
    ask(s, closed)
    decide(s, closed, "upheld")
    ask(s, closed, 5)
    assert closed.court_id == courts.by_code(s, "辽").id
    assert closed.next_rule == "re_review_answer"
    act(s, closed, Act.ASSIGN_REVIEW, 5)
    act(s, closed, Act.STOP_CLOCKS, 5)
    assert clock(s, closed, "re_review_answer").standing_still
    act(s, closed, Act.RESUME_CLOCKS, 8)
    assert clock(s, closed, "re_review_answer").due_on > after(35).date()
    act(s, closed, Act.SUBMIT_OPINION, 9)
    act(s, closed, Act.APPROVE_OPINION, 9)
    act(s, closed, Act.DELIVER_OPINION, 9)
    letter = queries.of_petition(s, closed.id)[-1].letter
    assert letter is not None
    assert f"您对{courts.by_code(s, '辽01').name}的复查意见不服" in letter
    with pytest.raises(Conflict, match=r"reviews\.final"):
        ask(s, closed, 10)
    again = petitions.registered(s, here, now=after(20))
    other = petitions.registered(s, here, now=after(20))
    with pytest.raises(Invalid, match="not_settled"):
        petitions.do(s, here, again, Act.END_SAME_FACTS, into=other.number, now=after(20))
    petitions.do(s, here, again, Act.END_SAME_FACTS, into=closed.number, now=after(20), remark="事实相同")
    ended = queries.same_facts(s, again.id)
    assert ended is not None
    assert closed.number in ended.letter
    assert "复核意见（维持复查意见）" in ended.letter
    assert "事实相同" in ended.letter
    assert again.next_act == Act.RECORD_DELIVERY
    petitions.do(s, here, again, Act.RECORD_DELIVERY, by=here.registrar, now=after(21))
    assert "review_request" not in {each.rule for each in deadlines.of_petition(s, again.id)}
    assert clock(s, again, "closing").started_on == after(21).date()
    with pytest.raises(Conflict, match=r"reviews\.final"):
        ask(s, again, 22)
    holds(s, tmp_path)


def test_sent_back_is_handled_anew_below(s: Session, here: House, closed: Petition, tmp_path: Path) -> None:
    ask(s, closed)
    decide(s, closed, "sent_back", 3)
    assert (closed.state, closed.court_id, closed.leader_id) == (
        State.ACCEPTED,
        here.court.id,
        here.leader.staff_id,
    )
    assert (closed.next_rule, closed.delivered_on) == ("answer", None)
    assert "re_review_request" not in {each.rule for each in deadlines.running(s, closed.id)}
    holds(s, tmp_path)


def test_a_late_request_is_judged_by_a_person_with_reasons(s: Session, here: House, closed: Petition) -> None:
    ask(s, closed, 40)
    assert (closed.state, closed.next_act, closed.next_rule) == (
        State.REVIEW_LATE,
        Act.ADMIT_REVIEW,
        "review_admission",
    )
    with pytest.raises(Exception, match="illegal_step"):
        act(s, closed, Act.ASSIGN_REVIEW, 40)
    act(s, closed, Act.REFUSE_REVIEW, 41, remark="没有正当理由")
    assert (closed.state, closed.court_id) == (State.CLOSED, here.court.id)
    assert queries.of_petition(s, closed.id)[0].judged == "没有正当理由"
    with pytest.raises(Conflict, match="refused_before"):
        ask(s, closed, 42)


def test_a_letter_the_post_delayed_is_admitted(s: Session, closed: Petition) -> None:
    ask(s, closed, 40)
    act(s, closed, Act.ADMIT_REVIEW, 41)
    assert (closed.state, closed.next_act) == (State.REVIEW_ASKED, Act.ASSIGN_REVIEW)


def test_taken_back_before_it_was_closed_the_call_back_is_owed_again(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.REPLIED)
    petitions.do(s, here, petition, Act.RECORD_DELIVERY)
    petitions.do(s, here, petition, Act.FOLLOW_UP, satisfaction="unsatisfied")
    ask(s, petition, 1)
    assert not petition.undecided
    form = forms.OwnAsk(asked="不再请求").asked
    act(s, petition, Act.WITHDRAW_REVIEW, 2, remark=form)
    assert (petition.state, petition.next_act, petition.next_rule) == (
        State.REPLIED,
        Act.FOLLOW_UP,
        "follow_up",
    )
    with pytest.raises(Conflict):
        petitions.do(s, here, petition, Act.CLOSE)


def test_the_desk_of_the_court_above_takes_it_in_by_number_and_no_other_court_can(
    s: Session, here: House, closed: Petition
) -> None:
    at = courts.by_code(s, "辽01")
    values = {"came": "letter", "asked": "请复查", "number": closed.number}
    form = forms.TakeIn.model_validate(values)
    beside = actor(s, courts.by_code(s, "辽"), Role.REGISTRAR, username="reg.top")
    for who in (beside, here.registrar):
        with pytest.raises(Invalid, match="not_below"):
            asking.take_in(s, form=form, by=who, now=MORNING)
    desk = actor(s, at, Role.REGISTRAR, username="reg.above")
    asking.take_in(s, form=form, by=desk, now=MORNING)
    assert closed.court_id == at.id


def test_nobody_reviews_their_own_work(s: Session, here: House) -> None:
    top = house(s, courts.by_code(s, "辽"))
    petition = petitions.at(s, top, State.CLOSED)
    ask(s, petition)
    assert petition.court_id == top.court.id, "no court of the province is above the high court"
    with pytest.raises(Invalid, match="took_part"):
        petitions.do(s, top, petition, Act.ASSIGN_REVIEW)
    act(s, petition, Act.ASSIGN_REVIEW)
    assert petition.state == State.REVIEWING


@pytest.mark.parametrize("state", [State.DECLINED, State.TO_LITIGATION])
def test_a_notice_is_not_called_back_about_but_may_be_reviewed(
    s: Session, here: House, tmp_path: Path, state: State
) -> None:
    notice = petitions.at(s, here, state)
    act(s, notice, Act.RECORD_DELIVERY, by=here.registrar)
    assert (notice.next_act, notice.next_rule) == (Act.CLOSE, "closing")
    ask(s, notice)
    act(s, notice, Act.WITHDRAW_REVIEW, 1, by=petitions.deciding(s, notice).registrar)
    assert (notice.state, notice.next_act, notice.next_rule) == (state, Act.CLOSE, "closing")
    assert {each.rule for each in deadlines.of_petition(s, notice.id)}.isdisjoint({"follow_up"})
    holds(s, tmp_path)


def test_before_the_answer_is_delivered_there_is_no_right(s: Session, here: House) -> None:
    with pytest.raises(NotReady):
        ask(s, petitions.at(s, here, State.REPLIED))


def test_a_decision_nobody_can_deliver_ends_by_its_attempts(
    s: Session, here: House, closed: Petition, tmp_path: Path
) -> None:
    ask(s, closed)
    act(s, closed, Act.ASSIGN_REVIEW)
    act(s, closed, Act.SUBMIT_OPINION)
    act(s, closed, Act.APPROVE_OPINION)
    with pytest.raises(NotReady):
        act(s, closed, Act.EXCUSE_OPINION)
    for day in (0, 0, 1):
        act(s, closed, Act.LOG_ATTEMPT, day)
    act(s, closed, Act.EXCUSE_OPINION, 1)
    assert (closed.state, closed.delivered_on) == (State.CLOSED, MORNING.date())
    holds(s, tmp_path)


def test_a_court_above_that_conflicts_leave_without_a_handler_is_passed_over(
    s: Session, here: House, closed: Petition
) -> None:
    above = house(s, courts.by_code(s, "辽01"))
    house(s, courts.by_code(s, "辽"))
    petitions.do(s, here, closed, Act.NAME_CONFLICT, person=above.handler.username)
    ask(s, closed)
    assert courts.get(s, closed.court_id).code == "辽"
    assert closed.state == State.REVIEW_ASKED


def test_a_late_request_goes_where_a_leader_is_left_to_admit_it(
    s: Session, here: House, closed: Petition
) -> None:
    above, top = house(s, courts.by_code(s, "辽01")), house(s, courts.by_code(s, "辽"))
    petitions.do(s, here, closed, Act.NAME_CONFLICT, person=top.handler.username)
    petitions.do(s, top, closed, Act.ASK_REVIEW, by=petitioner(closed.id), now=petitions.LATE)
    assert (closed.state, courts.get(s, closed.court_id).code) == (State.REVIEW_LATE, "辽01")
    # The handler named takes the leaders in line along: the high court has nobody to admit or refuse.
    with pytest.raises(Conflict, match="nobody_left"):
        petitions.do(s, above, closed, Act.RECUSE, by=above.registrar, now=petitions.LATE)
    assert courts.get(s, closed.court_id).code == "辽01"


def test_handing_a_decision_in_says_of_every_open_part_that_it_is_needed() -> None:
    with pytest.raises(ValidationError) as refused:
        forms.Decision.model_validate({"outcome": "", "facts": " ", "basis": ""})
    assert {each["loc"][0] for each in refused.value.errors()} == {"outcome", "facts", "basis"}
