"""The box's reader of codes: `ports.CodeReader` on the decoder."""

import cv2
import numpy as np

from edge_agent.ports import DriverOptions, Frame
from edge_agent.reading.decoder import decode

#: Seconds for one picture while a camera runs: the next picture comes in 100 ms and is often the better attempt.
LIVE_BUDGET = 0.06


class QrReader:
    """Reads each picture and forgets it; only texts leave."""

    def __init__(self, *, budget: float = LIVE_BUDGET) -> None:
        self._budget = budget

    def read(self, frame: Frame) -> list[str]:
        """Return the text of each code in `frame`, each once; empty when there is none. Never raises on a picture."""
        pixels = frame.pixels
        if pixels.ndim == 3:
            pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        return decode(pixels, budget=self._budget)


def make(options: DriverOptions) -> QrReader:  # noqa: ARG001 - a reader has no device
    """Build the reader; image work keeps to one core, the other is the box's."""
    cv2.setNumThreads(1)
    return QrReader()
