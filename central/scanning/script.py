"""Simplified or traditional: a letter is one of the two, and a doubtful sign in it is most likely too. Pure, on arrays.

Blurred Kai print of simplified signs looks traditional to the model here and there (话 as 話), which its chances show: it then doubts
between the two forms and nothing else. Rare signs of names that no simplified one stands beside (喆, 堃) are never touched.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

#: Simplified signs for each traditional one, from which on a page is a simplified one.
MOSTLY = 2
#: Least chance of the simplified form, and of both forms together.
LEAST, TOGETHER = 0.003, 0.97


@lru_cache(maxsize=30_000)
def is_traditional(sign: str) -> bool:
    """Say whether a sign is of the traditional set alone (Big5 and not GB 2312)."""
    return _is_han(sign) and _in(sign, "big5") and not _in(sign, "gb2312")


@lru_cache(maxsize=30_000)
def is_simplified(sign: str) -> bool:
    """Say whether a sign is of the simplified set alone (GB 2312 and not Big5)."""
    return _is_han(sign) and _in(sign, "gb2312") and not _in(sign, "big5")


def is_mostly_simplified(texts: Iterable[str]) -> bool:
    """Say whether a page is written in simplified signs, with few others in between."""
    signs = "".join(texts)
    return sum(map(is_simplified, signs)) > MOSTLY * sum(map(is_traditional, signs))


def has_traditional(text: str) -> bool:
    """Say whether a line holds a sign of the traditional set alone."""
    return any(map(is_traditional, text))


def simplified(chances: Any, signs: Sequence[str]) -> Any:
    """Return the chances of the model (line, place, sign) with the two forms of a sign changed over where it doubts between them alone."""
    found = np.array(chances)
    traditional = np.array([is_traditional(sign) for sign in signs])
    plain = np.array([is_simplified(sign) for sign in signs])
    for line in found:
        for place in line:
            first = int(place.argmax())
            if first >= len(signs) or not traditional[first]:
                continue
            second = int(np.where(plain, place[: len(signs)], 0).argmax())
            if place[second] >= LEAST and place[first] + place[second] >= TOGETHER:
                place[first], place[second] = place[second], place[first]
    return found


def _is_han(sign: str) -> bool:
    return len(sign) == 1 and "\u4e00" <= sign <= "\u9fff"


def _in(sign: str, charset: str) -> bool:
    try:
        sign.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
