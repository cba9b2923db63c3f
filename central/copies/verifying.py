"""Read the copies of a generation to their end: every piece authenticated, every stored file held against its digest."""

import hashlib
import json
import zlib
from pathlib import Path

from central.backup.container import Derive
from central.backup.errors import BackupRefused
from central.copies import chain, pieces
from central.copies.chain import Reach
from central.copies.pieces import MOST, STORED


def verify(generation: Path, folder: Path, derive: Derive) -> Reach:
    """Return how far a good generation reaches; raise `BackupRefused` otherwise. Touches nothing."""
    reach = chain.reach_of(generation, derive)
    for number in range(reach.pieces):
        with pieces.opened(chain.path_of(generation, number), derive) as piece:
            for kind, content in piece.records:
                if kind == STORED:
                    for name, at, size, sha256 in json.loads(zlib.decompress(content)):
                        _check(folder / chain.STORE / f"{name}.{at:x}", size, sha256)
    return reach


def _check(path: Path, size: int, sha256: str) -> None:
    found, read = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while piece := file.read(MOST):
                found.update(piece)
                read += len(piece)
    except FileNotFoundError:
        raise BackupRefused("copies.file_gone", path=path) from None
    if (read, found.hexdigest()) != (size, sha256):
        raise BackupRefused("backup.damaged", path=path)
