"""Spreadsheets about an import: what became of its rows, and the rows to correct. Every cell is text: none becomes a formula."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from central.intake.models import Remark
from central.intake.rows import RawRow, Refusal

#: Gives the sentence of a key, filled with values, in the reader's language.
Say = Callable[[str, Mapping[str, Any]], str]
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
#: What spreadsheet programs take for the beginning of a formula, or pass over before one (OWASP CSV injection).
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
#: Most characters of a cell that the format can hold.
_LONGEST = 32_767
_SHEETS = {
    "rows": (Remark.REFUSED,),
    "doubles": (Remark.DOUBLE,),
    "remarks": (Remark.REMARK,),
    "left": (Remark.LEFT,),
}


def write(target: Path | BytesIO, figures: Mapping[str, int], refusals: Iterable[Refusal], say: Say) -> None:
    """Write counts, and a sheet for each kind of remark: rows refused, doubles, remarks on rows that went in, rows that are none."""
    book = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, _OPTIONS)
    quoted, head = book.add_format({"quote_prefix": True}), book.add_format({"bold": True})
    counts = book.add_worksheet(_text("sheet_counts", say))
    counts.set_column(0, 0, 30)
    for place, (name, value) in enumerate(figures.items()):
        counts.write_string(place, 0, _text(f"count_{name}", say))
        counts.write_number(place, 1, value)
    sheets: dict[str, list[Any]] = {}
    for name, kinds in _SHEETS.items():
        sheet = book.add_worksheet(_text(f"sheet_{name}", say))
        sheet.set_column(1, 1, 16)
        sheet.set_column(2, 3, 50)
        for place, title in enumerate(("row", "column", "value", "reason")):
            sheet.write_string(0, place, _text(title, say), head)
        sheets |= {str(kind): [sheet, 0] for kind in kinds}
    for refusal in refusals:
        found = sheets[str(refusal.kind)]
        found[1] += 1
        found[0].write_number(found[1], 0, refusal.number)
        for place, cell in enumerate((refusal.column, refusal.value, sentence(refusal, say)), start=1):
            _put(found[0], found[1], place, cell, quoted)
    book.close()


def write_rows(
    target: Path | BytesIO,
    names: Sequence[str],
    rows: Iterable[tuple[RawRow, Refusal]],
    say: Say,
) -> None:
    """Write rows that did not go in as they stood in the ledger, each with its reason: corrected, the file can be given in again."""
    book = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, _OPTIONS)
    quoted, head = book.add_format({"quote_prefix": True}), book.add_format({"bold": True})
    marked = book.add_format({"bg_color": "#FFF2CC", "quote_prefix": True})
    sheet = book.add_worksheet(_text("sheet_correct", say))
    sheet.freeze_panes(1, 2)
    sheet.set_column(1, 1, 44)
    for place, name in enumerate((_text("row_before", say), _text("reason_before", say), *names)):
        sheet.write_string(0, place, name, head)
    for line, (raw, refusal) in enumerate(rows, start=1):
        sheet.write_number(line, 0, raw.number)
        _put(sheet, line, 1, sentence(refusal, say), quoted)
        for place, cell in enumerate(raw.cells):
            bad = place < len(names) and names[place] == refusal.column
            if cell or bad:
                sheet.write_string(line, place + 2, cell[:_LONGEST], marked if bad else _format(cell, quoted))
    book.close()


def _put(sheet: Any, line: int, place: int, cell: str, quoted: Any) -> None:
    sheet.write_string(line, place, cell[:_LONGEST], _format(cell, quoted))


def _format(cell: str, quoted: Any) -> Any:
    return quoted if cell.startswith(_RISKY) else None


def sentence(refusal: Refusal, say: Say) -> str:
    """Return the reason in a person's language, of a double with what was decided."""
    text = say(f"intake.{refusal.kind}.{refusal.reason}", refusal.values)
    return f"{text} · {say(f'intake.decided.{refusal.decided}', {})}" if refusal.decided else text


def _text(name: str, say: Say) -> str:
    return say(f"intake.report.{name}", {})
