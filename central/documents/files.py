"""Where the sealed files lie: `attachments/<petition>/<document>.original` and `.made`. A file counts only if a row names it."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, NamedTuple
from uuid import UUID

from central.vault.errors import SealBroken
from central.vault.vault import Vault

FOLDER = "attachments"
_PIECE = 1 << 20


class Copy(StrEnum):
    """Which of the two files."""

    ORIGINAL = "original"
    MADE = "made"


#: How the file of a letter of the court ends, in the folder of its petition.
LETTER = "letter"


def in_memory() -> BinaryIO:
    """Return a file that lies in memory alone: what petitioners hand in never touches the disk unsealed."""
    return os.fdopen(os.memfd_create("minyi"), "w+b")


def copy(source: BinaryIO, target: BinaryIO) -> None:
    """Copy a whole file."""
    source.seek(0)
    shutil.copyfileobj(source, target, _PIECE)
    target.flush()


def digest_of(file: BinaryIO) -> tuple[str, int]:
    """Return SHA-256 and size in bytes of a whole file; it stands at its beginning afterwards."""
    file.seek(0)
    found = hashlib.sha256()
    while piece := file.read(_PIECE):
        found.update(piece)
    size = file.tell()
    file.seek(0)
    return found.hexdigest(), size


def path_of(data: Path, petition_id: UUID, document_id: UUID, copy: str) -> Path:
    """Return where a file lies; nothing in it comes from what somebody typed."""
    return data / FOLDER / petition_id.hex / f"{document_id.hex}.{copy}"


def seal(vault: Vault, key_id: UUID, source: BinaryIO, path: Path) -> None:
    """Write a file sealed; it is on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    source.seek(0)
    vault.seal_file(key_id, source, path, aad=_place(path))


def content_of(vault: Vault, path: Path, sha256: str) -> bytes:
    """Return the content, all of it checked; raise `SealBroken` for a file that is gone or changed, `KeyGone` for one erased."""
    try:
        content = b"".join(vault.open_file(path, aad=_place(path)))
    except FileNotFoundError:
        raise SealBroken("documents.lost") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise SealBroken("documents.lost")
    return content


def _place(path: Path) -> str:
    return f"document:{path.stem}:{path.suffix[1:]}"


class Left(NamedTuple):
    """A file that was not written just now; no id if its name is another (half-written)."""

    document_id: UUID | None
    path: Path


def old_ones(data: Path, before: datetime) -> Iterator[Left]:
    """Yield every file last written before a moment."""
    for path in (data / FOLDER).glob("*/*"):
        try:
            written = path.stat().st_mtime
        except FileNotFoundError:
            continue
        if written < before.timestamp():
            yield Left(_id_of(path), path)


def _id_of(path: Path) -> UUID | None:
    try:
        return UUID(path.stem) if path.suffix[1:] in {*Copy, LETTER} else None
    except ValueError:
        return None


def petition_of(path: Path) -> UUID | None:
    """Return the petition in whose folder a file lies."""
    try:
        return UUID(path.parent.name)
    except ValueError:
        return None


def remove(path: Path) -> None:
    """Remove one file, and its folder if nothing is left in it."""
    path.unlink(missing_ok=True)
    try:
        path.parent.rmdir()
    except OSError:
        return


def remove_all(data: Path, petition_id: UUID) -> None:
    """Remove all files of a petition: part of its erasure, after its key was destroyed."""
    shutil.rmtree(data / FOLDER / petition_id.hex, ignore_errors=True)
