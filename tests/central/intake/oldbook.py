"""Workbooks of the old binary format (BIFF8 in a compound file) and of OpenDocument, made in the test: no library writes them here."""

import io
import struct
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
Cell = str | float | tuple[float, str]
Rows = Sequence[Sequence[Cell | None]]


def xls(
    sheets: Sequence[tuple[str, Rows]],
    *,
    merged: Sequence[tuple[int, int, int, int]] = (),
    from_1904: bool = False,
    hidden: Sequence[str] = (),
) -> bytes:
    """Return a workbook; a pair (serial, "d") is a cell formatted as a day; `merged` (rows, then columns) of the first sheet."""
    streams = [_sheet(rows, merged if at == 0 else ()) for at, (_, rows) in enumerate(sheets)]
    formats = _record(0x00E0, struct.pack("<HHHBBBBIIH", 0, 0, 0xFFF5, 0x20, 0, 0, 0, 0, 0, 0x20C0))
    day = _record(0x00E0, struct.pack("<HHHBBBBIIH", 0, 14, 1, 0x20, 0, 0, 0, 0, 0, 0x20C0))
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 1997, 0, 6))
    begin += _record(0x0042, struct.pack("<H", 1200)) + _record(0x0022, struct.pack("<H", from_1904))
    begin += formats + day
    names = [_short(name) for name, _ in sheets]
    length = len(begin) + sum(4 + 6 + len(name) for name in names) + 4
    bounds = b""
    for (name, _), coded, stream in zip(sheets, names, streams, strict=True):
        bounds += _record(0x0085, struct.pack("<IBB", length, int(name in hidden), 0) + coded)
        length += len(stream)
    return _compound(begin + bounds + _record(0x000A, b"") + b"".join(streams))


def _sheet(rows: Rows, merged: Sequence[tuple[int, int, int, int]]) -> bytes:
    wide = max((len(row) for row in rows), default=0)
    made = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 1997, 0, 6))
    made += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, wide, 0))
    for at, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                made += _record(0x0204, struct.pack("<HHH", at, place, 0) + _long(cell))
            elif cell is not None:
                value, style = (cell[0], 1) if isinstance(cell, tuple) else (cell, 0)
                made += _record(0x0203, struct.pack("<HHHd", at, place, style, value))
    if merged:
        made += _record(
            0x00E5, struct.pack("<H", len(merged)) + b"".join(struct.pack("<4H", *one) for one in merged)
        )
    return made + _record(0x000A, b"")


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _short(text: str) -> bytes:
    return bytes((len(text), 1)) + text.encode("utf-16-le")


def _long(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def _compound(stream: bytes) -> bytes:
    """Return a compound file with one stream, `Workbook`, of whole sectors (MS-CFB)."""
    stream = stream.ljust(max(4096, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
    count = len(stream) // _SECTOR
    fats = -(-(count + 2) // 127)
    table = [*range(1, count), _END, _END] + [_FAT] * fats
    table += [_FREE] * (fats * 128 - len(table))
    head = (
        bytes.fromhex("d0cf11e0a1b11ae1")
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
    )
    head += struct.pack("<IIIIIIIII", 0, fats, count, 0, 4096, _END, 0, _END, 0)
    head += struct.pack("<109I", *range(count + 1, count + 1 + fats), *[_FREE] * (109 - fats))
    entries = _entry("Root Entry", 5, child=1, begin=_END, size=0)
    entries += _entry("Workbook", 2, child=_FREE, begin=0, size=len(stream))
    entries += _entry("", 0, child=_FREE, begin=0, size=0) * 2
    return head + stream + entries + struct.pack(f"<{len(table)}I", *table)


def _entry(name: str, kind: int, *, child: int, begin: int, size: int) -> bytes:
    coded = name.encode("utf-16-le") + b"\0\0" if name else b""
    made = coded.ljust(64, b"\0") + struct.pack("<HBBIII", len(coded), kind, 1, _FREE, _FREE, child)
    return made + bytes(16 + 4 + 16) + struct.pack("<IQ", begin, size)


def ods(rows: Rows, *, name: str = "台账", spans: dict[tuple[int, int], int] | None = None) -> bytes:
    """Return an OpenDocument workbook; `spans` says over how many rows a cell (row, column, from 0) is merged."""
    spans = spans or {}
    covered = {(at + more, place) for (at, place), down in spans.items() for more in range(1, down)}
    body = ""
    for at, row in enumerate(rows):
        cells = "".join(
            "<table:covered-table-cell/>"
            if (at, place) in covered
            else _ods_cell(cell, spans.get((at, place), 1))
            for place, cell in enumerate(row)
        )
        body += f"<table:table-row>{cells}</table:table-row>"
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    content = f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2"><office:body>'
    content += (
        f'<office:spreadsheet><table:table table:name="{name}">{body}</table:table></office:spreadsheet>'
    )
    content += "</office:body></office:document-content>"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as package:
        package.writestr("mimetype", kind)
        package.writestr("content.xml", content)
        package.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>',
        )
    return kept.getvalue()


def _ods_cell(cell: Cell | None, down: int) -> str:
    span = f' table:number-rows-spanned="{down}"' if down > 1 else ""
    if cell is None or cell == "":
        return f"<table:table-cell{span}/>"
    if isinstance(cell, str):
        return f'<table:table-cell{span} office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
    value = cell[0] if isinstance(cell, tuple) else cell
    return f'<table:table-cell{span} office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
