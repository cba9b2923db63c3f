"""A slip printer that speaks ESC/POS: `tcp://host:9100`, a USB printer (`/dev/usb/lp0`) or a serial line (`/dev/ttyUSB0`).

A slip goes out as one picture. What became of it the printer itself says: it is asked before, and after the last byte in
the same queue, so that its answer comes when the slip is on paper.
"""

import contextlib
import os
import select
import socket
import termios
import time
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, urlsplit

import structlog

from edge_agent.loading import load
from edge_agent.ports import DriverOptions, PrintOutcome, Slip

log = structlog.get_logger(__name__)

#: What hw/udev/70-minyi-printer.rules names it.
DEVICE = "/dev/minyi/printer"
WIDTH = 576
#: Loaded with the first slip: python-escpos and Pillow take 20 MB, of which a box that prints nothing stays free.
_BYTES = "edge_agent.drivers.escpos_bytes:of"
#: Seconds until a printer that says nothing counts as silent: to a question at once, to one behind a whole slip, to bytes.
_SOON, _PRINTED, _STUCK = 0.5, 6.0, 5.0
#: DLE EOT n asks at once, also while the paper is out: 1 the printer, 4 its paper. GS r 1 asks for the paper in its turn.
_ASK_PAPER, _ASK_STATE, _ASK_IN_TURN = b"\x10\x04\x04", b"\x10\x04\x01", b"\x1d\x72\x01"
#: DLE ENQ 2: forget what is not printed, so that a slip that failed does not come out when paper is put in.
_FORGET = b"\x10\x05\x02"
#: Bits of the answers (Epson ESC/POS, DLE EOT and GS r): both sensors of the paper's end; off the line.
_PAPER_END, _IN_TURN_END, _OFFLINE = 0x60, 0x0C, 0x08
#: An answer to DLE EOT has these bits so, whatever else it says; one to GS r has not.
_FIXED, _FIXED_VALUE = 0x93, 0x12
_BAUD = {rate: getattr(termios, f"B{rate}") for rate in (9600, 19200, 38400, 57600, 115200)}


class Line(Protocol):
    """A way to a printer and back."""

    def fileno(self) -> int:
        """What `select` waits on."""
        ...

    def send(self, data: bytes) -> None:
        """Send all of it; raise OSError when the printer takes no more."""
        ...

    def read(self) -> bytes:
        """Return what came; empty at the end of the line."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


class NetworkLine:
    """A printer with an address."""

    def __init__(self, address: SplitResult) -> None:
        self._socket = socket.create_connection((address.hostname or "", address.port or 9100), _STUCK)

    def fileno(self) -> int:
        """What `select` waits on."""
        return self._socket.fileno()

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self._socket.sendall(data)

    def read(self) -> bytes:
        """Return what came."""
        return self._socket.recv(16)

    def close(self) -> None:
        """Close it."""
        self._socket.close()


class DeviceLine:
    """A USB printer under the kernel's usblp, or a serial line at `baud`."""

    def __init__(self, path: str, baud: int) -> None:
        self._device = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        self._baud = baud
        if os.isatty(self._device):
            self._set(_BAUD[baud])

    def _set(self, speed: int) -> None:
        """Eight bits, no parity, nothing translated."""
        flags = termios.tcgetattr(self._device)
        flags[0] = flags[1] = flags[3] = 0
        flags[2] = termios.CS8 | termios.CREAD | termios.CLOCAL
        flags[4] = flags[5] = speed
        termios.tcsetattr(self._device, termios.TCSANOW, flags)

    def fileno(self) -> int:
        """What `select` waits on."""
        return self._device

    def send(self, data: bytes) -> None:
        """Send all of it, as slowly as the line is."""
        rest, end = memoryview(data), time.monotonic() + _STUCK + len(data) * 10 / self._baud
        while rest:
            if not select.select([], [self], [], max(0.0, end - time.monotonic()))[1]:
                raise TimeoutError("the printer takes no more")
            rest = rest[os.write(self._device, rest) :]

    def read(self) -> bytes:
        """Return what came."""
        return os.read(self._device, 16)

    def close(self) -> None:
        """Close it."""
        os.close(self._device)


def opened(device: str) -> Line:
    """Open the way to a printer; raise OSError, or ValueError for an address that is none."""
    parts = urlsplit(device)
    if parts.scheme == "tcp" and parts.hostname:
        return NetworkLine(parts)
    baud = _figure(parts, "baud", 9600)
    if parts.scheme or not parts.path.startswith("/") or baud not in _BAUD:
        raise ValueError(device)
    return DeviceLine(parts.path, baud)


def _figure(parts: SplitResult, name: str, default: int) -> int:
    """Return a figure of the address's question part, `?baud=19200&width=384`."""
    return int(parse_qs(parts.query).get(name, [str(default)])[0])


class EscposPrinter:
    """`ports.Printer`: opened anew for each slip, so that a printer may be pulled out and put back."""

    def __init__(
        self, device: str, *, width: int = WIDTH, soon: float = _SOON, patience: float = _PRINTED
    ) -> None:
        self._device = device
        self._width = width
        self._soon = soon
        self._patience = patience

    def print_slip(self, slip: Slip) -> PrintOutcome:
        """Print one slip and say what became of it; wait at most a few seconds; never raise."""
        data: bytes = load(_BYTES)(slip, width=self._width)
        try:
            with contextlib.closing(opened(self._device)) as line:
                return self._put(line, data)
        except (OSError, ValueError) as error:
            log.warning("printer_lost", device=self._device, reason=str(error))
            return PrintOutcome.FAILED

    def _put(self, line: Line, data: bytes) -> PrintOutcome:
        paper, state = (asked(line, ask, self._soon) for ask in (_ASK_PAPER, _ASK_STATE))
        if paper is not None and paper & _PAPER_END:
            return PrintOutcome.NO_PAPER
        if state is not None and state & _OFFLINE:
            return PrintOutcome.FAILED
        line.send(data)
        if paper is None and state is None:
            return PrintOutcome.PRINTED  # a line without a way back: nothing more can be known
        after = asked(line, _ASK_IN_TURN, self._patience, real_time=False)
        if after is not None and not after & _IN_TURN_END:
            return PrintOutcome.PRINTED
        paper = asked(line, _ASK_PAPER, self._soon)
        line.send(_FORGET)
        out = after is not None or (paper is not None and paper & _PAPER_END)
        return PrintOutcome.NO_PAPER if out else PrintOutcome.FAILED


def asked(line: Line, question: bytes, seconds: float, *, real_time: bool = True) -> int | None:
    """Return the answer byte, or None when none of the right form came within `seconds`."""
    line.send(question)
    end = time.monotonic() + seconds
    while select.select([line], [], [], max(0.0, end - time.monotonic()))[0]:
        answer = line.read()
        if not answer:
            return None
        fits = [one for one in answer if (one & _FIXED == _FIXED_VALUE) is real_time]
        if fits:
            return fits[-1]
    return None


def make(options: DriverOptions) -> EscposPrinter:
    """Build the printer of the settings' device; `?width=384` in it is 58 mm paper."""
    device = options.device or DEVICE
    return EscposPrinter(device, width=_figure(urlsplit(device), "width", WIDTH))
