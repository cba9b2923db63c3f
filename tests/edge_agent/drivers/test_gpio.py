"""Button, lamp and buzzer on lines that are not there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from edge_agent.drivers import gpio
from edge_agent.ports import DriverOptions, LampState


@pytest.fixture
def lines() -> Iterator[MockFactory]:
    before, Device.pin_factory = Device.pin_factory, MockFactory()
    yield Device.pin_factory
    Device.pin_factory.reset()
    Device.pin_factory = before


def test_a_press_closes_the_line(lines: MockFactory, tmp_path: Path) -> None:
    presses: list[int] = []
    button = gpio.make_button(DriverOptions(tmp_path, "5"))
    button.start(lambda: presses.append(1))
    lines.pin(5).drive_low()
    lines.pin(5).drive_low()
    button.stop()
    button.stop()
    assert presses == [1]


def test_the_lamp_blinks_and_the_buzzer_beeps_only_while_nobody_comes(
    lines: MockFactory, tmp_path: Path
) -> None:
    lamp = gpio.make_lamp(DriverOptions(tmp_path, "27,22"))
    lamp.show(LampState.CALLING)
    lamp.show(LampState.COMING)
    assert (lines.pin(27).state, lines.pin(22).state) == (True, False)
    lamp.show(LampState.OFF)
    assert lines.pin(27).state is False
