"""Sealed files: pieces of 64 KiB, each authenticated with its number and whether it is the last, so that none can be cut off or swapped.

Layout: header (18 bytes, see `cipher`), nonce prefix (7), then pieces of ciphertext and tag. The nonce of a piece is prefix,
number (4 bytes), last (1 byte).
"""

import contextlib
import ctypes
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from central.vault import cipher
from central.vault.cipher import HEADER_BYTES, TAG_BYTES, DataKey, NotSealed, Suite

PIECE = 1 << 16
_PREFIX_BYTES = 7


def seal(key: DataKey, suite: Suite, source: BinaryIO, target: Path, aad: str) -> None:
    """Write the rest of `source` sealed to `target`, mode 0600; it is on the disk when this returns, or not there at all."""
    part = target.with_name(target.name + ".part")
    with _private(part) as out:
        head, prefix = cipher.header(suite, key.id), os.urandom(_PREFIX_BYTES)
        out.write(head + prefix)
        piece, number = source.read(PIECE), 0
        while True:
            following = source.read(PIECE) if len(piece) == PIECE else b""
            nonce = _nonce(prefix, number, last=not following)
            out.write(key.encrypt(suite, nonce, piece, head + aad.encode()))
            if not following:
                break
            piece, number = following, number + 1
        out.flush()
        os.fsync(out.fileno())
    part.replace(target)
    sync_folder(target.parent)


def opened(key_of: Callable[[UUID], DataKey], path: Path, aad: str) -> Iterator[bytes]:
    """Yield the pieces of a sealed file; raise `NotSealed` at the first that is not as it was written."""
    with path.open("rb") as file:
        head, prefix = file.read(HEADER_BYTES), file.read(_PREFIX_BYTES)
        if len(prefix) < _PREFIX_BYTES or head[0] != cipher.VERSION:
            raise NotSealed
        suite, key = cipher.suite_of(head[1:2]), key_of(UUID(bytes=head[2:]))
        piece, number = file.read(PIECE + TAG_BYTES), 0
        while True:
            following = file.read(PIECE + TAG_BYTES)
            nonce = _nonce(prefix, number, last=not following)
            yield key.decrypt(suite, nonce, piece, head + aad.encode())
            if not following:
                return
            piece, number = following, number + 1


def sync_disk(folder: Path) -> None:
    """Have all that was written to the disk of `folder` on it; raise `OSError`. One call, where many files would each take their own."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.syncfs(handle):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(folder))
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make a renamed file's name as durable as its content."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes((last,))
