"""Rows of a sheet that are no petitions: totals, heads again, signatures, remarks. Pure; each is left out with its reason.

A row that gives a date and words of a petition is never left out, whatever else it says.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from central.intake import contents, heads, moments
from central.intake.heads import Layout
from central.intake.rows import Field, RawRow

#: Reasons, each a key below `intake.left.`.
REASONS = ("total", "heads_again", "title_again", "signature", "note", "page", "section", "number_only")
#: Cells that repeat the one above.
_DITTO = frozenset(
    {"同上", "〃", "″", "”", "“", "同前", '"', "''", "′′", "〃〃", "同上行", "同上格", "ditto"}
)
_AROUND = re.compile(r"[\s\u3000()（）。.]+")
#: Longest heading that a year is taken from.
_HEADING = 20
_PATTERNS = (("total", "total"), ("page", "page"), ("signature", "signature"), ("note", "note"))


def reason(row: RawRow, layout: Layout) -> str | None:
    """Return why a row below the heads is no petition, None if it may be one."""
    if _tells(row.cells, layout):
        return None
    cells = [cell.strip() for cell in row.cells if cell.strip()]
    if len(cells) > 1 and (_repeats_heads(row.cells, layout.heads) or _are_heads(cells)):
        return "heads_again"
    for cell in cells[:3]:
        plain = unicodedata.normalize("NFKC", cell)
        for name, of in _PATTERNS:
            if heads.patterns("strays")[of].search(plain):
                return name
    return _alone(row, cells, layout)


def with_repeats(rows: Iterable[RawRow], layout: Layout) -> Iterator[RawRow]:
    """Yield rows with what the row above says where a cell only says «the same» (同上, 〃).

    A day without a year gets that of the heading between the rows above it (2023年), if there is one.
    """
    before: tuple[str, ...] = ()
    year: int | None = None
    dated = {layout.columns.get(Field.RECEIVED_AT), layout.columns.get(Field.REPLIED_AT)}
    for row in rows:
        if row.number <= layout.head_row:
            yield row
            continue
        cells = tuple(
            before[place] if _is_ditto(cell) and place < len(before) else cell
            for place, cell in enumerate(row.cells)
        )
        year = _heading_year(cells) or year
        if year is not None:
            cells = tuple(
                f"{year}年{cell}" if place in dated and _lacks_year(cell, year) else cell
                for place, cell in enumerate(cells)
            )
        yield row if cells == row.cells else RawRow(row.number, cells)
        before = cells


def _lacks_year(cell: str, year: int) -> bool:
    return not contents.is_date(cell, None) and contents.is_date(cell, year)


def _is_ditto(cell: str) -> bool:
    return len(cell) < 6 and bool(cell) and (cell in _DITTO or _AROUND.sub("", cell).casefold() in _DITTO)


def _heading_year(cells: Sequence[str]) -> int | None:
    """Return the year that a heading between rows names: one thing said, short, and no date."""
    said = {cell.strip() for cell in cells if cell.strip()}
    if (
        len(said) != 1
        or len(only := said.pop()) > _HEADING
        or "年" not in only
        or contents.is_date(only, None)
    ):
        return None
    return moments.year_in(only)


def _alone(row: RawRow, cells: Sequence[str], layout: Layout) -> str | None:
    """Return what a row is that has one thing to say, and not where a petition says it."""
    told = set(cells)
    if len(told) > 1:
        return None
    [cell] = told
    words = {layout.cell(row.cells, what).strip() for what in (Field.TEXT, Field.SUBJECT, Field.REPLY)}
    if cell.isdigit():
        return "number_only" if cell not in words else None
    if len(cells) > 1:
        return "section"
    dated = layout.cell(row.cells, Field.RECEIVED_AT).strip() == cell and contents.is_date(cell, layout.year)
    return None if cell in words or dated else "section"


def _tells(cells: Sequence[str], layout: Layout) -> bool:
    """Say whether a row has a date and words: then it is a petition."""
    date = layout.cell(cells, Field.RECEIVED_AT).strip()
    words = layout.cell(cells, Field.TEXT).strip() or layout.cell(cells, Field.SUBJECT).strip()
    return bool(date and words and words != date and contents.is_date(date, layout.year))


def _are_heads(cells: Sequence[str]) -> bool:
    """Say whether cells are heads of another table below: nearly all of them are known as such."""
    told = {what for cell in cells if (what := heads.field_of(cell))}
    return len(told) > 2 and len(told) >= 0.6 * len(cells)


def _repeats_heads(cells: Sequence[str], names: Sequence[str]) -> bool:
    """Say whether a row is the heads again, or a storey of them: printed lists carry them on every page."""
    same = filled = 0
    for place, cell in enumerate(cells):
        if plain := heads.plain(cell):
            filled += 1
            name = heads.plain(names[place]) if place < len(names) else ""
            same += bool(name) and (
                plain == name or (len(plain) > 1 and (name.startswith(plain) or name.endswith(plain)))
            )
    return filled > 1 and same >= 0.7 * filled
