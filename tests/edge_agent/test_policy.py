"""The order of calls and the judgement of codes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent import policy
from shared.codes import AppointmentToken
from shared.wire import Refusal
from tests.edge_agent import papers

WINDOW = policy.Window(papers.COURT, timedelta(minutes=30), timedelta(seconds=60))
IDENT = UUID(int=1)


@dataclass(frozen=True)
class One:
    booked: bool
    position: int


def line_of(flags: list[bool]) -> list[One]:
    return [One(booked, place) for place, booked in enumerate(flags, start=1)]


def all_calls(line: list[One], in_a_row: int, called: list[bool] | None = None) -> list[One]:
    left, turns, order = list(line), list(called or []), []
    while (one := policy.choose(left, called=turns, in_a_row=in_a_row)) is not None:
        left.remove(one)
        turns.append(one.booked)
        order.append(one)
    return order


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 5))
def test_everybody_who_waits_is_called_once(flags: list[bool], in_a_row: int) -> None:
    line = line_of(flags)
    assert sorted(line, key=lambda one: one.position) == sorted(
        all_calls(line, in_a_row), key=lambda one: one.position
    )


@given(
    st.lists(st.booleans(), min_size=1, max_size=40), st.integers(1, 5), st.lists(st.booleans(), max_size=9)
)
def test_nobody_starves(flags: list[bool], in_a_row: int, before: list[bool]) -> None:
    order = all_calls(line_of(flags), in_a_row, before)
    booked = [turn for turn, one in enumerate(order, start=1) if one.booked]
    others = [turn for turn, one in enumerate(order, start=1) if not one.booked]
    assert all(turn <= 2 * place for place, turn in enumerate(booked, start=1))
    assert all(turn <= place * (in_a_row + 1) for place, turn in enumerate(others, start=1))


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 5))
def test_each_line_keeps_its_order_of_arrival(flags: list[bool], in_a_row: int) -> None:
    order = all_calls(line_of(flags), in_a_row)
    for kind in (True, False):
        places = [one.position for one in order if one.booked is kind]
        assert places == sorted(places)


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(1, 5), st.data())
def test_the_promise_of_how_many_are_before_me_is_kept(
    flags: list[bool], in_a_row: int, data: st.DataObject
) -> None:
    line = line_of(flags)
    me = data.draw(st.sampled_from(line))
    assert policy.ahead(line, me=me, called=[], in_a_row=in_a_row) == all_calls(line, in_a_row).index(me)


def test_appointments_come_first_but_only_two_in_a_row() -> None:
    order = all_calls(line_of([False, False, True, True, True]), 2)
    assert [one.booked for one in order] == [True, True, False, True, False]


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(-31, Refusal.TOO_EARLY), (-30, None), (0, None), (30, None), (31, None), (31.1, Refusal.EXPIRED)],
)
def test_a_code_opens_half_an_hour_early_and_a_minute_late(
    minutes: float, expected: Refusal | None, now: datetime
) -> None:
    token = AppointmentToken(IDENT, papers.COURT, now, now + timedelta(minutes=30))
    at = now + timedelta(minutes=minutes)
    assert policy.judge_token(token, entry=None, used=(), window=WINDOW, now=at) == expected


def test_a_code_of_another_court_is_refused_even_when_it_is_used_up(now: datetime) -> None:
    token = AppointmentToken(IDENT, "ln0103", now, now)
    assert policy.judge_token(token, entry=None, used={IDENT}, window=WINDOW, now=now) is Refusal.OTHER_COURT


def test_the_roster_may_revoke_a_code_or_move_its_slot(now: datetime) -> None:
    token = AppointmentToken(IDENT, papers.COURT, now, now + timedelta(minutes=30))
    revoked = papers.entry(IDENT, at=now, revoked=True)
    moved = papers.entry(IDENT, at=now + timedelta(hours=2))
    assert policy.judge_token(token, entry=revoked, used=(), window=WINDOW, now=now) is Refusal.REVOKED
    assert policy.judge_token(token, entry=moved, used=(), window=WINDOW, now=now) is Refusal.TOO_EARLY


def test_numbers_rise_by_one_and_end_at_9999() -> None:
    assert policy.next_number([]) == 1
    assert policy.next_number([3, 1]) == 4
    assert policy.next_number([9999]) is None
