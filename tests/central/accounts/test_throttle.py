"""Guesses are counted, also when many are sent at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from central import db
from central.accounts import throttle
from central.errors import TooManyTries
from central.settings import Throttle

LIMITS = Throttle(guesses=3, window_minutes=15)


def guess(s: Session, now: datetime, *, key: str = "k") -> bool:
    """Make one wrong guess; say whether it was answered."""
    try:
        throttle.check(s, key=key, limits=LIMITS, now=now)
    except TooManyTries:
        return False
    throttle.wrong(s, key=key, limits=LIMITS, now=now)
    return True


def test_so_many_are_answered_and_no_more(s: Session, now: datetime) -> None:
    assert [guess(s, now) for _ in range(4)] == [True, True, True, False]


def test_another_key_has_its_own_count(s: Session, now: datetime) -> None:
    assert [guess(s, now, key=key) for key in "aaab"] == [True, True, True, True]
    assert not guess(s, now, key="a")


def test_the_count_lapses_with_its_window(s: Session, now: datetime) -> None:
    later = now + timedelta(minutes=15)
    assert [guess(s, at) for at in (now, now, now, later, later, later, later)] == [True] * 6 + [False]


def test_a_right_guess_clears_the_count(s: Session, now: datetime) -> None:
    guess(s, now)
    throttle.right(s, key="k")
    assert [guess(s, now) for _ in range(3)] == [True] * 3


def test_it_says_how_many_minutes_are_left(s: Session, now: datetime) -> None:
    for _ in range(3):
        guess(s, now)
    with pytest.raises(TooManyTries) as refused:
        throttle.check(s, key="k", limits=LIMITS, now=now + timedelta(minutes=9, seconds=30))
    assert refused.value.values == {"minutes": 6}


def test_guesses_sent_at_once_are_counted_one_by_one(fresh_engine: Engine, now: datetime) -> None:
    def one(_: int) -> bool:
        with db.unit_of_work(fresh_engine) as s:
            return guess(s, now)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(16))) == 3
