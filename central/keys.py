"""Key files: made once, readable by the service alone, never in the database."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def signing_key(folder: Path, name: str) -> Ed25519PrivateKey:
    """Return the Ed25519 key `name` from `folder`, making it (mode 0600) on first use."""
    path = folder / f"{name}.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        raw = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        write_private(path, raw)
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def write_private(path: Path, content: bytes) -> None:
    """Write a secret so that it is there whole or not at all, and for its owner only."""
    part = path.with_suffix(".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    part.replace(path)
