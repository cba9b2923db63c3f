"""Where an update stands: whatever happens and wherever it is cut off, it ends at a version that was confirmed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.updating import states
from edge_agent.updating.states import MOST_TRIALS, Happened, Order, Phase, State, Wrong

BOX = State(good="1.0", floor="1.0")


def through(state: State, *happened: Happened) -> State:
    for each in happened:
        state = states.after(state, each, why="update.failed.health" if each is Happened.FAILED else "")
    return state


def test_an_update_goes_through_its_states_and_leaves_the_version_before_it_in_reach() -> None:
    state = states.begun(BOX, "1.1")
    orders = []
    while state.phase is not Phase.IDLE:
        orders.append(states.order(state))
        state = states.after(state, Happened.DONE)
    assert orders == [Order.INSTALL, Order.ARM, Order.TRY, Order.SETTLE]
    assert (state.good, state.previous, state.floor) == ("1.1", "1.0", "1.1")


def test_a_version_that_does_not_prove_itself_is_given_up_and_remembered() -> None:
    tried = through(states.begun(BOX, "1.1"), Happened.DONE, Happened.DONE, Happened.FAILED)
    assert states.order(tried) is Order.RETURN
    ended = states.after(tried, Happened.DONE)
    assert (ended.phase, ended.good, ended.floor, ended.failed) == (Phase.IDLE, "1.0", "1.0", ("1.1",))
    assert ended.why == "update.failed.health"


def test_a_trial_that_is_cut_off_too_often_is_given_up() -> None:
    trying = through(states.begun(BOX, "1.1"), Happened.DONE, Happened.DONE)
    again = through(trying, *[Happened.CUT] * (MOST_TRIALS - 1))
    assert again.phase is Phase.TRYING
    assert states.after(again, Happened.CUT).phase is Phase.BACK


@pytest.mark.parametrize("version", ["1.0", "1.0.0", "0.9.9"])
def test_there_is_no_way_back_to_an_older_version(version: str) -> None:
    with pytest.raises(Wrong):
        states.begun(BOX, version)


def test_a_lost_record_takes_back_what_was_not_confirmed() -> None:
    assert states.fresh(current="1.0", good="1.0") == BOX
    lost = states.fresh(current="1.1", good="1.0")
    assert (states.order(lost), lost.good) == (Order.RETURN, "1.0")


@given(st.lists(st.sampled_from(Happened), max_size=30), st.integers(0, 40))
def test_whatever_happens_the_good_version_was_confirmed_and_every_state_has_its_order(
    happened: list[Happened], start: int
) -> None:
    state = states.begun(BOX, f"1.{start + 1}")
    confirmed = {"1.0"}
    for each in happened:
        if state.phase is Phase.KEPT:
            confirmed.add(state.target)
        try:
            state = states.after(state, each, why="x")
        except Wrong:
            assert (state.phase is Phase.IDLE) or each is Happened.FAILED
            continue
        assert state.good in confirmed
        assert states.order(state) in Order
        assert State.model_validate_json(state.model_dump_json()) == state
