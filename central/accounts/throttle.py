"""Slow down guessing at a password, a one-time code or a receipt code: so many wrong guesses per window, counted in the database.

The rows are shared by all web processes and outlive a restart. A right guess clears the count of what was guessed at.
At sign-in the owner of an account is not locked out by strangers: a browser that signed in before has a count of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from central.accounts.callers import Caller
from central.accounts.models import Guess
from central.db import put_if_absent
from central.errors import TooManyTries
from central.settings import Throttle
from shared.canonical import sha256_hex


def key_of(kind: str, name: str) -> str:
    """Return the key under which guesses at `name` are counted; what is guessed at is not stored in the clear."""
    return sha256_hex(f"{kind}:{name}")


@dataclass(frozen=True, slots=True)
class Budget:
    """How many wrong guesses under `key` are answered; `clears`: a right one forgets them."""

    key: str
    most: int
    clears: bool = True


def budgets(kind: str, name: str, caller: Caller, limits: Throttle) -> list[Budget]:
    """Return what a guess of `caller` at `name` is counted against: its own device's count, or the strangers' and the address's."""
    if caller.device:
        return [Budget(key_of(f"{kind}-device", caller.device), limits.guesses)]
    strangers = Budget(key_of(kind, name), limits.guesses)
    # One's own right password must not buy new guesses at others': the address's count only lapses.
    return [strangers, Budget(key_of("address", caller.address), limits.address_guesses, clears=False)]


def check_all(s: Session, counted: Sequence[Budget], *, limits: Throttle, now: datetime) -> None:
    """Raise `TooManyTries` if one of the budgets is used up."""
    for each in counted:
        check(s, key=each.key, limits=_with(limits, each), now=now)


def wrong_all(s: Session, counted: Sequence[Budget], *, limits: Throttle, now: datetime) -> bool:
    """Count one wrong guess against each; say whether it was the last that is answered."""
    # Every one is counted, also after the first that is used up.
    counts = [wrong(s, key=each.key, limits=_with(limits, each), now=now) for each in counted]
    return any(count == each.most for count, each in zip(counts, counted, strict=True))


def right_all(s: Session, counted: Sequence[Budget]) -> int:
    """Forget the wrong guesses before a right one; return how many there were."""
    return sum([right(s, key=each.key) for each in counted if each.clears])


def _with(limits: Throttle, budget: Budget) -> Throttle:
    return limits.model_copy(update={"guesses": budget.most})


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


def wrong(s: Session, *, key: str, limits: Throttle, now: datetime) -> int:
    """Count one wrong guess; return how many there were in the window."""
    guess = _counted(s, key, now)
    if now - guess.window_start >= timedelta(minutes=limits.window_minutes):
        guess.window_start, guess.count = now, 0
    guess.count += 1
    return guess.count


def right(s: Session, *, key: str) -> int:
    """Forget the wrong guesses before a right one; return how many there were."""
    guess = s.get(Guess, key)
    if guess is None:
        return 0
    s.delete(guess)
    return guess.count


def _counted(s: Session, key: str, now: datetime) -> Guess:
    """Return the count at `key`, locked."""
    guess = s.get(Guess, key, with_for_update=True)
    if guess is None:
        put_if_absent(s, Guess(key=key, window_start=now, count=0))
        guess = s.get_one(Guess, key, with_for_update=True)
    return guess
