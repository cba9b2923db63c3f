"""Synthetic 1080p camera frames of damaged QR codes, and frames without a code; every frame follows from its seed.

`coded(kind, level, long, seed)` returns a gray (1080, 1920) uint8 frame and the text in its code.
"""

from __future__ import annotations

import math
import string
from collections.abc import Callable

import cv2
import numpy as np
import segno
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Rng = np.random.Generator
HEIGHT, WIDTH = 1080, 1920
LEVELS = ("L", "M", "Q", "H")
ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_."


def payload(rng: Rng, *, long: bool) -> str:
    """20 characters as a typed appointment code would have, or 124 as a signed token."""
    return "".join(rng.choice(list(ALPHABET), 124 if long else 20))


def code(text: str, level: str, module: int) -> Gray:
    """The code at `module` pixels per module with a quiet zone of four modules, ink 30 on paper 225."""
    made = segno.make(text, error=level, micro=False, boost_error=False)
    bits = np.array([[0 if bit else 1 for bit in row] for row in made.matrix], dtype=np.uint8)
    tile = np.kron(np.pad(bits, 4, constant_values=1), np.ones((module, module), dtype=np.uint8))
    return np.where(tile == 1, 225, 30).astype(np.uint8)


def background(rng: Rng) -> Gray:
    """A desk: soft light, a few boxes, lines of something like print."""
    small = rng.integers(60, 200, (5, 8)).astype(np.uint8)
    scene = cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    for _ in range(12):
        x, y = int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT))
        corner = (x + int(rng.integers(20, 500)), y + int(rng.integers(20, 300)))
        cv2.rectangle(scene, (x, y), corner, int(rng.integers(20, 240)), int(rng.choice([-1, 2, 5])))
    for _ in range(25):
        at = (int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT)))
        word = payload(rng, long=False)
        cv2.putText(
            scene,
            word,
            at,
            cv2.FONT_HERSHEY_SIMPLEX,
            float(rng.uniform(0.4, 1.6)),
            int(rng.integers(0, 90)),
            2,
        )
    return np.asarray(scene, dtype=np.uint8)


def _corners(rng: Rng, side: float, tilt: float, turn: float) -> NDArray[np.float32]:
    """Where the tile's corners fall: turned in the plane by `turn`, tilted out of it by `tilt` degrees, somewhere in the frame."""
    half = side / 2
    flat = np.array([[-half, -half, 0], [half, -half, 0], [half, half, 0], [-half, half, 0]])
    t, a, ax = math.radians(turn), math.radians(tilt), float(rng.uniform(0, 2 * math.pi))
    plane = np.array([[math.cos(t), -math.sin(t), 0], [math.sin(t), math.cos(t), 0], [0, 0, 1]])
    k = np.array([math.cos(ax), math.sin(ax), 0.0])
    cross = np.array([[0, -k[2], k[1]], [k[2], 0, -k[0]], [-k[1], k[0], 0]])
    lean = np.eye(3) + math.sin(a) * cross + (1 - math.cos(a)) * cross @ cross
    solid = flat @ plane.T @ lean.T
    depth = 1400.0
    points = solid[:, :2] * (depth / (depth + solid[:, 2]))[:, None]
    reach = np.abs(points).max(axis=0) + 10
    centre = np.array([rng.uniform(reach[0], WIDTH - reach[0]), rng.uniform(reach[1], HEIGHT - reach[1])])
    return np.asarray(points + centre, dtype=np.float32)


def place(
    rng: Rng, tile: Gray, *, scale: float = 1.0, tilt: float = 0.0, turn: float = 0.0
) -> tuple[Gray, NDArray[np.float32]]:
    """The tile laid into a scene; returns the frame and the four corners of the tile in it."""
    side = tile.shape[0]
    corners = _corners(rng, min(side * scale, 980), tilt, turn)
    ends = np.array([[0, 0], [side, 0], [side, side], [0, side]], dtype=np.float32)
    mapping = cv2.getPerspectiveTransform(ends, corners)
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    laid = cv2.warpPerspective(tile, mapping, (WIDTH, HEIGHT), flags=flags)
    mask = cv2.warpPerspective(np.full_like(tile, 255), mapping, (WIDTH, HEIGHT), flags=flags)
    frame = np.where(mask > 127, laid, background(rng))
    return np.asarray(frame, dtype=np.uint8), corners


def sensor(rng: Rng, frame: Gray, noise: float = 4.0, quality: int = 85) -> Gray:
    """What a cheap camera adds: noise (standard deviation in gray levels) and JPEG blocks."""
    noisy = frame.astype(np.float32) + rng.normal(0, noise, frame.shape).astype(np.float32)
    clipped = np.clip(noisy, 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", clipped, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def blur(frame: Gray, sigma: float) -> Gray:
    return np.asarray(cv2.GaussianBlur(frame, (0, 0), sigma), dtype=np.uint8)


def smear(frame: Gray, length: float, angle: float) -> Gray:
    """Motion over `length` pixels in the direction `angle` degrees."""
    size = int(length) | 1
    kernel = np.zeros((size, size), dtype=np.float32)
    reach = (size - 1) / 2
    step = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))]) * reach
    mid = np.array([reach, reach])
    start, stop = (tuple(int(v) for v in np.rint(mid + sign * step)) for sign in (-1, 1))
    cv2.line(kernel, start, stop, 1.0, 1)
    return np.asarray(cv2.filter2D(frame, -1, kernel / kernel.sum()), dtype=np.uint8)


def dim(frame: Gray, gain: float, base: float = 12) -> Gray:
    return np.clip(frame.astype(np.float32) * gain + base, 0, 255).astype(np.uint8)


def glare(rng: Rng, frame: Gray, corners: NDArray[np.float32], share: float) -> Gray:
    """A soft-edged lamp reflection whose white part covers about `share` of the code."""
    side = float(np.linalg.norm(corners[0] - corners[1]))
    at = corners.mean(axis=0) + rng.uniform(-0.4, 0.4, 2) * side
    radius = side * math.sqrt(share / math.pi)
    spot = np.zeros(frame.shape, dtype=np.float32)
    axes = (int(radius * rng.uniform(0.8, 1.6)) + 1, int(radius * rng.uniform(0.6, 1.0)) + 1)
    cv2.ellipse(spot, tuple(int(v) for v in at), axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1)
    spot = cv2.GaussianBlur(spot, (0, 0), max(2.0, radius * 0.35))
    return np.clip(frame + 420 * spot, 0, 255).astype(np.uint8)


def dirt(rng: Rng, tile: Gray, share: float) -> Gray:
    """Blots, scratches and a fold over about `share` of the printed code itself, quiet zone left clean or not."""
    worn = tile.copy()
    side = worn.shape[0]
    covered, goal = 0.0, share * side * side
    while covered < goal:
        radius = int(rng.uniform(0.015, 0.06) * side) + 1
        at = (int(rng.integers(0, side)), int(rng.integers(0, side)))
        cv2.ellipse(
            worn,
            at,
            (radius, max(1, radius // 2)),
            float(rng.uniform(0, 180)),
            0,
            360,
            int(rng.choice([25, 110, 235])),
            -1,
        )
        covered += math.pi * radius * radius / 2
    for _ in range(3):
        ends = rng.integers(0, side, 4)
        cv2.line(
            worn,
            (int(ends[0]), int(ends[1])),
            (int(ends[2]), int(ends[3])),
            int(rng.choice([40, 230])),
            max(1, side // 150),
        )
    return worn


def curl(rng: Rng, tile: Gray, angle: float) -> Gray:
    """The tile on a cylinder, seen from the front; `angle` is the half angle it wraps round, in degrees."""
    side = tile.shape[0]
    half, a = (side - 1) / 2, math.radians(angle)
    u = np.linspace(-math.sin(a), math.sin(a), side)
    along = (np.arcsin(u) / a * half + half).astype(np.float32)
    rise = ((np.cos(np.arcsin(u)) - math.cos(a)) * half * float(rng.uniform(0.0, 0.35))).astype(np.float32)
    xs = np.tile(along, (side, 1))
    ys = np.tile(np.arange(side, dtype=np.float32)[:, None], (1, side)) + rise[None, :]
    bent = cv2.remap(tile, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=225)
    return np.asarray(np.rot90(bent, int(rng.integers(0, 4))), dtype=np.uint8)


Scene = Callable[[Rng, Gray, int], Gray]


def _rotation(rng: Rng, tile: Gray, m: int) -> Gray:
    return sensor(rng, place(rng, tile, turn=rng.uniform(0, 360))[0])


def _perspective(rng: Rng, tile: Gray, m: int) -> Gray:
    return sensor(rng, place(rng, tile, tilt=rng.uniform(30, 60), turn=rng.uniform(0, 360))[0])


def _blur(rng: Rng, tile: Gray, m: int) -> Gray:
    return sensor(rng, blur(place(rng, tile, turn=rng.uniform(0, 360))[0], m * rng.uniform(0.35, 0.8)))


def _motion(rng: Rng, tile: Gray, m: int) -> Gray:
    frame = place(rng, tile, turn=rng.uniform(-20, 20))[0]
    return sensor(rng, smear(frame, m * rng.uniform(1.0, 2.5), rng.uniform(0, 180)))


def _lowlight(rng: Rng, tile: Gray, m: int) -> Gray:
    frame = place(rng, tile, turn=rng.uniform(0, 360))[0]
    return sensor(rng, dim(frame, rng.uniform(0.05, 0.2)), noise=rng.uniform(4, 10), quality=80)


def _glare(rng: Rng, tile: Gray, m: int) -> Gray:
    frame, corners = place(rng, tile, turn=rng.uniform(0, 360))
    return sensor(rng, glare(rng, frame, corners, rng.uniform(0.03, 0.15)))


def _small(rng: Rng, tile: Gray, m: int) -> Gray:
    frame = place(rng, tile, scale=rng.uniform(1.4, 2.6) / m, turn=rng.uniform(0, 360))[0]
    return sensor(rng, blur(frame, 0.5))


def _inverted(rng: Rng, tile: Gray, m: int) -> Gray:
    return sensor(rng, blur(place(rng, 255 - tile, turn=rng.uniform(0, 360))[0], m * rng.uniform(0.1, 0.4)))


def _dirt(rng: Rng, tile: Gray, m: int) -> Gray:
    return sensor(rng, place(rng, dirt(rng, tile, rng.uniform(0.01, 0.06)), turn=rng.uniform(0, 360))[0])


def _curved(rng: Rng, tile: Gray, m: int) -> Gray:
    return sensor(rng, place(rng, curl(rng, tile, rng.uniform(20, 65)), turn=rng.uniform(0, 360))[0])


def _combined(rng: Rng, tile: Gray, m: int) -> Gray:
    worn = dirt(rng, tile, rng.uniform(0.0, 0.02))
    frame = place(rng, worn, scale=rng.uniform(0.5, 1.0), tilt=rng.uniform(15, 40), turn=rng.uniform(0, 360))[
        0
    ]
    frame = dim(blur(frame, m * rng.uniform(0.15, 0.3)), rng.uniform(0.2, 0.6))
    return sensor(rng, frame, noise=6, quality=75)


KINDS: dict[str, Scene] = {
    "rotation": _rotation, "perspective": _perspective, "blur": _blur, "motion": _motion, "low light": _lowlight, "glare": _glare,
    "small": _small, "inverted": _inverted, "dirt": _dirt, "curved": _curved, "combined": _combined,
}  # fmt: skip


def coded(kind: str, level: str, seed: int, *, long: bool) -> tuple[Gray, str]:
    """One damaged code in one frame, and its text."""
    rng = np.random.default_rng([seed, list(KINDS).index(kind), LEVELS.index(level), int(long)])
    text = payload(rng, long=long)
    module = int(rng.integers(5, 11))
    return KINDS[kind](rng, code(text, level, module), module), text


def empty(seed: int) -> Gray:
    """A frame with no code: every second one has checkered and barred patterns, which look like codes to a locator."""
    rng = np.random.default_rng([seed, 99])
    frame = background(rng)
    if seed % 2:
        cells = rng.integers(0, 2, (40, 40)).astype(np.uint8) * 190 + 30
        patch = cv2.resize(cells, (480, 480), interpolation=cv2.INTER_NEAREST)
        frame[200:680, 300:780] = patch
    return sensor(rng, blur(frame, float(rng.uniform(0.3, 2.0))))
