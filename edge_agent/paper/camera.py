"""The document camera: open only while somebody looks at its preview, one frame in memory, none anywhere else."""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import structlog

from edge_agent.paper import jpeg, pressing
from edge_agent.paper.pressing import Seen
from edge_agent.ports import Camera, DeviceLost
from shared.pages.outline import Picture

log = structlog.get_logger()
#: So long after the last look the camera is closed and its last frame dropped.
WANTED_SECONDS = 10.0
#: A fresh look at the outline at most so often; between them the picture alone moves.
_ANEW_SECONDS = 1.0
_AGAIN_SECONDS = 3.0


class Preview(NamedTuple):
    """What the counter sees: number of the frame, its JPEG, what was seen in it (or lately), why there is no picture."""

    number: int
    picture: bytes
    seen: Seen
    lost: str


_NOTHING = Seen(None, (), "")


class PaperCamera:
    """Owns a thread as long as somebody looks."""

    def __init__(
        self, make_camera: Callable[[], Camera], *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._make_camera = make_camera
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._arrived = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._wanted_until = 0.0
        self._frame: Picture | None = None
        self._number = 0
        self._lost = ""
        self._preview = Preview(0, b"", _NOTHING, "")
        self._seen_at = float("-inf")

    def preview(self, *, patience: float = 2.0) -> Preview:
        """Return the newest picture with what was seen in it; wait a moment for the first."""
        self._want()
        if self._frame is None:
            self._arrived.wait(patience)
        with self._looking:  # counters that look at one time share the work
            frame, number, lost = self._newest()
            if frame is None:
                self._preview = Preview(number, b"", _NOTHING, lost)
            elif number != self._preview.number:
                now, found = self._monotonic(), self._preview.seen
                if now - self._seen_at >= _ANEW_SECONDS:
                    found, self._seen_at = pressing.seen(frame), now
                made = jpeg.packed(pressing.fitted(frame, pressing.SHOWN), jpeg.PREVIEW)
                self._preview = Preview(number, made, found, "")
            return self._preview

    def frame(self) -> Picture | None:
        """Return the newest frame, or None."""
        self._want()
        return self._newest()[0]

    def stop(self) -> None:
        """Close the camera for good."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _newest(self) -> tuple[Picture | None, int, str]:
        with self._lock:
            return self._frame, self._number, self._lost

    def _want(self) -> None:
        with self._lock:
            self._wanted_until = self._monotonic() + WANTED_SECONDS
            if self._thread is None and not self._stopping.is_set():
                self._thread = threading.Thread(target=self._run, name="paper-camera", daemon=True)
                self._thread.start()

    def _is_wanted(self) -> bool:
        return self._monotonic() < self._wanted_until and not self._stopping.is_set()

    def _run(self) -> None:
        while True:
            try:
                self._look()
            except DeviceLost as error:
                self._say_lost(str(error))
            except Exception as error:  # a driver's surprise ends neither the counter nor the box
                log.exception("paper_camera_failed")
                self._say_lost(type(error).__name__)
            with self._lock:
                if not self._is_wanted():
                    self._frame, self._thread = None, None
                    self._preview = Preview(self._number, b"", _NOTHING, "")
                    self._arrived.clear()
                    return
            self._stopping.wait(_AGAIN_SECONDS)

    def _say_lost(self, reason: str) -> None:
        with self._lock:
            if self._lost != reason:
                log.warning("paper_camera_lost", reason=reason)
            self._frame, self._lost = None, reason
        self._arrived.set()

    def _look(self) -> None:
        camera = self._make_camera()
        try:
            for frame in camera.frames():
                with self._lock:
                    self._frame, self._number, self._lost = frame.pixels, self._number + 1, ""
                self._arrived.set()
                if not self._is_wanted():
                    return
        finally:
            camera.close()
