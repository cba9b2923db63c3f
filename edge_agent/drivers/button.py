"""The help button: a USB key, or a GPIO line that the kernel's gpio-keys driver offers as one."""

from collections.abc import Callable

from edge_agent.drivers import evdev
from edge_agent.drivers.input_thread import InputThread
from edge_agent.ports import DriverOptions

#: What hw/udev/70-minyi-button.rules names it.
DEVICE = "/dev/minyi/button"
#: Seconds in which a second contact is the same press: contacts bounce for some 20 ms, a frightened hand hits twice.
BOUNCE = 0.25


class Debounce:
    """Which contacts are presses. Pure: times come in, verdicts go out."""

    def __init__(self, *, bounce: float = BOUNCE) -> None:
        self._bounce = bounce
        self._last: float | None = None

    def is_press(self, event: evdev.InputEvent) -> bool:
        """Say whether `event` begins a new press; held keys repeat and released ones end, neither is one."""
        if event.kind != evdev.EV_KEY or event.value == evdev.REPEATED:
            return False
        last, self._last = self._last, event.at
        quiet = last is None or not 0 <= event.at - last < self._bounce
        return event.value == evdev.PRESSED and quiet


class EvdevButton:
    """Any key of one input device is the button: `ports.Button`."""

    def __init__(
        self, device: str = DEVICE, *, opener: Callable[[str], int] = evdev.open_device, retry: float = 2.0
    ) -> None:
        self._device = device
        self._opener = opener
        self._retry = retry
        self._thread: InputThread | None = None

    def start(self, on_press: Callable[[], None]) -> None:
        """Call `on_press` from a thread of the driver, once for each press (bounces taken out)."""
        debounce = Debounce()

        def on_event(event: evdev.InputEvent) -> None:
            if debounce.is_press(event):
                on_press()

        self._thread = InputThread(self._device, on_event, opener=self._opener, retry=self._retry)
        self._thread.start()

    def stop(self) -> None:
        """Call no more. May be called twice."""
        if self._thread is not None:
            self._thread.stop()
            self._thread = None


def make(options: DriverOptions) -> EvdevButton:
    """Build the button of the settings' device."""
    return EvdevButton(options.device or DEVICE)
