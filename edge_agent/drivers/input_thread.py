"""A thread that listens to one input device, and comes back to it when it is plugged in again."""

import os
import threading
from collections.abc import Callable

import structlog

from edge_agent.drivers.evdev import InputEvent, events, open_device

log = structlog.get_logger(__name__)

#: Seconds between two tries to open a device that is not there.
RETRY = 2.0


class InputThread:
    """Calls `on_event` for each event of `path`. A device that is gone is logged once, its return once."""

    def __init__(
        self,
        path: str,
        on_event: Callable[[InputEvent], None],
        *,
        opener: Callable[[str], int] = open_device,
        retry: float = RETRY,
    ) -> None:
        self._path = path
        self._on_event = on_event
        self._opener = opener
        self._retry = retry
        self._stopping = threading.Event()
        self._stop_read, self._stop_write = os.pipe()
        self._thread = threading.Thread(target=self._run, name=f"input {path}", daemon=True)
        self._there = True

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it. May be called twice, and before `start`."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        os.write(self._stop_write, b"x")
        if self._thread.is_alive():
            self._thread.join(timeout=2)
        os.close(self._stop_write)
        os.close(self._stop_read)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except OSError as fault:
                if self._there:
                    log.warning("input device lost", device=self._path, fault=str(fault))
                self._there = False
                self._stopping.wait(self._retry)

    def _listen(self) -> None:
        device = self._opener(self._path)
        try:
            if not self._there:
                log.info("input device back", device=self._path)
            self._there = True
            for event in events(device, self._stop_read):
                self._on_event(event)
        finally:
            os.close(device)
