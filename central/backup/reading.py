"""Read a backup from beginning to end: every piece authenticated, every part held against its count and digest."""

import hashlib
import json
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from central.backup import contents, rows
from central.backup.container import Derive, Head, Reader
from central.backup.contents import FOLDERS, Manifest
from central.backup.errors import BackupRefused


class Sink(Protocol):
    """Where the content of a backup goes. Nothing reaches it that was not authenticated."""

    def begin(self, shapes: list[rows.Shape], revision: str) -> None:
        """Make ready for these tables at this revision of the schema."""

    def rows(self, shape: rows.Shape, values: list[list[Any]]) -> None:
        """Take rows of a table."""

    def file(self, name: str, piece: bytes) -> None:
        """Take the next piece of a file; the first, possibly empty, makes it."""


class Nowhere:
    """A sink for those who only want to know whether a backup is good."""

    def begin(self, shapes: list[rows.Shape], revision: str) -> None:
        """Do nothing."""

    def rows(self, shape: rows.Shape, values: list[list[Any]]) -> None:
        """Do nothing."""

    def file(self, name: str, piece: bytes) -> None:
        """Do nothing."""


@dataclass
class _State:
    shapes: list[rows.Shape] = field(default_factory=list)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: contents.FileCount = field(default_factory=contents.FileCount)
    digest: rows.Digest = field(default_factory=rows.Digest)
    name: str = ""
    sha: Any = None
    size: int = 0
    manifest: Manifest | None = None


def read(path: Path, derive: Derive, sink: Sink) -> tuple[Head, Manifest]:
    """Give all of a backup to `sink`; raise `BackupRefused` for one that is not whole and unchanged."""
    state = _State()
    try:
        with Reader(path, derive) as reader:
            for kind, content in reader.records():
                if state.manifest is not None:
                    raise BackupRefused("backup.damaged", path=path)
                _take(state, sink, kind, content)
            head = reader.head
    except (ValueError, KeyError, IndexError, TypeError, zlib.error):
        # Authenticated and yet not understood: written by another program with the same key.
        raise BackupRefused("backup.damaged", path=path) from None
    except OSError as error:
        raise BackupRefused("backup.unreadable", path=path, reason=error.strerror or error) from None
    if state.manifest is None:
        raise BackupRefused("backup.damaged", path=path)
    return head, state.manifest


def verify(path: Path, derive: Derive) -> tuple[Head, Manifest]:
    """Return head and manifest of a good backup; raise `BackupRefused` otherwise. Touches nothing."""
    return read(path, derive, Nowhere())


def _take(state: _State, sink: Sink, kind: bytes, content: bytes) -> None:
    if kind == contents.CONTENT:
        _begin(state, sink, json.loads(content))
    elif kind == contents.ROWS:
        shape, lines = state.shapes[len(state.tables)], rows.unpacked(content)
        for line in lines:
            state.digest.add(line)
        sink.rows(shape, rows.values(shape, lines))
    elif kind == contents.FILE:
        _begin_file(state, sink, json.loads(content)["file"])
    elif kind == contents.BYTES:
        state.sha.update(content)
        state.size += len(content)
        sink.file(state.name, content)
    elif kind == contents.PART_END:
        _end_part(state, json.loads(content))
    elif kind == contents.ALL_END:
        _end(state, json.loads(content))
    else:
        raise ValueError(kind)


def _begin(state: _State, sink: Sink, described: dict[str, Any]) -> None:
    state.shapes = [
        rows.Shape(each["name"], tuple((name, tag) for name, tag in each["columns"]))
        for each in described["tables"]
    ]
    sink.begin(state.shapes, described["revision"])


def _begin_file(state: _State, sink: Sink, name: str) -> None:
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts or place.parts[0] not in FOLDERS:
        raise ValueError(name)
    state.name, state.sha, state.size = name, hashlib.sha256(), 0
    sink.file(name, b"")


def _end_part(state: _State, said: dict[str, Any]) -> None:
    if "table" in said:
        found = state.digest.result()
        state.tables[state.shapes[len(state.tables)].name] = found
        state.digest = rows.Digest()
    else:
        found = {"file": state.name, "bytes": state.size, "digest": state.sha.hexdigest()}
        state.files.add(state.name, state.size, found["digest"])
    if any(said[name] != value for name, value in found.items()):
        raise ValueError(said)


def _end(state: _State, said: dict[str, Any]) -> None:
    manifest = Manifest(**said)
    if (manifest.tables, manifest.files) != (state.tables, state.files.result()):
        raise ValueError(said)
    state.manifest = manifest
