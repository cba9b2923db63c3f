"""Appointment codes: a signed token in a QR code, and a short code to type.

Token text: `MY1.` + base32 without padding of 16 bytes appointment id, 4 bytes start and 4 bytes end of the slot
(Unix seconds, big-endian), the court's box prefix in ASCII, and a 64-byte Ed25519 signature over all before it.
It carries no name. The letters are those of QR's alphanumeric mode, so the picture stays small.
"""

import base64
import hashlib
import secrets
import struct
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PREFIX = "MY1."
#: Without I, L, O, U, 0 and 1: read aloud or copied by hand, no sign is taken for another.
SHORT_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
SHORT_LENGTH = 10
_HEAD = struct.Struct(">16sII")
_SIGNATURE_BYTES = 64
_COURT_MAX = 12


class AppointmentToken(NamedTuple):
    """What a valid code says. Times are aware, UTC."""

    appointment_id: UUID
    court: str
    slot_start: datetime
    slot_end: datetime


class BadToken(ValueError):
    """The text is no appointment code at all (`forged` False) or carries a wrong signature (`forged` True)."""

    def __init__(self, *, forged: bool) -> None:
        super().__init__("forged" if forged else "unreadable")
        self.forged = forged


def issue(token: AppointmentToken, key: Ed25519PrivateKey) -> str:
    """Return the signed text of an appointment code for a QR code."""
    head = _HEAD.pack(
        token.appointment_id.bytes, int(token.slot_start.timestamp()), int(token.slot_end.timestamp())
    )
    payload = head + token.court.encode("ascii")
    return PREFIX + base64.b32encode(payload + key.sign(payload)).decode().rstrip("=")


def read(text: str, keys: list[Ed25519PublicKey]) -> AppointmentToken:
    """Return the content of a code signed by any of `keys`; raise `BadToken`."""
    text = text.strip().upper()
    if not text.startswith(PREFIX):
        raise BadToken(forged=False)
    body = text[len(PREFIX) :]
    try:
        raw = base64.b32decode(body + "=" * (-len(body) % 8))
    except ValueError as error:  # no base32, or signs beyond ASCII
        raise BadToken(forged=False) from error
    payload, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
    if not _HEAD.size < len(payload) <= _HEAD.size + _COURT_MAX:
        raise BadToken(forged=False)
    if not any(_verifies(key, signature, payload) for key in keys):
        raise BadToken(forged=True)
    ident, start, end = _HEAD.unpack(payload[: _HEAD.size])
    return AppointmentToken(
        UUID(bytes=ident),
        payload[_HEAD.size :].decode("ascii"),
        datetime.fromtimestamp(start, UTC),
        datetime.fromtimestamp(end, UTC),
    )


def _verifies(key: Ed25519PublicKey, signature: bytes, payload: bytes) -> bool:
    try:
        key.verify(signature, payload)
    except InvalidSignature:
        return False
    return True


def new_short_code() -> str:
    """Return ten random signs (about 49 bits) that a person can type."""
    return "".join(secrets.choice(SHORT_ALPHABET) for _ in range(SHORT_LENGTH))


def normal_short_code(typed: str) -> str:
    """Return what was typed without blanks and hyphens, upper case, full-width signs made plain."""
    narrow = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in typed)
    return "".join(c for c in narrow.upper() if c.isalnum())


def short_code_hash(code: str, salt: str) -> str:
    """Return the slow hash under which a roster lists a typed code (scrypt, about 45 ms: a stolen box guesses slowly)."""
    return hashlib.scrypt(
        normal_short_code(code).encode(), salt=salt.encode(), n=2**14, r=8, p=1, dklen=32, maxmem=64 * 2**20
    ).hex()
