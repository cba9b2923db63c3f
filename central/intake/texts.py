"""Tables out of text files: cells with signs between them, web pages, XML workbooks of 2003. Pure; the reading child alone uses it."""

import codecs
import csv
import io
import re
from collections import Counter
from html.parser import HTMLParser
from typing import TypeAlias

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
#: Web pages and old XML workbooks that systems write under the name of a spreadsheet.
_TAGGED = re.compile(
    r"\s*<(?:!doctype html|html|head|meta|table|\?xml|\?mso|workbook|style|div|body)", re.IGNORECASE
)
#: What keeps long numbers whole in a text file: ="0102".
_QUOTED = re.compile(r'^="(.*)"$', re.DOTALL)
_DELIMITERS = ",\t;|，"
#: Of a text file the signs that its code page does not have, at most one in so many.
_UNREADABLE = 1000
#: Cells merged over several rows: column, first row, last row, all from 0.
Merged: TypeAlias = list[tuple[int, int, int]]
Table: TypeAlias = tuple[str, list[list[str]], Merged]


def tables(content: bytes) -> list[Table]:
    """Return the tables of a file with their names; none if it is no text or holds no table."""
    text = decoded(content)
    if text is None:
        return []
    if _TAGGED.match(text):
        tagged = Tagged()
        tagged.feed(text)
        return [table for table in tagged.tables if table[1]]
    rows = _separated(text)
    return [("", rows, [])] if rows else []


def decoded(content: bytes) -> str | None:
    """Return the text of a file in Unicode or GB 18030; a few broken signs are shown as such, not guessed."""
    for bom, name in _BOMS:
        if content.startswith(bom):
            return _checked(content.decode(name, "replace"))
    zeros = content[:4096].count(0)
    if zeros > len(content[:4096]) // 8:
        even = content[:4096:2].count(0)
        return _checked(content.decode("utf-16-be" if even > zeros - even else "utf-16-le", "replace"))
    try:
        return _checked(content.decode("utf-8"))
    except UnicodeDecodeError:
        made = [content.decode(name, "replace") for name in ("utf-8", "gb18030")]
        return _checked(min(made, key=lambda text: text.count("\ufffd")))


def _checked(text: str) -> str | None:
    broken = _CONTROL.search(text) or text.count("\ufffd") > 3 + len(text) // _UNREADABLE
    return None if broken else text


def _separated(text: str) -> list[list[str]]:
    """Return the cells of a text, by the sign between them that gives the most even table."""
    csv.field_size_limit(1 << 24)
    said = re.match(r"sep=(.)\r?\n", text)
    begin = text[:20_000]
    signs = said[1] if said else max(_DELIMITERS, key=lambda sign: _evenness(begin, sign))
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=signs))
    if max(map(len, rows), default=0) < 2:
        return []
    if said:
        rows[0] = []
    return [[found[1] if (found := _QUOTED.match(cell)) else cell for cell in row] for row in rows]


def _evenness(text: str, sign: str) -> tuple[int, int]:
    """Return how many rows have the commonest width above one, and that width."""
    try:
        widths = Counter(
            len(row) for row in list(csv.reader(io.StringIO(text, newline=""), delimiter=sign))[:60]
        )
    except csv.Error:
        return 0, 0
    del widths[0], widths[1]
    [(width, count)] = widths.most_common(1) or [(0, 0)]
    return count, width


class Tagged(HTMLParser):
    """Tables out of a web page, or sheets out of an XML workbook of 2003, with their merged cells."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Table] = []
        self._taken: set[tuple[int, int]] = set()
        self._cell: list[str] | None = None
        self._span = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        given = {name.removeprefix("ss:"): value or "" for name, value in attrs}
        if tag in {"table", "worksheet"}:
            if tag == "worksheet" or not (self.tables and self.tables[-1][0] and not self.tables[-1][1]):
                self.tables.append((given.get("name") or f"#{len(self.tables) + 1}", [], []))
                self._taken = set()
        elif tag in {"tr", "row"} and self.tables:
            rows = self.tables[-1][1]
            while len(rows) + 1 < int(given.get("index", 0) or 0) <= 1_048_576:
                rows.append([])
            rows.append([])
        elif tag in {"td", "th", "cell"} and self.tables and self.tables[-1][1]:
            self._end_cell()
            self._begin_cell(given)
        elif tag in {"br", "p"} and self._cell:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a cell."""
        if tag in {"td", "th", "cell", "tr", "row", "table", "worksheet"}:
            self._end_cell()

    def handle_data(self, data: str) -> None:
        """Take the words of a cell."""
        if self._cell is not None:
            self._cell.append(data)

    def _begin_cell(self, given: dict[str, str]) -> None:
        row, at = self.tables[-1][1][-1], len(self.tables[-1][1]) - 1
        while len(row) + 1 < int(given.get("index", 0) or 0) <= 16_384 or (at, len(row)) in self._taken:
            row.append("")
        down = int(given.get("rowspan") or 0) or int(given.get("mergedown") or 0) + 1
        across = int(given.get("colspan") or 0) or int(given.get("mergeacross") or 0) + 1
        self._span, self._cell = (min(down, 65_536), min(across, 1_000)), []

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        _, rows, merged = self.tables[-1]
        at, place = len(rows) - 1, len(rows[-1])
        down, across = self._span
        if down > 1:
            merged.append((place, at, at + down - 1))
            self._taken |= {
                (at + below, place + right) for below in range(1, down) for right in range(across)
            }
        rows[-1] += ["".join(self._cell).strip("\r\n"), *[""] * (across - 1)]
        self._cell = None
