"""The exported file: written in memory, sealed on the disk, its cells text, every row and page marked with who took it and when."""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

import xlsxwriter

from central.exports.rules import RISKY, Format, safe
from central.vault.vault import Vault

FOLDER = "exports"
MEDIA = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8",
}
#: Nothing in a cell becomes a formula or a link by itself; nothing is laid on the disk unsealed.
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_WIDTHS = (20, 30, 10, 12, 12, 40, 14, 12, 12, 12)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a file in the language of the one who asked: sheet, heads, mark."""

    title: str
    heads: Sequence[str]
    mark: str


class Writer(Protocol):
    """Takes rows of text, then gives the file."""

    def add(self, row: Sequence[str]) -> None:
        """Write one row."""

    def content(self) -> bytes:
        """Return the file."""


class CsvWriter:
    """Comma-separated, every cell quoted (RFC 4180), with a byte order mark so that spreadsheets read it as UTF-8."""

    def __init__(self, words: Words) -> None:
        self._mark, self._text = words.mark, io.StringIO()
        self._text.write("\ufeff")
        self._rows = csv.writer(self._text, quoting=csv.QUOTE_ALL)
        self._rows.writerow([*words.heads])

    def add(self, row: Sequence[str]) -> None:
        """See `Writer`."""
        self._rows.writerow([safe(cell) for cell in (*row, self._mark)])

    def content(self) -> bytes:
        """See `Writer`."""
        return self._text.getvalue().encode("utf-8")


class XlsxWriter:
    """One sheet; the mark stands above it, in every row, and at head and foot of every printed page."""

    def __init__(self, words: Words) -> None:
        self._mark, self._bytes, self._line = words.mark, io.BytesIO(), 2
        self._book = xlsxwriter.Workbook(self._bytes, _OPTIONS)
        self._book.set_properties({"title": words.title, "comments": words.mark})
        self._quoted = self._book.add_format({"quote_prefix": True})
        head, mark = (
            self._book.add_format({"bold": True, "bottom": 1}),
            self._book.add_format({"italic": True}),
        )
        self._sheet = self._book.add_worksheet(words.title[:31])
        self._sheet.write_string(0, 0, words.mark, mark)
        for place, text in enumerate(words.heads):
            self._sheet.write_string(1, place, text, head)
        for place, width in enumerate(_WIDTHS):
            self._sheet.set_column(place, place, width)
        self._sheet.freeze_panes(2, 0)
        self._sheet.repeat_rows(0, 1)
        # An ampersand begins a command in heads and feet.
        printed = words.mark.replace("&", "&&")
        self._sheet.set_header(f'&C&12&"Noto Sans CJK SC"{printed}'[:255])
        self._sheet.set_footer(f"&L{printed[:200]}&R&P / &N")
        self._sheet.set_landscape()
        self._sheet.set_paper(9)

    def add(self, row: Sequence[str]) -> None:
        """See `Writer`."""
        for place, cell in enumerate((*row, self._mark)):
            self._sheet.write_string(
                self._line, place, cell, self._quoted if cell.startswith(RISKY) else None
            )
        self._line += 1

    def content(self) -> bytes:
        """See `Writer`."""
        self._book.close()
        return self._bytes.getvalue()


def writer(kind: Format, words: Words) -> Writer:
    """Return a writer of a kind of file."""
    return CsvWriter(words) if kind is Format.CSV else XlsxWriter(words)


def path_of(data: Path, export_id: UUID) -> Path:
    """Return where the sealed file lies."""
    return data / FOLDER / f"{export_id.hex}.sealed"


def keep(vault: Vault, key_id: UUID, data: Path, export_id: UUID, content: bytes, ids: Iterable[UUID]) -> str:
    """Seal a file together with the ids of the petitions in it; return the digest of the file."""
    path = path_of(data, export_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    packed = b"".join(each.bytes for each in ids)
    framed = io.BytesIO(len(packed).to_bytes(8) + packed + content)
    vault.seal_file(key_id, framed, path, aad=_place(export_id))
    return hashlib.sha256(content).hexdigest()


def opened(vault: Vault, data: Path, export_id: UUID) -> tuple[list[UUID], bytes]:
    """Return the ids of the petitions in a file, and the file; raise `KeyGone`, `SealBroken`, `FileNotFoundError`."""
    framed = b"".join(vault.open_file(path_of(data, export_id), aad=_place(export_id)))
    end = 8 + int.from_bytes(framed[:8])
    return [UUID(bytes=framed[at : at + 16]) for at in range(8, end, 16)], framed[end:]


def remove(data: Path, export_id: UUID) -> None:
    """Remove a file, if it is there."""
    path_of(data, export_id).unlink(missing_ok=True)


def _place(export_id: UUID) -> str:
    return f"export:{export_id.hex}:file"
