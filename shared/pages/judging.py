"""What is said of a picture before it is kept: blurred, glaring, dark, blank. Pure; limits were set on the pictures of tests/bench."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from shared.pages.cleaning import evened, grey, ink
from shared.pages.outline import Picture

#: Sharpness of the strokes below which small print is lost.
BLURRED = 0.30
#: Part of the page on which a lamp swallowed print.
GLARING = 0.012
#: Median brightness below which a page is too dark.
DARK = 60
#: Part of the page that is ink, below which nothing is written on it.
BLANK = 0.0006
_LOOKED_AT = 1600
#: Burnt places below this part of the page are specks.
_LEAST_HOLE = 0.002
#: Brightness of paper close to a burnt place above which the light merely fades.
_RIM = 244


@dataclass(frozen=True, slots=True)
class Judgement:
    """Measures of a page: sharpness of strokes (0 to 1), part burnt out with its print, median brightness, part that is ink."""

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
    return Judgement(_sharpness(flat), _glare(plain, flat), float(np.median(plain)), _ink(flat))


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


def _glare(plain: Picture, flat: Picture) -> float:
    """Return the part of the page on which a lamp swallowed print.

    Bright is not enough: soft light from one side burns half a page out, and its print stays. Lines that run into a hole are not
    there inside, and its rim is steep, or print stands around it.
    """
    burnt = np.asarray((plain >= 252) * np.uint8(255), dtype=np.uint8)
    burnt = np.asarray(cv2.morphologyEx(burnt, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)), dtype=np.uint8)
    if burnt.mean() / 255 <= GLARING:
        return 0.0
    size = (plain.shape[1] // 2, plain.shape[0] // 2)
    seen, print_, hot = (
        np.asarray(cv2.resize(each, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        for each in (plain, ink(flat), burnt)
    )
    hot = np.asarray((hot > 127) * np.uint8(255), dtype=np.uint8)
    # Strokes that are still to be seen are gaps of what is burnt out: closed, they lie inside.
    closed = cv2.morphologyEx(hot, cv2.MORPH_CLOSE, np.ones((21, 21), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(closed, dtype=np.uint8))
    lost = 0.0
    for number in range(1, count):
        if stats[number, cv2.CC_STAT_AREA] >= _LEAST_HOLE * hot.size:
            hole = np.asarray((labels == number) * np.uint8(255), dtype=np.uint8)
            if _swallowed(hole, seen, print_):
                lost += float(hot[hole > 0].sum()) / 255
    return lost / hot.size


def _swallowed(hole: Picture, seen: Picture, print_: Picture) -> bool:
    """Say whether print around a burnt place ends at it, which has darker paper close by or print on three sides at least."""
    inside = print_[cv2.erode(hole, np.ones((9, 9), np.uint8)) > 0]
    near, far = (cv2.dilate(hole, np.ones((each, each), np.uint8)) for each in (21, 41))
    rim = (far > 0) & (near == 0)
    around = float((print_[rim] > 0).mean()) if rim.any() else 0.0
    if around < 0.01 or (inside.size and float((inside > 0).mean()) >= 0.3 * around):
        return False
    paper = seen[rim & (print_ == 0)]
    if paper.size >= 50 and float(np.median(paper)) <= _RIM:
        return True
    return not _touches_rim(hole) and _sides(hole, rim & (print_ > 0)) >= 3


def _touches_rim(hole: Picture) -> bool:
    """Say whether a place reaches to the end of the page: light from one side does, the picture of a lamp hardly."""
    return bool(hole[0].any() or hole[-1].any() or hole[:, 0].any() or hole[:, -1].any())


def _sides(hole: Picture, marks: Any) -> int:
    """Return on how many of its four sides a place has marks."""
    rows, columns = np.nonzero(hole)
    down, right = (
        each - middle for each, middle in zip(np.nonzero(marks), (rows.mean(), columns.mean()), strict=True)
    )
    level = np.abs(right) > np.abs(down)
    sides = (level & (right > 0), level & (right < 0), ~level & (down > 0), ~level & (down < 0))
    return sum(int(side.sum()) >= 20 for side in sides)


def _ink(flat: Picture) -> float:
    """Return the part that is ink, away from the rim where the edge of the paper shows, specks of dust left out."""
    height, width = flat.shape
    inside = flat[round(0.04 * height) : round(0.96 * height), round(0.04 * width) : round(0.96 * width)]
    mask = np.asarray((cv2.GaussianBlur(inside, (5, 5), 0) < 215) * np.uint8(255), dtype=np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    areas = stats[1:count, cv2.CC_STAT_AREA]
    return float(areas[areas >= 12].sum() / mask.size) if count > 1 else 0.0
