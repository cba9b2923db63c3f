"""Key files: made once, readable by the service alone, never in the database."""

import contextlib
import os
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)


def signing_key(folder: Path, name: str) -> Ed25519PrivateKey:
    """Return the Ed25519 key `name` from `folder`, making it (mode 0600) on first use."""
    path = folder / f"{name}.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        raw = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        # Two that begin at once must go on with one key: the first file that is there stays.
        write_private(path, raw, keep=True)
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def push_key(folder: Path) -> ec.EllipticCurvePrivateKey:
    """Return the P-256 key by which push services know this server (RFC 8292), making it on first use."""
    path = folder / "push.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = ec.generate_private_key(ec.SECP256R1())
        write_private(path, made.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), keep=True)
    found = load_der_private_key(path.read_bytes(), None)
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        msg = "push.key holds another kind of key"
        raise TypeError(msg)
    return found


def write_private(path: Path, content: bytes, *, keep: bool = False) -> None:
    """Write a secret so that it is there whole or not at all, and for its owner only; with `keep` a file that is there stays."""
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        if keep:
            with contextlib.suppress(FileExistsError):
                os.link(part, path)
        else:
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
