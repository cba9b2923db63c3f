"""A real camera by OpenCV: a V4L2 device, the RTSP address of an IP camera, or a video file; the code camera and the document camera alike.

Frames are arrays in memory. This module has no way to write one: it imports nothing that encodes pictures to disk.
"""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from edge_agent.ports import DeviceLost, DriverOptions, Frame
from edge_agent.reading.scene import Scene

#: What hw/udev/70-minyi-camera.rules names it.
DEVICE, PAPER_DEVICE = "/dev/minyi/camera", "/dev/minyi/page-camera"
#: Pixels asked for; a camera gives the nearest it has. A page of A4 wants 200 dots an inch: 2339 on its long side.
CODES, PAPER = (1920, 1080), (3840, 2160)
#: Seconds between two frames given out; what the camera makes in between is dropped unread.
INTERVAL = 0.1
#: The same once nothing has moved for `STILL` seconds: who then holds up a code waits this much longer, and the box idles.
IDLE, STILL = 0.4, 5.0
#: "MJPG" as OpenCV counts it: a USB 2 line carries 1080p only compressed.
_MJPG = int.from_bytes(b"MJPG", "little")
#: Milliseconds until a silent IP camera counts as lost; `close` may wait as long as one of them.
_OPEN_TIMEOUT, _READ_TIMEOUT = 4000, 1000


class Capture(Protocol):
    """What is used of `cv2.VideoCapture`."""

    def isOpened(self) -> bool: ...  # noqa: D102, N802 - OpenCV's name

    def grab(self) -> bool: ...  # noqa: D102

    def retrieve(self) -> tuple[bool, Any]: ...  # noqa: D102

    def release(self) -> None: ...  # noqa: D102


def open_capture(source: str, size: tuple[int, int] = CODES) -> Capture:
    """Open a device below /dev at `size` (width, height) as MJPG, or an address or file by FFmpeg; may come back not opened."""
    if source.startswith("/dev/"):
        capture = cv2.VideoCapture(source, cv2.CAP_V4L2)
        capture.set(cv2.CAP_PROP_FOURCC, _MJPG)
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return capture
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _OPEN_TIMEOUT, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _READ_TIMEOUT]
    return cv2.VideoCapture(source, cv2.CAP_FFMPEG, limits)


class OpenCvCamera:
    """`ports.Camera` on one source."""

    def __init__(
        self,
        source: str = DEVICE,
        *,
        opener: Callable[[str], Capture] = open_capture,
        monotonic: Callable[[], float] = time.monotonic,
        interval: float = INTERVAL,
        colour: bool = False,
    ) -> None:
        self._source = source
        self._opener = opener
        self._monotonic = monotonic
        self._interval = interval
        self._colour = colour
        self._closing = threading.Event()

    def frames(self) -> Iterator[Frame]:
        """Yield pictures (gray, or with their colours as asked) until `close`; raise `DeviceLost`.

        At most one each `interval` seconds; gray ones each `IDLE` seconds while nothing moves.
        """
        capture = self._opener(self._source)
        try:
            if not capture.isOpened():
                raise DeviceLost(f"{self._source} cannot be opened")
            yield from self._taken(capture)
        finally:
            capture.release()

    def close(self) -> None:
        """End `frames` after the frame under way. May be called from another thread, and twice."""
        self._closing.set()

    def _taken(self, capture: Capture) -> Iterator[Frame]:
        due = moved = self._monotonic()
        scene = Scene()
        while not self._closing.is_set():
            if not capture.grab():
                raise DeviceLost(f"{self._source} gives no more pictures")
            now = self._monotonic()
            if now < due:
                continue
            due = now + (IDLE if now - moved > STILL else self._interval)
            good, picture = capture.retrieve()
            if not good:
                continue
            frame = Frame(np.asarray(picture, dtype=np.uint8) if self._colour else _gray(picture))
            # A file gives each of its pictures, and a person looks at pages as they lie under the camera.
            if self._colour or not self._interval or scene.moved(frame.pixels):
                due, moved = now + self._interval, now
            yield frame


def _gray(picture: Any) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    plain = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return np.asarray(plain, dtype=np.uint8)


def make(options: DriverOptions) -> OpenCvCamera:
    """Build the camera of the settings' device; a video file gives each of its pictures."""
    source = options.device or DEVICE
    return OpenCvCamera(source, interval=0.0 if Path(source).is_file() else INTERVAL)


def open_paper(source: str) -> Capture:
    """Open a source as large as a page needs it."""
    return open_capture(source, PAPER)


def make_paper(options: DriverOptions) -> OpenCvCamera:
    """Build the document camera of the settings' device: with its colours, for stamps are red."""
    return OpenCvCamera(options.device or PAPER_DEVICE, opener=open_paper, interval=2 * INTERVAL, colour=True)
