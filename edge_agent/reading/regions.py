"""Where in a picture a code may be: places with strong edges in both directions at once."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]

#: The search runs on a picture reduced to this longest side, in pixels.
SEARCH_SIDE = 960
#: Windows of the texture measure in pixels of the reduced picture: for small and for large codes.
WINDOWS = (9, 15, 41)


class Box(NamedTuple):
    """Left, top, right, bottom in pixels of the full picture."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """Square pixels."""
        return (self.right - self.left) * (self.bottom - self.top)


def overlap(one: Box, two: Box) -> float:
    """Shared area as a part of the area of both together."""
    width = min(one.right, two.right) - max(one.left, two.left)
    height = min(one.bottom, two.bottom) - max(one.top, two.top)
    shared = max(0.0, width) * max(0.0, height)
    return shared / (one.area + two.area - shared)


def _texture(small: NDArray[np.float32], window: int) -> NDArray[np.float32]:
    """Square root of the smaller eigenvalue of the structure tensor: high only where edges run both ways."""
    gx, gy = cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1)
    xx, yy, xy = (cv2.blur(product, (window, window)) for product in (gx * gx, gy * gy, gx * gy))
    spread = np.sqrt((xx - yy) ** 2 + 4 * xy * xy)
    return np.asarray(np.sqrt(np.maximum(xx + yy - spread, 0) / 2), dtype=np.float32)


def _boxes(strength: NDArray[np.float32], scale: float) -> list[tuple[float, Box]]:
    limit = max(0.4 * float(np.percentile(strength[::4, ::4], 99.5)), 4.0)
    count, _labels, stats, _ = cv2.connectedComponentsWithStats((strength > limit).astype(np.uint8))
    found = []
    for x, y, width, height, area in (stats[i] for i in range(1, count)):
        if area < max(120, 0.35 * width * height) or max(width, height) > 3 * min(width, height):
            continue
        inside = float(strength[y : y + height, x : x + width].mean())
        box = Box(x * scale, y * scale, (x + width) * scale, (y + height) * scale)
        found.append((inside * float(area) ** 0.5, box))
    return found


def regions(gray: Gray, limit: int = 3) -> list[Box]:
    """Return at most `limit` places, most promising first."""
    scale = max(1.0, max(gray.shape) / SEARCH_SIDE)
    size = (max(1, round(gray.shape[1] / scale)), max(1, round(gray.shape[0] / scale)))
    small = cv2.GaussianBlur(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), (0, 0), 1).astype(
        np.float32
    )
    found = [hit for window in WINDOWS for hit in _boxes(_texture(small, window), scale)]
    kept: list[Box] = []
    for _, box in sorted(found, reverse=True):
        if all(overlap(box, other) < 0.6 for other in kept):
            kept.append(box)
    return kept[:limit]


def cut(gray: Gray, box: Box) -> Gray:
    """The part of `gray` in `box` with a margin for the quiet zone."""
    margin = 0.12 * max(box.right - box.left, box.bottom - box.top) + 8
    top, left = max(0, int(box.top - margin)), max(0, int(box.left - margin))
    return gray[top : int(box.bottom + margin), left : int(box.right + margin)]
