"""Entries go on top of each other in the order of their numbers, and each makes another version."""

from datetime import date

from central.deadlines.calendar import DayKind, shipped_calendar
from central.deadlines.entries import Entry, Marked, changed_days, fold

SHIPPED = shipped_calendar()
OFF, WORKED = Marked(date(2027, 2, 11), worked=False, name="春节"), Marked(date(2027, 2, 20), worked=True)
WHOLE = Entry(1, 2027, whole=True, status="published", days=(OFF, WORKED))


def single(number: int, day: date, *, worked: bool) -> Entry:
    return Entry(number, day.year, whole=False, status="published", days=(Marked(day, worked),))


def test_nothing_entered_leaves_the_shipped_calendar() -> None:
    assert fold(SHIPPED, ()).calendar is SHIPPED


def test_a_whole_year_replaces_what_was_shipped_for_it_and_only_that() -> None:
    found = fold(SHIPPED, [WHOLE]).calendar
    assert found.kind(date(2027, 2, 11)) is DayKind.HOLIDAY
    assert found.kind(date(2027, 2, 20)) is DayKind.WORKED_WEEKEND
    assert found.kind(date(2027, 10, 1)) is DayKind.WORKDAY
    assert found.status(date(2027, 7, 1)) == "published"
    assert found.kind(date(2026, 10, 1)) is DayKind.HOLIDAY
    assert found.status(date(2028, 7, 1)) == "estimated"


def test_an_estimate_stays_an_estimate() -> None:
    entry = Entry(1, 2028, whole=True, status="estimated", days=(Marked(date(2028, 1, 3), worked=False),))
    assert fold(SHIPPED, [entry]).calendar.status(date(2028, 1, 3)) == "estimated"


def test_a_later_notice_of_the_year_replaces_single_days_too() -> None:
    entries = [WHOLE, single(2, date(2027, 7, 1), worked=False), Entry(3, 2027, True, "published", (WORKED,))]
    found = fold(SHIPPED, entries).calendar
    assert found.is_working_day(date(2027, 7, 1))
    assert found.is_working_day(date(2027, 2, 11))


def test_days_before_the_year_outlive_a_notice_of_the_year_before() -> None:
    late = Marked(date(2027, 12, 31), worked=False, name="元旦")
    of_2028 = Entry(1, 2028, whole=True, status="published", days=(late,))
    again = Entry(2, 2027, whole=True, status="published", days=(OFF,))
    found = fold(SHIPPED, [of_2028, again]).calendar
    assert not found.is_working_day(date(2027, 12, 31))
    assert not found.is_working_day(date(2027, 2, 11))
    without = Entry(3, 2028, whole=True, status="published", days=())
    assert fold(SHIPPED, [of_2028, again, without]).calendar.is_working_day(date(2027, 12, 31))


def test_every_entry_makes_another_version() -> None:
    entries = [WHOLE, single(2, date(2027, 7, 1), worked=False), single(3, date(2027, 7, 1), worked=True)]
    versions = {fold(SHIPPED, entries[:count]).calendar.version for count in range(4)}
    assert len(versions) == 4


def test_changed_days_are_those_that_differ() -> None:
    after = fold(SHIPPED, [single(1, date(2026, 12, 31), worked=False)]).calendar
    assert changed_days(SHIPPED, after, [2026]) == (date(2026, 12, 31),)
    assert changed_days(SHIPPED, after, [2027]) == ()
