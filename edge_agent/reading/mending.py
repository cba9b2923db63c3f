"""Reads what zxing-cpp gave up on: modules by `grid`, words put right with erasures, the mended code drawn anew.

The text itself is always read by zxing-cpp, from the mended drawing, so there is one place that knows encodings.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from segno import consts

from edge_agent.reading import grid, symbol
from edge_agent.reading.finders import places
from edge_agent.reading.reed_solomon import chance, correct

Gray = NDArray[np.uint8]

#: Least part of the fixed patterns that must be right before a word is looked at.
LEAST_FIT = 0.86
#: From here on it is surely this place, and the other guesses are not worth their time.
CERTAIN_FIT = 0.93
#: Largest chance, as a power of 2, that a block of random words would have passed: one wrong reading in a million tries
#: of a picture that already shows finders, timing lines and a format.
LARGEST_CHANCE = -20.0


def mended(picture: Gray) -> Iterator[Gray | None]:
    """Yield clean drawings of the codes in a damaged `picture` whose words could be put right beyond doubt.

    Yields nothing in between, so that who asks can look at the clock.
    """
    likely = places(picture)
    yield None
    for place in likely:
        modules = grid.read(picture, place)
        if modules is None or modules.fit < LEAST_FIT:
            yield None
            continue
        yield _drawn(modules, place.version)
        if modules.fit > CERTAIN_FIT:
            return


def _drawn(modules: grid.Modules, version: int) -> Gray | None:
    form = symbol.format_of(modules.bits, version)
    if form is None:
        return None
    order = tuple(symbol.data_places(version).T)
    bits = (modules.bits ^ symbol.mask(version, form.mask))[order]
    total = len(bits) // 8
    words = np.packbits(bits[: total * 8])
    sure = modules.sure[order][: total * 8].reshape(total, 8).min(axis=1)
    for at, data in symbol.blocks(version, form.level):
        right = _put_right(words[at].tolist(), sure[at], len(at) - data)
        if right is None:
            return None
        words[at] = right
    bits[: total * 8] = np.unpackbits(words)
    return _picture(bits, version, form)


def _put_right(words: list[int], sure: NDArray[np.float32], checks: int) -> list[int] | None:
    """Correct one block, with ever more of its least sure words taken as unknown."""
    doubtful = np.argsort(sure)
    for erased in range(0, checks, 2):
        result = correct(words, checks, doubtful[:erased].tolist())
        if result and chance(len(words), checks, erased, result.errors) <= LARGEST_CHANCE:
            return result.words
    return None


def _picture(bits: NDArray[np.uint8], version: int, form: symbol.Format) -> Gray:
    matrix = symbol.fixed(version).copy()
    matrix[tuple(symbol.data_places(version).T)] = bits
    matrix ^= symbol.mask(version, form.mask) & _movable(version)
    word = consts.FORMAT_INFO[form.level << 3 | form.mask]
    copies = tuple(symbol.format_places(version).reshape(-1, 2).T)
    matrix[copies] = np.tile((word >> np.arange(15)) & 1, 2)
    if version >= 7:
        number = (consts.VERSION_INFO[version - 7] >> np.arange(18)) & 1
        patch = number.reshape(6, 3).astype(np.uint8)
        at = symbol.size(version) - 11
        matrix[:6, at : at + 3], matrix[at : at + 3, :6] = patch, patch.T
    paper = np.pad(1 - matrix, 4, constant_values=1).astype(np.uint8) * 255
    return np.kron(paper, np.ones((4, 4), dtype=np.uint8))


def _movable(version: int) -> NDArray[np.uint8]:
    free = np.zeros_like(symbol.fixed(version))
    free[tuple(symbol.data_places(version).T)] = 1
    return free
