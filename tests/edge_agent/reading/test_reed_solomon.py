"""Reed-Solomon as QR codes use it, against the worked example of ISO/IEC 18004 and against damage of any kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.reading.reed_solomon import chance, correct

#: ISO/IEC 18004:2015, annex I: "01234567" as version 1-M, 16 words of data and their 10 check words.
DATA = bytes.fromhex("10200C566180EC11EC11EC11EC11EC11")
CHECKS = bytes.fromhex("A524D4C1ED36C7872C55")
WORDS = [*DATA, *CHECKS]
places = st.integers(0, len(WORDS) - 1)


def damaged(faults: dict[int, int]) -> list[int]:
    """The words with each place of `faults` turned over by its value."""
    return [word ^ faults.get(at, 0) for at, word in enumerate(WORDS)]


def test_the_example_of_the_standard_has_no_fault() -> None:
    assert correct(WORDS, 10) == (WORDS, 0)


@given(st.dictionaries(places, st.integers(1, 255), min_size=1, max_size=5))
def test_half_as_many_errors_as_check_words_are_put_right(faults: dict[int, int]) -> None:
    assert correct(damaged(faults), 10) == (WORDS, len(faults))


@given(st.dictionaries(places, st.integers(0, 255), min_size=1, max_size=10))
def test_as_many_erasures_as_check_words_are_put_right(faults: dict[int, int]) -> None:
    result = correct(damaged(faults), 10, list(faults))
    assert result is not None
    assert result.words == WORDS


@given(
    st.lists(places, min_size=7, max_size=7, unique=True),
    st.lists(st.integers(1, 255), min_size=7, max_size=7),
)
def test_errors_and_erasures_share_the_check_words(at: list[int], values: list[int]) -> None:
    """Three errors take six check words, four erasures the other four."""
    result = correct(damaged(dict(zip(at, values, strict=True))), 10, at[3:])
    assert result == (WORDS, 3)


@given(st.lists(st.integers(0, 255), min_size=26, max_size=26))
def test_what_comes_out_is_always_a_word_of_the_code(words: list[int]) -> None:
    result = correct(words, 10)
    if result is not None:
        assert correct(result.words, 10) == (result.words, 0)
        assert sum(a != b for a, b in zip(words, result.words, strict=True)) == result.errors <= 5


def test_one_error_too_many_is_not_put_right_to_what_was_meant() -> None:
    result = correct(damaged(dict.fromkeys(range(6), 0x5A)), 10)
    assert result is None or result.words != WORDS


def test_more_erasures_than_check_words_give_nothing() -> None:
    assert correct(damaged({0: 1}), 10, list(range(11))) is None


@pytest.mark.parametrize(("erased", "errors"), [(0, 5), (6, 2)])
def test_chance_is_the_share_of_all_words_that_would_pass(erased: int, errors: int) -> None:
    """26 words with 10 checks and 5 errors: C(26, 5) * 256^5 of 256^10."""
    assert chance(26, 10, 0, 0) == -80
    assert chance(26, 10, erased, errors) > chance(26, 10, erased, errors - 1)
    assert chance(26, 10, erased, errors) > -80
