"""Lines as they were read, and their order on a page. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

#: Below this confidence a line counts as not read: a person keys it from its picture.
READABLE = 0.6
#: How a row begins that goes on with nothing: a label, or the number of an item.
_OPENS = re.compile(
    r"[^，。；：:]{1,9}[：:]|[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十\d]{1,2}[）)]|\d{1,2}[、．)）]"
)


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a page, in pixels of its picture."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left

    def around(self, other: "Box") -> "Box":
        """Return the box that holds both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One line: page from 1, place, text, confidence from 0 to 1. `found` tells that it was missed at first and found by the profile."""

    page: int
    box: Box
    text: str
    confidence: float
    found: bool = False

    @property
    def is_read(self) -> bool:
        """Say whether the machine could read it."""
        return self.confidence >= READABLE and bool(self.text.strip())


def in_order(lines: Iterable[Line]) -> list[Line]:
    """Return lines as one reads them: rows from the top, inside a row from the left."""
    return [line for row in rows(lines) for line in row]


def rows(lines: Iterable[Line]) -> list[list[Line]]:
    """Return the lines of a page by rows: what overlaps by half of the smaller height stands in one."""
    made: list[list[Line]] = []
    for line in sorted(lines, key=lambda each: (each.page, each.box.top + each.box.bottom)):
        row = made[-1] if made else None
        if row is not None and row[0].page == line.page and _beside(row[-1].box, line.box):
            row.append(line)
        else:
            made.append([line])
    return [sorted(row, key=lambda each: each.box.left) for row in made]


def _beside(one: Box, other: Box) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > 0.5 * min(one.height, other.height)


def joined(lines: Sequence[Line]) -> list[Line]:
    """Return one line for each row: pieces side by side become one text, a wide gap a blank."""
    return [_one(row) for row in rows(lines)]


def _one(row: list[Line]) -> Line:
    made = row[0]
    for line in row[1:]:
        gap = " " if line.box.left - made.box.right > 0.8 * line.box.height else ""
        weight = len(made.text) + len(line.text) or 1
        sure = (made.confidence * len(made.text) + line.confidence * len(line.text)) / weight
        made = replace(made, box=made.box.around(line.box), text=made.text + gap + line.text, confidence=sure)
    return made


def text_of(lines: Sequence[Line]) -> str:
    """Return the text of a page as one would key it: a row that fills its line goes on in the next."""
    made = joined([line for line in lines if line.is_read])
    if not made:
        return ""
    parts = [made[0].text]
    for before, line in pairwise(made):
        parts.append(line.text if goes_on(before, line, made) else "\n" + line.text)
    return "".join(parts)


def goes_on(before: Line, line: Line, page: Sequence[Line]) -> bool:
    """Say whether a row continues the one above: that one reaches the right rim, this one begins at the left one."""
    right = max(each.box.right for each in page)
    left = min(each.box.left for each in page)
    sign = before.box.height
    if before.page != line.page or before.text.rstrip()[-1:] in "：:" or before.box.width < 10 * sign:
        return False
    if _OPENS.match(line.text):
        return False
    return right - before.box.right < 2.6 * sign and line.box.left - left < 1.2 * sign
