"""Real child processes: started with a log file, stopped in reverse, killed with everything they started."""

import contextlib
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self, TypeVar

T = TypeVar("T")

#: The root of the source tree; commands run there unless told otherwise.
ROOT = Path(__file__).resolve().parents[2]


#: How much longer than on a quiet machine a test waits before it gives up; only what fails pays for it.
PATIENCE = 4


def wait_until(predicate: Callable[[], T], *, timeout: float = 45.0, what: str = "") -> T:
    """Call `predicate` until it returns something true, and return that.

    The only place where tests wait. After `timeout` seconds of a quiet machine it fails with `what`, which may describe the expected state.
    """
    deadline = time.monotonic() + timeout * PATIENCE
    pause = 0.01
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {timeout:g} s: {what or predicate}; last answer: {value!r}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)


def answers(url: str) -> bool:
    """Say whether an HTTP GET of the loopback `url` is answered with 2xx or 3xx."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status < 400)
    except (urllib.error.URLError, OSError):
        return False


class Child:
    """One command in a process group of its own, its output in a log file."""

    def __init__(
        self, args: Sequence[str | Path], *, log: Path, env: Mapping[str, str] | None = None, cwd: Path = ROOT
    ) -> None:
        self.args = [str(arg) for arg in args]
        self.log = log
        self.env = {**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})}
        self.cwd = cwd
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start the command; its output is appended to the log, so a restart keeps the earlier lines."""
        if self.running:
            raise RuntimeError(f"already running: {self.args}")
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                self.args,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=self.env,
                cwd=self.cwd,
                start_new_session=True,
            )
        return self

    @property
    def pid(self) -> int:
        """Process id, which is also the id of its group."""
        if self._process is None:
            raise RuntimeError(f"not started: {self.args}")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the command itself still runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def output(self) -> str:
        """Everything printed so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def wait(self, timeout: float = 45.0) -> int:
        """Wait for the command to end by itself and return its exit status."""
        if self._process is None:
            raise RuntimeError(f"not started: {self.args}")
        return self._process.wait(timeout * PATIENCE)

    def wait_for(self, predicate: Callable[[], T], *, timeout: float = 45.0, what: str = "") -> T:
        """Wait like `wait_until`, but fail at once, with the end of the log, when the command dies."""

        def alive_and_true() -> T:
            if not self.running:
                raise AssertionError(
                    f"ended while waiting for {what or predicate}: {self.args}\n{self.tail()}"
                )
            return predicate()

        try:
            return wait_until(alive_and_true, timeout=timeout, what=what)
        except AssertionError as late:
            late.add_note(self.tail())
            raise

    def interrupt(self, timeout: float = 45.0) -> int:
        """Press Ctrl-C (SIGINT to the whole group), wait, and return the exit status."""
        return self._signal_and_wait(signal.SIGINT, timeout)

    def stop(self, timeout: float = 45.0) -> int:
        """Ask the command to end (SIGTERM to it alone), wait, and return the exit status; kill it when it does not."""
        if self.running:
            os.kill(self.pid, signal.SIGTERM)
        try:
            status = self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self._sweep()
        return status

    def kill(self) -> None:
        """Kill -9 the command and everything in its group, as a power cut would."""
        if self._process is not None:
            self._sweep()
            self._process.wait(10 * PATIENCE)

    def tail(self, lines: int = 40) -> str:
        """Return the last lines of the log, for messages."""
        return "\n".join(self.output.splitlines()[-lines:])

    def _signal_and_wait(self, number: signal.Signals, timeout: float) -> int:
        os.killpg(self.pid, number)
        return self.wait(timeout)

    def _sweep(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


class Processes:
    """Starts commands and stops them in reverse order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children: list[Child] = []

    def start(
        self, name: str, args: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path = ROOT
    ) -> Child:
        """Start `args`, logging to `<folder>/<name>.log`."""
        child = Child(args, log=self.folder / f"{name}.log", env=env, cwd=cwd).start()
        self.children.append(child)
        return child

    def stop(self) -> None:
        """Stop everything that still runs, last started first; nothing of a group survives."""
        for child in reversed(self.children):
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.stop(timeout=15)
        self.children.clear()


@contextlib.contextmanager
def processes(folder: Path) -> Iterator[Processes]:
    """Give a `Processes` whose children are gone at the end."""
    group = Processes(folder)
    try:
        yield group
    finally:
        group.stop()
