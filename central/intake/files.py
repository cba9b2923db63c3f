"""Uploaded ledgers on the disk: sealed, and opened in memory only."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from central.vault.vault import Vault

#: End of the name of a sealed file.
SEALED = ".sealed"


def place(import_id: UUID) -> str:
    """Return what a ledger's file is bound to."""
    return f"ledger_import:{import_id.hex}:file"


def path(data: Path, import_id: UUID) -> Path:
    """Return where a ledger's file is kept."""
    return data / "imports" / f"{import_id}{SEALED}"


def keep(vault: Vault, key_id: UUID, source: BinaryIO, path: Path, import_id: UUID) -> None:
    """Seal the rest of `source` to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    vault.seal_file(key_id, source, path, aad=place(import_id))


@contextmanager
def opened(vault: Vault, path: Path, import_id: UUID) -> Iterator[Path]:
    """Give a path under which this process and its children read the ledger; it lies in memory and ends with the block."""
    handle = os.memfd_create("ledger")
    try:
        with os.fdopen(os.dup(handle), "wb") as out:
            for piece in vault.open_file(path, aad=place(import_id)):
                out.write(piece)
        yield Path(f"/proc/self/fd/{handle}")
    finally:
        os.close(handle)
