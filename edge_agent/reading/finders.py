"""Finds where a damaged code may lie: from two of its three finder patterns, or one that zxing-cpp gave up on.

zxing-cpp needs all three finders. A blot, a fold or a lamp on one of them is the commonest damage it cannot get over.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import permutations
from typing import Any, NamedTuple, cast

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from edge_agent.reading.symbol import LARGEST, UNKNOWN, fixed, size

Gray = NDArray[np.uint8]
Points = NDArray[np.float64]

#: Pixels per module of the patterns looked for: in the whole picture for large codes, whose modules are small, and in the
#: picture halved; and their turns in degrees (a square repeats at 90).
FINE = (3.2, 3.9, 4.7)
COARSE = tuple(2.6 * 1.2**k for k in range(7))
TURNS = (0.0, 18.0, 36.0, 54.0, 72.0)
_LIKENESS = 0.5
_MOST_FINDERS = 7
_MOST_PLACES = 3
_LEAST_PLACE = 0.3


class Finder(NamedTuple):
    """A finder pattern: its centre, pixels per module, turn in degrees from 0 to 90, likeness from 0 to 1."""

    x: float
    y: float
    module: float
    turn: float
    likeness: float


class Place(NamedTuple):
    """Where a code may lie: module (column, row) = (u, v) is at `origin + u * across + v * down + u * v * skew`."""

    version: int
    origin: Points
    across: Points
    down: Points
    skew: Points = np.zeros(2)
    likeness: float = 0.0


@lru_cache(maxsize=64)
def _pattern(module: float, turn: float) -> NDArray[np.float32]:
    """A finder with half its quiet module round it, drawn finely and reduced."""
    fine = 8
    rings = np.full((11 * fine, 11 * fine), 255, dtype=np.uint8)
    rings[2 * fine : 9 * fine, 2 * fine : 9 * fine] = 0
    rings[3 * fine : 8 * fine, 3 * fine : 8 * fine] = 255
    rings[4 * fine : 7 * fine, 4 * fine : 7 * fine] = 0
    side = round(8.6 * module) | 1
    middle = 5.5 * fine - 0.5
    turned = np.asarray(cv2.getRotationMatrix2D((middle, middle), -turn, module / fine), dtype=np.float64)
    matrix = turned + np.array([[0, 0, 1], [0, 0, 1]]) * ((side - 1) / 2 - middle)
    drawn = cv2.warpAffine(rings, matrix, (side, side), flags=cv2.INTER_AREA, borderValue=255)
    return cv2.GaussianBlur(drawn, (0, 0), 0.35 * module).astype(np.float32)


def _peaks(picture: NDArray[np.float32], scales: tuple[float, ...], factor: float) -> Iterator[Finder]:
    for module in scales:
        for turn in TURNS:
            pattern = _pattern(module, turn)
            reach = pattern.shape[0] // 2
            if pattern.shape[0] >= min(picture.shape):
                continue
            likeness = cv2.matchTemplate(picture, pattern, cv2.TM_CCOEFF_NORMED)
            top = cv2.dilate(likeness, np.ones((5, 5), np.uint8))
            for y, x in np.argwhere((likeness == top) & (likeness > _LIKENESS))[:40]:
                at = factor * (x + reach), factor * (y + reach)
                yield Finder(*at, factor * module, turn, float(likeness[y, x]))


def finders(picture: Gray) -> list[Finder]:
    """Return the most likely finder patterns of a picture, best first, at most one within two modules."""
    half = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.float32)
    peaks = [*_peaks(half, COARSE, 2.0), *_peaks(picture.astype(np.float32), FINE, 1.0)]
    kept: list[Finder] = []
    for peak in sorted(peaks, key=lambda f: -f.likeness):
        if all(np.hypot(peak.x - k.x, peak.y - k.y) > 4 * k.module for k in kept):
            kept.append(peak)
        if len(kept) == _MOST_FINDERS:
            break
    return kept


def places(picture: Gray) -> list[Place]:
    """Return where a code may lie, most likely first, judged by how well its fixed patterns fit."""
    soft = cv2.GaussianBlur(picture, (0, 0), 1.2).astype(np.float32)
    guesses = [*_given_up(picture), *_guesses(finders(picture))]
    judged = [place._replace(likeness=_likeness(soft, place)) for place in guesses]
    judged.sort(key=lambda place: -place.likeness)
    kept: list[Place] = []
    for place in judged:
        if all(_differs(place, other) for other in kept):
            kept.append(place)
        if len(kept) == _MOST_PLACES or place.likeness < max(_LEAST_PLACE, 0.6 * judged[0].likeness):
            break
    return kept


def _given_up(picture: Gray) -> Iterator[Place]:
    """Codes that zxing-cpp found and could not put right: it tells their corners and version."""
    kind = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)
    for code in zxingcpp.read_barcodes(picture, formats=kind, return_errors=True):
        facts = cast("dict[str, Any]", code.extra or {})
        version = str(facts.get("Version", ""))
        if not version.isdecimal() or not 1 <= int(version) <= LARGEST:
            continue
        spot = code.position
        corners = (spot.top_left, spot.top_right, spot.bottom_right, spot.bottom_left)
        one, two, three, four = (np.array([corner.x, corner.y], dtype=float) for corner in corners)
        n = size(int(version))
        yield Place(int(version), one, (two - one) / n, (four - one) / n, (one - two + three - four) / n**2)


def _differs(one: Place, two: Place) -> bool:
    return one.version != two.version or float(np.abs(one.origin - two.origin).max()) > float(
        np.abs(one.across).max()
    )


def _guesses(found: list[Finder]) -> Iterator[Place]:
    for one, two in permutations(found, 2):
        module = (one.module + two.module) / 2
        if max(one.module, two.module) > 1.35 * min(one.module, two.module):
            continue
        step = np.array([two.x - one.x, two.y - one.y])
        length = float(np.hypot(*step)) / module
        right = np.array([-step[1], step[0]])
        start = np.array([one.x, one.y])
        slant = abs((np.degrees(np.arctan2(step[1], step[0])) - one.turn + 45) % 90 - 45)
        if slant < 16:  # top left and top right, or bottom left and top left
            yield from _laid(start, step, right, length, found)
            yield from _laid(start + step, right, -step, length, found)
        elif slant > 29:  # bottom left and top right: the corner between them is top left
            across, down = (step + right) / 2, (right - step) / 2
            yield from _laid(start - down, across, down, length / np.sqrt(2), found)


def _laid(
    corner: Points, across: Points, down: Points, length: float, found: list[Finder]
) -> Iterator[Place]:
    """Places whose finders lie at `corner`, `corner + across`, `corner + down`; the versions that fit `length` modules."""
    across, down = _nearest(corner, across, found), _nearest(corner, down, found)
    likely = round((length + 7 - 17) / 4)
    for version in range(max(1, likely - 1), min(LARGEST, likely + 1) + 1):
        steps = size(version) - 7
        one, two = across / steps, down / steps
        yield Place(version, corner - 3.5 * one - 3.5 * two, one, two)


def _nearest(corner: Points, way: Points, found: list[Finder]) -> Points:
    """The way to a finder that was found near its end, else `way` itself: paper is held at an angle."""
    end = corner + way
    limit = 0.2 * float(np.hypot(*way))
    near = [f for f in found if np.hypot(f.x - end[0], f.y - end[1]) < limit]
    if not near:
        return way
    best = min(near, key=lambda f: float(np.hypot(f.x - end[0], f.y - end[1])))
    return np.array([best.x, best.y]) - corner


@lru_cache(maxsize=LARGEST)
def _probe(version: int) -> tuple[Points, Points]:
    """Columns and rows of the fixed modules, and what they should be: 1 light, -1 dark."""
    pattern = fixed(version)
    rows, columns = np.nonzero(pattern != UNKNOWN)
    return np.stack([columns + 0.5, rows + 0.5], 1), np.where(pattern[rows, columns] == 1, -1.0, 1.0)


def _likeness(soft: NDArray[np.float32], place: Place) -> float:
    at, expected = _probe(place.version)
    u, v = at[:, :1], at[:, 1:]
    xy = place.origin + u * place.across + v * place.down + u * v * place.skew
    columns, rows = np.rint(xy).astype(int).T
    inside = (columns >= 0) & (rows >= 0) & (columns < soft.shape[1]) & (rows < soft.shape[0])
    if inside.mean() < 0.9:
        return 0.0
    seen = soft[rows[inside], columns[inside]]
    wanted = expected[inside]
    seen, wanted = seen - seen.mean(), wanted - wanted.mean()
    return float((seen @ wanted) / (np.linalg.norm(seen) * np.linalg.norm(wanted) + 1e-6))
