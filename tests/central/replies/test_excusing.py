"""Excuses with their attempts: what is needed, what is refused, and what the ledger says afterwards."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from central.deadlines import queries as deadlines
from central.deadlines.models import DeadlineClock
from central.errors import Conflict, Invalid
from central.petitions.models import Petition
from central.petitions.states import Act, IllegalStep, State
from central.replies import queries
from tests.factories import petitions
from tests.factories.accounts import House, house
from tests.factories.courts import MORNING, tree

NOBODY: dict[str, Any] = {"petitioner_name": None, "phone": None, "address": None}
SEARCHED: dict[str, Any] = {"method": "search", "reason": "anonymous"}


@pytest.fixture
def here(s: Session) -> House:
    return house(s, tree(s)["辽0102"])


def clock(s: Session, petition: Petition, rule: str) -> DeadlineClock:
    return next(each for each in deadlines.of_petition(s, petition.id) if each.rule == rule)


def after(days: int) -> datetime:
    return MORNING + timedelta(days=days)


def test_the_procedural_reply_of_an_anonymous_letter_is_excused_after_a_search(
    s: Session, here: House
) -> None:
    petition = petitions.registered(s, here, **NOBODY)
    petitions.do(s, here, petition, Act.LOG_ATTEMPT, by=here.registrar, **SEARCHED)
    petitions.do(s, here, petition, Act.EXCUSE_REPLY, excuse="anonymous")
    for rule in ("procedural_reply", "written_notice"):
        assert (clock(s, petition, rule).result, clock(s, petition, rule).excuse) == ("excused", "anonymous")
    assert clock(s, petition, "answer").result == "open"
    assert petition.next_rule == "answer"


def test_nobody_answering_leaves_the_written_notice_owed(s: Session, here: House) -> None:
    petition = petitions.registered(s, here)
    petitions.excused(s, here, petition, Act.EXCUSE_REPLY)
    assert clock(s, petition, "procedural_reply").result == "excused"
    assert clock(s, petition, "written_notice").result == "open"


def test_registered_after_the_due_day_an_excuse_is_still_late(s: Session, here: House) -> None:
    petition = petitions.registered(s, here, **NOBODY)
    petitions.do(s, here, petition, Act.LOG_ATTEMPT, by=here.registrar, **SEARCHED)
    petitions.do(s, here, petition, Act.EXCUSE_REPLY, excuse="anonymous", now=after(8))
    reply = clock(s, petition, "procedural_reply")
    assert (reply.result, reply.excuse) == ("late", "anonymous")


@pytest.mark.parametrize("excuse", ["anonymous", "no_contact"])
def test_who_left_a_number_cannot_be_excused_as_unknown(s: Session, here: House, excuse: str) -> None:
    petition = petitions.registered(s, here)
    petitions.do(s, here, petition, Act.LOG_ATTEMPT, by=here.registrar, method="search", reason=excuse)
    with pytest.raises(Invalid) as refused:
        petitions.do(s, here, petition, Act.EXCUSE_REPLY, excuse=excuse)
    assert refused.value.key == "petitions.evidence.known"


def test_three_calls_on_one_day_are_not_enough(s: Session, here: House) -> None:
    petition = petitions.registered(s, here)
    for _ in range(3):
        petitions.do(s, here, petition, Act.LOG_ATTEMPT, by=here.registrar)
    with pytest.raises(Invalid) as refused:
        petitions.do(s, here, petition, Act.EXCUSE_REPLY)
    assert (refused.value.key, refused.value.values["have_days"]) == ("petitions.evidence.nobody_answered", 1)
    assert clock(s, petition, "procedural_reply").result == "open"


def test_a_call_does_not_come_back_as_a_letter_does(s: Session, here: House) -> None:
    petition = petitions.registered(s, here)
    with pytest.raises(Invalid) as refused:
        petitions.do(s, here, petition, Act.LOG_ATTEMPT, by=here.registrar, method="phone", reason="returned")
    assert refused.value.key == "petitions.attempt_result.phone"


def test_what_was_given_needs_no_excuse(s: Session, here: House) -> None:
    petition = petitions.registered(s, here)
    petitions.do(s, here, petition, Act.ACKNOWLEDGE)
    with pytest.raises(Conflict) as refused:
        petitions.do(s, here, petition, Act.EXCUSE_REPLY)
    assert refused.value.key == "petitions.no_reply_owed"


def test_after_acceptance_the_procedural_reply_cannot_be_excused(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.ACCEPTED)
    with pytest.raises(IllegalStep):
        petitions.do(s, here, petition, Act.EXCUSE_REPLY)


def test_attempts_for_the_procedural_reply_do_not_excuse_the_answer(s: Session, here: House) -> None:
    petition = petitions.registered(s, here, **NOBODY)
    petitions.do(s, here, petition, Act.LOG_ATTEMPT, by=here.registrar, **SEARCHED)
    petitions.do(s, here, petition, Act.DECLINE)
    assert petition.attempts == 0
    petitions.do(s, here, petition, Act.LOG_ATTEMPT, by=here.registrar)
    with pytest.raises(Invalid):
        petitions.do(s, here, petition, Act.CLOSE_EXCUSED, excuse="anonymous")
    petitions.do(s, here, petition, Act.LOG_ATTEMPT, by=here.registrar, **SEARCHED)
    petitions.do(s, here, petition, Act.CLOSE_EXCUSED, excuse="anonymous")
    assert (clock(s, petition, "answer").result, clock(s, petition, "answer").excuse) == (
        "excused",
        "anonymous",
    )


def test_an_answer_issued_in_time_that_reached_nobody_is_excused(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.REPLIED)
    assert clock(s, petition, "answer").result == "in_time"
    petitions.excused(s, here, petition, Act.CLOSE_EXCUSED)
    assert clock(s, petition, "answer").result == "excused"


def test_an_answer_issued_late_stays_late_whoever_cannot_be_reached(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.APPROVED)
    petitions.do(s, here, petition, Act.ISSUE, now=after(120))
    for day in (120, 121, 122):
        petitions.do(s, here, petition, Act.LOG_ATTEMPT, now=after(day))
    petitions.do(s, here, petition, Act.CLOSE_EXCUSED, now=after(122))
    answer = clock(s, petition, "answer")
    assert (answer.result, answer.excuse) == ("late", "nobody_answered")


def test_attempts_of_an_earlier_round_count_no_more(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.REPLIED)
    petitions.excused(s, here, petition, Act.CLOSE_EXCUSED)
    petitions.do(s, here, petition, Act.REOPEN, now=after(2))
    for act in (Act.ASSIGN, Act.TAKE_UP, Act.SAVE_DRAFT, Act.SUBMIT, Act.APPROVE, Act.ISSUE, Act.LOG_ATTEMPT):
        petitions.do(s, here, petition, act, now=after(2))
    with pytest.raises(Invalid):
        petitions.do(s, here, petition, Act.CLOSE_EXCUSED, now=after(3))


def test_an_attempt_keeps_when_how_by_whom_and_what_happened(s: Session, here: House) -> None:
    petition = petitions.registered(s, here)
    petitions.do(s, here, petition, Act.LOG_ATTEMPT, by=here.registrar, remark="响了很久，没人接")
    found = queries.attempts(s, petition.id)[0]
    assert (found.at, found.method, found.reason) == (MORNING, "phone", "nobody_answered")
    assert (found.purpose, found.recorded_by) == ("procedural_reply", here.registrar.staff_id)
