"""Labelled texts out of a file of the one who measures: xlsx, xls, ods, csv, or JSON lines as collections are published."""

import csv
import io
import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from central.errors import Invalid

#: The heads may stand below a title.
LOOKED_AT = 10
_PARTS = re.compile(r"\s*[/>／＞]\s*")
_BOOKS = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"})


class BadTable(Invalid):
    """The file does not hold what was asked for; the sentence says what it does hold."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts with their labels, of the lines that have both; `skipped` had not."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    skipped: int


def read(path: Path, *, text: Sequence[str], label: str, sheet: str = "") -> Labelled:
    """Return the labelled texts of a file. Several columns of text are joined in the order given."""
    rows = _rows(path, sheet)
    heads_at, places = _places(rows, [*text, label])
    texts, labels, skipped = [], [], 0
    for row in rows[heads_at + 1 :]:
        cells = [_said(row[place]) if place < len(row) else "" for place in places]
        words, name = "\n".join(cell for cell in cells[:-1] if cell), cells[-1]
        if words and name:
            texts.append(words)
            labels.append("/".join(part for part in _PARTS.split(name) if part) or name)
        elif words or name:
            skipped += 1
    return Labelled(tuple(texts), tuple(labels), skipped)


def some(found: Labelled, most: int, seed: int) -> Labelled:
    """Return at most so many rows of a file, drawn by a seed, in the order of the file."""
    if len(found.texts) <= most:
        return found
    drawn = sorted(random.Random(seed).sample(range(len(found.texts)), most))  # noqa: S311  # a sample, no secret
    return Labelled(
        tuple(found.texts[row] for row in drawn), tuple(found.labels[row] for row in drawn), found.skipped
    )


def level(labels: Sequence[str], depth: int) -> list[str]:
    """Return the labels down to a level of their hierarchy, 1 the topmost."""
    return ["/".join(label.split("/")[:depth]) for label in labels]


def rare(labels: Sequence[str], folds: int) -> dict[str, int]:
    """Return the labels that are too few to stand in every fold, with how many there are."""
    return {name: many for name, many in Counter(labels).items() if many < folds}


def _rows(path: Path, sheet: str) -> list[list[Any]]:
    if not path.is_file():
        raise BadTable("suggestions.file.missing", path=path)
    if path.suffix.lower() in {".json", ".jsonl"}:
        return _json_lines(path)
    if path.suffix.lower() not in _BOOKS:
        return _csv(path)
    try:
        book = CalamineWorkbook.from_path(path)
        names = book.sheet_names
        if sheet and sheet not in names:
            raise BadTable("suggestions.file.no_sheet", sheet=sheet, sheets="、".join(names))
        tables = [book.get_sheet_by_name(name).to_python() for name in ([sheet] if sheet else names)]
    except (CalamineError, OSError) as error:
        raise BadTable("suggestions.file.unreadable", path=path.name) from error
    return next((table for table in tables if table), [])


def _json_lines(path: Path) -> list[list[Any]]:
    try:
        found = [json.loads(line) for line in path.read_text("utf-8-sig").splitlines() if line.strip()]
    except ValueError as error:
        raise BadTable("suggestions.file.unreadable", path=path.name) from error
    if not found or not all(isinstance(each, dict) for each in found):
        raise BadTable("suggestions.file.unreadable", path=path.name)
    heads = list(dict.fromkeys(name for each in found for name in each))
    return [heads, *([each.get(name) for name in heads] for each in found)]


def _csv(path: Path) -> list[list[Any]]:
    content = path.read_bytes()
    marked = content[:2] in {b"\xff\xfe", b"\xfe\xff"}
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            words = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in words:
            break
        first = words.split("\n", 1)[0]
        separator = max(",\t;", key=first.count)
        csv.field_size_limit(10_000_000)
        return [row for row in csv.reader(io.StringIO(words, newline=""), delimiter=separator) if any(row)]
    raise BadTable("suggestions.file.unreadable", path=path.name)


def _places(rows: Sequence[Sequence[Any]], wanted: Sequence[str]) -> tuple[int, list[int]]:
    for number, row in enumerate(rows[:LOOKED_AT]):
        heads = [_said(cell) for cell in row]
        if all(name.strip() in heads for name in wanted):
            return number, [heads.index(name.strip()) for name in wanted]
    first = [[_said(cell) for cell in row] for row in rows[:LOOKED_AT]]
    named = {name.strip() for name in wanted}
    seen = max(first, key=lambda row: (len(named & set(row)), sum(map(bool, row))), default=[])
    lacking = "、".join(name for name in wanted if name.strip() not in seen)
    raise BadTable("suggestions.file.no_column", column=lacking, columns="、".join(filter(None, seen)) or "-")


def _said(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("\x00", "").strip() if cell is not None else ""
