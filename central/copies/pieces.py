"""One piece of a chain: a sealed file whose first record says which piece it is, and which stands before it.

The file is a `backup.container`. Its salt is random and authenticated with all that is in it, so the salt of the piece before is
enough to tie a piece to its place: none can be left out, swapped, or taken from another chain.
"""

import contextlib
import fcntl
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from central.backup.container import Derive, Head, Reader, Writer
from central.backup.errors import BackupRefused
from central.vault.files import sync_folder

#: Records: which piece it is, pages of SQLite, a tar of PostgreSQL's folder, its log, a list of stored files, a small file, its
#: bytes, what is no longer there.
INFO, PAGES, TAR, LOG, STORED, FILE, BYTES, GONE = b"I", b"P", b"T", b"W", b"L", b"F", b"D", b"X"
Record = tuple[bytes, bytes]
#: Bytes that go into one record.
MOST = 1 << 20


@dataclass(frozen=True, slots=True)
class Info:
    """Which piece it is. Moments are ISO 8601 in UTC.

    All that was committed until `until` is in the pieces up to this one; until `since` it was in those before. `point` says whether
    the pieces up to here make a whole state. `position` is how far the log of the engine was read.
    """

    installation: str
    generation: str
    number: int
    previous: str
    since: str
    until: str
    point: bool
    engine: str
    position: dict[str, Any] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        """The moment up to which everything is in it."""
        return datetime.fromisoformat(self.until)

    @property
    def after(self) -> datetime:
        """The moment up to which everything was in the pieces before."""
        return datetime.fromisoformat(self.since)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece that is open for reading. `records` raises `BackupRefused` at the first part that is not as it was written."""

    path: Path
    head: Head
    info: Info
    records: Iterator[Record]


def write(path: Path, head: Head, derive: Derive, info: Info, records: Iterable[Record]) -> None:
    """Write a piece; it is there under its name only when all of it is on the disk."""
    part = path.with_name(path.name + ".part")
    try:
        with _private(part) as out:
            writer = Writer(out, head, derive)
            writer.record(INFO, json.dumps(asdict(info), separators=(",", ":")).encode())
            for kind, content in records:
                writer.record(kind, content)
            writer.close()
        part.replace(path)
        sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def opened(path: Path, derive: Derive) -> Iterator[Piece]:
    """Give a piece; raise `BackupRefused` if it is not one, or not whole and unchanged."""
    try:
        with Reader(path, derive) as reader:
            records = reader.records()
            kind, content = next(records, (b"", b""))
            if kind != INFO:
                raise BackupRefused("copies.no_piece", path=path)
            yield Piece(path, reader.head, Info(**json.loads(content)), records)
    except (ValueError, KeyError, IndexError, TypeError, zlib.error):
        # Authenticated and yet not understood: written by another program with the same key.
        raise BackupRefused("backup.damaged", path=path) from None
    except OSError as error:
        raise BackupRefused("backup.unreadable", path=path, reason=error.strerror or error) from None


def info_of(path: Path, derive: Derive) -> tuple[Head, Info]:
    """Return head and first record of a piece; the rest of it is not looked at."""
    with opened(path, derive) as piece:
        return piece.head, piece.info


@contextlib.contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        fcntl.flock(out, fcntl.LOCK_EX)
        yield out
