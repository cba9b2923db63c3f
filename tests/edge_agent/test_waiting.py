"""How long somebody will wait, and how wrong that was."""

import random
from datetime import timedelta

import pytest

from edge_agent import waiting
from edge_agent.waiting import Pace, Promise

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("before", "free", "expected"), [(0, 1, 0), (0, 0, 4), (3, 0, 16), (3, 1, 12), (0, 2, 0)]
)
def test_the_estimate_counts_turns_of_the_counters_that_serve(before: int, free: int, expected: int) -> None:
    assert waiting.estimate(before, Pace(8 * MINUTE, 2, free)) == expected * MINUTE


def test_a_hall_in_which_nobody_called_yet_counts_as_one_counter() -> None:
    assert waiting.estimate(1, Pace(8 * MINUTE, 0, 0)) == 16 * MINUTE


def test_the_first_short_visit_does_not_throw_the_mean_about() -> None:
    assert waiting.mean_visit([2 * MINUTE], usual=8 * MINUTE) == 7 * MINUTE
    assert waiting.mean_visit([2 * MINUTE] * 100, usual=8 * MINUTE) == 3.2 * MINUTE


def test_the_error_is_the_mean_distance_and_needs_five_promises() -> None:
    promises = [Promise(10 * MINUTE, took * MINUTE) for took in (8, 9, 10, 11, 12)]
    assert waiting.error(promises[:4]) is None
    assert waiting.error(promises) == 1.2 * MINUTE


def test_minutes_are_rounded_up() -> None:
    assert [waiting.minutes(timedelta(seconds=s)) for s in (0, 1, 60, 61)] == [0, 1, 1, 2]


def test_estimates_of_a_busy_day_are_off_by_less_than_a_third() -> None:
    """Two counters, visits of 3 to 13 minutes, ten waiting all day."""
    lot, usual = random.Random(7), 8 * MINUTE
    free_at, visits, promises = [timedelta(), timedelta()], [], []
    told: list[tuple[timedelta, timedelta]] = []
    for number in range(60):
        counter = free_at.index(min(free_at))
        if number >= 10:
            promise, asked = told.pop(0)
            promises.append(Promise(promise, free_at[counter] - asked))
        visit = lot.randint(3, 13) * MINUTE
        pace = Pace(waiting.mean_visit(visits, usual=usual), 2, 0)
        told.append((waiting.estimate(9, pace), free_at[counter]))
        free_at[counter] += visit
        visits.append(visit)
    wrong, mean = waiting.error(promises), sum((p.took for p in promises), timedelta()) / len(promises)
    assert wrong is not None
    assert wrong < mean / 3
