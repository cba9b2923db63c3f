"""The steps a petitioner sees."""

import pytest

from central.events.kinds import Kind
from central.petitions.states import State
from central.portal.stages import Place, rail, stage_of


def here(state: State, *kinds: Kind) -> list[str]:
    return [stage.key for stage in rail(state, kinds) if stage.place is Place.HERE]


@pytest.mark.parametrize("state", State)
def test_every_state_is_one_step(state: State) -> None:
    assert len(here(state)) == 1


def test_what_is_done_comes_before_and_the_rest_after() -> None:
    assert [stage.place for stage in rail(State.HANDLING, [])] == [
        Place.DONE,
        Place.DONE,
        Place.HERE,
        Place.AHEAD,
        Place.AHEAD,
        Place.AHEAD,
    ]


@pytest.mark.parametrize("state", [State.DRAFTED, State.APPROVED])
def test_work_inside_the_court_is_being_handled(state: State) -> None:
    assert (here(state), stage_of(state)) == (["handled"], "handling")


def test_a_closed_refusal_went_another_way_than_a_closed_answer() -> None:
    declined = rail(State.CLOSED, [Kind.PETITION_REGISTERED, Kind.PETITION_DECLINED, Kind.PETITION_CLOSED])
    assert [stage.key for stage in declined] == ["received", "declined", "closed"]
    assert len(rail(State.CLOSED, [Kind.PETITION_DECLINED, Kind.PETITION_REOPENED])) == 6
