"""Whose word counts, how a number is masked, when enough was tried."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.followup import questions
from central.followup.rules import Said, Satisfaction, Way, counts, mask, tried_enough
from shared.ids import new_id
from tests.factories.courts import MORNING

BY = new_id()
LOGGED = Said("satisfied", "phone", BY, "138****0000", MORNING)


def test_the_petitioners_own_rating_counts() -> None:
    assert counts(Said("satisfied", "portal"))


def test_a_logged_call_counts() -> None:
    assert counts(LOGGED)


@pytest.mark.parametrize(
    "said",
    [
        Said("satisfied", "phone", None, "138****0000", MORNING),
        Said("satisfied", "phone", BY, "", MORNING),
        Said("satisfied", "phone", BY, "138****0000", None),
        Said("satisfied", "portal", BY),
        Said("satisfied", "in_person", BY, "138****0000", MORNING),
        Said("not_reached", "phone", BY, "138****0000", MORNING),
    ],
    ids=["nobody called", "no number", "no time", "typed in by staff", "in person", "not reached"],
)
def test_nothing_else_counts(said: Said) -> None:
    assert not counts(said)


@given(st.sampled_from(Satisfaction), st.sampled_from(Way), st.booleans(), st.booleans(), st.booleans())
def test_what_counts_has_its_evidence(
    satisfaction: Satisfaction, way: Way, by: bool, number: bool, when: bool
) -> None:
    said = Said(satisfaction, way, BY if by else None, "*" if number else "", MORNING if when else None)
    if counts(said):
        assert satisfaction is not Satisfaction.NOT_REACHED
        assert (way is Way.PORTAL and not by) or (way is Way.PHONE and by and number and when)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13800001234", "138****1234"),
        ("138 0000 1234", "138****1234"),
        ("024-23456789", "024****6789"),
        ("23456789", "*****789"),
        ("12345", "****5"),
    ],
)
def test_a_number_is_masked(number: str, masked: str) -> None:
    assert mask(number) == masked


@given(st.text("0123456789", min_size=1, max_size=15))
def test_a_masked_number_keeps_its_length_and_hides_most_of_it(number: str) -> None:
    hidden = mask(number)
    assert len(hidden) == max(len(number), 2)
    assert hidden.count("*") >= len(number) // 3


def test_enough_is_three_calls_on_two_days() -> None:
    day = date(2026, 11, 23)
    assert not tried_enough([day, day, day])
    assert not tried_enough([day, day + timedelta(1)])
    assert tried_enough([day, day, day + timedelta(1)])


def test_blank_answers_are_none_and_unknown_ones_are_named() -> None:
    asked = questions.in_force(date(2026, 11, 23))
    given_ = {"full": "yes", "clear": "", "better": " 早点告知 ", "told": "maybe", "person": "no"}
    choices, texts, wrong = questions.answers(asked, given_)
    assert (choices, texts) == ({"full": "yes"}, {"better": "早点告知"})
    assert sorted(wrong) == ["answer_person", "answer_told"]


def test_every_question_stands_in_both_languages_and_keys_are_its_own() -> None:
    for version in questions.shipped():
        assert all(each.zh and each.en for each in version.questions)
        keys = [each.key for each in version.questions]
        assert len(set(keys)) == len(keys)
        assert questions.of_version(version.key) is version


def test_two_versions_of_one_name_are_refused() -> None:
    one = '[[version]]\nkey = "a"\nfrom = 2026-01-01\n[[version.question]]\nkey = "q"\nkind = "text"\nzh = "?"\nen = "?"\n'
    with pytest.raises(ValueError, match="key of its own"):
        questions.read(one + one)
