"""The centre's own keys on the line to its boxes, as files of the key folder.

`appointments.key` signs codes, papers, receipts; `appointments-next.key` is its successor while boxes learn to trust both;
`sealing.key` (X25519) opens what boxes seal for the centre alone.
"""

import base64
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from central.keys import signing_key, write_private
from shared import wire

#: Name of the signing key in the key folder; boxes trust its public half.
KEY_ID = "appointments"
NEXT = "appointments-next"
_SEALING = "sealing"


class LineKeys(NamedTuple):
    """What signs, what boxes are told to trust (base64, the signing one first), and what opens their seals."""

    signing: Ed25519PrivateKey
    trusted: tuple[str, ...]
    opening: X25519PrivateKey

    @property
    def sealing_key(self) -> str:
        """The public key to which boxes seal, base64."""
        return base64.b64encode(self.opening.public_key().public_bytes_raw()).decode()


def line_keys(keys: Path) -> LineKeys:
    """Return the keys of the folder, made on first use."""
    signing = signing_key(keys, KEY_ID)
    trusted = [signing, *([signing_key(keys, NEXT)] if (keys / f"{NEXT}.key").exists() else [])]
    return LineKeys(signing, tuple(public_text(key) for key in trusted), _opening(keys))


def public_text(key: Ed25519PrivateKey) -> str:
    """Return the public half as settings and messages carry it: base64."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def _opening(keys: Path) -> X25519PrivateKey:
    path = keys / f"{_SEALING}.key"
    if not path.exists():
        keys.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(path, X25519PrivateKey.generate().private_bytes_raw())
    return X25519PrivateKey.from_private_bytes(path.read_bytes())


def paper(content: wire.Message, key: Ed25519PrivateKey) -> str:
    """Return a paper for a box, signed, as it goes down."""
    body = content.model_dump_json()
    signature = base64.b64encode(key.sign(body.encode())).decode()
    return wire.SignedDocument(body=body, signature=signature, key_id=KEY_ID).model_dump_json()
