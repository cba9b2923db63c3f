"""Pages of print on a desk, as a document camera sees them."""

from typing import Any

import cv2
import numpy as np

Picture = np.ndarray[Any, np.dtype[np.uint8]]
WORDS = ("The", "court", "received", "this", "petition", "and", "will", "answer", "within", "sixty", "days")


def sheet(seed: int = 1, *, lines: int = 26) -> Picture:
    """Return a page of A4 with lines of uneven length."""
    chance = np.random.default_rng(seed)
    page = np.full((1404, 993, 3), 246, np.uint8)
    for line in range(lines):
        text = " ".join(str(word) for word in chance.choice(WORDS, chance.integers(5, 11)))
        cv2.putText(page, text[:58], (90, 120 + line * 46), cv2.FONT_HERSHEY_COMPLEX, 0.8, (25, 25, 25), 2)
    return page


def on_desk(
    page: Picture, *, degrees: float = -3.0, blur: float = 0.0, glare: bool = False, soft: float = 0.0
) -> Picture:
    """Return the page on a dark desk, 1920 x 1440 pixels, turned a little, out of focus, under a lamp or in `soft` light from the right."""
    desk = np.full((1440, 1920, 3), (58, 66, 74), np.uint8)
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.9)
    matrix[:, 2] += (960 - width / 2, 720 - height / 2)
    seen = cv2.warpAffine(page, matrix, (1920, 1440), dst=desk, borderMode=cv2.BORDER_TRANSPARENT)
    light = 0.86 + soft * np.linspace(0, 1, 1920)[None, :, None]
    seen = np.clip(seen.astype(np.float32) * light, 0, 255).astype(np.uint8)
    if glare:
        cv2.ellipse(seen, (980, 640), (190, 120), 0, 0, 360, (255, 255, 255), -1)
    if blur:
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), blur), np.uint8)
    noise = np.random.default_rng(3).normal(0, 2, seen.shape)
    return np.asarray(np.clip(seen + noise, 0, 255) if not glare else seen, np.uint8)


def nobody() -> Picture:
    """Return a scene without any page: colours that run into each other."""
    rows, columns = np.mgrid[0:1440, 0:1920]
    planes = [128 + 90 * np.sin(rows / (150 + 40 * at) + columns / (210 - 30 * at)) for at in range(3)]
    return np.asarray(np.dstack(planes), np.uint8)
