"""Devices made of files, for the demo and for tests: they live in the box's data folder.

Button: put a file `button` there and it is pressed. Printer: slips appear in `printed/`; while a file `no-paper` is
there it has none. Lamp: the file `lamp` holds its state.
"""

import threading
from collections.abc import Callable
from pathlib import Path

from edge_agent.files import write_atomically
from edge_agent.ports import DriverOptions, LampState, PrintOutcome, Slip

_POLL_SECONDS = 0.05


class FileButton:
    """Pressed by a file, or by a call of `press` (the box offers that on the loopback address)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._on_press: Callable[[], None] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="dummy-button", daemon=True)

    def start(self, on_press: Callable[[], None]) -> None:
        """Watch for the file."""
        self._on_press = on_press
        self._thread.start()

    def stop(self) -> None:
        """Watch no more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def press(self) -> None:
        """Press it."""
        if self._on_press is not None:
            self._on_press()

    def _watch(self) -> None:
        while not self._stopping.wait(_POLL_SECONDS):
            if self._path.exists():
                self._path.unlink(missing_ok=True)
                self.press()


class FilePrinter:
    """Writes each slip to a text file."""

    def __init__(self, folder: Path, no_paper: Path) -> None:
        self._folder = folder
        self._no_paper = no_paper

    def print_slip(self, slip: Slip) -> PrintOutcome:
        """Write the slip, unless the paper is out."""
        if self._no_paper.exists():
            return PrintOutcome.NO_PAPER
        text = "\n".join((*slip.lines, slip.qr, ""))
        try:
            write_atomically(self._folder / f"{slip.lines[0]}.txt", text.encode())
        except OSError:
            return PrintOutcome.FAILED
        return PrintOutcome.PRINTED


class FileLamp:
    """Writes its state to a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def show(self, state: LampState) -> None:
        """Write the state; a disk that refuses is the store's news, not the lamp's."""
        try:
            write_atomically(self._path, state.value.encode())
        except OSError:
            return


def make_button(options: DriverOptions) -> FileButton:
    """Build the button."""
    return FileButton(options.data / "button")


def make_printer(options: DriverOptions) -> FilePrinter:
    """Build the printer."""
    return FilePrinter(options.data / "printed", options.data / "no-paper")


def make_lamp(options: DriverOptions) -> FileLamp:
    """Build the lamp."""
    return FileLamp(options.data / "lamp")
