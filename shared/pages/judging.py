"""What is said of a picture before it is kept: blurred, glaring, dark, blank. Pure; limits were set on the pictures of tests/bench."""

from dataclasses import dataclass

import cv2
import numpy as np

from shared.pages.cleaning import evened, grey, ink
from shared.pages.outline import Picture

#: Sharpness of the strokes below which small print is lost.
BLURRED = 0.30
#: Part of the page that is burnt out by a lamp.
GLARING = 0.012
#: Median brightness below which a page is too dark.
DARK = 60
#: Part of the page that is ink, below which nothing is written on it.
BLANK = 0.0006
_LOOKED_AT = 1600


@dataclass(frozen=True, slots=True)
class Judgement:
    """Measures of a page: sharpness of strokes (0 to 1), part burnt out, median brightness, part that is ink."""

    sharpness: float
    glare: float
    light: float
    ink: float

    @property
    def is_blurred(self) -> bool:
        """Say whether small print is lost."""
        return self.sharpness < BLURRED and not self.is_blank

    @property
    def is_glaring(self) -> bool:
        """Say whether a lamp burnt a hole into the page."""
        return self.glare > GLARING

    @property
    def is_dark(self) -> bool:
        """Say whether there was too little light."""
        return self.light < DARK

    @property
    def is_blank(self) -> bool:
        """Say whether nothing is written on it."""
        return self.ink < BLANK

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return what is to be told before the page is kept, keys of a catalogue."""
        said = (("blurred", self.is_blurred), ("glaring", self.is_glaring), ("dark", self.is_dark))
        return tuple(name for name, is_so in said if is_so)


def judge(page: Picture) -> Judgement:
    """Judge a page that was cut out and not evened yet."""
    scale = min(1.0, _LOOKED_AT / max(page.shape[:2]))
    small = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else page
    plain = grey(np.asarray(small, dtype=np.uint8))
    flat = evened(plain)
    return Judgement(_sharpness(flat), _glare(plain), float(np.median(plain)), _ink(flat))


def _sharpness(flat: Picture) -> float:
    """Return how steep strokes are: the steepest tenth of their edges, as a part of the step from paper to ink a pixel."""
    across = cv2.Scharr(flat, cv2.CV_32F, 1, 0) / 32
    down = cv2.Scharr(flat, cv2.CV_32F, 0, 1) / 32
    steep = np.hypot(across, down)
    strong = steep[steep > 12]
    if strong.size < 200:
        return 0.0
    marked = flat[ink(flat) > 0]
    depth = 255.0 - float(np.percentile(marked, 20)) if marked.size else 255.0
    return float(np.clip(np.percentile(strong, 90) / max(depth, 40.0), 0, 1))


def _glare(plain: Picture) -> float:
    """Return the part of the page that is as bright as can be while the paper around is not."""
    paper = float(np.percentile(plain, 60))
    if paper > 244:
        return 0.0
    burnt = np.asarray((plain >= 252) * np.uint8(255), dtype=np.uint8)
    burnt = np.asarray(cv2.morphologyEx(burnt, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)), dtype=np.uint8)
    return float(burnt.mean() / 255)


def _ink(flat: Picture) -> float:
    """Return the part that is ink, away from the rim where the edge of the paper shows, specks of dust left out."""
    height, width = flat.shape
    inside = flat[round(0.04 * height) : round(0.96 * height), round(0.04 * width) : round(0.96 * width)]
    mask = np.asarray((cv2.GaussianBlur(inside, (5, 5), 0) < 215) * np.uint8(255), dtype=np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    areas = stats[1:count, cv2.CC_STAT_AREA]
    return float(areas[areas >= 12].sum() / mask.size) if count > 1 else 0.0
