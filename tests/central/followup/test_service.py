"""Call-backs, own words, and the decision of a third person: nothing closes before it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from central.actor import Role, petitioner
from central.casework import queries as casework
from central.courts import queries as courts
from central.deadlines import queries as deadlines
from central.errors import Conflict, Invalid
from central.followup import forms, queries, service
from central.followup.queries import Waiting, Wanted
from central.petitions.models import Petition
from central.petitions.states import Act, IllegalStep, NotReady, NotYours, State
from tests.factories import petitions
from tests.factories.accounts import House, actor, house
from tests.factories.courts import MORNING, tree


@pytest.fixture
def here(s: Session) -> House:
    return house(s, tree(s)["辽0102"])


@pytest.fixture
def delivered(s: Session, here: House) -> Petition:
    petition = petitions.at(s, here, State.REPLIED)
    petitions.do(s, here, petition, Act.RECORD_DELIVERY)
    return petition


def rate(s: Session, petition: Petition, said: str, days: int = 0, **more: Any) -> None:
    form = forms.OwnWord.model_validate({"satisfaction": said, **more})
    now = MORNING + timedelta(days=days)
    service.rate(s, petition_id=petition.id, form=form, by=petitioner(petition.id), now=now)


def unsatisfied(s: Session, here: House, petition: Petition) -> None:
    petitions.do(s, here, petition, Act.FOLLOW_UP, satisfaction="unsatisfied", words="没有说明理由")


def rules(s: Session, petition: Petition) -> dict[str, str | None]:
    return {each.rule: each.outcome for each in deadlines.of_petition(s, petition.id)}


def test_a_call_is_logged_with_time_masked_number_and_answers(
    s: Session, here: House, delivered: Petition
) -> None:
    petitions.do(s, here, delivered, Act.FOLLOW_UP, answer_full="yes", answer_better="早点告知")
    row = queries.of_petition(s, delivered.id)[0]
    assert (row.called, row.called_at, row.by_id) == ("138****0000", MORNING, here.registrar.staff_id)
    assert queries.counted(row)
    assert [(each.en[:3], each.said) for each in queries.answered(row)] == [
        ("Did", "yes"),
        ("Wha", "早点告知"),
    ]
    assert delivered.state == State.FOLLOWED_UP
    assert rules(s, delivered)["closing"] is None


def test_what_was_said_in_person_is_kept_and_does_not_count(
    s: Session, here: House, delivered: Petition
) -> None:
    petitions.do(s, here, delivered, Act.FOLLOW_UP, method="in_person")
    assert not queries.counted(queries.of_petition(s, delivered.id)[0])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"called_on": "2026-11-22", "called_time": "10:00"}, "called_on"),
        ({"called_time": "23:00"}, "called_on"),
        ({"called_on": "2026-11-22"}, "called_time"),
        ({"answer_full": "maybe"}, "answer_full"),
        ({"answer_who": "yes"}, "answer_who"),
    ],
)
def test_a_call_that_cannot_have_been_is_refused(
    values: dict[str, Any], field: str, s: Session, here: House, delivered: Petition
) -> None:
    with pytest.raises(Invalid) as refusal:
        petitions.do(s, here, delivered, Act.FOLLOW_UP, **values)
    assert refusal.value.field == field


def test_a_call_back_is_given_up_only_after_three_calls_on_two_days(
    s: Session, here: House, delivered: Petition
) -> None:
    for day in (0, 0, 1):
        with pytest.raises(Invalid, match="not_tried_enough"):
            petitions.do(s, here, delivered, Act.FOLLOW_UP, satisfaction="not_reached")
        petitions.do(s, here, delivered, Act.LOG_CALL, now=MORNING + timedelta(days=day))
        assert (delivered.state, delivered.next_act) == (State.REPLIED, Act.FOLLOW_UP)
    petitions.do(
        s, here, delivered, Act.FOLLOW_UP, satisfaction="not_reached", now=MORNING + timedelta(days=1)
    )
    assert delivered.next_act == Act.CLOSE


def test_an_unsatisfied_call_waits_for_a_third_person_and_cannot_close(
    s: Session, here: House, delivered: Petition
) -> None:
    unsatisfied(s, here, delivered)
    assert (delivered.next_act, delivered.next_person_id, delivered.next_rule) == (
        Act.DECIDE,
        here.leader.staff_id,
        "decision",
    )
    for act in (Act.CLOSE, Act.REOPEN):
        with pytest.raises(NotReady, match="decided"):
            petitions.do(s, here, delivered, act)
    with pytest.raises(NotYours):
        petitions.do(s, here, delivered, Act.DECIDE, by=here.registrar)


def test_the_third_person_is_neither_handler_nor_caller_nor_at_best_the_approver(
    s: Session, here: House, delivered: Petition
) -> None:
    other = actor(s, here.court, Role.LEADER, username="second.leader")
    unsatisfied(s, here, delivered)
    assert delivered.decider_id == other.staff_id
    again = petitions.at(s, here, State.REPLIED)
    petitions.do(s, here, again, Act.RECORD_DELIVERY)
    petitions.do(s, here, again, Act.FOLLOW_UP, by=other, satisfaction="unsatisfied")
    assert again.decider_id == here.leader.staff_id


def test_with_the_only_leader_calling_a_supervisor_of_the_court_above_decides(
    s: Session, here: House, delivered: Petition
) -> None:
    with pytest.raises(Conflict, match="nobody_to_decide"):
        petitions.do(s, here, delivered, Act.FOLLOW_UP, by=here.leader, satisfaction="unsatisfied")
    s.expire_all()
    above = actor(s, courts.by_code(s, "辽01"), Role.SUPERVISOR, username="sup.above")
    petitions.do(s, here, delivered, Act.FOLLOW_UP, by=here.leader, satisfaction="unsatisfied")
    assert delivered.decider_id == above.staff_id
    petitions.do(s, here, delivered, Act.DECIDE, by=above)
    assert delivered.next_act == Act.CLOSE
    assert casework.of(s, delivered).names.get(above.staff_id or delivered.id) == above.name


def test_a_reasoned_no_is_told_and_lets_it_close(s: Session, here: House, delivered: Petition) -> None:
    unsatisfied(s, here, delivered)
    petitions.do(s, here, delivered, Act.DECIDE, remark="答复已逐项说明")
    assert [(each.decision, each.reasons) for each in queries.decisions(s, delivered.id)] == [
        ("no", "答复已逐项说明")
    ]
    assert not delivered.undecided
    assert rules(s, delivered) | {"decision": "met", "closing": None} == rules(s, delivered)
    petitions.do(s, here, delivered, Act.CLOSE)


def test_reopening_owes_an_answer_anew(s: Session, here: House, delivered: Petition) -> None:
    unsatisfied(s, here, delivered)
    petitions.do(s, here, delivered, Act.DECIDE_REOPEN)
    assert (delivered.state, delivered.delivered_on, delivered.undecided) == (State.HANDLING, None, False)
    assert delivered.next_rule == "answer"


def test_the_way_to_a_review_is_open_only_while_its_time_runs(
    s: Session, here: House, delivered: Petition
) -> None:
    unsatisfied(s, here, delivered)
    late = MORNING + timedelta(days=40)
    with pytest.raises(Invalid, match="review_over"):
        petitions.do(s, here, delivered, Act.DECIDE, verdict="review", now=late)
    petitions.do(s, here, delivered, Act.DECIDE, verdict="review")


def test_a_rating_is_one_row_changed_until_it_is_closed(s: Session, here: House, delivered: Petition) -> None:
    rate(s, delivered, "satisfied", answer_full="yes")
    assert delivered.next_act == Act.CLOSE
    rate(s, delivered, "unsatisfied", 1, words="再想想还是不行")
    assert delivered.decider_id == here.leader.staff_id
    rate(s, delivered, "partly", 2)
    assert delivered.undecided, "a decision that waits goes on waiting"
    row = queries.own_word(s, delivered)
    assert row is not None
    assert (row.satisfaction, len(queries.of_petition(s, delivered.id))) == ("partly", 1)
    petitions.do(s, here, delivered, Act.DECIDE, now=MORNING + timedelta(days=2))
    petitions.do(s, here, delivered, Act.CLOSE, now=MORNING + timedelta(days=2))
    with pytest.raises(IllegalStep):
        rate(s, delivered, "satisfied", 3)


def test_a_rating_before_delivery_is_refused(s: Session, here: House) -> None:
    with pytest.raises(NotReady):
        rate(s, petitions.at(s, here, State.REPLIED), "satisfied")


def test_the_lists_and_figures_hold_what_waits_and_what_counts(
    s: Session, here: House, delivered: Petition
) -> None:
    other = petitions.at(s, here, State.REPLIED)
    petitions.do(s, here, other, Act.RECORD_DELIVERY)
    unsatisfied(s, here, other)
    s.flush()
    found = {
        each: [row.id for row in queries.waiting(s, actor=here.leader, what=each, wanted=Wanted())]
        for each in Waiting
    }
    assert found == {Waiting.CALL: [delivered.id], Waiting.DECISION: [other.id]}
    late = Wanted(overdue_on=MORNING.date() + timedelta(days=20))
    assert queries.count(s, actor=here.leader, what=Waiting.DECISION, wanted=late) == 1
    assert queries.count(s, actor=here.leader, what=Waiting.CALL, wanted=late) == 0
    petitions.do(s, here, delivered, Act.FOLLOW_UP, method="in_person")
    s.flush()
    figures = queries.figures(s, actor=here.leader, court_id=here.court.id, since=MORNING - timedelta(days=1))
    assert (dict(figures.said), figures.total, figures.not_counted) == ({"unsatisfied": 1}, 1, 1)
