"""What the box needs of its devices, and nothing more. Each protocol has real drivers and a dummy.

A driver module offers `make(options: DriverOptions)` and is loaded by name from `loading.DRIVERS`, so that a box
without a camera never loads image code. A camera here reads codes or pages; frames are never written anywhere.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:  # numpy costs 15 MB of memory: only drivers that hold pictures load it
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture. `pixels`: height x width (grey) or height x width x 3 (blue, green, red), 8 bits each."""

    pixels: "NDArray[np.uint8]"


@dataclass(frozen=True, slots=True)
class DriverOptions:
    """What a driver's `make` is told: the box's data folder and the device of the settings (empty: choose)."""

    data: Path
    device: str = ""


class DeviceLost(OSError):
    """The device is not there or answers no more. The box goes on without it, says so, and tries again later."""


class Camera(Protocol):
    """Looks at the code slot of the kiosk."""

    def frames(self) -> Iterator[Frame]:
        """Yield pictures, at most some 10 a second, until `close`; raise `DeviceLost`."""
        ...

    def close(self) -> None:
        """End `frames` within a second. May be called from another thread, and twice."""
        ...


class CodeReader(Protocol):
    """Finds QR codes in a picture."""

    def read(self, frame: Frame) -> list[str]:
        """Return the text of each code in `frame`, each once; empty when there is none. Never raises on a picture."""
        ...


class Scanner(Protocol):
    """A hand scanner: reads codes by itself."""

    def start(self, on_code: Callable[[str], None]) -> None:
        """Call `on_code` from a thread of the driver with the text of each code scanned."""
        ...

    def stop(self) -> None:
        """Call no more. May be called twice."""
        ...


class Button(Protocol):
    """The help button."""

    def start(self, on_press: Callable[[], None]) -> None:
        """Call `on_press` from a thread of the driver, once for each press (bounces taken out)."""
        ...

    def stop(self) -> None:
        """Call no more. May be called twice."""
        ...


class PrintOutcome(StrEnum):
    """What became of a slip. Anything but PRINTED means: show number and code on the screen."""

    PRINTED = "printed"
    NO_PRINTER = "no_printer"
    NO_PAPER = "no_paper"
    FAILED = "failed"


class Slip(NamedTuple):
    """A paper slip: lines of text from top to bottom, the first one large, and the text of a QR code under them (empty: none).

    `across`: so many Chinese signs of the first line go across the paper.
    """

    lines: tuple[str, ...]
    qr: str
    across: int = 4


class Printer(Protocol):
    """Prints slips. Its outcome stands on the ticket: a number without a slip is shown, never lost."""

    def print_slip(self, slip: Slip) -> PrintOutcome:
        """Print one slip and say what became of it; wait at most a few seconds; never raise."""
        ...


class LampState(StrEnum):
    """What the lamp above the help button shows."""

    OFF = "off"
    CALLING = "calling"
    COMING = "coming"


class Lamp(Protocol):
    """The lamp above the help button."""

    def show(self, state: LampState) -> None:
        """Show `state` at once; never raise."""
        ...
