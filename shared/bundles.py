"""Software for hall boxes as a signed bundle: what stands in it, and what its signature covers. Pure.

A bundle is a plain tar: `manifest.json` first, `manifest.sig` second, then the packages in the order of the manifest and nothing else.
The signature (Ed25519) covers a line of its own and the exact bytes of the manifest; the manifest names every package by size and SHA-256.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AwareDatetime, Field, model_validator

from shared.wire import Message

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
PRODUCT = "minyi-edge"
#: Longest manifest and signature, and all packages together, in bytes.
MANIFEST_BYTES, SIGNATURE_BYTES, PACKAGES_BYTES = 65_536, 200, 2 * 2**30
#: Longest bundle: the packages, each padded, and what stands before and behind them.
MOST_BYTES = PACKAGES_BYTES + 2**20
#: What Debian calls the machines a box can be; `all`: a package for each of them.
ARCHITECTURES = ("amd64", "arm64")
_SIGNED = b"minyi bundle 1\n"

Version = Annotated[str, Field(pattern=r"^\d{1,6}(\.\d{1,6}){1,3}$")]


class Package(Message):
    """One package: a name without folders, its length in bytes, its SHA-256 and the machines it is for."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.+~_-]{0,120}\.deb$")]
    size: Annotated[int, Field(ge=1, le=PACKAGES_BYTES)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    architecture: Literal["all", "amd64", "arm64"]


class Manifest(Message):
    """What a bundle is.

    `minimum`: the oldest version that may be updated by it. `not_before`: no box takes it earlier. A box never goes back to
    a version at or below the highest one it ever confirmed, so there is no "oldest allowed" beside it.
    """

    format: Literal[1] = 1
    product: Annotated[str, Field(min_length=1, max_length=64)]
    version: Version
    minimum: Version
    not_before: AwareDatetime
    made_at: AwareDatetime
    packages: Annotated[tuple[Package, ...], Field(min_length=1, max_length=32)]

    @model_validator(mode="after")
    def _each_once_and_not_too_much(self) -> Self:
        if len({package.name for package in self.packages}) != len(self.packages):
            msg = "two packages of one name"
            raise ValueError(msg)
        if sum(package.size for package in self.packages) > PACKAGES_BYTES:
            msg = "too large"
            raise ValueError(msg)
        return self

    def of(self, architecture: str) -> tuple[Package, ...]:
        """Return the packages for a machine; empty when it is none of those this bundle is for."""
        if all(package.architecture not in (architecture, "all") for package in self.packages):
            return ()
        return tuple(package for package in self.packages if package.architecture in (architecture, "all"))


def newer(one: str, other: str) -> bool:
    """Say whether version `one` is above `other`; 0.2 and 0.2.0 are the same."""
    return _numbers(one) > _numbers(other)


def highest(versions: Iterable[str]) -> str:
    """Return the highest of some versions, "0.0" for none."""
    return max(versions, key=_numbers, default="0.0")


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(part) for part in re.findall(r"\d+", version)[:4]]
    return (*numbers, *(0,) * (4 - len(numbers)))


def sign(manifest: bytes, key: Ed25519PrivateKey) -> bytes:
    """Return the content of `manifest.sig`: the signature in base64."""
    return base64.b64encode(key.sign(_SIGNED + manifest))


def signed_by_one_of(manifest: bytes, signature: bytes, keys: Iterable[Ed25519PublicKey]) -> bool:
    """Say whether any of `keys` signed the manifest."""
    try:
        raw = base64.b64decode(signature.strip(), validate=True)
    except binascii.Error:
        return False
    for key in keys:
        try:
            key.verify(raw, _SIGNED + manifest)
        except InvalidSignature:
            continue
        return True
    return False


def packages_name(version: str) -> str:
    """Return the name of the Debian package that holds a version. Two versions stand side by side, as kernels do."""
    return f"{PRODUCT}-{version}"


def too_early(manifest: Manifest, *, now: datetime) -> bool:
    """Say whether no box may take the bundle yet."""
    return now < manifest.not_before
