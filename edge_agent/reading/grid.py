"""Lays the grid of a code over a picture, bends it to fit, and reads each module with how sure it is.

The grid starts straight from two or three finders and is bent by least squares (Gauss-Newton on a polynomial map) until
the code as read so far, drawn anew, looks like the picture: paper on a bottle or in a warm hand is never flat.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_agent.reading.finders import Place
from edge_agent.reading.symbol import UNKNOWN, Bits, fixed, size

Gray = NDArray[np.uint8]
Field = NDArray[np.float32]

#: Samples per module in each direction.
FINE = 4
#: Light modules laid round the code while it is fitted.
RIM = 2
#: Highest power of the polynomial map, how many terms it has then, and up to which power each round bends it.
LARGEST_POWER, TERMS = 3, 10
#: A bend is found from each second sample in each direction.
SPARSE = 2
#: After so many rounds at least this part of the fixed patterns must be right.
TRIAL, LEAST_FIT = 3, 0.72
#: Square patches of one colour, by side in modules, and what is left of their sureness: the larger, the less by chance.
ALIKE = ((3, 0.6), (4, 0.3), (5, 0.2), (6, 0.1))
ROUNDS = (1, 1, 2, 2, 2, 3, 3, 3)


class Modules(NamedTuple):
    """The modules as read: 1 dark; how sure each is, from 0 to 1; the part of the fixed patterns that is right."""

    bits: Bits
    sure: Field
    fit: float


@lru_cache(maxsize=32)
def _basis(version: int) -> Field:
    """Value of each term of the polynomial at each sample: samples x terms."""
    n = size(version)
    at = ((np.arange((n + 2 * RIM) * FINE) + 0.5) / FINE - RIM) / n * 2 - 1
    u, v = np.meshgrid(at, at)
    terms = [u**i * v**j for total in range(LARGEST_POWER + 1) for j in range(total + 1) for i in [total - j]]
    return np.stack([term.ravel() for term in terms], axis=1).astype(np.float32)


class _Grid:
    """A map from modules to the picture, with the picture's slopes."""

    def __init__(self, picture: Gray, place: Place) -> None:
        self.version = place.version
        self.side = (size(place.version) + 2 * RIM) * FINE
        module = float(np.hypot(*place.across) + np.hypot(*place.down)) / 2
        self.soft = _field(cv2.GaussianBlur(picture, (0, 0), max(0.8, 0.25 * module)))
        self.sharp = picture.astype(np.float32)
        self.slopes = [
            _field(cv2.Sobel(self.soft, cv2.CV_32F, *way, scale=1 / 8)) for way in ((1, 0), (0, 1))
        ]
        half = size(place.version) / 2
        lean = half * half * place.skew
        middle = place.origin + half * (place.across + place.down) + lean
        straight = [middle, half * place.across + lean, half * place.down + lean]
        self.terms = np.zeros((TERMS, 2))
        self.terms[:3], self.terms[4] = straight, lean  # 1, u, v; then u*u, u*v, v*v and the cubes
        self.settle()

    def settle(self) -> None:
        """Compute where each sample lies, after the terms have changed."""
        xy = _basis(self.version) @ self.terms.astype(np.float32)
        self.xy = (
            np.ascontiguousarray(xy[:, 0]).reshape(self.side, -1),
            np.ascontiguousarray(xy[:, 1]).reshape(self.side, -1),
        )

    def look(self, picture: Field, every: int = 1) -> Field:
        """The picture at the samples, or at each `every`th one."""
        x, y = (np.ascontiguousarray(part[::every, ::every]) for part in self.xy)
        return _field(cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

    def step(self, seen: Field, ideal: Field, weight: Field, power: int) -> None:
        """One least-squares step of the terms up to `power` towards `ideal`, in units of half the local contrast."""
        mid, reach = levels(seen)
        miss = ((seen - mid) / reach - ideal)[::SPARSE, ::SPARSE]
        near = reach[::SPARSE, ::SPARSE]
        terms = (power + 1) * (power + 2) // 2
        basis = _basis(self.version).reshape(self.side, self.side, -1)[::SPARSE, ::SPARSE, :terms]
        slopes = [(self.look(slope, SPARSE) / near)[:, :, None] for slope in self.slopes]
        columns = np.concatenate([slope * basis for slope in slopes], axis=2).reshape(-1, 2 * terms)
        trust = (weight[::SPARSE, ::SPARSE] / (1 + (miss / 0.7) ** 2) ** 2).reshape(-1, 1)
        normal = columns.T @ (columns * trust)
        normal[np.diag_indices_from(normal)] *= 1.001
        normal[np.diag_indices_from(normal)] += 1e-3
        change = np.linalg.solve(normal.astype(np.float64), -(columns * trust).T @ miss.reshape(-1))
        self.terms[:terms] += change.reshape(2, -1).T
        self.settle()


def _field(values: Any) -> Field:
    return np.asarray(values, dtype=np.float32)


def levels(seen: Field) -> tuple[Field, Field]:
    """The middle between local dark and light, and half of what lies between them."""
    small = cv2.resize(seen, None, fx=1 / FINE, fy=1 / FINE, interpolation=cv2.INTER_AREA)
    around = np.ones((7, 7), np.uint8)
    light, dark = (_field(cv2.blur(change(small, around), (7, 7))) for change in (cv2.dilate, cv2.erode))
    half = (light - dark) / 2
    floor = max(4.0, 0.3 * float(np.median(half)))
    back = (seen.shape[1], seen.shape[0])
    mid = cv2.resize((light + dark) / 2, back, interpolation=cv2.INTER_LINEAR)
    reach = cv2.resize(np.maximum(half, floor), back, interpolation=cv2.INTER_LINEAR)
    return _field(mid), _field(reach)


def _values(seen: Field) -> Field:
    """Each module's brightness in units of half the local contrast, without the rim: -1 dark, 1 light."""
    mid, reach = levels(seen)
    core = cv2.blur((seen - mid) / reach, (2, 2))[FINE // 2 :: FINE, FINE // 2 :: FINE]
    return _field(core[RIM:-RIM, RIM:-RIM])


def _ideal(values: Field, version: int) -> tuple[Field, Field]:
    """The code as read so far drawn anew, -1 dark and 1 light, and how much each sample counts."""
    known = fixed(version)
    is_fixed = known != UNKNOWN
    drawn = np.where(is_fixed, 1.0 - 2.0 * known, np.sign(values))
    counts = np.where(is_fixed, 3.0, np.clip(np.abs(values) * 2 - 0.6, 0, 1))
    picture = np.pad(drawn, RIM, constant_values=1.0)
    weight = np.pad(counts, RIM, constant_values=0.3)
    block = np.ones((FINE, FINE), dtype=np.float32)
    large = cv2.GaussianBlur(np.kron(picture, block).astype(np.float32), (0, 0), 0.3 * FINE)
    return np.asarray(large, dtype=np.float32), np.kron(weight, block).astype(np.float32)


def read(picture: Gray, place: Place) -> Modules | None:
    """Read the code of `place` in `picture`; nothing when it soon shows that it is not there."""
    grid = _Grid(picture, place)
    for turn, power in enumerate(ROUNDS):
        seen = grid.look(grid.soft)
        values = _values(seen)
        if turn == TRIAL and _fit(values, place.version) < LEAST_FIT:
            return None
        grid.step(seen, *_ideal(values, place.version), power)
    seen = grid.look(grid.sharp)
    values = _values(seen)
    bits = (values < 0).astype(np.uint8)
    return Modules(bits, _sure(values, bits, seen), _fit(values, place.version))


def _fit(values: Field, version: int) -> float:
    known = fixed(version)
    return float(((values < 0) == known)[known != UNKNOWN].mean())


def _sure(values: Field, bits: Bits, seen: Field) -> Field:
    """How far from the middle, less where light blinds the camera and where a whole patch has one colour."""
    sure = np.clip(np.abs(values), 0, 1)
    raw = cv2.resize(seen, None, fx=1 / FINE, fy=1 / FINE, interpolation=cv2.INTER_AREA)[RIM:-RIM, RIM:-RIM]
    paper = float(np.median(raw[bits == 0])) if (bits == 0).any() else 255.0
    if paper < 244:
        sure = np.where(raw > max(250.0, paper + 8), 0.05 * sure, sure)
    for side, share in ALIKE:
        patches = cv2.boxFilter(bits.astype(np.float32), -1, (side, side), normalize=True, anchor=(0, 0))
        alike = ((patches < 1e-3) | (patches > 1 - 1e-3)).astype(np.uint8)
        spread = cv2.dilate(alike, np.ones((side, side), np.uint8), anchor=(side - 1, side - 1))
        sure = np.where(spread > 0, share * sure, sure)
    return np.asarray(sure, dtype=np.float32)
