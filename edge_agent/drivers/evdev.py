"""Linux input events with the standard library alone: the scanner and the help button are both keyboards to the kernel.

`struct input_event` on 64-bit machines (x86 and Jetson alike): two longs of time, type, code, value; 24 bytes. The three
requests below are `_IOW('E', nr, int)` of linux/input.h.
"""

import fcntl
import os
import select
import struct
from collections.abc import Iterator
from typing import NamedTuple

_EVENT = struct.Struct("@llHHi")
SIZE = _EVENT.size
EV_KEY = 1
RELEASED, PRESSED, REPEATED = 0, 1, 2
_EVIOCGRAB = 0x40044590
_EVIOCSCLOCKID = 0x400445A0
_CLOCK_MONOTONIC = 1


class InputEvent(NamedTuple):
    """One event. `at`: seconds of the machine's monotonic clock, so that a corrected wall clock swallows no press."""

    at: float
    kind: int
    code: int
    value: int


def parse(data: bytes) -> list[InputEvent]:
    """Return the whole events in `data`; a part of an event at its end is left out."""
    whole = len(data) - len(data) % SIZE
    return [InputEvent(s + us / 1e6, *rest) for s, us, *rest in _EVENT.iter_unpack(data[:whole])]


def build(event: InputEvent) -> bytes:
    """Return the 24 bytes the kernel would give for `event`; used by doubles of devices."""
    seconds = int(event.at)
    return _EVENT.pack(seconds, round((event.at - seconds) * 1e6), event.kind, event.code, event.value)


def open_device(path: str) -> int:
    """Open `path` for this process alone: what is scanned must not be typed into the page as well. Raise OSError."""
    device = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.ioctl(device, _EVIOCGRAB, 1)
        fcntl.ioctl(device, _EVIOCSCLOCKID, struct.pack("i", _CLOCK_MONOTONIC))
    except OSError:
        os.close(device)
        raise
    return device


def events(device: int, stop: int) -> Iterator[InputEvent]:
    """Yield events of the open `device` until `stop` becomes readable; raise OSError when the device is pulled out."""
    while True:
        ready, _, _ = select.select([device, stop], [], [])
        if stop in ready:
            return
        data = os.read(device, SIZE * 64)
        if not data:
            raise OSError("the input device has ended")
        yield from parse(data)
