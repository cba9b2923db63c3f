"""Slow hashes. Parameters follow the OWASP password storage sheet (Argon2id, 19 MiB, two passes).

Passwords are hashed in their NFKC form, so that one typed in full-width letters or on another keyboard is the same password
(NIST SP 800-63B 3.1.1.2); nothing else about them is changed and nothing is cut off.
"""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_PASSWORDS = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
#: A receipt code is 16 random digits (53 bits), not a word somebody chose: one pass over 4 MiB puts a search of all of
#: them beyond reach (half a million processor years) and leaves registration fast. docs/decisions/0003.
_CODES = PasswordHasher(time_cost=1, memory_cost=4096, parallelism=1)


def hash_password(password: str) -> str:
    """Return the Argon2id text of a password."""
    return _PASSWORDS.hash(_plain(password))


def is_outdated(stored: str) -> bool:
    """Say whether a hash was made with other parameters than today's: it is made anew when its owner signs in."""
    return _PASSWORDS.check_needs_rehash(stored)


def hash_code(code: str) -> str:
    """Return the Argon2id text of a receipt code."""
    return _CODES.hash(code)


def matches_password(stored: str | None, given: str) -> bool:
    """Say whether `given` fits; with no account (`None`) the same work is done and the answer is no."""
    return _matches(_PASSWORDS, stored or _decoy_password(), _plain(given)) and stored is not None


def matches_code(stored: str | None, given: str) -> bool:
    """Say whether a receipt code fits; with no petition (`None`) the same work is done and the answer is no."""
    return _matches(_CODES, stored or _decoy_code(), given) and stored is not None


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _matches(hasher: PasswordHasher, stored: str, given: str) -> bool:
    try:
        return hasher.verify(stored, given)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _decoy_password() -> str:
    return hash_password("nobody has this password")


@cache
def _decoy_code() -> str:
    return hash_code("0000 0000 0000 0000 nobody")
