"""Whatever the rule, the day, the pauses, the extension: `due` says what counting day by day says."""

import calendar
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from central.deadlines.calendar import WorkCalendar, shipped_calendar
from central.deadlines.due import due
from central.deadlines.rules import Rule, Unit
from central.deadlines.sheet import days as sheet_days
from central.deadlines.shipped import shipped_rules
from shared.clock import FixedClock, court_day
from tests.central.deadlines import reference

BASE = shipped_rules().get("progress")
SHIPPED = shipped_calendar()
#: Months ends, leap days, long holidays with worked weekends, the edge of what is published, far away.
EDGES = [
    date(2024, 2, 29),
    date(2023, 11, 30),
    date(2024, 11, 29),
    date(2026, 1, 31),
    date(2026, 2, 13),
    date(2026, 9, 30),
    date(2025, 9, 26),
    date(2026, 12, 31),
    date(2099, 12, 31),
    date(2100, 2, 28),
    date(2400, 2, 29),
    date(1900, 1, 1),
]
STARTS = st.sampled_from(EDGES) | st.dates(date(2004, 1, 1), date(2046, 12, 31))
LENGTHS = {Unit.WORKING_DAYS: 60, Unit.CALENDAR_DAYS: 400, Unit.MONTHS: 30}


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    unit = draw(st.sampled_from(list(Unit)))
    changes = {
        "unit": unit,
        "amount": draw(st.integers(1, LENGTHS[unit])),
        "roll": draw(st.booleans()),
        "count_first_day": draw(st.booleans()),
    }
    return BASE.model_copy(update=changes)


@st.composite
def pauses(draw: st.DrawFn, start: date) -> list[tuple[date, date]]:
    """Overlapping, touching, before the start, on it, in any order."""
    found = []
    for _ in range(draw(st.integers(0, 4))):
        first = start + timedelta(days=draw(st.integers(-10, 120)))
        found.append((first, first + timedelta(days=draw(st.integers(0, 60)))))
    return found


def calendars() -> st.SearchStrategy[WorkCalendar]:
    """The shipped calendar, alone and with days that somebody entered."""
    entered = st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.booleans(), max_size=12)
    return entered.map(SHIPPED.with_overrides)


@settings(max_examples=400, deadline=None)
@given(data=st.data(), rule=rules(), start=STARTS, work=calendars())
def test_it_is_what_counting_day_by_day_gives(
    data: st.DataObject, rule: Rule, start: date, work: WorkCalendar
) -> None:
    stopped = data.draw(pauses(start))
    extension, turn = data.draw(st.integers(0, 60)), data.draw(st.integers(1, 3))
    found = due(rule, start, work, pauses=stopped, extension_days=extension, occurrence=turn)
    wanted, _ = reference.due_on(
        rule, start, work.is_working_day, pauses=stopped, extension=extension, occurrence=turn
    )
    assert found.due_on == wanted


@settings(max_examples=150, deadline=None)
@given(data=st.data(), rule=rules(), start=STARTS)
def test_the_sheet_counts_to_the_length_of_the_period(data: st.DataObject, rule: Rule, start: date) -> None:
    stopped, extension = data.draw(pauses(start)), data.draw(st.integers(0, 40))
    found = due(rule, start, SHIPPED, pauses=stopped, extension_days=extension)
    counted = [each for each in sheet_days(found) if each.count is not None]
    assert [each.count for each in counted] == list(range(1, len(counted) + 1))
    assert counted[-1].day == found.ended_on
    still = reference.paused_days(stopped)
    assert not still & {each.day for each in counted}
    if rule.unit is not Unit.MONTHS:
        assert len(counted) == rule.amount + extension


@settings(max_examples=150, deadline=None)
@given(data=st.data(), rule=rules(), start=STARTS, ahead=st.integers(0, 200))
def test_an_open_pause_is_one_that_lasts_until_today(
    data: st.DataObject, rule: Rule, start: date, ahead: int
) -> None:
    stopped = data.draw(pauses(start))
    since, today = start + timedelta(days=3), start + timedelta(days=3 + ahead)
    open_ = due(rule, start, SHIPPED, pauses=[*stopped, (since, None)], today=today)
    closed = due(rule, start, SHIPPED, pauses=[*stopped, (since, today)])
    assert open_.due_on == closed.due_on


@settings(max_examples=150, deadline=None)
@given(data=st.data(), rule=rules(), start=STARTS, first=st.integers(0, 20), more=st.integers(0, 20))
def test_the_order_of_pauses_and_extensions_makes_no_difference(
    data: st.DataObject, rule: Rule, start: date, first: int, more: int
) -> None:
    stopped = data.draw(pauses(start))
    again = data.draw(st.permutations(stopped))
    one = due(rule, start, SHIPPED, pauses=stopped, extension_days=first + more)
    other = due(rule, start, SHIPPED, pauses=again, extension_days=more + first)
    assert one.due_on == other.due_on
    assert due(rule, start, SHIPPED, pauses=stopped, extension_days=first).due_on <= one.due_on


@settings(max_examples=100, deadline=None)
@given(start=STARTS, months=st.integers(1, 36))
@example(start=date(2024, 1, 31), months=1)
@example(start=date(2023, 11, 30), months=3)
def test_months_end_on_the_corresponding_day_or_the_last(start: date, months: int) -> None:
    rule = BASE.model_copy(update={"unit": Unit.MONTHS, "amount": months, "roll": False})
    found = due(rule, start, SHIPPED).due_on
    assert found == reference.months_later(start, months)
    assert found.day in {start.day, calendar.monthrange(found.year, found.month)[1]}


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC), date(2026, 11, 22)),
        (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2024, 2, 28, 16, 0, tzinfo=UTC), date(2024, 2, 29)),
        # Summer time was kept in China until 1991; no court day since moves by it.
        (datetime(2026, 7, 1, 15, 59, 59, tzinfo=UTC), date(2026, 7, 1)),
    ],
)
def test_a_moment_falls_on_the_day_of_the_courts_zone(moment: datetime, day: date) -> None:
    assert court_day(moment) == day


@given(day=st.dates(date(2000, 1, 1), date(2099, 12, 30)), second=st.integers(0, 86_399))
def test_every_second_of_a_court_day_belongs_to_it(day: date, second: int) -> None:
    midnight = datetime.combine(day, time(), UTC) - timedelta(hours=8)
    assert court_day(midnight + timedelta(seconds=second)) == day


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(hours=-3), timedelta(days=400)])
def test_a_jump_of_the_machines_clock_moves_no_due_date(jump: timedelta) -> None:
    clock = FixedClock(datetime(2026, 11, 23, 1, 0, tzinfo=UTC))
    stopped: Sequence[tuple[date, date | None]] = [(date(2026, 11, 25), date(2026, 11, 27))]
    start, rule = court_day(clock.now()), shipped_rules().get("answer")
    before = due(rule, start, SHIPPED, pauses=stopped, today=court_day(clock.now()))
    clock.at += jump
    assert due(rule, start, SHIPPED, pauses=stopped, today=court_day(clock.now())) == before
