"""The reader of a running camera tries hard when something is held up, and rests before an empty desk."""

import numpy as np
import pytest

from edge_agent.ports import Frame
from edge_agent.reading.reader import Patience, QrReader
from tests.edge_agent.reading.pictures_of_codes import Gray, blurred, code, desk

EMPTY = desk()


def noisy(picture: Gray, seed: int, brighter: int = 0) -> Gray:
    noise = np.random.default_rng(seed).normal(brighter, 5, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def test_a_scene_that_stays_is_worth_it_for_a_while_and_then_now_and_again() -> None:
    patience = Patience()
    worth = [patience.worth(noisy(EMPTY, n)) for n in range(101)]
    assert worth == [n < 15 or n % 12 == 11 for n in range(101)]


def test_something_held_up_is_worth_it_at_once() -> None:
    patience = Patience()
    for _ in range(20):
        patience.worth(EMPTY)
    assert patience.worth(desk(code("ln0102-1")))


@pytest.mark.parametrize("brighter", [-20, 20])
def test_a_lamp_that_changes_everything_alike_is_nothing_held_up(brighter: int) -> None:
    patience = Patience()
    for _ in range(20):
        patience.worth(EMPTY)
    assert not patience.worth(noisy(EMPTY, 1, brighter))


def test_what_is_easy_is_read_also_while_resting() -> None:
    reader = QrReader(budget=60)
    held = Frame(desk(code("ln0102-1")))
    assert [reader.read(held) for _ in range(30)] == [["ln0102-1"]] * 30


def test_what_is_hard_is_read_when_it_is_held_up() -> None:
    reader = QrReader(budget=60)
    for _ in range(3):
        assert reader.read(Frame(EMPTY)) == []
    assert reader.read(Frame(blurred(desk(code("ln0102-2")), 4.0))) == ["ln0102-2"]


def test_an_empty_array_reads_as_nothing() -> None:
    assert QrReader().read(Frame(np.zeros((0, 0), dtype=np.uint8))) == []
