"""The master key in three shares, any two of which make it again (Shamir), printed for three officers. No file.

A share is 18 groups of four letters and digits (base 32, without 0, 1, 8, 9): version, number, master id, two halves, checksum.
One share alone says nothing about the key.
"""

import base64
import hashlib
import re
from dataclasses import dataclass

from Crypto.Protocol.SecretSharing import Shamir  # pycryptodome; pyCrypto was the dead one # nosec B413

from central.vault.errors import BadShare
from central.vault.master import Master

SHARES = 3
NEEDED = 2
_VERSION = 1
_HALF = 16
_CHECK = 5
_BODY = 2 + 6 + 2 * _HALF
_SPACE = re.compile(r"[\s-]")


@dataclass(frozen=True, slots=True)
class Share:
    """One share: its number (1 to 3), whose master it is, what is printed."""

    number: int
    master: str
    text: str


def split(key: Master) -> list[Share]:
    """Return three printable shares of a master key."""
    raw = key.secret()
    halves = [Shamir.split(NEEDED, SHARES, raw[at : at + _HALF]) for at in (0, _HALF)]
    found = []
    for (number, first), (_, second) in zip(*halves, strict=True):
        body = bytes((_VERSION, number)) + bytes.fromhex(key.id) + first + second
        text = base64.b32encode(body + _checksum(body)).decode()
        found.append(Share(number, key.id, "-".join(text[at : at + 4] for at in range(0, len(text), 4))))
    return found


def combine(one: str, other: str) -> Master:
    """Return the master key of two shares as typed; raise `BadShare` and say which one is wrong."""
    parts = [_parsed(one, 1), _parsed(other, 2)]
    numbers, masters = {part[1] for part in parts}, {part[2:8] for part in parts}
    if len(numbers) < NEEDED or len(masters) > 1:
        raise BadShare("vault.shares_differ")
    halves = [Shamir.combine([(part[1], part[at : at + _HALF]) for part in parts]) for at in (8, 8 + _HALF)]
    found = Master(b"".join(halves))
    if bytes.fromhex(found.id) not in masters:
        raise BadShare("vault.shares_differ")
    return found


def _parsed(typed: str, place: int) -> bytes:
    try:
        raw = base64.b32decode(_SPACE.sub("", typed).upper())
    except ValueError:  # of the decoder, or of a text that is not ASCII
        raw = b""
    body, check = raw[:_BODY], raw[_BODY:]
    if (
        len(body) != _BODY
        or check != _checksum(body)
        or body[0] != _VERSION
        or body[1] not in range(1, SHARES + 1)
    ):
        raise BadShare("vault.share_damaged", number=place)
    return body


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(b"minyi share" + body).digest()[:_CHECK]
