"""The other end of `files`: puts what pieces say into a folder that is made ready."""

import hashlib
import json
import os
import zlib
from pathlib import Path, PurePosixPath

from central.backup.contents import FOLDERS
from central.backup.errors import BackupRefused
from central.copies.pieces import BYTES, FILE, GONE, MOST, STORED
from central.documents.files import FOLDER


class Placing:
    """Puts files below `folder`, stored ones from `store`."""

    def __init__(self, folder: Path, store: Path) -> None:
        self._folder, self._store = folder, store
        self._small: set[str] = set()
        self._stored = 0
        self._file: Path | None = None

    @property
    def count(self) -> int:
        """How many files were put there."""
        return self._stored + len(self._small)

    def take(self, kind: bytes, content: bytes) -> None:
        """Take a record; raise `BackupRefused` for a stored file that is gone or changed, `ValueError` for what is no record of files."""
        if kind == STORED:
            for name, at, size, sha256 in json.loads(zlib.decompress(content)):
                self._fetch(name, at, size, sha256)
        elif kind == FILE:
            self._begin(content.decode())
        elif kind == BYTES and self._file is not None:
            with self._file.open("ab") as out:
                out.write(content)
        elif kind == GONE:
            self._clear(json.loads(content))
        else:
            raise ValueError(kind)

    def _begin(self, name: str) -> None:
        self._file = self._place(name)
        self._file.unlink(missing_ok=True)
        self._file.touch(mode=0o600)
        self._small.add(name)

    def _clear(self, said: dict[str, list[str]]) -> None:
        gone = self._small - set(said["only"]) if "only" in said else self._small & set(said["gone"])
        for name in gone:
            self._place(name).unlink(missing_ok=True)
        self._small -= gone

    def _fetch(self, name: str, at: int, size: int, sha256: str) -> None:
        source, target = self._store / f"{name}.{at:x}", self._place(name)
        if not name.startswith(f"{FOLDER}/"):
            raise ValueError(name)
        found, written = hashlib.sha256(), 0
        try:
            with source.open("rb") as file, os.fdopen(os.open(target, _NEW, 0o600), "wb") as out:
                while piece := file.read(MOST):
                    found.update(piece)
                    written += len(piece)
                    out.write(piece)
        except FileNotFoundError:
            raise BackupRefused("copies.file_gone", path=source) from None
        if (written, found.hexdigest()) != (size, sha256):
            raise BackupRefused("backup.damaged", path=source)
        self._stored += 1

    def _place(self, name: str) -> Path:
        place = PurePosixPath(name)
        if place.is_absolute() or ".." in place.parts or place.parts[0] not in FOLDERS:
            raise ValueError(name)
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path


_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
