"""Codes as pictures, and what can happen to them."""

import cv2
import numpy as np
import segno
from numpy.typing import NDArray

Gray = NDArray[np.uint8]


def code(text: str, *, error: str = "q", module: int = 6) -> Gray:
    """Black on white with its quiet zone, `module` pixels per module."""
    rows = segno.make(text, error=error, micro=False).matrix
    bits = np.array([[0 if bit else 255 for bit in row] for row in rows], dtype=np.uint8)
    return np.kron(np.pad(bits, 4, constant_values=255), np.ones((module, module), dtype=np.uint8))


def desk(*tiles: Gray, height: int = 720, width: int = 1280) -> Gray:
    """The tiles beside each other on a gray desk with a little noise."""
    frame = np.full((height, width), 150, dtype=np.uint8)
    left = 60
    for tile in tiles:
        frame[80 : 80 + tile.shape[0], left : left + tile.shape[1]] = tile
        left += tile.shape[1] + 60
    noise = np.random.default_rng(7).normal(0, 3, frame.shape)
    return np.clip(frame + noise, 0, 255).astype(np.uint8)


def blurred(gray: Gray, sigma: float) -> Gray:
    return np.asarray(cv2.GaussianBlur(gray, (0, 0), sigma), dtype=np.uint8)
