"""Scanner and button from the bytes the kernel gives; pipes stand in for the devices."""

import os
import threading
from collections.abc import Callable

import pytest

from edge_agent.drivers.button import Debounce, EvdevButton
from edge_agent.drivers.evdev import EV_KEY, SIZE, InputEvent, build, parse
from edge_agent.drivers.scanner import KEYS, KeyTranslator, WedgeScanner

#: Recorded from a wedge scanner that read "Az-1": scan code, key, report for each key down and up.
RECORDED = bytes.fromhex(
    "00000000000000001000000000000000" + "04000400e1000700" + "00000000000000001000000000000000" + "01002a0001000000"
    "00000000000000001000000000000000" + "0000000000000000" + "00000000000000002000000000000000" + "01001e0001000000"
    "00000000000000003000000000000000" + "01001e0000000000" + "00000000000000003000000000000000" + "01002a0000000000"
    "00000000000000004000000000000000" + "01002c0001000000" + "00000000000000004000000000000000" + "01002c0000000000"
    "00000000000000005000000000000000" + "01000c0001000000" + "00000000000000005000000000000000" + "01000c0000000000"
    "00000000000000006000000000000000" + "0100020001000000" + "00000000000000006000000000000000" + "0100020000000000"
    "00000000000000007000000000000000" + "01001c0001000000" + "00000000000000007000000000000000" + "01001c0000000000"
)  # fmt: skip


def key(code: int, value: int = 1, at: float = 0.0) -> InputEvent:
    return InputEvent(at, EV_KEY, code, value)


def lines(events: list[InputEvent]) -> list[str]:
    keys = KeyTranslator()
    return [line for event in events if (line := keys.feed(event)) is not None]


def test_recorded_bytes_of_a_scanner_give_the_text_of_the_code() -> None:
    assert lines(parse(RECORDED)) == ["Az-1"]


def test_events_survive_being_built_and_parsed() -> None:
    event = InputEvent(12.25, EV_KEY, 28, 1)
    assert parse(build(event)) == [event]


def test_half_an_event_is_left_out() -> None:
    assert len(parse(RECORDED[: SIZE * 2 + 5])) == 2


def test_every_printable_character_of_ascii_can_be_scanned() -> None:
    typed = {c for pair in KEYS.values() for c in pair}
    assert {chr(n) for n in range(32, 127)} <= typed


def test_caps_lock_turns_letters_but_not_digits() -> None:
    assert lines([key(58), key(30), key(2), key(28)]) == ["A1"]


def test_enter_alone_is_no_code() -> None:
    assert lines([key(28), key(28)]) == []


def test_a_line_broken_off_does_not_join_the_next_code() -> None:
    assert lines([key(30, at=0.0), key(48, at=9.0), key(28, at=9.1)]) == ["b"]


def test_an_overlong_line_is_dropped_whole() -> None:
    assert lines([*[key(30)] * 5000, key(28), key(48), key(28)]) == ["b"]


def test_a_bouncing_contact_is_one_press() -> None:
    debounce = Debounce(bounce=0.25)
    contacts = [(0.0, 1), (0.004, 0), (0.006, 1), (0.2, 0), (0.21, 1), (0.3, 0), (1.0, 1)]
    assert [debounce.is_press(key(57, value, at)) for at, value in contacts] == [
        True, False, False, False, False, False, True,
    ]  # fmt: skip


def test_a_held_button_is_one_press() -> None:
    debounce = Debounce()
    held = [key(57, 1, 0.0), *[key(57, 2, 0.3 + i) for i in range(5)], key(57, 0, 6.0)]
    assert [debounce.is_press(event) for event in held].count(True) == 1


def test_a_clock_that_steps_back_swallows_no_press() -> None:
    debounce = Debounce()
    assert [debounce.is_press(key(57, 1, at)) for at in (100.0, 5.0)] == [True, True]


@pytest.fixture
def pipe() -> tuple[Callable[[str], int], int]:
    """An opener that gives the reading end of a pipe once and then fails, and the writing end."""
    read, write = os.pipe()
    ends = [read]

    def opener(path: str) -> int:
        if not ends:
            raise OSError(f"no device {path}")
        return ends.pop()

    return opener, write


def test_the_scanner_gives_the_codes_it_scans(pipe: tuple[Callable[[str], int], int]) -> None:
    opener, write = pipe
    codes: list[str] = []
    came = threading.Event()
    scanner = WedgeScanner("x", opener=opener)
    scanner.start(lambda code: (codes.append(code), came.set())[0])
    os.write(write, RECORDED)
    assert came.wait(5)
    scanner.stop()
    scanner.stop()
    os.close(write)
    assert codes == ["Az-1"]


def test_the_button_is_found_again_after_it_was_pulled_out() -> None:
    ends = [os.pipe(), os.pipe()]
    waiting = [read for read, _ in reversed(ends)]
    presses = threading.Semaphore(0)
    button = EvdevButton("x", opener=lambda _: waiting.pop(), retry=0.0)
    button.start(presses.release)
    for second, (_, write) in enumerate(ends):
        os.write(write, build(key(57, at=float(second))))
        assert presses.acquire(timeout=5)
        if write != ends[-1][1]:
            os.close(write)
    button.stop()
    os.close(ends[-1][1])
