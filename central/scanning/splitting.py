"""A batch of pages into letters: by cover sheets with a barcode, else by blank pages. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.pages import covers

#: Besides our own codes any code that fills a sheet parts letters: a barcode of this part of the page's width, on a page with so few
#: lines, makes it a cover sheet; a post office's label is smaller.
_WIDE, _FEW_LINES = 0.3, 16


class SplitBy(StrEnum):
    """What parts letters. `auto`: cover sheets where there are any, else blank pages, but not the blank backs of a duplex scan."""

    AUTO = "auto"
    COVER = "cover"
    BLANK = "blank"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a page: blank or not, number of lines, its barcodes with their width as a part of the page's."""

    blank: bool
    lines: int
    codes: Sequence[tuple[str, float]] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """One letter: its pages, from 1, and the code of its cover sheet; blank pages and cover sheets belong to none."""

    pages: tuple[int, ...]
    cover: str = ""


def cover_code(page: Seen) -> str:
    """Return the code of a cover sheet, '' for any other page."""
    for code, width in page.codes:
        if covers.is_ours(code) or (width >= _WIDE and page.lines <= _FEW_LINES):
            return code
    return ""


def split(pages: Sequence[Seen], by: SplitBy = SplitBy.AUTO) -> list[Group]:
    """Return the letters of a batch; a cover sheet opens a letter, a blank page ends one."""
    covers = [cover_code(page) for page in pages]
    if by is SplitBy.AUTO:
        by = SplitBy.COVER if any(covers) else SplitBy.NONE if _is_duplex(pages) else SplitBy.BLANK
    groups: list[Group] = []
    now: list[int] = []
    code = ""
    for number, page in enumerate(pages, start=1):
        opens = by is not SplitBy.NONE and covers[number - 1] != ""
        ends = by is SplitBy.BLANK and page.blank
        if opens or ends:
            groups += [Group(tuple(now), code)] if now else []
            now, code = [], covers[number - 1] if opens else ""
        elif not page.blank and not covers[number - 1]:
            now.append(number)
    return [*groups, Group(tuple(now), code)] if now else groups


def _is_duplex(pages: Sequence[Seen]) -> bool:
    """Say whether blank pages are backs: more than one, and all behind a written front on an odd place."""
    blank = [number for number, page in enumerate(pages, start=1) if page.blank]
    return len(pages) >= 4 and len(blank) * 2 == len(pages) and all(number % 2 == 0 for number in blank)
