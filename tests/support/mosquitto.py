"""Debian's Mosquitto on a free port, with a folder of its own."""

import os
import shutil
import signal
from pathlib import Path
from typing import Self

from tests.support.ports import HOST, accepts, free_port
from tests.support.processes import Child

#: Messages kept across a restart as Debian's own configuration does, and anyone on the loopback address may connect.
OPEN = "allow_anonymous true\n"


def binary() -> str:
    """Return the path of the broker; Debian keeps it where ordinary users do not look."""
    return shutil.which("mosquitto") or "/usr/sbin/mosquitto"


class Mosquitto:
    """One broker; `config` holds further lines of mosquitto.conf (access rules, TLS, queue limits)."""

    def __init__(self, folder: Path, *, config: str = OPEN, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.config = config
        self._child = Child([binary(), "-c", folder / "mosquitto.conf"], log=folder / "mosquitto.log")

    @property
    def url(self) -> str:
        """Address as the settings take it."""
        return f"mqtt://{HOST}:{self.port}"

    @property
    def output(self) -> str:
        """What the broker has logged."""
        return self._child.output

    def start(self) -> Self:
        """Write the configuration, start the broker and return when it accepts connections."""
        self.folder.mkdir(parents=True, exist_ok=True)
        # As root the broker would become the user mosquitto, who may not read the folder of a test.
        user = "user root\n" if os.geteuid() == 0 else ""
        listener = "" if "\nlistener " in self.config else f"listener {self.port} {HOST}\n"
        (self.folder / "mosquitto.conf").write_text(
            f"{listener}{user}persistence true\npersistence_location {self.folder}/\n{self.config}"
        )
        self._child.start()
        self._child.wait_for(lambda: accepts(self.port), what="mosquitto accepts connections")
        return self

    def stop(self) -> None:
        """Stop in good order; queued messages are saved."""
        if self._child.running:
            self._child.stop()

    def kill(self) -> None:
        """Kill -9: what was not saved is lost."""
        self._child.kill()

    def reload(self) -> None:
        """Let the broker read its files anew (SIGHUP) and return when it has."""
        said = self.output.count("Reloading config")
        os.kill(self._child.pid, signal.SIGHUP)
        self._child.wait_for(lambda: self.output.count("Reloading config") > said, what="mosquitto reloads")

    def restart(self) -> None:
        """Stop in good order and start on the same port."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()
