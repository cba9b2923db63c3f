"""What becomes of a duty of the obligation ledger, case by case."""

from datetime import date

import pytest

from central.deadlines import duties
from central.deadlines.duties import Result
from central.deadlines.rules import Moment
from central.deadlines.shipped import shipped_rules

DUE = date(2026, 11, 30)
IN_TIME, TOO_LATE = DUE, date(2026, 12, 1)

ENDINGS = [
    ("procedural_reply", Moment.PROCEDURAL_REPLY_SENT, Result.IN_TIME),
    ("procedural_reply", Moment.WRITTEN_NOTICE_SENT, Result.IN_TIME),
    ("procedural_reply", Moment.PROCEDURAL_REPLY_EXCUSED, Result.EXCUSED),
    ("procedural_reply", Moment.OBJECTED, Result.MOVED),
    ("procedural_reply", Moment.WITHDRAWN, Result.RELEASED),
    ("written_notice", Moment.NOTICE_WAIVED, Result.EXCUSED),
    ("answer", Moment.ANSWER_ISSUED, Result.IN_TIME),
    ("answer", Moment.DECLINED, Result.IN_TIME),
    ("answer", Moment.TO_LITIGATION, Result.IN_TIME),
    ("answer", Moment.TRANSFERRED_OUT, Result.MOVED),
    ("answer", Moment.EXCUSED, Result.EXCUSED),
    ("answer", Moment.MERGED, Result.RELEASED),
    ("answer", Moment.WITHDRAWN, Result.RELEASED),
    ("progress", Moment.PROGRESS_SENT, Result.IN_TIME),
    ("progress", Moment.ANSWER_ISSUED, Result.RELEASED),
    ("progress", Moment.DECLINED, Result.RELEASED),
]


def became(rule: str, moment: Moment, on: date) -> Result:
    if moment in shipped_rules().get(rule).ends:
        return duties.met(late=on > DUE)
    return duties.void(rule, moment, on=on, due_on=DUE)


@pytest.mark.parametrize(("rule", "moment", "expected"), ENDINGS)
def test_a_duty_ends_as_its_moment_says(rule: str, moment: Moment, expected: Result) -> None:
    assert became(rule, moment, IN_TIME) is expected


@pytest.mark.parametrize(("rule", "moment", "expected"), ENDINGS)
def test_whatever_ends_after_its_day_is_late(rule: str, moment: Moment, expected: Result) -> None:
    assert expected is not Result.LATE
    assert became(rule, moment, TOO_LATE) is Result.LATE


def test_every_ending_of_every_duty_stands_in_the_rules() -> None:
    for rule, moment, _ in ENDINGS:
        known = shipped_rules().get(rule)
        assert moment in {*known.ends, *known.cancelled_by}, (rule, moment)


def test_a_clock_that_is_no_duty_has_no_result() -> None:
    assert duties.first_result("follow_up") is None
    assert {duties.first_result(rule) for rule in duties.DUTIES} == {Result.OPEN}


def test_a_month_is_its_year_and_number() -> None:
    assert duties.month_of(date(2028, 2, 29)) == 202802
