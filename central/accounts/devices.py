"""Browsers that signed in before: a signed cookie gives each its own count of wrong guesses.

So a stranger who guesses at an account's password uses up the strangers' count and does not lock the owner out (OWASP, "Slow down
online guessing attacks with device cookies"). The cookie signs nobody in.
"""

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from itsdangerous import BadSignature, URLSafeSerializer

from central.keys import signing_key
from shared.canonical import sha256_hex

COOKIE = "minyi_device"
#: People who share one browser, as at a hall's counter; the longest away gives way.
MOST_PEOPLE = 8

#: digest of a user name -> (id of the browser for this person, end in seconds since 1970)
Known = dict[str, tuple[str, int]]


def device_of(keys: Path, cookie: str, username: str, *, now: datetime) -> str:
    """Return the id of the browser for `username`, or "" for one that never signed in as this person."""
    device, ends = _read(keys, cookie).get(_name(username), ("", 0))
    return device if now.timestamp() < ends else ""


def renewed(keys: Path, cookie: str, username: str, *, life: timedelta, now: datetime) -> str:
    """Return the cookie after `username` signed in."""
    known = _read(keys, cookie)
    device = known.pop(_name(username), (secrets.token_hex(12), 0))[0]
    kept = dict(list(known.items())[-MOST_PEOPLE + 1 :])
    return str(_serializer(keys).dumps({**kept, _name(username): (device, int((now + life).timestamp()))}))


def _name(username: str) -> str:
    return sha256_hex(f"device:{username}")[:16]


def _read(keys: Path, cookie: str) -> Known:
    try:
        return dict(_serializer(keys).loads(cookie)) if cookie else {}
    except (BadSignature, ValueError):
        return {}


def _serializer(keys: Path) -> URLSafeSerializer:
    raw = signing_key(keys, "devices").private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return URLSafeSerializer(raw, salt="minyi.device")
