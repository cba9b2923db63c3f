"""One press: from what lies under the camera to a page that can be kept, with what is to be said of it first. Pure."""

from dataclasses import dataclass

import cv2
import numpy as np

from shared.pages import cleaning, codes, covers, outline
from shared.pages.judging import judge
from shared.pages.outline import Picture
from shared.pages.straighten import straighten

#: Widths in pixels: of the live preview, of the picture in which its outline is looked for, of a thumbnail, of a page opened large.
SHOWN, OUTLINED, THUMB, LARGE = 1100, 640, 220, 1600
#: A picture without an outline is a page only if it is paper from rim to rim: so much of it as bright as its paper, hardly coloured.
_WHITE_PART, _LEAST_LIGHT, _MOST_COLOUR = 0.7, 90.0, 60.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page made straight: picture, warnings (`blurred`, `glaring`, `dark`) and whether nothing is written on it."""

    picture: Picture
    warnings: tuple[str, ...]
    blank: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What the preview tells: corners as parts of width and height (None: no page), warnings, the code of a cover sheet."""

    corners: tuple[tuple[float, float], ...] | None
    warnings: tuple[str, ...]
    code: str


def pressed(picture: Picture) -> Sheet | None:
    """Return the page under the camera, straight, even and the right way up; None where there is none."""
    if outline.find(fitted(picture, OUTLINED)) is None and not is_paper(picture):
        return None
    page = straighten(picture, guess_head=True)
    return Sheet(page.picture, page.judgement.warnings, page.judgement.is_blank)


def seen(picture: Picture) -> Seen:
    """Look at a frame for the preview: cheaper than a press, about a quarter of a second."""
    small = fitted(picture, OUTLINED)
    found = outline.find(small)
    code = code_in(picture)
    if found is None and not is_paper(small):
        return Seen(None, (), code)
    if found is None:
        return Seen(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)), judge(picture).warnings, code)
    scale = picture.shape[1] / small.shape[1]
    sheet = cleaning.cut(picture, np.asarray(found.quad * scale, dtype=np.float32))
    height, width = small.shape[:2]
    corners = tuple((round(float(x) / width, 4), round(float(y) / height, 4)) for x, y in found.quad)
    return Seen(corners, judge(sheet).warnings, code)


def is_paper(picture: Picture) -> bool:
    """Say whether a picture shows paper from rim to rim, and nothing else."""
    small = fitted(picture, 200)
    plain = cleaning.grey(small)
    paper = float(np.percentile(plain, 80))
    spread = small.max(axis=2).astype(np.int16) - small.min(axis=2) if small.ndim == 3 else np.zeros(1)
    bright = float((plain > 0.75 * paper).mean())
    return paper >= _LEAST_LIGHT and bright >= _WHITE_PART and float(np.median(spread)) <= _MOST_COLOUR


def code_in(picture: Picture) -> str:
    """Return the code of a cover sheet in a picture, '' without one."""
    return next((code.text for code in codes.read(picture) if covers.is_ours(code.text)), "")


def fitted(picture: Picture, width: int) -> Picture:
    """Return a picture at most so wide."""
    scale = width / picture.shape[1]
    if scale >= 1:
        return picture
    return np.asarray(
        cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8
    )
