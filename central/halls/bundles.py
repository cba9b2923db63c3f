"""Makes a bundle of software for hall boxes: packages of Debian behind a signed list (`shared.bundles`)."""

import hashlib
import io
import re
import tarfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from central.errors import Invalid
from central.halls.line_keys import public_text
from central.keys import write_private
from shared import bundles
from shared.bundles import Manifest, Package

_NAME = re.compile(r"_(all|amd64|arm64)\.deb$")
_KEY_BYTES = 32


class Wish(NamedTuple):
    """What the bundle shall say: its version, the oldest it may come upon, from when on it may be used (aware)."""

    version: str
    minimum: str
    not_before: datetime


def make_key(path: Path) -> str:
    """Make a signing key (0600) and return its public half for `update.trusted_keys`; a file that is there is refused."""
    if path.exists():
        raise Invalid("halls.bundle.key_there", path=path)
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, key.private_bytes_raw())
    return public_text(key)


def read_key(path: Path) -> Ed25519PrivateKey:
    """Return a signing key; raise `Invalid` for a file that holds none."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Invalid("halls.bundle.key_unreadable", path=path, reason=error.strerror) from error
    if len(raw) != _KEY_BYTES:
        raise Invalid("halls.bundle.no_key", path=path)
    return Ed25519PrivateKey.from_private_bytes(raw)


def make(
    packages: Sequence[Path], wish: Wish, key: Ed25519PrivateKey, *, out: Path, now: datetime
) -> Manifest:
    """Write the bundle, whole or not at all. The same packages, wish and moment give the same bytes."""
    listed = [_package(path) for path in packages]
    try:
        manifest = Manifest(
            product=bundles.PRODUCT,
            version=wish.version,
            minimum=wish.minimum,
            not_before=wish.not_before,
            made_at=now,
            packages=tuple(listed),
        )
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"]) or "packages"
        raise Invalid("halls.bundle.wrong", place=place) from error
    head = manifest.model_dump_json(indent=1).encode()
    part = out.with_name(f".{out.name}.part")
    try:
        with tarfile.open(part, "w", format=tarfile.USTAR_FORMAT) as archive:
            for name, content in ((bundles.MANIFEST, head), (bundles.SIGNATURE, bundles.sign(head, key))):
                archive.addfile(_member(name, len(content)), io.BytesIO(content))
            for path in packages:
                with path.open("rb") as file:
                    archive.addfile(_member(path.name, path.stat().st_size), file)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _package(path: Path) -> Package:
    found = _NAME.search(path.name)
    if found is None:
        raise Invalid("halls.bundle.name", name=path.name)
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Package.model_validate(
            {
                "name": path.name,
                "size": path.stat().st_size,
                "sha256": digest,
                "architecture": found[1],
            }
        )
    except OSError as error:
        raise Invalid("halls.bundle.unreadable", path=path, reason=error.strerror) from error
    except ValidationError as error:
        raise Invalid("halls.bundle.name", name=path.name) from error


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    return member
