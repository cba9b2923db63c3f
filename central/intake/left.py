"""Rows of a sheet that are no petitions: totals, heads again, signatures, remarks. Pure; each is left out with its reason.

A row that gives a date and words of a petition is never left out, whatever else it says.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from central.intake import contents, heads
from central.intake.heads import Layout
from central.intake.rows import Field, RawRow

#: Reasons, each a key below `intake.left.`.
REASONS = ("total", "heads_again", "title_again", "signature", "note", "page", "section", "number_only")
#: Cells that repeat the one above.
_DITTO = frozenset({"同上", "〃", "″", "”", "同前", '"', "''", "同　上", "ditto"})
_PATTERNS = (("total", "total"), ("page", "page"), ("signature", "signature"), ("note", "note"))


def reason(row: RawRow, layout: Layout) -> str | None:
    """Return why a row below the heads is no petition, None if it may be one."""
    if _tells(row.cells, layout):
        return None
    cells = [cell.strip() for cell in row.cells if cell.strip()]
    if len(cells) > 1 and _repeats_heads(row.cells, layout.heads):
        return "heads_again"
    for cell in cells[:3]:
        plain = unicodedata.normalize("NFKC", cell)
        for name, of in _PATTERNS:
            if heads.patterns("strays")[of].search(plain):
                return name
    return _alone(row, cells, layout)


def with_repeats(rows: Iterable[RawRow], heads_row: int) -> Iterator[RawRow]:
    """Yield rows with what the row above says where a cell only says «the same» (同上, 〃)."""
    before: tuple[str, ...] = ()
    for row in rows:
        if row.number > heads_row and not _DITTO.isdisjoint(row.cells):
            cells = tuple(
                before[place] if cell in _DITTO and place < len(before) else cell
                for place, cell in enumerate(row.cells)
            )
            yield (row := RawRow(row.number, cells))
        else:
            yield row
        if row.number > heads_row:
            before = row.cells


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
    return None if cell in words or layout.cell(row.cells, Field.RECEIVED_AT).strip() == cell else "section"


def _tells(cells: Sequence[str], layout: Layout) -> bool:
    """Say whether a row has a date and words: then it is a petition."""
    date = layout.cell(cells, Field.RECEIVED_AT).strip()
    words = layout.cell(cells, Field.TEXT).strip() or layout.cell(cells, Field.SUBJECT).strip()
    return bool(date and words and words != date and contents.is_date(date, layout.year))


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
