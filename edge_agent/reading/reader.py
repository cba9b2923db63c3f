"""The box's reader of codes: `ports.CodeReader` on the decoder."""

import cv2
import numpy as np

from edge_agent.ports import DriverOptions, Frame
from edge_agent.reading.decoder import decode
from edge_agent.reading.scene import Gray, Scene

#: Seconds for one picture while a camera runs: the next picture comes in 100 ms and is often the better attempt.
LIVE_BUDGET = 0.06


class Patience:
    """Says for which pictures of a running camera more than a first look is worth its time: an empty desk is not repaired."""

    #: So many pictures of a new scene are worth it (1.5 to 2 s), after that each twelfth (5 s, for the camera gives fewer then).
    FIRST, EACH = 15, 12

    def __init__(self) -> None:
        self._scene = Scene()
        self._seen = 0

    def worth(self, gray: Gray) -> bool:
        """Take note of one picture (height x width) and say whether to try hard."""
        if self._scene.moved(gray):
            self._seen = 0
        self._seen += 1
        return self._seen <= self.FIRST or self._seen % self.EACH == 0


class QrReader:
    """Reads each picture and forgets it; only texts leave."""

    def __init__(self, *, budget: float = LIVE_BUDGET) -> None:
        self._budget = budget
        self._patience = Patience()

    def read(self, frame: Frame) -> list[str]:
        """Return the text of each code in `frame`, each once; empty when there is none. Never raises on a picture."""
        pixels = frame.pixels
        if pixels.ndim == 3:
            pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        hard = pixels.size > 0 and self._patience.worth(pixels)
        return decode(pixels, budget=self._budget if hard else 0)


def make(options: DriverOptions) -> QrReader:  # noqa: ARG001 - a reader has no device
    """Build the reader; image work keeps to one core, the other is the box's."""
    cv2.setNumThreads(1)
    return QrReader()
