"""A date that stands in several columns, 年 | 月 | 日 or 月 | 日, as one cell: that of the first of them. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

_PART = re.compile(r"(?P<of>.*?)\s*(?:(?P<y>年份?|year)|(?P<m>月份?|month)|(?P<d>[日号]|day))", re.IGNORECASE)
_ORDER = "ymd"
_SIGNS = ("年", "月", "日")


def is_part(head: str) -> bool:
    """Say whether a head is that of a part of a date and nothing else."""
    found = _PART.fullmatch(_plain(head))
    return found is not None and not found["of"]


@lru_cache(maxsize=256)
def stretches(heads: tuple[str, ...]) -> Mapping[int, int]:
    """Return the first column (from 0) of each date over several columns, and how many it takes: 3, or 2 without the year."""
    parts = [_PART.fullmatch(_plain(head)) for head in heads]
    kinds = [(found["of"], found.lastgroup) if found else ("", "") for found in parts]
    found, at = dict[int, int](), 0
    while at < len(heads):
        for long in (3, 2):
            wanted = [(kinds[at][0], sign) for sign in _ORDER[3 - long :]]
            if kinds[at : at + long] == wanted:
                found[at] = long
                at += long - 1
                break
        at += 1
    return found


def year_down(heads: tuple[str, ...], cells: tuple[str, ...], before: Sequence[str]) -> tuple[str, ...]:
    """Return the cells of a row with the year of the row before where a date over three columns leaves its own open."""
    found = list(cells)
    for at, long in stretches(heads).items():
        if long == len(_ORDER) and at + 1 < len(cells) and cells[at + 1].strip() and not cells[at].strip():
            found[at] = before[at] if at < len(before) else ""
    return tuple(found)


def whole(heads: tuple[str, ...], cells: Sequence[str], place: int) -> str:
    """Return the cell at a place; where a date begins there, the whole date, as far as it is filled in."""
    long = stretches(heads).get(place, 1)
    if long == 1:
        return cells[place] if place < len(cells) else ""
    parts = [each.strip() for each in cells[place : place + long]]
    signs = _SIGNS[3 - long :]
    return "".join(
        part if part.endswith(sign) else part + sign for part, sign in zip(parts, signs, strict=False) if part
    )


def _plain(head: str) -> str:
    return re.sub(r"[\s:：*＊()（）]+", "", unicodedata.normalize("NFKC", head))
