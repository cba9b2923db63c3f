"""The report of an import as a spreadsheet. Every cell is text: what begins with = + - @ never becomes a formula."""

from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from central.intake.rows import Refusal

#: Gives the sentence of a key, filled with values, in the reader's language.
Say = Callable[[str, Mapping[str, Any]], str]
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def write(target: Path | BytesIO, figures: Mapping[str, int], refusals: Iterable[Refusal], say: Say) -> None:
    """Write counts and one line for each row that did not go in."""
    book = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, _OPTIONS)
    quoted, head = book.add_format({"quote_prefix": True}), book.add_format({"bold": True})
    counts = book.add_worksheet(_text("sheet_counts", say))
    counts.set_column(0, 0, 30)
    for place, (name, value) in enumerate(figures.items()):
        counts.write_string(place, 0, _text(f"count_{name}", say))
        counts.write_number(place, 1, value)
    rows = book.add_worksheet(_text("sheet_rows", say))
    rows.set_column(1, 1, 16)
    rows.set_column(2, 3, 50)
    for place, name in enumerate(("row", "column", "value", "reason")):
        rows.write_string(0, place, _text(name, say), head)
    for line, refusal in enumerate(refusals, start=1):
        rows.write_number(line, 0, refusal.number)
        for place, cell in enumerate((refusal.column, refusal.value, sentence(refusal, say)), start=1):
            rows.write_string(line, place, cell, quoted if cell.startswith(_RISKY) else None)
    book.close()


def sentence(refusal: Refusal, say: Say) -> str:
    """Return the reason in a person's language."""
    return say(f"intake.refused.{refusal.reason}", refusal.values)


def _text(name: str, say: Say) -> str:
    return say(f"intake.report.{name}", {})
