"""Read a spreadsheet in a process of its own: a script that imports `texts` alone of ours and may be killed at any moment.

Its one argument is JSON: path, sheet (name or null), look (rows of each sheet to show, 0 to read one sheet), memory and CPU limits,
largest unpacked size, most rows and columns. It prints JSON lines: first what it found (sheets, the chosen one, last row, whether days
are counted from 1904) or `{"refused": reason, ...}`; then blocks of rows `[[number, [cell, ...]], ...]`; last `{"end": true}`, so that a
reader knows a whole file from one broken off. Formulas and macros are never run: of a formula the value that the file shows is taken.
What stands in a cell merged over several rows is repeated in each of them that holds something of its own.
"""

import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from central.intake import texts

BLOCK = 200
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
#: The directory entry of an encrypted workbook, as the old container writes names.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PIECE = 1 << 20
#: Zip entries of one workbook; a real one has some dozens.
_MOST_PARTS = 10_000
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
#: Parts by which a package is a workbook: of Excel, of Excel's binary form, of OpenDocument.
_BOOKS = {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}
_FROM_1904 = re.compile(rb"date1904=[\"'](?:1|true)")
#: The record of an old workbook that says the same (MS-XLS 2.4.77).
_OLD_FROM_1904 = bytes.fromhex("220002000100")


class RefusedError(Exception):
    """The file cannot be taken; `reason` is a key below `intake.file.`."""

    def __init__(self, reason: str, **values: Any) -> None:
        super().__init__(reason)
        self.said = {"refused": reason, **values}


def main() -> None:
    """Read as asked; every refusal is a line, never a traceback."""
    asked = json.loads(sys.argv[1])
    _limit(asked["memory_mb"], asked["cpu_seconds"])
    try:
        _read(_sheets(Path(asked["path"]), asked["unpacked_mb"]), asked)
        _say({"end": True})
    except RefusedError as error:
        _say(error.said)
    except MemoryError:
        _say({"refused": "too_big"})
    except BaseException:  # noqa: BLE001 whatever a broken file does to a library, panics of its native half too
        _say({"refused": "damaged"})


def _limit(memory_mb: int, cpu_seconds: int) -> None:
    for kind, value in (
        (resource.RLIMIT_AS, memory_mb * 2**20),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))


def _say(what: Any) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=False, separators=(",", ":")) + "\n")


@dataclass
class Page:
    """One sheet before its rows are asked for. `rows` may be gone through once."""

    name: str
    hidden: bool
    last_row: int
    width: int
    rows: Iterable[list[Any]]
    #: Cells merged over several rows: column, first row, last row, all from 0.
    merged: list[tuple[int, int, int]] = field(default_factory=list)


@dataclass
class Book:
    """The sheets, opened one by one, and whether days are counted from 1904."""

    names: list[tuple[str, bool]]
    get: Any
    from_1904: bool = False


def _sheets(path: Path, unpacked_mb: int) -> Book:
    """Return the sheets of a file by what it is, whatever its name."""
    with path.open("rb") as file:
        head = file.read(8)
    if not head:
        raise RefusedError("empty_file")
    if head.startswith(_OLE):
        content = path.read_bytes()
        if _ENCRYPTED in content:
            raise RefusedError("encrypted")
        return _workbook(path, from_1904=_OLD_FROM_1904 in content[: 1 << 16])
    if head.startswith(b"%PDF"):
        raise RefusedError("pdf")
    if head.startswith(b"PK"):
        return _check_parts(path, unpacked_mb)
    return _text_book(path.read_bytes())


def _check_parts(path: Path, unpacked_mb: int) -> Book:
    """Unpack every part once, counting: what a zip declares of itself is no promise."""
    most = left = unpacked_mb * 2**20
    with zipfile.ZipFile(path) as package:
        parts = package.infolist()
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > most:
            raise RefusedError("bomb", megabytes=unpacked_mb)
        names = {part.filename for part in parts}
        if any(name.endswith("vbaProject.bin") for name in names):
            raise RefusedError("macros")
        if any(part.flag_bits & 1 for part in parts):
            raise RefusedError("encrypted")
        if not names & _BOOKS:
            raise RefusedError("no_spreadsheet")
        for part in parts:
            left -= _unpacked(package, part, left, unpacked_mb)
        spans = _spans(package) if "content.xml" in names else {}
        of_book = package.read("xl/workbook.xml") if "xl/workbook.xml" in names else b""
    return _workbook(path, from_1904=_FROM_1904.search(of_book) is not None, spans=spans)


def _unpacked(package: zipfile.ZipFile, part: zipfile.ZipInfo, left: int, unpacked_mb: int) -> int:
    done, first = 0, True
    with package.open(part) as stream:
        while piece := stream.read(_PIECE):
            done += len(piece)
            if done > left:
                raise RefusedError("bomb", megabytes=unpacked_mb)
            if first and part.filename.endswith((".xml", ".rels")) and _DOCTYPE.search(piece[:4096]):
                raise RefusedError("damaged")
            first = False
    return done


def _workbook(
    path: Path, *, from_1904: bool, spans: dict[str, list[tuple[int, int, int]]] | None = None
) -> Book:
    with path.open("rb") as file:
        # Under its own name the file would be taken for what the name ends with, not for what it is.
        book = CalamineWorkbook.from_path(f"/dev/fd/{file.fileno()}")
    names = [
        (sheet.name, sheet.visible != SheetVisibleEnum.Visible)
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet
    ]

    def get(name: str, hidden: bool) -> Page:  # noqa: FBT001 a plain fact of the sheet
        sheet = book.get_sheet_by_name(name)
        merged = [(left, top, bottom) for (top, left), (bottom, _) in _merged_in(sheet) if bottom > top]
        last = sheet.end[0] + 1 if sheet.end is not None else 0
        return Page(name, hidden, last, sheet.width, sheet.iter_rows(), merged or (spans or {}).get(name, []))

    return Book(names, get, from_1904)


def _merged_in(sheet: CalamineSheet) -> list[Any]:
    try:
        return list(sheet.merged_cell_ranges or [])
    except Exception:  # noqa: BLE001 formats that the library does not look into for them
        return []


def _spans(package: zipfile.ZipFile) -> dict[str, list[tuple[int, int, int]]]:
    """Return the cells of an OpenDocument workbook that span several rows, by sheet."""
    found: dict[str, list[tuple[int, int, int]]] = {}
    at: dict[str, Any] = {"row": 0, "column": 0, "sheet": "", "again": 1}

    def begin(name: str, given: dict[str, str]) -> None:
        if name == "table:table":
            at.update(sheet=given.get("table:name", ""), row=0)
        elif name == "table:table-row":
            at["column"] = 0
        elif name in {"table:table-cell", "table:covered-table-cell"}:
            rows = int(given.get("table:number-rows-spanned", 1))
            if rows > 1:
                place, top = at["column"], at["row"]
                found.setdefault(at["sheet"], []).append((place, top, top + rows - 1))
            at["column"] = at["column"] + int(given.get("table:number-columns-repeated", 1))
        if name == "table:table-row":
            at["again"] = int(given.get("table:number-rows-repeated", 1))

    def end(name: str) -> None:
        if name == "table:table-row":
            at["row"] = at["row"] + at["again"]

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    with package.open("content.xml") as stream:
        parser.ParseFile(stream)
    return found


def _text_book(content: bytes) -> Book:
    """Return what a text file holds: a table with signs between the cells, a web page, or an old XML workbook."""
    tables = texts.tables(content)
    if not tables:
        raise RefusedError("no_spreadsheet")

    def get(name: str, hidden: bool) -> Page:  # noqa: FBT001 a plain fact of the sheet
        rows, merged = next((rows, merged) for called, rows, merged in tables if called == name)
        filled = [place for place, row in enumerate(rows, start=1) if any(map(str.strip, row))]
        return Page(name, hidden, max(filled, default=0), max(map(len, rows), default=0), rows, merged)

    return Book([(name, False) for name, _, _ in tables], get)


def _read(book: Book, asked: dict[str, Any]) -> None:
    names = [name for name, _ in book.names]
    if asked["sheet"] is not None and asked["sheet"] not in names:
        raise RefusedError("no_such_sheet", sheet=asked["sheet"], sheets=names)
    if asked["look"]:
        _show(book, asked)
        return
    page = _chosen(book, asked["sheet"])
    if page.last_row > asked["rows"] + 1:
        raise RefusedError("too_many_rows", rows=asked["rows"])
    if page.width > asked["columns"]:
        raise RefusedError("too_many_columns", columns=asked["columns"])
    shown = [name for name, hidden in book.names if not hidden]
    _say({"sheets": shown, "sheet": page.name, "last_row": page.last_row, "from_1904": book.from_1904})
    _pour(page)


def _show(book: Book, asked: dict[str, Any]) -> None:
    """Say of every sheet its size and its first rows, one line for each."""
    _say({"from_1904": book.from_1904})
    for name, hidden in book.names:
        page, first = book.get(name, hidden), list[Any]()
        for row in _rows(page):
            if len(first) == asked["look"]:
                break
            first.append([row[0], row[1][: asked["columns"]]])
        _say([name, hidden, page.last_row, page.width, first])


def _chosen(book: Book, asked: str | None) -> Page:
    """Return the sheet asked for, or the first visible one that holds anything: exports often begin with an empty one."""
    for name, hidden in book.names:
        if name == asked or (asked is None and not hidden):
            page: Page = book.get(name, hidden)
            if page.last_row:
                return page
    raise RefusedError("empty_sheet")


def _pour(page: Page) -> None:
    block: list[Any] = []
    for number, cells in _rows(page):
        block.append([number, cells])
        if len(block) == BLOCK:
            _say(block)
            block = []
    if block:
        _say(block)


def _rows(page: Page) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that hold anything, with the numbers that spreadsheet programs show."""
    begins: dict[int, list[tuple[int, int]]] = {}
    for place, top, bottom in page.merged:
        begins.setdefault(top, []).append((place, bottom))
    repeated: dict[int, tuple[int, str]] = {}
    for at, row in enumerate(page.rows):
        cells = [cell if isinstance(cell, str) else _text(cell) for cell in row]
        own = any(cells) and any(map(str.strip, cells))
        if repeated:
            repeated = {place: found for place, found in repeated.items() if found[0] >= at}
            if own:
                for place, (_, text) in repeated.items():
                    cells += [""] * (place + 1 - len(cells))
                    cells[place] = cells[place] or text
        for place, bottom in begins.get(at, ()):
            repeated[place] = (bottom, cells[place] if place < len(cells) else "")
        if own:
            yield at + 1, cells


def _text(cell: Any) -> str:
    """Return a cell as text: whole numbers without a point, days and moments in ISO form."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, int | timedelta) else ""


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    main()
