"""Reads a bundle: the signature first, then what it is, then its packages, which land in a folder when every byte is right.

Nothing is unpacked by the archive's own names: each must be the very one that the signed manifest says comes next.
"""

import hashlib
import os
import platform
import shutil
import tarfile
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from edge_agent.updating.states import State
from shared import bundles
from shared.bundles import Manifest, Package

_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
_BLOCK = 2**20
#: Packed packages want room for themselves and, unpacked, about four times that.
_ROOM = 5
_MARGIN_BYTES = 64 * 2**20


class Refusal(StrEnum):
    """Why a bundle is not taken. Each has a sentence in the catalogue."""

    UNREADABLE = "unreadable"
    TRUNCATED = "truncated"
    OVERSIZE = "oversize"
    NO_KEYS = "no_keys"
    WRONG_KEY = "wrong_key"
    OTHER_PRODUCT = "other_product"
    OTHER_MACHINE = "other_machine"
    OLD = "old"
    TOO_FAR = "too_far"
    TOO_EARLY = "too_early"
    FAILED_BEFORE = "failed_before"
    CONTENT = "content"
    DAMAGED = "damaged"
    NO_ROOM = "no_room"


class Refused(Exception):
    """A bundle that is not taken, and what was known of it by then."""

    def __init__(self, why: Refusal, **values: object) -> None:
        super().__init__(why, values)
        self.why = why
        self.values = values


class Box(NamedTuple):
    """What a bundle is held against: where the box stands, whom it believes, what machine it is, and the time (UTC)."""

    state: State
    keys: Sequence[Ed25519PublicKey]
    architecture: str
    now: datetime
    again: bool = False


def architecture() -> str:
    """Return what Debian calls this machine; the kernel's own word for one that no bundle is made for."""
    return _MACHINES.get(platform.machine(), platform.machine())


def judge(manifest: Manifest, box: Box) -> None:
    """Raise `Refused` unless this box may take a bundle of this manifest now."""
    state = box.state
    if manifest.product != bundles.PRODUCT:
        raise Refused(Refusal.OTHER_PRODUCT, product=manifest.product)
    if not manifest.of(box.architecture):
        raise Refused(Refusal.OTHER_MACHINE, machine=box.architecture)
    if not bundles.newer(manifest.version, state.floor):
        raise Refused(Refusal.OLD, version=manifest.version, floor=state.floor)
    if bundles.newer(manifest.minimum, state.good):
        raise Refused(Refusal.TOO_FAR, version=manifest.version, minimum=manifest.minimum, good=state.good)
    if bundles.too_early(manifest, now=box.now):
        raise Refused(Refusal.TOO_EARLY, since=manifest.not_before.isoformat(timespec="minutes"))
    if manifest.version in state.failed and not box.again:
        raise Refused(Refusal.FAILED_BEFORE, version=manifest.version)


def take(path: Path, box: Box, *, into: Path | None) -> Manifest:
    """Check a bundle whole; with `into`, leave its packages for this machine there, synced to the disk.

    Raises `Refused`, and OSError where the file or the folder cannot be reached. `into` is emptied first and again on a refusal.
    """
    try:
        if into is not None:
            empty(into)
        with path.open("rb") as raw:
            return _take(raw, box, into)
    except (Refused, OSError):
        if into is not None:
            shutil.rmtree(into, ignore_errors=True)
        raise


def empty(folder: Path) -> None:
    """Make a folder that holds nothing."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)


def _take(raw: IO[bytes], box: Box, into: Path | None) -> Manifest:
    if not box.keys:
        raise Refused(Refusal.NO_KEYS)
    if os.fstat(raw.fileno()).st_size > bundles.MOST_BYTES:
        raise Refused(Refusal.OVERSIZE)
    head = _small(raw, bundles.MANIFEST, bundles.MANIFEST_BYTES)
    signature = _small(raw, bundles.SIGNATURE, bundles.SIGNATURE_BYTES)
    if not bundles.signed_by_one_of(head, signature, box.keys):
        raise Refused(Refusal.WRONG_KEY)
    try:
        manifest = Manifest.model_validate_json(head)
    except ValidationError:
        raise Refused(Refusal.UNREADABLE) from None
    judge(manifest, box)
    if into is not None:
        _room(manifest, into, box.architecture)
    wanted = manifest.of(box.architecture)
    for package in manifest.packages:
        _package(raw, package, into if package in wanted else None)
    _end(raw)
    if into is not None:
        _write(into / bundles.MANIFEST, head)
        _sync_folder(into)
    return manifest


def staged(folder: Path, machine: str) -> list[Path]:
    """Return the packages that `take` left in a folder, in their order; raise `Refused` when one is no longer what it was."""
    try:
        manifest = Manifest.model_validate_json((folder / bundles.MANIFEST).read_bytes())
        for package in manifest.of(machine):
            with (folder / package.name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != package.sha256:
                    raise Refused(Refusal.DAMAGED)
    except (OSError, ValidationError):
        raise Refused(Refusal.DAMAGED) from None
    return [folder / package.name for package in manifest.of(machine)]


def _member(raw: IO[bytes], name: str) -> int:
    """Return the size of the next member, which must be a plain file of this name.

    Heads are read one block at a time: those that announce long names or attributes would be believed before any signature.
    """
    block = raw.read(tarfile.BLOCKSIZE)
    if len(block) < tarfile.BLOCKSIZE:
        raise Refused(Refusal.TRUNCATED if block or name != bundles.MANIFEST else Refusal.UNREADABLE)
    try:
        found = tarfile.TarInfo.frombuf(block, "ascii", "strict")
    except (tarfile.HeaderError, UnicodeError, ValueError):
        raise Refused(Refusal.CONTENT if not any(block) else Refusal.UNREADABLE) from None
    if found.name != name or found.type != tarfile.REGTYPE or found.size < 0:
        raise Refused(Refusal.CONTENT)
    return found.size


def _skip_padding(raw: IO[bytes], size: int) -> None:
    padding = -size % tarfile.BLOCKSIZE
    if len(raw.read(padding)) < padding:
        raise Refused(Refusal.TRUNCATED)


def _end(raw: IO[bytes]) -> None:
    """Take the end mark (two empty blocks) and the emptiness behind it; nothing may follow."""
    rest = raw.read(2 * tarfile.RECORDSIZE + 1)
    if any(rest) or len(rest) > 2 * tarfile.RECORDSIZE:
        raise Refused(Refusal.CONTENT)
    if len(rest) < 2 * tarfile.BLOCKSIZE:
        raise Refused(Refusal.TRUNCATED)


def _small(raw: IO[bytes], name: str, most: int) -> bytes:
    size = _member(raw, name)
    if size > most:
        raise Refused(Refusal.OVERSIZE)
    content = raw.read(size)
    if len(content) < size:
        raise Refused(Refusal.TRUNCATED)
    _skip_padding(raw, size)
    return content


def _package(raw: IO[bytes], package: Package, into: Path | None) -> None:
    size = _member(raw, package.name)
    if size != package.size:
        raise Refused(Refusal.OVERSIZE if size > package.size else Refusal.DAMAGED)
    digest, left = hashlib.sha256(), size
    with open(os.devnull if into is None else into / package.name, "wb") as out:  # noqa: PTH123  or the null device
        while left:
            block = raw.read(min(left, _BLOCK))
            if not block:
                raise Refused(Refusal.TRUNCATED)
            left -= len(block)
            digest.update(block)
            out.write(block)
        if into is not None:
            out.flush()
            os.fsync(out.fileno())
    if digest.hexdigest() != package.sha256:
        raise Refused(Refusal.DAMAGED)
    _skip_padding(raw, size)


def _room(manifest: Manifest, into: Path, machine: str) -> None:
    size = sum(package.size for package in manifest.of(machine))
    wanted = size * _ROOM + _MARGIN_BYTES
    if shutil.disk_usage(into).free < wanted:
        raise Refused(Refusal.NO_ROOM, megabytes=-(-wanted // 2**20))


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _sync_folder(folder: Path) -> None:
    for each in (folder, folder.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
