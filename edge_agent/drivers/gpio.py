"""Help button, lamp and buzzer on lines of a board's GPIO, by gpiozero; lines are numbered as gpiozero numbers them (BCM)."""

from collections.abc import Callable
from typing import Any

import gpiozero  # type: ignore[import-untyped]

from edge_agent.drivers.button import BOUNCE
from edge_agent.ports import DriverOptions, LampState

#: Seconds on and off: calling is a fast blink and a beep, coming a steady light and silence.
_BLINK = (0.25, 0.25)
_BEEP = (0.15, 0.85)
_BUTTON, _LAMP = "17", "27"


class GpioButton:
    """`ports.Button`: the line is pulled up, the button closes it to ground."""

    def __init__(self, line: int) -> None:
        self._line = line
        self._button: Any = None

    def start(self, on_press: Callable[[], None]) -> None:
        """Call `on_press` from a thread of gpiozero, once for each press (bounces taken out)."""
        self._button = gpiozero.Button(self._line, bounce_time=BOUNCE)
        self._button.when_pressed = on_press

    def stop(self) -> None:
        """Call no more. May be called twice."""
        if self._button is not None:
            self._button.close()
            self._button = None


class GpioLamp:
    """`ports.Lamp` with a buzzer beside it, if there is a second line."""

    def __init__(self, lamp: int, buzzer: int | None) -> None:
        self._lamp: Any = gpiozero.LED(lamp)
        self._buzzer: Any = None if buzzer is None else gpiozero.Buzzer(buzzer)

    def show(self, state: LampState) -> None:
        """Blink and beep while somebody calls, shine while somebody comes."""
        if state is LampState.CALLING:
            self._lamp.blink(*_BLINK)
        elif state is LampState.COMING:
            self._lamp.on()
        else:
            self._lamp.off()
        if self._buzzer is not None:
            self._buzzer.beep(*_BEEP) if state is LampState.CALLING else self._buzzer.off()


def make_button(options: DriverOptions) -> GpioButton:
    """Build the button on the settings' line."""
    return GpioButton(int(options.device or _BUTTON))


def make_lamp(options: DriverOptions) -> GpioLamp:
    """Build the lamp on the settings' line, the buzzer on the one after the comma."""
    lamp, _, buzzer = (options.device or _LAMP).partition(",")
    return GpioLamp(int(lamp), int(buzzer) if buzzer.strip() else None)
