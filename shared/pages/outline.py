"""Where the page lies in a picture: many candidates by many thresholds, judged by how much of their outline is an edge. Pure.

Pictures are arrays of `uint8`, rows first, blue-green-red or grey.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

Picture = np.ndarray[Any, np.dtype[np.uint8]]
#: Four corners as rows of (x, y), from the top left clockwise.
Quad = np.ndarray[Any, np.dtype[np.float32]]

#: Longest side in pixels of the picture that is looked at; corners are made finer afterwards.
_LOOKED_AT = 900
#: Part of the picture that a page fills at least.
_LEAST_AREA = 0.12
#: A page that fills the picture but for so much of each side needs no cut.
_WHOLE = 0.985
#: Part of the outline that must be an edge, of all four sides together and of the worst.
_LEAST_SUPPORT, _LEAST_SIDE = 0.62, 0.22
#: Of the marks inside, how many just behind and just before a side mean that text goes on there.
_TEXT_GOES_ON = 0.4
_STEPS = 64


@dataclass(frozen=True, slots=True)
class Found:
    """A page: its corners in pixels of the picture, and the part of its outline that is an edge (0 to 1)."""

    quad: Quad
    support: float


def find(picture: Picture) -> Found | None:
    """Return the page, or None where the picture shows nothing but page (a scan) or no page that is beyond doubt."""
    height, width = picture.shape[:2]
    scale = min(1.0, _LOOKED_AT / max(height, width))
    small = _bytes(
        cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    )
    colour = small if small.ndim == 3 else _bytes(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR))
    colour = _bytes(cv2.GaussianBlur(colour, (5, 5), 0))
    planes = _planes(colour)
    marks = _marks(planes[0])
    best: Found | None = None
    most = 0.0
    for source in (_candidates, _crossings):
        if best is not None and best.support > 0.9:
            break
        for quad in source(planes):
            support, value = _judged(quad, planes)
            if value > most and not _parts_text(quad, marks):
                most, best = value, Found(quad, support)
    if best is None:
        return None
    quad = _refined(best.quad, planes[0])
    return Found(np.asarray(quad / scale, dtype=np.float32), best.support)


def _bytes(picture: Any) -> Picture:
    return np.asarray(picture, dtype=np.uint8)


def _planes(colour: Picture) -> list[Picture]:
    """Return the planes in which paper differs from a table: brightness, colourfulness turned over, blue against yellow."""
    lab = _bytes(cv2.cvtColor(colour, cv2.COLOR_BGR2LAB))
    spread = colour.max(axis=2).astype(np.int16) - colour.min(axis=2)
    plain = np.clip(255 - 2 * spread, 0, 255).astype(np.uint8)
    yellow = lab[:, :, 2].astype(np.float32)
    if np.ptp(yellow) > 12:
        yellow = (yellow - yellow.min()) * 255 / np.ptp(yellow)
    return [np.ascontiguousarray(lab[:, :, 0]), plain, _bytes(yellow)]


def _candidates(planes: list[Picture]) -> Iterator[Quad]:
    size = planes[0].shape
    kernel = np.ones((5, 5), np.uint8)
    for plane in planes:
        if np.ptp(plane) < 12:
            continue
        otsu, _ = cv2.threshold(plane, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        levels = {
            round(otsu),
            *(round(float(np.percentile(plane, part))) for part in (15, 25, 35, 50, 65, 80)),
        }
        for level in sorted(levels):
            for mode in (cv2.THRESH_BINARY, cv2.THRESH_BINARY_INV):
                _, mask = cv2.threshold(plane, level, 255, mode)
                mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel, iterations=3)
                yield from _quads(_bytes(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel, iterations=3)), size)
        for low, high in ((20, 60), (50, 150)):
            edges = _bytes(cv2.dilate(cv2.Canny(plane, low, high), kernel, iterations=2))
            yield from _quads(edges, size)
            yield from _quads(_bytes(255 - edges), size)


def _quads(mask: Picture, size: tuple[int, ...]) -> Iterator[Quad]:
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    large = [each for each in contours if cv2.contourArea(each) > _LEAST_AREA * size[0] * size[1]]
    for contour in sorted(large, key=cv2.contourArea, reverse=True)[:4]:
        hull = cv2.convexHull(contour)
        around = cv2.arcLength(hull, closed=True)
        for part in (0.015, 0.03, 0.05, 0.08):
            corners = cv2.approxPolyDP(hull, part * around, closed=True)
            if len(corners) == 4:
                yield ordered(corners.reshape(4, 2))
                break
        else:
            yield ordered(cv2.boxPoints(cv2.minAreaRect(hull)))


def _crossings(planes: list[Picture]) -> Iterator[Quad]:
    """Yield what the long straight edges of the picture enclose: a page whose brightness is that of the table."""
    light = planes[0]
    edges = cv2.Canny(light, 15, 45)
    least = min(light.shape) // 4
    lines = cv2.HoughLinesP(edges, 1, np.pi / 360, 60, minLineLength=least, maxLineGap=least // 4)
    if lines is None:
        return
    flat: list[tuple[float, ...]] = []
    steep: list[tuple[float, ...]] = []
    for x1, y1, x2, y2 in sorted(
        lines.reshape(-1, 4).tolist(), key=lambda e: -np.hypot(e[2] - e[0], e[3] - e[1])
    )[:40]:
        (flat if abs(x2 - x1) > abs(y2 - y1) else steep).append((x1, y1, x2, y2))
    flat, steep = _apart(flat, 1), _apart(steep, 0)
    for i, top in enumerate(flat):
        for bottom in flat[i + 1 :]:
            for j, left in enumerate(steep):
                for right in steep[j + 1 :]:
                    corners = [_cross(one, other) for one in (top, bottom) for other in (left, right)]
                    if all(each is not None for each in corners):
                        yield ordered(np.array(corners, dtype=np.float32))


def _apart(lines: list[tuple[float, ...]], axis: int) -> list[tuple[float, ...]]:
    """Return at most six lines, the longest first, none of which lies on another."""
    kept: list[tuple[float, ...]] = []
    for line in lines:
        middle = (line[axis] + line[axis + 2]) / 2
        if all(abs(middle - (one[axis] + one[axis + 2]) / 2) > 8 for one in kept):
            kept.append(line)
    return kept[:6]


def _cross(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, float] | None:
    x1, y1, x2, y2 = one
    x3, y3, x4, y4 = other
    below = (x1 - x2) * (y3 - y4) - (y1 - y2) * (x3 - x4)
    if below == 0:
        return None
    first, second = x1 * y2 - y1 * x2, x3 * y4 - y3 * x4
    return (first * (x3 - x4) - (x1 - x2) * second) / below, (first * (y3 - y4) - (y1 - y2) * second) / below


def ordered(corners: Any) -> Quad:
    """Return four corners from the top left clockwise."""
    points = np.asarray(corners, dtype=np.float32)
    middle = points.mean(axis=0)
    turned = points[np.argsort(np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0]))]
    return np.roll(turned, -int(np.argmin(turned.sum(axis=1))), axis=0)


def _judged(quad: Quad, planes: list[Picture]) -> tuple[float, float]:
    """Return the support of a candidate and its value, 0 for one that is no page."""
    height, width = planes[0].shape
    area = cv2.contourArea(quad) / (height * width)
    if area < _LEAST_AREA or not cv2.isContourConvex(quad.astype(np.int32)) or not _page_like(quad):
        return 0.0, 0.0
    margin = 0.03 * max(height, width)
    if (quad < -margin).any() or (quad[:, 0] > width + margin).any() or (quad[:, 1] > height + margin).any():
        return 0.0, 0.0
    if area > _WHOLE:
        return 0.0, 0.0
    sides = [max(_supported(quad[at], quad[(at + 1) % 4], plane) for plane in planes) for at in range(4)]
    if sum(_on_rim(quad[at], quad[(at + 1) % 4], (width, height)) for at in range(4)) > 1:
        return 0.0, 0.0
    support = float(np.mean(sides))
    if support < _LEAST_SUPPORT or min(sides) < _LEAST_SIDE:
        return support, 0.0
    return support, support**2 * (0.4 + 0.6 * area**0.5)


def _on_rim(start: Any, end: Any, size: tuple[int, int]) -> bool:
    """Say whether a side runs along the rim of the picture: two of them, and the picture is a scan or half a page."""
    middle = (start + end) / 2
    return bool(min(middle[0], middle[1], size[0] - middle[0], size[1] - middle[1]) < 4)


def _page_like(quad: Quad) -> bool:
    """Say whether the corners are near enough to right angles, and the sides near enough to each other, to be a sheet."""
    sides = np.roll(quad, -1, axis=0) - quad
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    if lengths.min() < 20:
        return False
    before = -np.roll(sides, 1, axis=0)
    cosines = (sides * before).sum(axis=1) / (lengths * np.roll(lengths, 1))
    opposite = max(
        lengths[0] / lengths[2], lengths[2] / lengths[0], lengths[1] / lengths[3], lengths[3] / lengths[1]
    )
    shape = max(lengths[0] + lengths[2], lengths[1] + lengths[3]) / min(
        lengths[0] + lengths[2], lengths[1] + lengths[3]
    )
    return bool(np.abs(cosines).max() < 0.72 and opposite < 2.2 and shape < 2.6)


def _supported(start: Any, end: Any, plane: Picture) -> float:
    """Return the part of a side along which the plane steps: other inside than outside, not merely crossed by a line."""
    height, width = plane.shape
    along = end - start
    length = float(np.hypot(*along))
    normal = np.array([-along[1], along[0]]) / max(length, 1.0)
    at = start + np.linspace(0.04, 0.96, _STEPS)[:, None] * along
    near = (at[:, 0] < 2) | (at[:, 1] < 2) | (at[:, 0] > width - 3) | (at[:, 1] > height - 3)
    inside, outside = _mean(at, normal, plane, (3, 5, 8)), _mean(at, -normal, plane, (3, 5, 8))
    step = inside - outside
    sign = 1.0 if np.median(step) >= 0 else -1.0
    away = (_mean(at, normal, plane, (20, 26)) - _mean(at, -normal, plane, (20, 26))) * sign
    if not near.all() and _is_fold_or_shadow(step[~near] * sign, away[~near]):
        return 0.0
    # Behind the rim of the picture nothing can be seen: such a part neither speaks for the side nor against it.
    good = np.where(near, 0.5, (step * sign > 5.0).astype(np.float64))
    return float(good.mean())


def _marks(light: Picture) -> Picture:
    """Return where something small is darker than its surroundings by a sixth or more, be they in shadow or not: 1 there, else 0."""
    around = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((11, 11), np.uint8))
    return _bytes((around.astype(np.int16) - light) * 6 > around)


def _parts_text(quad: Quad, marks: Picture) -> bool:
    """Say whether text stands up to a side on both sides of it: a page has margins, a fold or a shadow on it has none."""
    inside = _share(quad, marks)
    if inside < 0.01:
        return False
    middle = quad.mean(axis=0)
    for at in range(4):
        start, end = quad[at], quad[(at + 1) % 4]
        across = middle - (start + end) / 2
        near = [_share(np.array([start + across * a, end + across * a, end + across * b, start + across * b]), marks)
                for a, b in ((0.02, 0.12), (-0.12, -0.02))]  # fmt: skip
        if min(near) > _TEXT_GOES_ON * inside:
            return True
    return False


def _share(shape: Any, marks: Picture) -> float:
    """Return how much of a four-cornered part of the picture is marked."""
    mask = np.zeros(marks.shape, np.uint8)
    cv2.fillConvexPoly(mask, np.asarray(shape, np.float32).round().astype(np.int32), 1)
    return float(cv2.mean(marks, mask)[0])


def _is_fold_or_shadow(near: Any, away: Any) -> bool:
    """Say whether paper goes on behind a side: a fold is dark on the line alone, a shadow begins slowly."""
    there, beyond = float(np.median(near)), float(np.median(away))
    return beyond < 2.5 or there < 0.35 * beyond


def _mean(at: Any, normal: Any, plane: Picture, depths: tuple[int, ...]) -> Any:
    height, width = plane.shape
    total = np.zeros(len(at))
    for depth in depths:
        points = at + normal * depth
        x = np.clip(points[:, 0].round().astype(int), 0, width - 1)
        y = np.clip(points[:, 1].round().astype(int), 0, height - 1)
        total += plane[y, x]
    return total / len(depths)


def _refined(quad: Quad, light: Picture) -> Quad:
    """Return the corners where lines through the strongest steps near each side cross."""
    sides = []
    for at in range(4):
        line = _fitted(quad[at], quad[(at + 1) % 4], light)
        if line is None:
            return quad
        sides.append(line)
    corners = [_cross(sides[at - 1], sides[at]) for at in range(4)]
    if any(each is None for each in corners):
        return quad
    made = np.array(corners, dtype=np.float32)
    return made if float(np.abs(made - quad).max()) < 14 else quad


def _fitted(start: Any, end: Any, light: Picture) -> tuple[Any, ...] | None:
    along = end - start
    length = float(np.hypot(*along))
    normal = np.array([-along[1], along[0]]) / max(length, 1.0)
    at = start + np.linspace(0.06, 0.94, _STEPS)[:, None] * along
    depths = np.arange(-7, 8)
    values = np.stack([_mean(at + normal * depth, normal, light, (0,)) for depth in depths], axis=1)
    steps = np.abs(values[:, 2:] - values[:, :-2])
    strongest = steps.argmax(axis=1)
    strong = steps[np.arange(len(at)), strongest] > 8
    if strong.sum() < _STEPS // 4:
        return (*start, *end)
    points = (at + normal * depths[strongest + 1][:, None])[strong].astype(np.float32)
    dx, dy, x, y = cv2.fitLine(points, cv2.DIST_HUBER, 0, 0.01, 0.01).ravel().tolist()
    return (x - dx * 100, y - dy * 100, x + dx * 100, y + dy * 100)
