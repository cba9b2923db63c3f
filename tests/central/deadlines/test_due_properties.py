"""Due days against a slow count, one day at a time, for any pauses and extensions in any order."""

import calendar as months
from datetime import date, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from central.deadlines.calendar import shipped_calendar
from central.deadlines.due import Due, Pause, due
from central.deadlines.rules import Rule, Unit
from central.deadlines.shipped import shipped_rules

CALENDAR = shipped_calendar()
DAY = timedelta(days=1)
Case = tuple[Rule, date, list[Pause], int, date]
BASE = shipped_rules().get("progress")

days = st.dates(min_value=date(2019, 1, 1), max_value=date(2029, 12, 31))
rules = st.builds(
    lambda unit, amount, roll, first: BASE.model_copy(
        update={"unit": unit, "amount": amount, "roll": roll, "count_first_day": first}
    ),
    st.sampled_from(Unit),
    st.integers(1, 20),
    st.booleans(),
    st.booleans(),
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    start = draw(days)
    near = st.integers(-40, 120).map(lambda offset: start + timedelta(days=offset))
    lengths = st.none() | st.integers(0, 45)
    pauses = [
        (begin, None if length is None else begin + timedelta(days=length))
        for begin, length in draw(st.lists(st.tuples(near, lengths), max_size=6))
    ]
    return draw(rules), start, pauses, draw(st.integers(0, 60)), draw(near)


def slow(rule: Rule, start: date, pauses: list[Pause], extension: int, today: date) -> date:
    stopped: set[date] = set()
    for begin, until in pauses:
        day = begin
        while day < (today if until is None else until):
            day += DAY
            stopped.add(day)
    day = start - DAY if rule.count_first_day else start
    left = length_of_months(start, rule.amount) if rule.unit is Unit.MONTHS else rule.amount
    while left:
        day += DAY
        counts = rule.unit is not Unit.WORKING_DAYS or CALENDAR.is_working_day(day)
        left -= counts and day not in stopped
    while extension:
        day += DAY
        extension -= day not in stopped
    while rule.roll and (day in stopped or not CALENDAR.is_working_day(day)):
        day += DAY
    return day


def length_of_months(start: date, count: int) -> int:
    year, month = start.year, start.month
    for _ in range(count):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    last = months.monthrange(year, month)[1]
    return (date(year, month, min(start.day, last)) - start).days


def fast(case: Case) -> Due:
    rule, start, pauses, extension, today = case
    return due(rule, start, CALENDAR, pauses=pauses, extension_days=extension, today=today)


@settings(deadline=None, max_examples=300)
@given(cases())
def test_the_due_day_is_the_one_of_the_slow_count(case: Case) -> None:
    assert fast(case).due_on == slow(*case)


@settings(deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_in_which_pauses_were_entered_does_not_matter(case: Case, random: Random) -> None:
    rule, start, pauses, extension, today = case
    shuffled = random.sample(pauses, len(pauses))
    assert fast((rule, start, shuffled, extension, today)) == fast(case)


@settings(deadline=None)
@given(cases())
def test_the_sheet_accounts_for_every_day(case: Case) -> None:
    sheet, rule, start, extension = fast(case), case[0], case[1], case[3]
    counted = length_of_months(start, rule.amount) if rule.unit is Unit.MONTHS else rule.amount
    first = start if rule.count_first_day else start + DAY
    left_out = sum(span.days for span in sheet.left_out if span.first >= first)
    assert (sheet.ended_on - first).days + 1 == counted + extension + left_out
    assert (sheet.due_on - sheet.ended_on).days == sum(span.days for span in sheet.rolled)


@settings(deadline=None)
@given(cases())
def test_left_out_days_stand_in_order_and_once(case: Case) -> None:
    spans = fast(case).left_out
    assert all(span.first <= span.last for span in spans)
    assert all(one.last < two.first for one, two in pairwise(spans))


@settings(deadline=None)
@given(cases(), st.integers(1, 30))
def test_a_longer_extension_never_makes_the_due_day_earlier(case: Case, more: int) -> None:
    rule, start, pauses, extension, today = case
    assert fast((rule, start, pauses, extension + more, today)).due_on >= fast(case).due_on


@settings(deadline=None)
@given(cases())
def test_another_pause_never_makes_the_due_day_earlier(
    case: Case,
) -> None:
    rule, start, pauses, extension, today = case
    assert fast(case).due_on >= fast((rule, start, pauses[1:], extension, today)).due_on


@settings(deadline=None)
@given(rules, days, st.integers(0, 60))
def test_resuming_today_gives_the_day_shown_while_paused(rule: Rule, start: date, length: int) -> None:
    today = start + timedelta(days=length)
    paused = due(rule, start, CALENDAR, pauses=[(start, None)], today=today)
    assert paused == due(rule, start, CALENDAR, pauses=[(start, today)], today=today)


@settings(deadline=None)
@given(cases())
def test_a_rolled_due_day_is_a_working_day(case: Case) -> None:
    assert not case[0].roll or CALENDAR.is_working_day(fast(case).due_on)
