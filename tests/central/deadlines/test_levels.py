"""Green, amber, red by share of the time used."""

from datetime import date, timedelta

import pytest

from central.deadlines.levels import Level, Shares, Term, level_of, paused_days

START = date(2026, 11, 1)
TERM = Term(START, START + timedelta(days=10))
SHARES = Shares(0.5, 0.8)


@pytest.mark.parametrize(
    ("day", "expected"),
    [(0, "green"), (4, "green"), (5, "amber"), (7, "amber"), (8, "red"), (10, "red"), (11, "overdue")],
)
def test_the_level_follows_the_share_used(day: int, expected: str) -> None:
    assert level_of(TERM, START + timedelta(days=day), SHARES) == expected


def test_days_left_out_do_not_count_as_used() -> None:
    paused = Term(START, START + timedelta(days=20), paused_days=10)
    assert level_of(paused, START + timedelta(days=14), SHARES) is Level.GREEN
    assert level_of(paused, START + timedelta(days=15), SHARES) is Level.AMBER


def test_what_stands_still_is_paused_whatever_its_day() -> None:
    still = Term(START, START + timedelta(days=10), standing_still=True)
    assert level_of(still, START + timedelta(days=99), SHARES) is Level.PAUSED


def test_a_period_of_no_length_is_red_on_its_day() -> None:
    assert level_of(Term(START, START), START, SHARES) is Level.RED


def test_a_later_turn_begins_a_month_before_its_day() -> None:
    turn = Term(START, START + timedelta(days=92), occurrence=3)
    assert level_of(turn, START + timedelta(days=70), SHARES) is Level.GREEN


def test_only_ended_pauses_have_days() -> None:
    assert paused_days([(START, START + timedelta(days=3)), (START, None)]) == 3
