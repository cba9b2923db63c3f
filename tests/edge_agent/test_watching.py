"""Codes before the camera, and devices that fail."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

import numpy as np
import pytest

from edge_agent import tickets
from edge_agent.box import Box
from edge_agent.ports import DeviceLost, Frame, PrintOutcome, Slip
from edge_agent.printing import Job, Printing
from edge_agent.records import Ticket
from edge_agent.watching import CameraWatch, Repeats
from shared import wire
from tests.support.processes import wait_until

FRAME = Frame(np.zeros((2, 2), dtype=np.uint8))


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_code_that_stays_in_view_counts_once_however_long() -> None:
    seconds = Seconds()
    repeats = Repeats(seconds=10, monotonic=seconds)
    seen = []
    for second in range(0, 60, 5):
        seconds.now = second
        seen.append(repeats.fresh("code"))
    assert seen == [True] + [False] * 11


def test_it_counts_again_after_it_was_away() -> None:
    seconds = Seconds()
    repeats = Repeats(seconds=10, monotonic=seconds)
    assert repeats.fresh("code")
    seconds.now = 10
    assert repeats.fresh("code")


class Script:
    """A camera that shows frames, then ends as told."""

    def __init__(self, end: Exception | None) -> None:
        self.end = end

    def frames(self) -> Iterator[Frame]:
        yield FRAME
        if self.end is not None:
            raise self.end

    def close(self) -> None:
        pass


class Texts:
    def read(self, frame: Frame) -> list[str]:
        return ["one", "two"]


@pytest.mark.parametrize(
    "surprise", [DeviceLost("unplugged"), ValueError("driver")], ids=["lost", "surprise"]
)
def test_a_camera_that_fails_is_said_and_tried_again(surprise: Exception) -> None:
    ends: list[Exception | None] = [surprise, None]
    codes: list[str] = []
    lost: list[str] = []
    found: list[bool] = []
    watch = CameraWatch(
        lambda: Script(ends.pop(0) if ends else None),
        Texts(),
        on_code=codes.append,
        on_lost=lost.append,
        on_found=lambda: found.append(True),
        again_seconds=0,
    )
    watch.start()
    wait_until(lambda: len(codes) >= 4, what="the camera is read again")
    watch.stop()
    assert len(lost) == 1
    assert found


class Jams:
    """A printer that breaks on its first slip."""

    def __init__(self) -> None:
        self.slips: list[Slip] = []

    def print_slip(self, slip: Slip) -> PrintOutcome:
        self.slips.append(slip)
        if len(self.slips) == 1:
            raise RuntimeError("jam")
        return PrintOutcome.PRINTED


@pytest.fixture
def take(box: Box, now: datetime) -> Callable[[str], Ticket]:
    return lambda nonce: tickets.walk_in(box, kind=wire.VisitKind.QUERY, nonce=nonce, now=now)


def test_a_printer_that_breaks_costs_one_slip_and_no_number(take: Callable[[str], Ticket]) -> None:
    outcomes: list[tuple[str, PrintOutcome]] = []
    printing = Printing(Jams())
    printing.start()
    for nonce in "ab":
        label = take(nonce).label
        slip, done = (
            partial(Slip, (label,), ""),
            lambda outcome, label=label: outcomes.append((label, outcome)),
        )
        printing.ask(Job(label, slip, done))
    printing.stop()
    assert outcomes == [("C001", PrintOutcome.FAILED), ("C002", PrintOutcome.PRINTED)]


def test_a_camera_that_never_returns_is_stuck_and_one_that_shows_pictures_is_not() -> None:
    seconds = Seconds()
    watch = CameraWatch(
        lambda: Script(None),
        Blind(),
        on_code=lambda _: None,
        on_lost=lambda _: None,
        on_found=lambda: None,
        monotonic=seconds,
    )
    seconds.now = 61
    assert watch.stuck
    watch.look()
    assert not watch.stuck


class Blind:
    """Reads nothing."""

    def read(self, frame: Frame) -> list[str]:
        del frame
        return []
