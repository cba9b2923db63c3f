"""Quarters, counts that may be shown, and grouping by text."""

import random
from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from central.hot import grouping
from central.hot.rules import LEAST, latest, quarter_of, running, showable
from tests.bench import problems


def test_quarters_follow_each_other_without_overlap() -> None:
    assert [str(each) for each in latest(date(2026, 2, 1), 3)] == ["2026Q1", "2025Q4", "2025Q3"]
    assert quarter_of(date(2026, 12, 31)).last == date(2026, 12, 31)


def test_nothing_below_five_follows_by_subtraction() -> None:
    assert showable({"a": 8, "b": 4}) == set()
    assert showable({"a": 9, "b": 7, "c": 2}) == {"a"}
    assert showable({"a": 9, "b": 3, "c": 3}) == {"a"}
    assert showable({"a": 9, "b": 6}) == {"a", "b"}
    assert showable({"a": 4}) == set()
    assert showable({"a": 5, "b": 0}) == {"a", "b"} - {"b"}


def test_few_people_with_many_letters_do_not_follow_either() -> None:
    assert showable({"a": 20, "b": 6}, {"a": 20, "b": 1}) == set()
    assert showable({"a": 20, "b": 9, "c": 6}, {"a": 20, "b": 9, "c": 1}) == {"a"}
    assert showable({"a": 20, "b": 9}, {"a": 12, "b": 5}) == {"a", "b"}


@pytest.mark.parametrize("counts", [(5, 1, 0, 4, 3), (1, 2, 9), (6, 6), (3, 1), (5, 0, 0), (4, 4, 4, 4), ()])
def test_no_two_totals_of_weeks_differ_by_a_few(counts: tuple[int, ...]) -> None:
    told = [0, *(total for _, total in running(list(enumerate(counts)))), sum(counts)]
    steps = [after - before for before, after in pairwise(told)]
    assert all(step == 0 or step >= LEAST for step in steps) or sum(counts) < LEAST


def test_planted_problems_are_found_and_kept_apart() -> None:
    messages, truth = problems.made(random.Random(5), planted=8, alone=120)
    made = [grouping.Message(i, "", subject, text) for i, (subject, text) in enumerate(messages)]
    found = grouping.groups(made, least=LEAST)
    sizes = Counter(truth)
    for problem in range(8):
        best = max(found, key=lambda each: sum(truth[i] == problem for i in each.members))
        inside = Counter(truth[i] for i in best.members)
        assert inside[problem] >= 0.9 * sizes[problem]
        assert inside[problem] >= 0.8 * len(best.members)
        assert best.words
    assert all(len(each.members) >= LEAST for each in found)


def test_two_cities_are_never_one_issue_and_nothing_is_no_trouble() -> None:
    one = [
        grouping.Message(i, f"城{i % 2}", "滨河新村夜间施工扰民", "滨河新村搅拌站夜间施工噪音")
        for i in range(20)
    ]
    assert {len(each.members) for each in grouping.groups(one, least=LEAST)} <= {10}
    assert grouping.groups([], least=LEAST) == []
    assert grouping.groups([grouping.Message(1, "", "", "。")], least=1) == []
