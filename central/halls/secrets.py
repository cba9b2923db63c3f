"""The secret of a box: 256 random bits, kept as a hash in the format of Mosquitto's password file.

`$7$<rounds>$<salt>$<hash>`, PBKDF2 with HMAC-SHA-512, both in base64. Few rounds are enough: nobody guesses 256 bits.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

_SCHEME = "7"
_ROUNDS = 101
_SALT_BYTES = 12
_HASH_BYTES = 64


def new_secret() -> str:
    """Return a fresh secret, 43 letters that need no quoting anywhere."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """Return the hash under which `secret` is kept."""
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = _derive(secret, salt, _ROUNDS)
    return f"${_SCHEME}${_ROUNDS}${_text(salt)}${_text(digest)}"


def matches(secret: str, kept: str) -> bool:
    """Say whether `secret` is the one behind `kept`; a damaged hash matches nothing."""
    try:
        _, scheme, rounds, salt, digest = kept.split("$")
        expected = base64.b64decode(digest)
        found = _derive(secret, base64.b64decode(salt), int(rounds))
    except (ValueError, binascii.Error):
        return False
    return scheme == _SCHEME and hmac.compare_digest(found, expected)


def _derive(secret: str, salt: bytes, rounds: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha512", secret.encode(), salt, rounds, _HASH_BYTES)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
