"""What is owed, asked and open to the petitioner, from the running periods alone."""

from datetime import date, timedelta
from uuid import uuid4

from central.deadlines.models import DeadlineClock
from central.deadlines.shipped import shipped_book, shipped_rules
from central.portal import owed

TODAY = date(2026, 11, 23)
RULES = shipped_rules()


def clock(rule: str, days: int, *, ended: bool = False) -> DeadlineClock:
    due_on = TODAY + timedelta(days=days)
    return DeadlineClock(
        petition_id=uuid4(),
        rule=rule,
        rules_version=RULES.version,
        started_on=TODAY,
        due_on=due_on,
        ended_on=TODAY if ended else None,
    )


def terms(*clocks: DeadlineClock, paused: tuple[DeadlineClock, ...] = ()) -> owed.Terms:
    stopped = {each.id for each in paused}
    return owed.terms([*clocks, *paused], paused=stopped, book=shipped_book(), today=TODAY)


def test_the_nearest_duty_comes_first() -> None:
    found = terms(clock("answer", 90), clock("procedural_reply", 7))
    assert [term.rule for term in found.owed] == ["procedural_reply", "answer"]


def test_what_is_done_is_not_owed() -> None:
    assert terms(clock("answer", 90, ended=True)).owed == ()


def test_the_day_itself_is_in_time() -> None:
    assert [term.late for term in terms(clock("answer", 0), clock("delivery", -1)).owed] == [True, False]


def test_what_is_paused_is_not_owed_now() -> None:
    found = terms(clock("answer", 90), paused=(clock("procedural_reply", -3),))
    assert [term.rule for term in found.owed] == ["answer"]
    assert [term.rule for term in found.paused] == ["procedural_reply"]


def test_a_right_ends_with_its_day() -> None:
    assert [term.rule for term in terms(clock("review_request", 0)).rights] == ["review_request"]
    assert terms(clock("review_request", -1)).rights == ()


def test_what_courts_settle_between_them_is_neither_a_duty_nor_a_right_of_the_petitioner() -> None:
    assert terms(clock("objection", 5)) == owed.Terms((), (), (), ())


def test_every_rule_is_somebodys() -> None:
    told = owed.RIGHTS | owed.ASKED | owed.BETWEEN_COURTS
    assert {rule.key for rule in RULES.rules if not rule.owed_by_court} == told
