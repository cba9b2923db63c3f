"""A slip printer that takes every byte to the letter: what it does not know is an error, what it prints is a picture."""

import os
import pty
import select
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from PIL import Image


class Unknown(AssertionError):
    """A byte that no printer of this kind was sent before."""


class VirtualPrinter:
    """Feed it bytes, it answers bytes. `paper`: lines of dots that are left; `slips`: what was cut off, as pictures."""

    def __init__(self, *, paper: int = 100_000, dumb: bool = False, offline: bool = False) -> None:
        self.paper, self.dumb, self.offline = paper, dumb, offline
        self.slips: list[Image.Image] = []
        self.commands: list[str] = []
        self._rows: list[bytes] = []
        self._width = 0
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """Take bytes and return what the printer answers; a command that is not whole yet waits for its rest."""
        self._held += data
        answers = b""
        while self._held:
            taken, answer = self._take(self._held)
            if not taken:
                break
            self._held = self._held[taken:]
            answers += answer
        return b"" if self.dumb else answers

    def _take(self, data: bytes) -> tuple[int, bytes]:
        head = data[:2]
        if head == b"\x1b\x40":
            return self._said("init", 2)
        if len(data) < 3:
            return 0, b""
        known: dict[bytes, Callable[[], tuple[int, bytes]]] = {
            b"\x10\x04": lambda: (3, self._now(data[2])),
            b"\x10\x05": self._forget,
            b"\x1b\x64": lambda: self._said(f"feed {data[2]}", 3),
            b"\x1d\x56": self._cut,
            # In its turn: a printer without paper never comes to it.
            b"\x1d\x72": lambda: (3, b"\x00" if self.paper > 0 else b""),
            b"\x1dv": lambda: self._raster(data),
        }
        if head not in known:
            raise Unknown(data[:8].hex(" "))
        return known[head]()

    def _forget(self) -> tuple[int, bytes]:
        self._rows.clear()
        return self._said("forget", 3)

    def _now(self, which: int) -> bytes:
        if which == 4:
            return bytes([0x12 if self.paper > 0 else 0x72])
        return bytes([0x1A if self.offline else 0x12])

    def _said(self, what: str, length: int) -> tuple[int, bytes]:
        self.commands.append(what)
        return length, b""

    def _raster(self, data: bytes) -> tuple[int, bytes]:
        if len(data) < 8:
            return 0, b""
        across, down = data[4] + 256 * data[5], data[6] + 256 * data[7]
        end = 8 + across * down
        if len(data) < end:
            return 0, b""
        self._width = across * 8
        rows = [data[8 + across * n : 8 + across * (n + 1)] for n in range(down)]
        self._rows += rows[: max(0, self.paper)]
        self.paper -= down
        return self._said(f"raster {across * 8}x{down}", end)

    def _cut(self) -> tuple[int, bytes]:
        if self.paper > 0:
            bits = b"".join(self._rows)
            picture = Image.frombytes("1", (self._width, len(self._rows)), bits)
            self.slips.append(picture.point(lambda dot: 255 - dot))
            self._rows = []
        return self._said("cut", 3)


def _serve(read: Callable[[], bytes], write: Callable[[bytes], object], printer: VirtualPrinter) -> None:
    while data := read():
        answer = printer.feed(data)
        if answer:
            write(answer)


@contextmanager
def on_network(printer: VirtualPrinter) -> Iterator[str]:
    """The printer at an address; the block gets the address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        done = threading.Event()

        def run() -> None:
            while not done.is_set():
                try:
                    line, _ = server.accept()
                except TimeoutError:
                    continue
                with line:
                    line.settimeout(10)
                    _serve(partial(line.recv, 65536), line.sendall, printer)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        finally:
            done.set()
            thread.join(timeout=5)


@contextmanager
def on_serial_line(printer: VirtualPrinter) -> Iterator[str]:
    """The printer at the other end of a serial line; the block gets the device's path."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    done = threading.Event()

    def read() -> bytes:
        while not done.is_set():
            if select.select([ours], [], [], 0.05)[0]:
                return os.read(ours, 65536)
        return b""

    thread = threading.Thread(
        target=_serve, args=(read, lambda data: os.write(ours, data), printer), daemon=True
    )
    thread.start()
    try:
        yield os.ttyname(theirs)
    finally:
        done.set()
        thread.join(timeout=5)
        os.close(ours)
        os.close(theirs)
