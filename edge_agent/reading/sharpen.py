"""Pictures of the same code made clearer in different ways. Pure: gray in, gray out, 8 bits each.

A hall camera has a fixed lens and people hold a paper in their hand, so the two faults that cost most readings are
defocus and motion. Both are known filters once their width is guessed, and are undone by Wiener deconvolution.
"""

import math
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Spectrum = NDArray[np.float32]

#: Side of the square on which deconvolution works: 25 to 61 modules get 6 to 14 pixels each.
SQUARE = 384


def clahe(gray: Gray, tiles: int = 8) -> Gray:
    """Even out contrast locally: shadows, dim light."""
    return np.asarray(cv2.createCLAHE(3.0, (tiles, tiles)).apply(gray), dtype=np.uint8)


def unsharp(gray: Gray, sigma: float, amount: float) -> Gray:
    """Take away `amount` times the blur of `sigma` pixels."""
    soft = cv2.GaussianBlur(gray, (0, 0), sigma)
    return np.asarray(cv2.addWeighted(gray, 1 + amount, soft, -amount, 0), dtype=np.uint8)


def resized(gray: Gray, factor: float) -> Gray:
    """Scale both sides by `factor`."""
    how = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(gray, None, fx=factor, fy=factor, interpolation=how), dtype=np.uint8)


def flattened(gray: Gray) -> Gray:
    """Divide by the paper's own brightness: lamp spots and shadows."""
    small = resized(gray, 0.25)
    paper = cv2.GaussianBlur(cv2.dilate(small, np.ones((11, 11), np.uint8)), (0, 0), 4)
    paper = cv2.resize(paper, (gray.shape[1], gray.shape[0]))
    return np.asarray(cv2.divide(gray, paper, scale=230), dtype=np.uint8)


def stretched(gray: Gray, degrees: float, factor: float) -> Gray:
    """Draw out by `factor` along a direction: undoes the foreshortening of a code held at a sharp angle."""
    height, width = gray.shape
    way = np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])
    matrix = (np.eye(2) + (factor - 1) * np.outer(way, way)) / factor**0.25
    corners = matrix @ np.array([[0, width, width, 0], [0, 0, height, height]], dtype=float)
    least = corners.min(axis=1)
    wide, high = (math.ceil(side) for side in corners.max(axis=1) - least)
    mapping = np.hstack([matrix, -least[:, None]])
    drawn = cv2.warpAffine(
        gray, mapping, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(drawn, dtype=np.uint8)


def square(gray: Gray) -> Gray:
    """Fit into SQUARE x SQUARE, at most four times enlarged, the edge colours continued."""
    height, width = gray.shape
    factor = min(4.0, (SQUARE - 24) / max(height, width))
    scaled = resized(gray, factor)
    below, right = SQUARE - scaled.shape[0] - 12, SQUARE - scaled.shape[1] - 12
    return np.asarray(cv2.copyMakeBorder(scaled, 12, below, 12, right, cv2.BORDER_REPLICATE), dtype=np.uint8)


def spectrum(picture: Gray) -> NDArray[np.complex64]:
    """Fourier transform of a `square`."""
    return np.fft.rfft2(picture.astype(np.float32)).astype(np.complex64)


def undone(transform: NDArray[np.complex64], fault: Spectrum, noise: float) -> Gray:
    """Wiener deconvolution: the picture before `fault`, where `noise` is the ratio of noise to signal power."""
    factor = fault / (fault * fault + np.float32(noise))
    plain = np.fft.irfft2(transform * factor, (SQUARE, SQUARE))
    return np.clip(plain, 0, 255).astype(np.uint8)


def _frequencies() -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    return np.fft.fftfreq(SQUARE)[:, None], np.fft.rfftfreq(SQUARE)[None, :]


@lru_cache(maxsize=64)
def defocus(sigma: float) -> Spectrum:
    """Transfer of a soft blur of `sigma` pixels."""
    fy, fx = _frequencies()
    return np.asarray(np.exp(-2 * (math.pi * sigma) ** 2 * (fx * fx + fy * fy)), dtype=np.float32)


@lru_cache(maxsize=64)
def disc(radius: float) -> Spectrum:
    """Transfer of an open lens out of focus: a disc of `radius` pixels."""
    reach = math.ceil(radius) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    spot = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    full = np.zeros((SQUARE, SQUARE))
    full[: spot.shape[0], : spot.shape[1]] = spot / spot.sum()
    centred = np.roll(full, (-reach, -reach), (0, 1))
    return np.asarray(np.fft.rfft2(centred).real, dtype=np.float32)


@lru_cache(maxsize=64)
def motion(length: float, degrees: float) -> Spectrum:
    """Transfer of a straight movement over `length` pixels."""
    fy, fx = _frequencies()
    along = fx * math.cos(math.radians(degrees)) + fy * math.sin(math.radians(degrees))
    return np.asarray(np.sinc(length * along) * defocus(0.7), dtype=np.float32)
