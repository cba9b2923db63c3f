"""Signing in at a counter."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from edge_agent.errors import BoxError, PinNeeded, TooMany
from edge_agent.sealing import Sealer
from edge_agent.web.sessions import Sessions, WrongPin

SEALER = Sealer(bytes(32), "ln0102-1")
Try = Callable[..., str]


@pytest.fixture
def sessions() -> Sessions:
    return Sessions(SEALER, "2468")


@pytest.fixture
def try_pin(sessions: Sessions, now: datetime) -> Try:
    def tried(pin: str, by: str = "李", caller: str = "10.0.0.1", at: datetime = now) -> str:
        return sessions.sign_in(pin=pin, by=by, caller=caller, now=at)

    return tried


def test_the_right_pin_opens_a_session_of_a_name(sessions: Sessions, try_pin: Try, now: datetime) -> None:
    assert sessions.who(try_pin("2468", "  李  书记员 "), now=now) == "李 书记员"


def test_a_session_ends_after_the_day(sessions: Sessions, try_pin: Try, now: datetime) -> None:
    cookie = try_pin("2468")
    with pytest.raises(PinNeeded):
        sessions.who(cookie, now=now + timedelta(hours=12, seconds=1))


def test_a_changed_pin_ends_all_sessions(try_pin: Try, now: datetime) -> None:
    with pytest.raises(PinNeeded):
        Sessions(SEALER, "1357").who(try_pin("2468"), now=now)


@pytest.mark.parametrize("cookie", [None, "", "AAAA", "é", "=" * 500])
def test_a_made_up_cookie_opens_nothing(sessions: Sessions, cookie: str | None, now: datetime) -> None:
    with pytest.raises(PinNeeded):
        sessions.who(cookie, now=now)


def test_after_five_wrong_pins_even_the_right_one_waits_five_minutes(try_pin: Try, now: datetime) -> None:
    for _ in range(5):
        with pytest.raises(WrongPin):
            try_pin("1")
    with pytest.raises(TooMany):
        try_pin("2468")
    assert try_pin("2468", at=now + timedelta(minutes=5))


def test_one_machine_that_guesses_does_not_lock_out_another(try_pin: Try) -> None:
    for _ in range(5):
        with pytest.raises(WrongPin):
            try_pin("1")
    assert try_pin("2468", caller="10.0.0.2")


def test_many_machines_together_may_not_guess_either(try_pin: Try) -> None:
    for number in range(30):
        with pytest.raises(WrongPin):
            try_pin("1", caller=f"10.0.1.{number // 4}")
    with pytest.raises(TooMany):
        try_pin("2468", caller="10.0.0.2")


def test_a_clock_set_back_does_not_lock_the_counters_for_long(try_pin: Try, now: datetime) -> None:
    for _ in range(5):
        with pytest.raises(WrongPin):
            try_pin("1")
    assert try_pin("2468", at=now - timedelta(days=300))


def test_without_a_set_pin_nobody_gets_in(now: datetime) -> None:
    with pytest.raises(BoxError, match=r"error\.pin_unset"):
        Sessions(SEALER, "").sign_in(pin="", by="李", caller="", now=now)


def test_a_name_is_needed(try_pin: Try) -> None:
    with pytest.raises(BoxError, match=r"error\.name_needed"):
        try_pin("2468", by="  ")
