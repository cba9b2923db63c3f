"""The count of days that anybody can check."""

from datetime import date

from central.deadlines.calendar import shipped_calendar
from central.deadlines.due import Due, Why, due
from central.deadlines.sheet import days, stretches
from central.deadlines.shipped import shipped_rules


def derived(rule: str, start: date, *pauses: tuple[date, date | None]) -> Due:
    return due(shipped_rules().get(rule), start, shipped_calendar(), pauses=list(pauses))


def test_the_count_reaches_the_length_of_the_period_on_the_last_day() -> None:
    found = list(days(derived("procedural_reply", date(2026, 3, 2))))
    assert [(each.count, each.why) for each in found[:2]] == [(None, Why.FIRST_DAY), (1, None)]
    assert (found[-1].day, found[-1].count) == (date(2026, 3, 9), 7)


def test_rest_days_after_the_end_are_shown_and_not_counted() -> None:
    found = list(days(derived("procedural_reply", date(2026, 9, 24))))
    assert [each.day.day for each in found if each.count == 7 and each.why] == [1]
    assert [each.count for each in found[8:]] == [None] * 7
    assert found[-1].day == date(2026, 10, 8)


def test_working_days_leave_the_weekend_out() -> None:
    found = list(days(derived("objection", date(2026, 3, 2))))
    assert [each.day.day for each in found if each.count] == [3, 4, 5, 6, 9]


def test_paused_days_are_left_out() -> None:
    found = list(days(derived("procedural_reply", date(2026, 3, 2), (date(2026, 3, 4), date(2026, 3, 6)))))
    assert [each.day.day for each in found if each.why is Why.PAUSE] == [5, 6]
    assert found[-1].count == 7


def test_days_with_the_same_answer_are_told_together() -> None:
    found = list(stretches(days(derived("objection", date(2026, 3, 2)))))
    assert [(each.first.day.day, each.days, each.last.count) for each in found] == [
        (2, 1, None),
        (3, 4, 4),
        (7, 2, None),
        (9, 1, 5),
    ]


def test_a_long_period_is_told_month_by_month() -> None:
    found = list(stretches(days(derived("answer", date(2026, 6, 15)))))
    assert [(each.first.day.month, each.last.count) for each in found] == [
        (6, None),
        (6, 15),
        (7, 46),
        (8, 77),
        (9, 92),
    ]
