"""The report of an import as a spreadsheet. Every cell is text: what begins with = + - @ never becomes a formula."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import xlsxwriter

from central.intake.rows import Refusal
from central.web.catalogue import catalogue
from shared.i18n import Lang

_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def write(path: Path, figures: Mapping[str, int], refusals: Iterable[Refusal], lang: Lang) -> None:
    """Write counts and one line for each row that did not go in."""
    book = xlsxwriter.Workbook(str(path), _OPTIONS)
    quoted, head = book.add_format({"quote_prefix": True}), book.add_format({"bold": True})
    counts = book.add_worksheet(_text("sheet_counts", lang))
    counts.set_column(0, 0, 30)
    for place, (name, value) in enumerate(figures.items()):
        counts.write_string(place, 0, _text(f"count_{name}", lang))
        counts.write_number(place, 1, value)
    rows = book.add_worksheet(_text("sheet_rows", lang))
    rows.set_column(1, 1, 16)
    rows.set_column(2, 3, 50)
    for place, name in enumerate(("row", "column", "value", "reason")):
        rows.write_string(0, place, _text(name, lang), head)
    for line, refusal in enumerate(refusals, start=1):
        rows.write_number(line, 0, refusal.number)
        for place, cell in enumerate((refusal.column, refusal.value, sentence(refusal, lang)), start=1):
            rows.write_string(line, place, cell, quoted if cell.startswith(_RISKY) else None)
    book.close()


def sentence(refusal: Refusal, lang: Lang) -> str:
    """Return the reason in a person's language."""
    values: dict[str, Any] = refusal.values
    return catalogue().text(f"intake.refused.{refusal.reason}", lang, **values)


def _text(name: str, lang: Lang) -> str:
    return catalogue().text(f"intake.report.{name}", lang)
