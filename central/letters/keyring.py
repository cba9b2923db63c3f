"""The Ed25519 keys of letters: one signs, all that ever signed stay published, so an old letter is checked as long as it exists.

In the key folder (0600): `letter-0001.key` signs; when it is replaced, `letter-0001.pub` stays and the secret is gone.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from central.errors import Invalid
from central.keys import signing_key, write_private

_SECRET, _PUBLIC = "letter-*.key", "letter-*.pub"


class Published(NamedTuple):
    """A key as it is published: its short name, and 32 bytes."""

    id: str
    raw: bytes
    current: bool = False

    @property
    def text(self) -> str:
        """The key in base64."""
        return base64.b64encode(self.raw).decode()

    def holds(self, signature: bytes, message: bytes) -> bool:
        """Say whether this key signed a message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def id_of(raw: bytes) -> str:
    """Return the short name of a public key."""
    return hashlib.sha256(raw).hexdigest()[:16]


def current(folder: Path) -> Ed25519PrivateKey:
    """Return the key that signs, made on first use."""
    there = sorted(folder.glob(_SECRET))
    return signing_key(folder, there[-1].stem if there else "letter-0001")


def raw_of(key: Ed25519PrivateKey) -> bytes:
    """Return the public half of a key."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def published(folder: Path) -> list[Published]:
    """Return every key with which letters were signed here, the newest first."""
    raw = raw_of(current(folder))
    old = [path.read_bytes() for path in sorted(folder.glob(_PUBLIC), reverse=True)]
    return [Published(id_of(raw), raw, current=True), *(Published(id_of(each), each) for each in old)]


def rotate(folder: Path) -> Published:
    """Take a new key; the public halves of those before stay."""
    raw = raw_of(current(folder))
    before = sorted(folder.glob(_SECRET))
    number = int(before[-1].stem.rpartition("-")[2])
    for path in before:
        half = raw_of(Ed25519PrivateKey.from_private_bytes(path.read_bytes()))
        write_private(path.with_suffix(".pub"), half, keep=True)
    raw = raw_of(signing_key(folder, f"letter-{number + 1:04}"))
    for path in before:
        path.unlink()
    return Published(id_of(raw), raw, current=True)


def as_text(keys: Sequence[Published]) -> str:
    """Return keys as the JSON that is published and that `read` takes."""
    rows: list[dict[str, Any]] = [
        {"id": each.id, "ed25519": each.text, "current": each.current} for each in keys
    ]
    return json.dumps({"minyi_letter_keys": rows}, indent=1)


def read(given: str) -> list[Published]:
    """Return the keys in a published list, a PEM, or one key in base64; raise `Invalid`."""
    text = given.strip()
    try:
        if text.startswith("{"):
            rows = json.loads(text)["minyi_letter_keys"]
            return [_named(base64.b64decode(row["ed25519"], validate=True)) for row in rows]
        if text.startswith("-----BEGIN"):
            key = load_pem_public_key(text.encode())
            if isinstance(key, Ed25519PublicKey):
                return [_named(key.public_bytes(Encoding.Raw, PublicFormat.Raw))]
        return [_named(base64.b64decode(text, validate=True))]
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise Invalid("letters.verify.bad_key", field="key") from None


def _named(raw: bytes) -> Published:
    Ed25519PublicKey.from_public_bytes(raw)
    return Published(id_of(raw), raw)
