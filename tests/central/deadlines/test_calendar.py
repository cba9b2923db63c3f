"""The calendar against the notices it is made from."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from central.deadlines.calendar import DayKind, shipped_calendar

CALENDAR = shipped_calendar()

# Notice of the General Office of the State Council of 2025-11-04 on the days off of 2026.
WORKED_WEEKENDS_2026 = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
DAYS_OFF_2026 = [
    ("2026-01-01", "2026-01-03"),
    ("2026-02-15", "2026-02-23"),
    ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"),
    ("2026-06-19", "2026-06-21"),
    ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
]


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


@pytest.mark.parametrize("day", WORKED_WEEKENDS_2026)
def test_a_weekend_of_2026_in_the_notice_is_worked(day: str) -> None:
    assert CALENDAR.kind(date.fromisoformat(day)) is DayKind.WORKED_WEEKEND


@pytest.mark.parametrize(("first", "last"), DAYS_OFF_2026)
def test_a_holiday_of_2026_in_the_notice_is_off(first: str, last: str) -> None:
    off = days(date.fromisoformat(first), date.fromisoformat(last))
    assert not any(CALENDAR.is_working_day(day) for day in off)


def test_every_other_day_of_2026_follows_its_weekday() -> None:
    named = {date.fromisoformat(day) for day in WORKED_WEEKENDS_2026}
    for first, last in DAYS_OFF_2026:
        named.update(days(date.fromisoformat(first), date.fromisoformat(last)))
    others = [day for day in days(date(2026, 1, 1), date(2026, 12, 31)) if day not in named]
    assert all(CALENDAR.is_working_day(day) == (day.weekday() < 5) for day in others)


def test_published_years_agree_with_the_library_on_every_day() -> None:
    every_day = days(date(2004, 1, 1), date(2026, 12, 31))
    assert [
        day for day in every_day if CALENDAR.is_working_day(day) != chinese_calendar.is_workday(day)
    ] == []


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("2003-12-31", "estimated"),
        ("2004-01-01", "published"),
        ("2026-12-31", "published"),
        ("2027-01-01", "estimated"),
        ("2090-01-01", "estimated"),
    ],
)
def test_only_years_with_a_notice_are_published(day: str, status: str) -> None:
    assert CALENDAR.status(date.fromisoformat(day)) == status


def test_statutory_days_of_a_year_without_a_notice_are_off() -> None:
    assert CALENDAR.kind(date(2027, 10, 1)) is DayKind.HOLIDAY


def test_a_year_no_library_knows_has_plain_weekends() -> None:
    assert (CALENDAR.kind(date(2003, 10, 1)), CALENDAR.kind(date(2003, 10, 4))) == (
        DayKind.WORKDAY,
        DayKind.WEEKEND,
    )


def test_the_next_working_day_of_a_working_day_is_that_day() -> None:
    assert CALENDAR.next_working_day(date(2026, 10, 10)) == date(2026, 10, 10)


def test_the_next_working_day_lies_after_the_whole_holiday() -> None:
    assert CALENDAR.next_working_day(date(2026, 10, 1)) == date(2026, 10, 8)


def test_an_override_wins_over_the_shipped_data_and_is_published() -> None:
    changed = CALENDAR.with_overrides({date(2027, 10, 9): True, date(2027, 10, 6): False})
    assert changed.kind(date(2027, 10, 9)) is DayKind.WORKED_WEEKEND
    assert changed.kind(date(2027, 10, 6)) is DayKind.HOLIDAY
    assert changed.status(date(2027, 10, 6)) == "published"
    assert changed.status(date(2027, 10, 5)) == "estimated"


def test_an_override_changes_the_version_and_leaves_the_shipped_calendar_alone() -> None:
    changed = CALENDAR.with_overrides({date(2026, 11, 24): False})
    assert changed.version != CALENDAR.version
    assert CALENDAR.is_working_day(date(2026, 11, 24))


def test_the_version_does_not_depend_on_the_order_in_which_overrides_came() -> None:
    one, two = {date(2027, 1, 3): True}, {date(2027, 2, 11): False}
    assert (
        CALENDAR.with_overrides(one).with_overrides(two).version == CALENDAR.with_overrides(two | one).version
    )


def test_a_year_entered_by_hand_is_published_and_drops_the_estimate() -> None:
    entered = CALENDAR.with_overrides({date(2027, 1, 1): False}, published_years=[2027])
    assert entered.status(date(2027, 7, 1)) == "published"
    assert entered.kind(date(2027, 1, 1)) is DayKind.HOLIDAY
    assert entered.kind(date(2027, 10, 1)) is DayKind.WORKDAY


def test_entering_a_year_that_was_published_already_keeps_its_days() -> None:
    entered = CALENDAR.with_overrides({}, published_years=[2026])
    assert entered.kind(date(2026, 10, 1)) is DayKind.HOLIDAY


def test_no_overrides_give_the_same_calendar() -> None:
    assert CALENDAR.with_overrides({}) is CALENDAR
