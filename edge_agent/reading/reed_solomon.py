"""Reed-Solomon decoding over GF(256) as QR codes use it (polynomial 0x11D, first root 1), with erasures.

zxing-cpp corrects errors whose place is unknown and spends two check words on each. A word known to be unsure, under
glare or dirt, is an erasure and costs one: the same print withstands up to twice the damage.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

_EXP = [1] * 512
for _i in range(1, 512):
    _next = _EXP[_i - 1] << 1
    _EXP[_i] = _next ^ 0x11D if _next & 0x100 else _next
_LOG = [0] * 256
for _i in range(255):
    _LOG[_EXP[_i]] = _i


class Corrected(NamedTuple):
    """The words put right, and how many errors beyond the erasures there were."""

    words: list[int]
    errors: int


def _times(a: int, b: int) -> int:
    return _EXP[_LOG[a] + _LOG[b]] if a and b else 0


def _over(a: int, b: int) -> int:
    return _EXP[_LOG[a] - _LOG[b] + 255] if a else 0


def _product(one: Sequence[int], two: Sequence[int]) -> list[int]:
    """Product of two polynomials, lowest power first."""
    result = [0] * (len(one) + len(two) - 1)
    for i, a in enumerate(one):
        for j, b in enumerate(two):
            result[i + j] ^= _times(a, b)
    return result


def _value(polynomial: Sequence[int], x: int) -> int:
    result = 0
    for factor in reversed(polynomial):
        result = _times(result, x) ^ factor
    return result


def _locator(syndromes: Sequence[int], erased: Sequence[int], checks: int) -> list[int]:
    """Berlekamp-Massey, begun with the locator of the erasures."""
    found = [1]
    for place in erased:
        found = _product(found, [1, _EXP[place]])
    spare, length = list(found), len(erased)
    for step in range(len(erased), checks):
        fault = 0
        for i, factor in enumerate(found[: step + 1]):
            fault ^= _times(factor, syndromes[step - i])
        spare = [0, *spare]
        if not fault:
            continue
        size = max(len(found), len(spare))
        changed = [
            a ^ _times(fault, b) for a, b in zip(_padded(found, size), _padded(spare, size), strict=True)
        ]
        if 2 * length <= step + len(erased):
            length = step + 1 - length + len(erased)
            spare = [_over(factor, fault) for factor in found]
        found = changed
    while len(found) > 1 and not found[-1]:
        found.pop()
    return found


def _padded(polynomial: list[int], size: int) -> list[int]:
    return polynomial + [0] * (size - len(polynomial))


def correct(words: Sequence[int], checks: int, erased: Sequence[int] = ()) -> Corrected | None:
    """Put right `words`, of which the last `checks` are check words and those at `erased` unsure; nothing when it cannot be.

    Places outside `words` or more erasures than check words are a programmer's mistake and give nothing.
    """
    n = len(words)
    syndromes = [_value(words[::-1], _EXP[i]) for i in range(checks)]
    if not any(syndromes):
        return Corrected(list(words), 0)
    powers = [n - 1 - place for place in erased]
    if len(powers) > checks:
        return None
    locator = _locator(syndromes, powers, checks)
    wrong = [power for power in range(n) if not _value(locator, _EXP[255 - power])]
    errors = len(locator) - 1 - len(powers)
    if len(wrong) != len(locator) - 1 or 2 * errors + len(powers) > checks:
        return None
    mended = _put_right(list(words), syndromes, locator, wrong)
    if any(_value(mended[::-1], _EXP[i]) for i in range(checks)):
        return None
    return Corrected(mended, errors)


def _put_right(
    words: list[int], syndromes: Sequence[int], locator: Sequence[int], wrong: Sequence[int]
) -> list[int]:
    """Forney's formula for roots that begin at 1."""
    evaluator = _product(syndromes, locator)[: len(syndromes)]
    slope = [factor if i % 2 == 0 else 0 for i, factor in enumerate(locator[1:])]
    for power in wrong:
        root = _EXP[255 - power]
        amount = _times(_EXP[power], _over(_value(evaluator, root), _value(slope, root)))
        words[len(words) - 1 - power] ^= amount
    return words


def chance(total: int, checks: int, erased: int, errors: int) -> float:
    """Logarithm to base 2 of the chance that random words would come out as these did: how sure a correction is."""
    left = total - erased
    return math.log2(math.comb(left, errors)) + 8 * errors - 8 * (checks - erased)
