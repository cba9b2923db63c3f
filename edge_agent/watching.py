"""Codes held up to a camera or scanned by hand: each goes to the check-in once, the picture nowhere."""

import threading
import time
from collections.abc import Callable

import structlog

from edge_agent.ports import Camera, CodeReader, DeviceLost

log = structlog.get_logger()
_AGAIN_SECONDS = 5.0
#: Far above what any driver waits for a picture; then the watchdog may end the box and start it afresh.
_STUCK_SECONDS = 60.0


class Repeats:
    """Lets a code through once; again only after it was out of view for `seconds`."""

    def __init__(self, *, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._monotonic = monotonic
        self._taken: dict[str, float] = {}

    def fresh(self, text: str) -> bool:
        """Say whether `text` was not seen lately, and note it as seen."""
        now = self._monotonic()
        self._taken = {known: at for known, at in self._taken.items() if now - at < self.seconds}
        fresh = text not in self._taken
        self._taken[text] = now
        return fresh


class CameraWatch:
    """A thread that reads the camera; when the camera is lost it says so once and tries again."""

    def __init__(
        self,
        make_camera: Callable[[], Camera],
        reader: CodeReader,
        *,
        on_code: Callable[[str], None],
        on_lost: Callable[[str], None],
        on_found: Callable[[], None],
        again_seconds: float = _AGAIN_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make_camera = make_camera
        self._reader = reader
        self._on_code = on_code
        self._on_lost = on_lost
        self._on_found = on_found
        self._again = again_seconds
        self._monotonic = monotonic
        self._beat = monotonic()
        self._camera: Camera | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        if self._camera is not None:
            self._camera.close()
        self._thread.join(timeout=5)

    @property
    def stuck(self) -> bool:
        """Whether neither a picture nor a new try has come for a minute: a driver that never returns. A lost camera is not stuck."""
        return self._monotonic() - self._beat > _STUCK_SECONDS

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._beat = self._monotonic()
            try:
                self.look()
            except DeviceLost as error:
                log.warning("camera_lost", reason=str(error))
                self._on_lost(str(error))
            except Exception as error:  # a driver's surprise: the hall goes on, the camera is tried again
                log.exception("camera_failed")
                self._on_lost(type(error).__name__)
            self._stopping.wait(self._again)

    def look(self) -> None:
        """Read codes until the camera ends; raise `DeviceLost`."""
        self._camera = self._make_camera()
        for frame in self._camera.frames():
            self._beat = self._monotonic()
            self._on_found()
            for text in self._reader.read(frame):
                self._on_code(text)
            if self._stopping.is_set():
                return
