"""Categories as offices write them in their own lists: a code, a name, a path, or a name for each level. Pure.

A name that several categories have needs one above it. What only the upper part of fits is that upper part; nothing is guessed.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from central.sorting.scheme import FIGURES, LEVELS, Category, current

_PARTS = re.compile(r"\s*(?:[/\\|>＞›»→]|-{1,2}>?|[—–－:：])\s*")
_CODE = re.compile(r"^(\d{2,6})\s*[.．、:：]?\s*(.*)$")
_NUMBERED = re.compile(r"^(?:[(（]?[\d一二三四五六七八九十]{1,3}[)）.．、]\s*)+(?=\D)")
_ENDING = re.compile(r"(?:类型|类别|类)?(?:的)?(?:问题|事项)?(?:类)?$")
#: A spreadsheet takes the nought before a code for nothing.
_WITHOUT_NOUGHT = FIGURES * LEVELS - 1


class Named(NamedTuple):
    """The category that words name, as deep as they fit, and the words that fit nothing."""

    category: Category | None
    left: str = ""


def read(levels: Sequence[str]) -> Named:
    """Return what the cells of one row name, the first level first; empty cells say nothing."""
    return _read(tuple(" ".join(unicodedata.normalize("NFKC", each).split()) for each in levels))


@lru_cache(maxsize=10_000)
def _read(levels: tuple[str, ...]) -> Named:
    said = [each for place, each in enumerate(levels) if each and not _is_above(each, levels[place + 1 :])]
    if not said:
        return Named(None)
    at: list[Category] = []
    for place, cell in enumerate(said):
        found = _below(at, cell)
        if not found.category or found.left:
            left = "/".join(filter(None, [found.left or cell, *said[place + 1 :]]))
            return Named(found.category or _one(at), left)
        at = [found.category]
    return Named(_one(at))


def _is_above(cell: str, deeper: Sequence[str]) -> bool:
    """Say whether a code alone stands above one that follows: 05 before 0502 is no numbering of somebody's own."""
    return cell.isdigit() and any(each.startswith(cell) and len(each) > len(cell) for each in deeper)


def _below(above: Sequence[Category], cell: str) -> Named:
    """Return what a cell names at or below one of the categories above it; without any, anywhere."""
    plain = _NUMBERED.sub("", cell)
    for whole in dict.fromkeys((cell, plain)):
        if named := _one(_fits(whole, above)):
            return Named(named)
    if (coded := _CODE.match(cell)) is not None:
        return _coded(coded[1], coded[2].strip(), above)
    parts = [each for each in _PARTS.split(plain) if each]
    at = list(above)
    for place, part in enumerate(parts if len(parts) > 1 else []):
        found = _fits(part, at)
        if not found:
            return Named(_one(at), "/".join(parts[place:])) if place and _one(at) else Named(None, cell)
        at = found
    return Named(_one(at)) if len(parts) > 1 and _one(at) else Named(None, cell)


def _coded(code: str, name: str, above: Sequence[Category]) -> Named:
    """Return what a code names. Two figures alone may be anybody's numbering, and a name beside a code must be that of the code."""
    full = code.zfill(_WITHOUT_NOUGHT + 1) if len(code) == _WITHOUT_NOUGHT else code
    found = current().get(full)
    if found is None or not _is_within(found, above) or (len(full) == FIGURES and not name):
        return Named(None, f"{code} {name}".strip())
    if name and found not in _fits(_PARTS.split(name)[-1], above):
        return Named(None, f"{code} {name}")
    return Named(found)


def _one(found: Sequence[Category]) -> Category | None:
    """Return the only one; of several the one that all others stand below, as 其他 below 其他."""
    top = min(found, key=lambda each: len(each.code), default=None)
    return top if top and all(each.code.startswith(top.code) for each in found) else None


def _fits(name: str, above: Sequence[Category]) -> list[Category]:
    wanted = {name.casefold(), _ENDING.sub("", name).casefold()} - {""}
    return [
        each
        for each in current().categories.values()
        if _is_within(each, above)
        and wanted & {each.zh, each.en.casefold(), _ENDING.sub("", each.zh), "/".join(each.path_zh)}
    ]


def _is_within(one: Category, above: Sequence[Category]) -> bool:
    return not above or any(one.code.startswith(each.code) for each in above)
