"""A camera made of a folder: an image file put into `camera/` of the data folder is held up once, then removed.

Move a finished file in (`mv`), or copy it: a file still growing is left until it can be read, for a few seconds.
"""

import threading
from collections.abc import Iterator
from pathlib import Path
from time import time

from edge_agent.ports import DriverOptions, Frame
from edge_agent.reading import pictures

_POLL_SECONDS = 0.2
_GROWING_SECONDS = 3.0


class FolderCamera:
    """Consumes the files of a folder, by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._closing = threading.Event()

    def frames(self) -> Iterator[Frame]:
        """Yield each picture once."""
        self._folder.mkdir(parents=True, exist_ok=True)
        while not self._closing.wait(_POLL_SECONDS):
            for path in sorted(one for one in self._folder.iterdir() if not one.name.startswith(".")):
                frame = self._taken(path)
                if frame is not None:
                    yield frame

    def close(self) -> None:
        """End `frames`."""
        self._closing.set()

    @staticmethod
    def _taken(path: Path) -> Frame | None:
        try:
            frame = Frame(pictures.gray(path))
        except pictures.Unreadable:
            if path.is_file() and time() - path.stat().st_mtime > _GROWING_SECONDS:
                path.unlink(missing_ok=True)
            return None
        path.unlink(missing_ok=True)
        return frame


def make(options: DriverOptions) -> FolderCamera:
    """Build the camera on the folder of the settings, by default `camera/` of the data folder."""
    return FolderCamera(Path(options.device) if options.device else options.data / "camera")
