"""Shares of the master key: two make it again, one says nothing, a slip of the pen is named."""

import itertools
import random

import pytest

from central.vault import escrow
from central.vault.errors import BadShare
from central.vault.master import new_master


@pytest.mark.parametrize("pair", list(itertools.permutations(range(3), 2)))
def test_any_two_shares_make_the_key_again(pair: tuple[int, int]) -> None:
    key = new_master()
    shares = escrow.split(key)
    assert escrow.combine(*(shares[each].text for each in pair)).secret() == key.secret()


def test_a_share_is_typed_with_or_without_dashes_and_in_any_case() -> None:
    key = new_master()
    one, other, _ = escrow.split(key)
    typed = other.text.replace("-", " ").lower()
    assert escrow.combine(f" {one.text}\n", typed).id == key.id


def test_a_share_prints_as_groups_of_four() -> None:
    [first, *_] = escrow.split(new_master())
    assert [len(group) for group in first.text.split("-")] == [4] * 18


def test_no_share_holds_the_key() -> None:
    key = new_master()
    for share in escrow.split(key):
        raw = escrow._parsed(share.text, 1)
        assert key.secret()[:16] not in raw
        assert key.secret()[16:] not in raw


def test_the_same_share_twice_is_refused() -> None:
    [one, *_] = escrow.split(new_master())
    with pytest.raises(BadShare) as refused:
        escrow.combine(one.text, one.text)
    assert refused.value.key == "vault.shares_differ"


def test_shares_of_two_keys_are_refused() -> None:
    with pytest.raises(BadShare) as refused:
        escrow.combine(escrow.split(new_master())[0].text, escrow.split(new_master())[1].text)
    assert refused.value.key == "vault.shares_differ"


def test_any_mistyped_character_is_told_with_the_number_of_the_share() -> None:
    one, other, _ = escrow.split(new_master())
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    for at, sign in enumerate(other.text):
        if sign == "-":
            continue
        wrong = chance.choice([each for each in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" if each != sign])
        with pytest.raises(BadShare) as refused:
            escrow.combine(one.text, other.text[:at] + wrong + other.text[at + 1 :])
        assert refused.value.values == {"number": 2}, f"seed {seed}"


@pytest.mark.parametrize("typed", ["", "ABCD", "0189", "甲乙丙丁", "A" * 72])
def test_what_is_no_share_is_refused(typed: str) -> None:
    [one, *_] = escrow.split(new_master())
    with pytest.raises(BadShare):
        escrow.combine(one.text, typed)
