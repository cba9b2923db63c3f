"""What a backup holds beside the tables, and what its records are called."""

import os
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from central.backup.rows import Digest
from central.vault.vault import STORE

#: Records: how the content is described, rows, a file, its bytes, the end of a part, the end of all.
CONTENT, ROWS, FILE, BYTES, PART_END, ALL_END = b"C", b"R", b"F", b"D", b"E", b"Z"
#: Folders below the data folder. Whatever a domain adds there must be named here: a test looks.
FOLDERS = ("attachments", "imports", "anchors", "broker", "keys", "sorting")
#: Folders that no backup keeps: exported files are gone within days, and shall not come back.
LEFT_OUT = ("exports",)
#: Beside the backup lies the copy of the key store as it is now, never as it was: destroyed keys are not in it.
KEYSTORE_COPY = "keystore.current"
#: In the data folder: when and where the last backup was made, for `minyi doctor`.
LAST = "last-backup.json"
_NEVER = (STORE, "keystore.", "master.")
_UNFINISHED = (".part", ".tmp")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was found in a backup, each part with count and digest; equal manifests mean equal content."""

    revision: str
    engine: str
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    last_event: int = 0
    last_hash: str = ""
    anchor: str = ""

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(int(each["rows"]) for each in self.tables.values())

    @property
    def bytes(self) -> int:
        """Bytes of all files."""
        return sum(int(each["bytes"]) for each in self.files.values())

    def as_json(self) -> dict[str, Any]:
        """Return it for the last record."""
        return asdict(self)


class FileCount:
    """Counts the files of each folder, their bytes, and sums their digests: as much memory for a million files as for one."""

    def __init__(self) -> None:
        self._digests: dict[str, Digest] = {}
        self._bytes: dict[str, int] = {}

    def add(self, name: str, size: int, sha256: str) -> None:
        """Take in one file."""
        folder = name.split("/", 1)[0]
        self._digests.setdefault(folder, Digest()).add(f"{name}:{size}:{sha256}")
        self._bytes[folder] = self._bytes.get(folder, 0) + size

    def result(self) -> dict[str, dict[str, Any]]:
        """Return files, bytes and digest of each folder."""
        found = {}
        for folder, digest in sorted(self._digests.items()):
            counted = digest.result()
            found[folder] = {
                "files": counted["rows"],
                "bytes": self._bytes[folder],
                "digest": counted["digest"],
            }
        return found


def kept_files(
    data: Path, seals: Container[str], folders: Sequence[str] = FOLDERS
) -> Iterator[tuple[str, Path]]:
    """Yield the files to keep as (path below the data folder, file), in no order; never the master key, the key store or a link.

    Of seals and heads only the `seals` (names without suffix) that the snapshot of the database bears out: one that is being made
    now belongs to the next backup.
    """
    for folder in folders:
        for path in _files(data / folder):
            name = path.relative_to(data).as_posix()
            if path.name.endswith(_UNFINISHED):
                continue
            if folder == "keys" and path.name.startswith(_NEVER):
                continue
            if folder == "anchors" and path.stem not in seals:
                continue
            yield name, path


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder one by one, without a list of all: attachments of a province are many."""
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return
    with entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(folder / entry.name)
            elif entry.is_file(follow_symlinks=False):
                yield folder / entry.name
