"""A document camera made of a folder: the newest picture in `paper-camera/` of the data folder lies under it until another does."""

import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from edge_agent.ports import DeviceLost, DriverOptions, Frame

_POLL_SECONDS = 0.3


class PaperFolder:
    """Shows what lies there; takes nothing away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._closing = threading.Event()

    def frames(self) -> Iterator[Frame]:
        """Yield the newest picture again and again, as a camera does."""
        self._folder.mkdir(parents=True, exist_ok=True)
        while True:
            frame = self._newest()
            if frame is None:
                raise DeviceLost(f"no picture lies in {self._folder}")
            yield frame
            if self._closing.wait(_POLL_SECONDS):
                return

    def close(self) -> None:
        """End `frames`."""
        self._closing.set()

    def _newest(self) -> Frame | None:
        found = [one for one in self._folder.iterdir() if one.is_file() and not one.name.startswith(".")]
        for path in sorted(found, key=lambda one: one.stat().st_mtime, reverse=True):
            picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
            if picture is not None:  # else it still grows, or is no picture
                return Frame(np.asarray(picture, dtype=np.uint8))
        return None


def make(options: DriverOptions) -> PaperFolder:
    """Build it on the folder of the settings, by default `paper-camera/` of the data folder."""
    return PaperFolder(Path(options.device) if options.device else options.data / "paper-camera")
