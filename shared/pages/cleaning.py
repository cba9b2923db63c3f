"""A page made fit to be read: cut out, evened out, straight, the right way up. Pure."""

from typing import Any

import cv2
import numpy as np

from shared.pages.outline import Picture, Quad

#: Height over width of A4 and its like (ISO 216).
_A4 = 2**0.5
#: Longest side in pixels of a page as it is kept: A4 at 200 dpi and somewhat above.
MOST_SIDE = 2600
#: Slant in degrees that is looked for, and the step of the first look.
_MOST_SLANT, _STEP = 8.0, 0.5
_PAPER = 255


def cut(picture: Picture, quad: Quad) -> Picture:
    """Return what lies inside the corners, seen from straight above; a sheet near A4 in shape becomes A4."""
    width = max(_length(quad[0], quad[1]), _length(quad[3], quad[2]))
    height = max(_length(quad[1], quad[2]), _length(quad[0], quad[3]))
    long, short = max(width, height), min(width, height)
    if 1.2 < long / short < 1.7:
        area = (long * short) ** 0.5
        long, short = area * _A4**0.5, area / _A4**0.5
    scale = min(1.0, MOST_SIDE / long)
    size = (short, long) if height >= width else (long, short)
    wide, high = (max(1, round(side * scale)) for side in size)
    target = np.array([[0, 0], [wide - 1, 0], [wide - 1, high - 1], [0, high - 1]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(quad, target)
    return np.asarray(
        cv2.warpPerspective(
            picture, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        ),
        dtype=np.uint8,
    )


def _length(one: Any, other: Any) -> float:
    return float(np.hypot(*(one - other)))


def grey(picture: Picture) -> Picture:
    """Return a picture in grey."""
    return (
        picture
        if picture.ndim == 2
        else np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    )


def evened(picture: Picture) -> Picture:
    """Return the page as if lit evenly: shadow, folds and yellowed paper become white, ink stays ink."""
    if picture.ndim == 3:
        return np.asarray(
            np.dstack([evened(np.ascontiguousarray(picture[:, :, at])) for at in range(3)]), dtype=np.uint8
        )
    paper = _paper(picture)
    flat = picture.astype(np.float32) * _PAPER / np.maximum(paper, 1.0)
    return np.asarray(np.clip(flat, 0, _PAPER), dtype=np.uint8)


def _paper(plane: Picture) -> Any:
    """Return the brightness of the paper under each pixel: the ink taken away by a closing, then smoothed."""
    scale = min(1.0, 700 / max(plane.shape))
    small = cv2.resize(plane, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13)))
    smooth = cv2.GaussianBlur(cv2.medianBlur(closed, 11), (0, 0), 3)
    large = cv2.resize(smooth, (plane.shape[1], plane.shape[0]), interpolation=cv2.INTER_CUBIC)
    # Dark fields (a stamp, a photograph) are no shadow: below a third of the page's own paper nothing is lifted further.
    least = float(np.percentile(smooth, 90)) / 3
    return np.maximum(large.astype(np.float32), least)


def ink(page: Picture) -> Picture:
    """Return where ink is (255) on an evened page."""
    plain = cv2.GaussianBlur(grey(page), (3, 3), 0)
    level, _ = cv2.threshold(plain, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return np.asarray((plain < min(max(level, 90.0), 200.0)) * np.uint8(255), dtype=np.uint8)


def slant(page: Picture) -> float:
    """Return by how many degrees the lines of text rise to the right (negative: fall), at most `_MOST_SLANT`; 0 where there are none."""
    mask = _small(ink(page), 800)
    if float(mask.mean()) < 0.4:
        return 0.0
    rough = _sharpest(mask, np.arange(-_MOST_SLANT, _MOST_SLANT + 0.1, _STEP))
    return float(_sharpest(mask, rough + np.arange(-0.5, 0.51, 0.1)))


def _small(mask: Picture, most: int) -> Picture:
    scale = min(1.0, most / max(mask.shape[:2]))
    return np.asarray(
        cv2.resize(mask, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8
    )


def _sharpest(mask: Picture, angles: Any) -> float:
    """Return the angle at which rows of ink and gaps between them stand out most."""
    values = [_contrast(turned(mask, -float(angle), paper=0)) for angle in angles]
    return float(angles[int(np.argmax(values))])


def _contrast(mask: Picture) -> float:
    rows = mask.sum(axis=1, dtype=np.float64) / 255
    return float(((rows[1:] - rows[:-1]) ** 2).sum())


def turned(picture: Picture, degrees: float, *, paper: int = _PAPER) -> Picture:
    """Return a picture turned about its middle, against the clock, what comes in at the rim being paper."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    filling = (paper,) * 3
    return np.asarray(
        cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=filling),
        dtype=np.uint8,
    )


def quarter(picture: Picture, quarters: int) -> Picture:
    """Return a picture turned by so many quarters with the clock."""
    return np.ascontiguousarray(np.rot90(picture, -quarters % 4))


def lies_on_its_side(page: Picture) -> bool:
    """Say whether the lines of text run from top to bottom: gaps between them show across, not along."""
    mask = _small(ink(page), 800)
    if float(mask.mean()) < 0.4:
        return False
    return _banded(np.rot90(mask)) > 1.15 * _banded(mask)


def _banded(mask: Any) -> float:
    """Return how strongly rows of ink and gaps take turns."""
    rows = mask.sum(axis=1, dtype=np.float64)
    if rows.sum() == 0:
        return 0.0
    rows = rows / rows.mean()
    return float((np.diff(np.convolve(rows, np.ones(2) / 2, "valid")) ** 2).mean())


def is_upside_down(page: Picture) -> bool:
    """Guess whether a page with level lines stands on its head: lines begin together on the left and end unevenly on the right.

    A guess for a machine that cannot read; whoever can read asks the letters themselves.
    """
    mask = _small(ink(page), 800)
    spans = [_span(mask[top:bottom]) for top, bottom in bands(mask) if bottom - top >= 4]
    ends = [each for each in spans if each is not None]
    if len(ends) < 5:
        return False
    lefts, rights = np.array([left for left, _ in ends]), np.array([right for _, right in ends])
    return _scatter(lefts) > 1.3 * _scatter(rights) + 4


def _scatter(places: Any) -> float:
    return float(np.abs(places - np.median(places)).mean())


def _span(band: Any) -> tuple[int, int] | None:
    columns = np.flatnonzero(band.max(axis=0) > 100)
    return (int(columns[0]), int(columns[-1])) if len(columns) else None


def bands(mask: Picture) -> list[tuple[int, int]]:
    """Return first and last row of each band of ink: what a projection profile takes for a line of text."""
    rows = mask.sum(axis=1, dtype=np.float64) / 255
    level = max(2.0, 0.004 * mask.shape[1])
    full = np.concatenate([[False], rows > level, [False]])
    edges = np.flatnonzero(full[1:] != full[:-1])
    return [(int(top), int(bottom)) for top, bottom in zip(edges[::2], edges[1::2], strict=True)]
