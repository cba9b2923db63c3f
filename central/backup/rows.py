"""Rows of either engine in one form, as lines of JSON: what SQLite stores, which PostgreSQL can read and write too.

Ids are 32 hexadecimal digits, moments UTC without a zone, truth 0 or 1, bytes base64; JSON and sealed columns stay as they
are stored. A backup describes its own columns, so that reading it needs no table class.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    literal_column,
    select,
    table,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

#: Lines of one record, and their characters, after which the next record begins.
MOST_LINES = 1000
MOST_CHARACTERS = 1 << 20
_TAGS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (Uuid, "id"),
    (DateTime, "at"),
    (Date, "day"),
    (LargeBinary, "bytes"),
    (JSON, "json"),
    (Boolean, "truth"),
    (Integer, "number"),
    (Float, "real"),
    (String, "text"),
)
#: How PostgreSQL is asked for a column so that it answers as SQLite stores it.
_POSTGRES = {
    "id": "replace({0}::text, '-', '')",
    "at": "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
    "day": "to_char({0}, 'YYYY-MM-DD')",
    "json": "{0}::text",
    "truth": "{0}::int",
}
_WHOLE = 1 << 256


@dataclass(frozen=True, slots=True)
class Shape:
    """A table as a backup describes it: name, and (column, tag) in order."""

    name: str
    columns: tuple[tuple[str, str], ...]

    @property
    def bytes_at(self) -> tuple[int, ...]:
        """Places of the columns that hold bytes."""
        return tuple(i for i, (_, tag) in enumerate(self.columns) if tag == "bytes")


class Digest:
    """Counts rows and sums their SHA-256: the same for the same rows, whatever order an engine gives them in."""

    def __init__(self) -> None:
        self.rows, self._sum = 0, 0

    def add(self, line: str) -> None:
        """Take in one line."""
        self.rows += 1
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(line.encode()).digest(), "big")) % _WHOLE

    def result(self) -> dict[str, Any]:
        """Return the count and the sum in 64 digits."""
        return {"rows": self.rows, "digest": f"{self._sum:064x}"}


def shape_of(found: Table) -> Shape:
    """Return the shape of a table class; raise `TypeError` for a column type that no backup knows."""
    return Shape(found.name, tuple((column.name, _tag(column)) for column in found.columns))


def _tag(column: Column[Any]) -> str:
    kind: Any = column.type
    if isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    for known, tag in _TAGS:
        if isinstance(kind, known):
            return tag
    msg = f"{column.table.name}.{column.name}: no backup knows the type {kind!r}"
    raise TypeError(msg)


def lines(connection: Connection, shape: Shape) -> Iterator[str]:
    """Yield the rows of a table as they are stored, one line each, in no order."""
    postgres = connection.dialect.name == "postgresql"
    asked = [
        _asked(name, tag, postgres=postgres).label(f"c{i}") for i, (name, tag) in enumerate(shape.columns)
    ]
    query = select(*asked).select_from(table(shape.name))
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_text_of_bytes).encode
    for row in connection.execute(query, execution_options={"yield_per": 500}):
        yield encode(list(row))


def _asked(name: str, tag: str, *, postgres: bool) -> Any:
    quoted = '"' + name.replace('"', '""') + '"'
    return literal_column(_POSTGRES.get(tag, "{0}").format(quoted) if postgres else quoted)


def _text_of_bytes(value: Any) -> str:
    return base64.b64encode(bytes(value)).decode()


def packed(found: Iterator[str], digest: Digest) -> Iterator[bytes]:
    """Yield records of lines, pressed together; `digest` takes in every line."""
    batch: list[str] = []
    size = 0
    for line in found:
        digest.add(line)
        batch.append(line)
        size += len(line)
        if len(batch) >= MOST_LINES or size >= MOST_CHARACTERS:
            yield zlib.compress("\n".join(batch).encode(), 1)
            batch, size = [], 0
    if batch:
        yield zlib.compress("\n".join(batch).encode(), 1)


def unpacked(content: bytes) -> list[str]:
    """Return the lines of a record."""
    # A newline inside a text is escaped in JSON; other line ends are not, so `splitlines` would cut a row in two.
    return zlib.decompress(content).decode().split("\n")


def values(shape: Shape, packed_lines: Sequence[str]) -> list[list[Any]]:
    """Return the rows of lines as values to be stored."""
    rows: list[list[Any]] = [json.loads(line) for line in packed_lines]
    for i in shape.bytes_at:
        for row in rows:
            if row[i] is not None:
                row[i] = base64.b64decode(row[i])
    return rows
