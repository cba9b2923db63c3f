"""Rows of a sheet that are no petitions: totals, heads again, signatures, remarks. Pure; each is left out with its reason.

A row that gives a date and words of a petition is never left out, whatever else it says.
"""

import unicodedata
from collections.abc import Sequence

from central.intake import contents, heads
from central.intake.heads import Layout
from central.intake.rows import Field, RawRow

#: Reasons, each a key below `intake.left.`.
REASONS = (
    "total",
    "heads_again",
    "title_again",
    "signature",
    "note",
    "page",
    "section",
    "section_channel",
    "number_only",
)
_PATTERNS = (("total", "total"), ("page", "page"), ("signature", "signature"), ("note", "note"))


def reason(row: RawRow, layout: Layout) -> str | None:
    """Return why a row below the heads is no petition, None if it may be one."""
    if _tells(row.cells, layout):
        return None
    cells = [cell.strip() for cell in row.cells if cell.strip()]
    if len(cells) > 1 and (_repeats_heads(row.cells, layout.heads) or _are_heads(cells)):
        return "heads_again"
    for cell in cells[:3]:
        if name := stray(unicodedata.normalize("NFKC", cell)):
            return name
    alone = _alone(row, cells, layout)
    told = alone == "section" and row.channel and heads.channel_told(cells[0])
    return "section_channel" if told else alone


def stray(plain: str) -> str | None:
    """Return what a cell begins that is no petition's: a total, a page number, a signature, a remark below the table."""
    return next((name for name, of in _PATTERNS if heads.patterns("strays")[of].search(plain)), None)


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
