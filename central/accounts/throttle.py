"""Slow down guessing at a password or a receipt code: so many wrong guesses per window, counted in the database.

The rows are shared by all web processes and outlive a restart. A right guess clears the count.
"""

from datetime import datetime, timedelta

from sqlmodel import Session

from central.accounts.models import Guess
from central.db import put_if_absent
from central.errors import TooManyTries
from central.settings import Throttle
from shared.canonical import sha256_hex


def key_of(kind: str, name: str) -> str:
    """Return the key under which guesses at `name` are counted; what is guessed at is not stored in the clear."""
    return sha256_hex(f"{kind}:{name}")


def check(s: Session, *, key: str, limits: Throttle, now: datetime) -> None:
    """Raise `TooManyTries` if `key` has used up its guesses in the running window.

    Guesses at one key take turns until their transactions end: sent at once, they are counted all the same.
    """
    guess = _counted(s, key, now)
    if guess.count < limits.guesses:
        return
    left = guess.window_start + timedelta(minutes=limits.window_minutes) - now
    if left > timedelta(0):
        raise TooManyTries("accounts.too_many_tries", minutes=max(1, -(-int(left.total_seconds()) // 60)))


def wrong(s: Session, *, key: str, limits: Throttle, now: datetime) -> None:
    """Count one wrong guess."""
    guess = _counted(s, key, now)
    if now - guess.window_start >= timedelta(minutes=limits.window_minutes):
        guess.window_start, guess.count = now, 0
    guess.count += 1


def right(s: Session, *, key: str) -> None:
    """Forget the wrong guesses before a right one."""
    guess = s.get(Guess, key)
    if guess is not None:
        s.delete(guess)


def _counted(s: Session, key: str, now: datetime) -> Guess:
    """Return the count at `key`, locked."""
    guess = s.get(Guess, key, with_for_update=True)
    if guess is None:
        put_if_absent(s, Guess(key=key, window_start=now, count=0))
        guess = s.get_one(Guess, key, with_for_update=True)
    return guess
