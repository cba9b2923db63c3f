"""The layout of a QR code, held against codes that segno draws."""

import numpy as np
import pytest
import segno

from edge_agent.reading import symbol
from edge_agent.reading.reed_solomon import correct

LEVELS = {"L": 1, "M": 0, "Q": 3, "H": 2}
every_version = pytest.mark.parametrize("version", range(1, symbol.LARGEST + 1))


def drawn(version: int, level: str = "M", mask: int | None = None) -> symbol.Bits:
    made = segno.make("7", version=version, error=level, mask=mask, micro=False, boost_error=False)
    return np.array([list(row) for row in made.matrix], dtype=np.uint8)


@every_version
def test_fixed_patterns_stand_where_the_standard_puts_them(version: int) -> None:
    bits, known = drawn(version), symbol.fixed(version)
    assert bits.shape == known.shape == (symbol.size(version),) * 2
    assert (bits == known)[known != symbol.UNKNOWN].all()


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("mask", range(8))
def test_level_and_mask_are_told_by_the_format(level: str, mask: int) -> None:
    assert symbol.format_of(drawn(3, level, mask), 3) == (LEVELS[level], mask)


def test_the_format_is_told_with_six_wrong_bits_and_not_guessed_with_more() -> None:
    bits = drawn(3, "Q", 5)
    for i, j in symbol.format_places(3)[0, :6]:
        bits[i, j] ^= 1
    assert symbol.format_of(bits, 3) == (3, 5)
    bits[tuple(symbol.format_places(3).reshape(-1, 2).T)] = [0, 1] * 15
    assert symbol.format_of(bits, 3) is None


@every_version
@pytest.mark.parametrize("level", LEVELS)
def test_each_block_of_a_drawn_code_is_without_fault(version: int, level: str) -> None:
    """Place, mask and block of every single bit must be right for this."""
    bits = drawn(version, level, version % 8)
    order = tuple(symbol.data_places(version).T)
    stream = (bits ^ symbol.mask(version, version % 8))[order]
    words = np.packbits(stream[: len(stream) // 8 * 8])
    blocks = symbol.blocks(version, LEVELS[level])
    assert sorted(int(at) for places, _ in blocks for at in places) == list(range(len(words)))
    for places, data in blocks:
        block = words[places].tolist()
        assert correct(block, len(block) - data) == (block, 0)
