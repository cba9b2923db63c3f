"""The layout of a QR code (ISO/IEC 18004:2015): which module is a fixed pattern, where each codeword lies, format, blocks.

Matrices are square arrays of 0 (light) and 1 (dark). The tables of alignment patterns, blocks and format words are segno's.
"""

from functools import lru_cache
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from segno import consts

Bits = NDArray[np.uint8]
Index = NDArray[np.intp]

#: Largest version mended here (version 15: 77 modules); larger ones are not printed on slips.
LARGEST = 15
UNKNOWN = 2
_BLOCKS = cast("dict[int, dict[int, tuple[Any, ...]]]", consts.ECC)
#: Most wrong bits among the 2 x 15 of the format (each copy by itself can be told with 3 wrong).
_FORMAT_FAULTS = 6
_MASKS = (
    lambda i, j: (i + j) % 2, lambda i, j: i % 2 + 0 * j, lambda i, j: j % 3 + 0 * i, lambda i, j: (i + j) % 3,
    lambda i, j: (i // 2 + j // 3) % 2, lambda i, j: i * j % 2 + i * j % 3, lambda i, j: (i * j % 2 + i * j % 3) % 2,
    lambda i, j: ((i + j) % 2 + i * j % 3) % 2,
)  # fmt: skip


class Format(NamedTuple):
    """Level of error correction as segno counts it (L 1, M 0, Q 3, H 2), number of the mask."""

    level: int
    mask: int


def size(version: int) -> int:
    """Modules on a side."""
    return 17 + 4 * version


def _finder() -> Bits:
    rings = np.maximum(*np.abs(np.mgrid[-4:5, -4:5]))
    return np.isin(rings, (0, 1, 3)).astype(np.uint8)


@lru_cache(maxsize=LARGEST)
def fixed(version: int) -> Bits:
    """The fixed patterns of a version; UNKNOWN where data, format or version stand."""
    n = size(version)
    grid = np.full((n, n), UNKNOWN, dtype=np.uint8)
    finder = _finder()
    grid[6, 8:-8] = grid[8:-8, 6] = (np.arange(8, n - 8) + 1) % 2
    grid[:8, :8], grid[:8, -8:], grid[-8:, :8] = finder[1:, 1:], finder[1:, :-1], finder[:-1, 1:]
    grid[n - 8, 8] = 1
    if version > 1:
        ring = np.maximum(*np.abs(np.mgrid[-2:3, -2:3])) != 1
        places = consts.ALIGNMENT_POS[version - 2]
        corners = {(6, 6), (6, n - 7), (n - 7, 6)}
        for i, j in ((i, j) for i in places for j in places if (i, j) not in corners):
            grid[i - 2 : i + 3, j - 2 : j + 3] = ring
    grid.flags.writeable = False
    return grid


@lru_cache(maxsize=LARGEST)
def format_places(version: int) -> Index:
    """Row and column of both copies of the 15 format bits, from the lowest: 2 x 15 x 2."""
    n = size(version)
    first = [(i, 8) for i in (0, 1, 2, 3, 4, 5, 7, 8)] + [(8, j) for j in (7, 5, 4, 3, 2, 1, 0)]
    second = [(8, n - 1 - i) for i in range(8)] + [(n - 7 + i, 8) for i in range(7)]
    return np.array([first, second])


@lru_cache(maxsize=LARGEST)
def data_places(version: int) -> Index:
    """Row and column of each bit of the message in reading order: two columns wide, up and down, from the right."""
    n = size(version)
    free = fixed(version) == UNKNOWN
    free[tuple(format_places(version).reshape(-1, 2).T)] = False
    if version >= 7:
        free[:6, n - 11 : n - 8] = free[n - 11 : n - 8, :6] = False
    places = []
    for turn, right in enumerate([*range(n - 1, 6, -2), 5, 3, 1]):
        rows = range(n) if turn % 2 else range(n - 1, -1, -1)
        places += [(i, j) for i in rows for j in (right, right - 1) if free[i, j]]
    return np.array(places)


def mask(version: int, number: int) -> Bits:
    """1 where the mask turns a module over."""
    i, j = np.mgrid[: size(version), : size(version)]
    return np.asarray(_MASKS[number](i, j) == 0, dtype=np.uint8)


def format_of(bits: Bits, version: int) -> Format | None:
    """Tell level and mask from both copies; nothing when neither fits."""
    seen = bits[tuple(format_places(version).reshape(-1, 2).T)].reshape(2, 15)
    words = (np.array(consts.FORMAT_INFO)[:, None] >> np.arange(15)) & 1
    faults = (words[:, None, :] != seen[None]).sum(axis=(1, 2))
    best = int(faults.argmin())
    if faults[best] > _FORMAT_FAULTS:
        return None
    return Format(best >> 3, best & 7)


def blocks(version: int, level: int) -> list[tuple[Index, int]]:
    """Positions of each block's codewords in the message, and how many of them are data."""
    lengths = [
        (info.num_data, info.num_total) for info in _BLOCKS[version][level] for _ in range(info.num_blocks)
    ]
    members: list[list[int]] = [[] for _ in lengths]
    at = 0
    for row in range(max(data for data, _ in lengths)):
        for block, (data, _) in enumerate(lengths):
            if row < data:
                members[block].append(at)
                at += 1
    for _ in range(lengths[0][1] - lengths[0][0]):
        for block in range(len(lengths)):
            members[block].append(at)
            at += 1
    return [(np.array(places), data) for places, (data, _) in zip(members, lengths, strict=True)]
