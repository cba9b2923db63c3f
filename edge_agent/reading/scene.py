"""Whether something moved before the camera: one picture of 32 x 18 pixels is remembered, nothing else."""

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]


class Scene:
    """The scene as it was when something last moved."""

    SIZE = (32, 18)
    #: Gray levels by which one of its pixels must differ, beyond what all differ by (a lamp, the camera's own exposure).
    CHANGE = 8.0

    def __init__(self) -> None:
        self._kept: NDArray[np.float32] | None = None

    def moved(self, gray: Gray) -> bool:
        """Take note of one picture (height x width) and say whether it shows another scene than before; the first one does."""
        scene = np.asarray(cv2.resize(gray, self.SIZE, interpolation=cv2.INTER_AREA), dtype=np.float32)
        if self._kept is not None:
            change = scene - self._kept
            if float(np.abs(change - np.median(change)).max()) <= self.CHANGE:
                return False
        self._kept = scene
        return True
