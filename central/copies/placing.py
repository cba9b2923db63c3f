"""The other end of `files`: puts what pieces say into a folder that is made ready.

Many stored files are put there by a process of their own, while this one goes on with the database: each is read once, held against
its digest and written in one go. Whoever counts on them asks `finish` first.
"""

import hashlib
import json
import multiprocessing
import os
import zlib
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from central import memory
from central.backup.contents import FOLDERS
from central.backup.errors import BackupRefused
from central.copies.pieces import BYTES, FILE, GONE, MOST, STORED
from central.documents.files import FOLDER

#: Stored files of one record from which on another process is worth its start.
MANY = 500
#: Name, when it was stored, size, SHA-256.
Stored: TypeAlias = Sequence[tuple[str, int, int, str]]
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


class Placing:
    """Puts files below `folder`, stored ones from `store`."""

    def __init__(self, folder: Path, store: Path) -> None:
        self._folder, self._store = folder, store
        self._small: set[str] = set()
        self._stored = 0
        self._file: Path | None = None
        self._pool: ProcessPoolExecutor | None = None
        self._begun: list[Future[tuple[str, str] | None]] = []

    @property
    def count(self) -> int:
        """How many files were put there."""
        return self._stored + len(self._small)

    def take(self, kind: bytes, content: bytes) -> None:
        """Take a record; raise `BackupRefused` for a stored file that is gone or changed, `ValueError` for what is no record of files."""
        if kind == STORED:
            self._fetch(json.loads(zlib.decompress(content)))
        elif kind == FILE:
            self._begin(content.decode())
        elif kind == BYTES and self._file is not None:
            with self._file.open("ab") as out:
                out.write(content)
        elif kind == GONE:
            self._clear(json.loads(content))
        else:
            raise ValueError(kind)

    def finish(self) -> int:
        """Return how many files are there, all that were named; raise `BackupRefused` for one that is gone or changed."""
        for each in self._begun:
            _refuse(each.result())
        self._begun.clear()
        return self.count

    def close(self) -> None:
        """End what is under way."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def _begin(self, name: str) -> None:
        self._file = _place(self._folder, name)
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file.unlink(missing_ok=True)
        self._file.touch(mode=0o600)
        self._small.add(name)

    def _clear(self, said: dict[str, list[str]]) -> None:
        gone = self._small - set(said["only"]) if "only" in said else self._small & set(said["gone"])
        for name in gone:
            _place(self._folder, name).unlink(missing_ok=True)
        self._small -= gone

    def _fetch(self, lot: Stored) -> None:
        for name, _, _, _ in lot:
            _place(self._folder, name)
            if not name.startswith(f"{FOLDER}/"):
                raise ValueError(name)
        self._stored += len(lot)
        if self._pool is None and len(lot) >= MANY:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, context, memory.die_with_parent, (os.getpid(),))
        if self._pool is None:
            _refuse(fetched(self._folder, self._store, lot))
        else:
            self._begun.append(self._pool.submit(fetched, self._folder, self._store, lot))


def fetched(folder: Path, store: Path, lot: Stored) -> tuple[str, str] | None:
    """Put stored files there; return which is not what it was (key of the sentence, path), None if all are."""
    made = set[Path]()
    for name, at, size, sha256 in lot:
        source, target = store / f"{name}.{at:x}", folder / name
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            made.add(target.parent)
        try:
            good = _copied(source, target) == (size, sha256)
        except FileNotFoundError:
            return "copies.file_gone", str(source)
        if not good:
            return "backup.damaged", str(source)
    return None


def _copied(source: Path, target: Path) -> tuple[int, str]:
    found, written = hashlib.sha256(), 0
    read = os.open(source, os.O_RDONLY)
    try:
        with os.fdopen(os.open(target, _NEW, 0o600), "wb", buffering=0) as out:
            while piece := os.read(read, MOST):
                found.update(piece)
                written += out.write(piece)
    finally:
        os.close(read)
    return written, found.hexdigest()


def _refuse(problem: tuple[str, str] | None) -> None:
    if problem is not None:
        raise BackupRefused(problem[0], path=problem[1])


def _place(folder: Path, name: str) -> Path:
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts or place.parts[0] not in FOLDERS:
        raise ValueError(name)
    return folder / name
