"""A USB code scanner that acts as a keyboard: it types the text of a code and presses Enter.

The device is grabbed, so nothing it types reaches the page in front, and only finished lines leave this module.
"""

from collections.abc import Callable

from edge_agent.drivers import evdev
from edge_agent.drivers.input_thread import InputThread
from edge_agent.ports import DriverOptions

#: What hw/udev/70-minyi-scanner.rules names it.
DEVICE = "/dev/minyi/scanner"
#: Longest text taken, in characters: a signed appointment code has some 120, a QR code at most 4,296.
LONGEST = 4296
#: Seconds of silence after which a line begun without Enter is dropped: a scanner types a code in far less than one.
SILENCE = 2.0

_ENTER = {28, 96}
_SHIFT = {42, 54}
_CAPS_LOCK = 58
#: Key codes of linux/input-event-codes.h on the US layout, which scanners use unless told otherwise: plain, with shift.
_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (55, "*", "*"),
    (57, " ", " "),
    (71, "789-456+1230.", "789-456+1230."),
    (98, "/", "/"),
)
KEYS = {first + i: pair for first, low, high in _ROWS for i, pair in enumerate(zip(low, high, strict=True))}


class KeyTranslator:
    """Events of a keyboard in, finished lines out. Pure."""

    def __init__(self) -> None:
        self._typed: list[str] = []
        self._shift: set[int] = set()
        self._caps = False
        self._at = 0.0

    def feed(self, event: evdev.InputEvent) -> str | None:
        """Take one event; return the line it finishes, or nothing. An empty or overlong line is no line."""
        if event.kind != evdev.EV_KEY:
            return None
        if event.code in _SHIFT:
            (self._shift.discard if event.value == evdev.RELEASED else self._shift.add)(event.code)
            return None
        if event.value != evdev.PRESSED:
            return None
        if event.at - self._at > SILENCE:
            self._typed.clear()
        self._at = event.at
        return self._press(event.code)

    def _press(self, code: int) -> str | None:
        if code == _CAPS_LOCK:
            self._caps = not self._caps
        elif code in _ENTER:
            line, self._typed = "".join(self._typed), []
            return line if 0 < len(line) <= LONGEST else None
        elif code in KEYS and len(self._typed) <= LONGEST:
            plain, shifted = KEYS[code]
            upper = bool(self._shift) != (self._caps and plain.isalpha())
            self._typed.append(shifted if upper else plain)
        return None


class WedgeScanner:
    """Listens to one scanner."""

    def __init__(
        self, device: str = DEVICE, *, opener: Callable[[str], int] = evdev.open_device, retry: float = 2.0
    ) -> None:
        self._device = device
        self._opener = opener
        self._retry = retry
        self._thread: InputThread | None = None

    def start(self, on_code: Callable[[str], None]) -> None:
        """Call `on_code` from a thread of the driver with the text of each code scanned."""
        keys = KeyTranslator()

        def on_event(event: evdev.InputEvent) -> None:
            line = keys.feed(event)
            if line is not None:
                on_code(line)

        self._thread = InputThread(self._device, on_event, opener=self._opener, retry=self._retry)
        self._thread.start()

    def stop(self) -> None:
        """Call no more. May be called twice."""
        if self._thread is not None:
            self._thread.stop()
            self._thread = None


def make(options: DriverOptions) -> WedgeScanner:
    """Build the scanner of the settings' device."""
    return WedgeScanner(options.device or DEVICE)
