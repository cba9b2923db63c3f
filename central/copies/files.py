"""Files that go along: attachments, sealed as they lie, each once into the store; the small ones inside the pieces.

What was stored is remembered in a small database of the data folder, so that no file is read twice. A file that is written
anew, as rotation does, is another file for the store: its name there carries when it was written.
"""

import hashlib
import json
import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, select
from sqlmodel import SQLModel

from central.backup import contents
from central.copies.pieces import BYTES, FILE, GONE, MOST, STORED, Record
from central.documents.files import FOLDER, LETTER, Copy, path_of
from central.events.heads import HEADS
from central.vault.files import sync_folder
from shared.ids import new_id

_INLINE = tuple(each for each in contents.FOLDERS if each != FOLDER)
_SCHEMA = """CREATE TABLE IF NOT EXISTS stored (
    name TEXT PRIMARY KEY, at INTEGER NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL) WITHOUT ROWID"""
#: Ids carry the time at which they were made; a row may be committed so much later.
LATE = timedelta(minutes=10)
_LOT = 2000
Stored = tuple[str, int, int, str]


class Files:
    """Files of a data folder and their store."""

    def __init__(self, data: Path, store: Path, known: Path) -> None:
        self._data, self._store = data, store
        store.mkdir(parents=True, exist_ok=True, mode=0o700)
        known.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._known = sqlite3.connect(known, isolation_level=None, timeout=30, check_same_thread=False)
        # A row that is lost costs one more copy of its file.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
            self._known.execute(f"PRAGMA {pragma}")
        self._known.execute(_SCHEMA)
        self._small: dict[str, tuple[int, int]] | None = None
        self._next: dict[str, tuple[int, int]] = {}
        self._seen: dict[UUID, int] = {}
        self._fresh: dict[UUID, int] = {}

    def close(self) -> None:
        """Close what is remembered."""
        self._known.close()

    def heads(self) -> set[str]:
        """Return the signed heads there are. To be asked before the database: what a head counted is committed then."""
        return {each.stem for each in (self._data / "anchors" / HEADS).glob("*.json")}

    def small(self, heads: set[str]) -> Iterator[Record]:
        """Yield the small files that changed since the last piece, and the names of those that went; all after `forget`."""
        seals = heads | {each.stem for each in (self._data / "anchors").glob("*.json")}
        before, self._next = self._small or {}, {}
        for name, path in contents.kept_files(self._data, seals, _INLINE):
            with suppress(FileNotFoundError):
                found = path.stat()
                self._next[name] = mark = (found.st_mtime_ns, found.st_size)
                if before.get(name) != mark:
                    yield from _inline(name, path)
        gone = sorted(before.keys() - self._next.keys())
        if gone or self._small is None:
            yield (
                GONE,
                json.dumps({"only": sorted(self._next)} if self._small is None else {"gone": gone}).encode(),
            )

    def kept(self) -> None:
        """Take note that what `small` and `new` gave is on the disk."""
        self._small = self._next
        self._seen |= self._fresh

    def forget(self) -> None:
        """Give all files again next time."""
        self._small, self._seen, self._fresh = None, {}, {}

    def new(self, connection: Connection, now: datetime) -> Iterator[Record]:
        """Store the files of documents of late and yield what they are called."""
        since = (new_id().int >> 80) - LATE // timedelta(milliseconds=1)
        self._seen = {each: at for each, at in self._seen.items() if at >= since}
        table = SQLModel.metadata.tables["document"]
        query = select(table.c.id, table.c.petition_id).where(table.c.id > UUID(int=since << 80))
        paths, self._fresh = list[Path](), {}
        for document, petition in connection.execute(query):
            if document not in self._seen:
                self._fresh[document] = document.int >> 80
                paths += [path_of(self._data, petition, document, each) for each in Copy]
        letter = SQLModel.metadata.tables["letter"]
        query = select(letter.c.file_id, letter.c.petition_id).where(letter.c.file_id > UUID(int=since << 80))
        for made, petition in connection.execute(query):
            if made not in self._seen:
                self._fresh[made] = made.int >> 80
                paths.append(path_of(self._data, petition, made, LETTER))
        yield from _lists(self._stored(paths, now))

    def all(self, now: datetime) -> Iterator[Record]:
        """Store every file that is not there yet and yield what all are called."""
        found = contents.kept_files(self._data, (), (FOLDER,))
        yield from _lists(self._stored((path for _, path in found), now))

    def _stored(self, paths: Iterable[Path], now: datetime) -> Iterator[Stored]:
        for path in paths:
            # One that was erased meanwhile is not missed: its key is gone as well.
            with suppress(FileNotFoundError):
                yield self._store_one(path, now)

    def _store_one(self, path: Path, now: datetime) -> Stored:
        name, found = path.relative_to(self._data).as_posix(), path.stat()
        target = self._store / f"{name}.{found.st_mtime_ns:x}"
        query = "SELECT sha256 FROM stored WHERE name = ? AND at = ? AND size = ?"
        known = self._known.execute(query, (name, found.st_mtime_ns, found.st_size)).fetchone()
        if known and target.exists():
            _touch(target, now)
            return name, found.st_mtime_ns, found.st_size, known[0]
        size, digest = _copied(path, target)
        _touch(target, now)
        row = (name, found.st_mtime_ns, size, digest)
        self._known.execute("INSERT OR REPLACE INTO stored VALUES (?, ?, ?, ?)", row)
        return row


def drop_stored(store: Path, before: datetime) -> None:
    """Delete what no base has named since a moment and no piece has brought since."""
    for path in store.glob("*/*/*"):
        if path.stat().st_mtime < before.timestamp():
            path.unlink()


def _touch(path: Path, now: datetime) -> None:
    os.utime(path, (now.timestamp(), now.timestamp()))


def _copied(source: Path, target: Path) -> tuple[int, str]:
    """Copy a file; it is on the disk under its name when this returns. Return size and SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part, sha, size = target.with_name(target.name + ".part"), hashlib.sha256(), 0
    try:
        with (
            source.open("rb") as read,
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out,
        ):
            while piece := read.read(MOST):
                sha.update(piece)
                size += len(piece)
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(target.parent)
    return size, sha.hexdigest()


def _inline(name: str, path: Path) -> Iterator[Record]:
    with path.open("rb") as file:
        yield FILE, name.encode()
        while piece := file.read(MOST):
            yield BYTES, piece


def _lists(rows: Iterable[Stored]) -> Iterator[Record]:
    lot: list[Stored] = []
    for row in rows:
        lot.append(row)
        if len(lot) == _LOT:
            yield STORED, _packed(lot)
            lot = []
    if lot:
        yield STORED, _packed(lot)


def _packed(lot: Sequence[Stored]) -> bytes:
    return zlib.compress(json.dumps(lot, separators=(",", ":")).encode(), 1)
