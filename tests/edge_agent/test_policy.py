"""The order of calls and the judgement of codes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent import policy
from edge_agent.policy import Fairness, Lane
from shared.codes import AppointmentToken
from shared.wire import Refusal
from tests.edge_agent import papers

WINDOW = policy.Window(papers.COURT, timedelta(minutes=30), timedelta(seconds=60))
IDENT = UUID(int=1)


LANES = st.sampled_from(Lane)
RULES = st.builds(Fairness, st.integers(1, 5), st.integers(1, 5))


@dataclass(frozen=True)
class One:
    lane: Lane
    position: int


def line_of(lanes: list[Lane]) -> list[One]:
    return [One(lane, place) for place, lane in enumerate(lanes, start=1)]


def all_calls(line: list[One], rule: Fairness, called: list[Lane] | None = None) -> list[One]:
    left, turns, order = list(line), list(called or []), []
    while (one := policy.choose(left, called=turns, rule=rule)) is not None:
        left.remove(one)
        turns.append(one.lane)
        order.append(one)
    return order


@given(st.lists(LANES, max_size=40), RULES)
def test_everybody_who_waits_is_called_once(lanes: list[Lane], rule: Fairness) -> None:
    line = line_of(lanes)
    assert sorted(line, key=lambda one: one.position) == sorted(
        all_calls(line, rule), key=lambda one: one.position
    )


def turns_until(place: int, lane: Lane, rule: Fairness, before: list[Lane]) -> int:
    """In which turn the visitor at `place` of a lane is called while both other lanes never run empty."""
    line, turns, place_now = line_of([*Lane]), list(before), place
    for turn in range(1, 1000):
        one = policy.choose(line, called=turns, rule=rule)
        assert one is not None
        turns.append(one.lane)
        if one.lane is lane:
            place_now -= 1
            if place_now == 0:
                return turn
    return 1000


@given(st.integers(1, 6), RULES, st.lists(LANES, max_size=9))
def test_nobody_starves_however_many_keep_coming(place: int, rule: Fairness, before: list[Lane]) -> None:
    whole = rule.declared + 1
    assert turns_until(place, Lane.DECLARED, rule, before) <= 2 * place
    assert turns_until(place, Lane.BOOKED, rule, before) <= 2 * place * whole
    assert turns_until(place, Lane.WALK_IN, rule, before) <= place * (rule.appointments + 1) * whole


@given(st.lists(LANES, max_size=40), RULES)
def test_each_line_keeps_its_order_of_arrival(lanes: list[Lane], rule: Fairness) -> None:
    order = all_calls(line_of(lanes), rule)
    for lane in Lane:
        places = [one.position for one in order if one.lane is lane]
        assert places == sorted(places)


@given(st.lists(LANES, min_size=1, max_size=30), RULES, st.lists(LANES, max_size=6), st.data())
def test_the_promise_of_how_many_are_before_me_is_kept(
    lanes: list[Lane], rule: Fairness, before: list[Lane], data: st.DataObject
) -> None:
    line = line_of(lanes)
    me = data.draw(st.sampled_from(line))
    order = all_calls(line, rule, before)
    assert policy.ahead(line, me=me, called=before, rule=rule) == order.index(me)


def test_declared_visitors_come_first_then_appointments_but_never_all_the_time() -> None:
    line = line_of([Lane.WALK_IN, Lane.WALK_IN, *[Lane.BOOKED] * 3, *[Lane.DECLARED] * 3])
    lanes = "".join(one.lane[0] for one in all_calls(line, Fairness(2, 2)))
    assert lanes == "ddbdbwbw"


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
