"""Read a spreadsheet in a process of its own: a script that imports nothing of ours and may be killed at any moment.

Its one argument is JSON: path, sheet (name or null), memory and CPU limits, largest unpacked size, most rows and columns.
It prints JSON lines: first what it found (sheets, the chosen one, last row) or `{"refused": reason, ...}`; then blocks of
rows `[[number, [cell, ...]], ...]`; last `{"end": true}`, so that a reader knows a whole file from one broken off.
Formulas and macros are never run: of a formula the value that the file shows is taken.
"""

import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

BLOCK = 200
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
#: The directory entry of an encrypted workbook, as the old container writes names.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PIECE = 1 << 20
#: Zip entries of one workbook; a real one has some dozens.
_MOST_PARTS = 10_000
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


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
        path = Path(asked["path"])
        _check_kind(path)
        _check_parts(path, asked["unpacked_mb"])
        _read(path, asked)
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


def _check_kind(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(8)
    if not head:
        raise RefusedError("empty_file")
    if head.startswith(_OLE):
        encrypted = _ENCRYPTED in path.read_bytes()
        raise RefusedError("encrypted" if encrypted else "old_format")
    if head.startswith(b"%PDF"):
        raise RefusedError("pdf")
    if not head.startswith(b"PK"):
        raise RefusedError("no_spreadsheet")


def _check_parts(path: Path, unpacked_mb: int) -> None:
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
        if "xl/workbook.xml" not in names:
            raise RefusedError("no_spreadsheet")
        for part in parts:
            left -= _unpacked(package, part, left, unpacked_mb)


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


def _read(path: Path, asked: dict[str, Any]) -> None:
    with path.open("rb") as file:
        # Under its own name the file would be taken for what the name ends with, not for what it is.
        book = CalamineWorkbook.from_path(f"/dev/fd/{file.fileno()}")
    names = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    if asked["sheet"] is not None and asked["sheet"] not in names:
        raise RefusedError("no_such_sheet", sheet=asked["sheet"], sheets=names)
    sheet, last_row = _chosen(book, [asked["sheet"]] if asked["sheet"] is not None else names)
    if last_row > asked["rows"] + 1:
        raise RefusedError("too_many_rows", rows=asked["rows"])
    if sheet.width > asked["columns"]:
        raise RefusedError("too_many_columns", columns=asked["columns"])
    _say({"sheets": names, "sheet": sheet.name, "last_row": last_row})
    _pour(sheet)


def _chosen(book: CalamineWorkbook, names: list[str]) -> tuple[CalamineSheet, int]:
    """Return the first of these sheets that holds anything, and its last row: exports often begin with an empty one."""
    for name in names:
        sheet = book.get_sheet_by_name(name)
        if sheet.end is not None:
            return sheet, sheet.end[0] + 1
    raise RefusedError("empty_sheet")


def _pour(sheet: CalamineSheet) -> None:
    block: list[Any] = []
    for number, cells in _rows(sheet):
        block.append([number, cells])
        if len(block) == BLOCK:
            _say(block)
            block = []
    if block:
        _say(block)


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that hold anything, with the numbers that spreadsheet programs show."""
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [cell if isinstance(cell, str) else _text(cell) for cell in row]
        if any(cells) and any(map(str.strip, cells)):
            yield number, cells


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
