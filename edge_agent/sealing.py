"""Every record of the box's file is sealed on its own, so that a copied or edited file neither speaks nor lies."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edge_agent.files import write_atomically
from shared.canonical import canonical

_KEY_BYTES = 32
_NONCE_BYTES = 12


class BrokenSeal(ValueError):
    """The record was changed, moved to another place, or sealed with another key."""


class Sealer:
    """AES-256-GCM with a random nonce. What a record is about (table, ids) is bound to it but not hidden."""

    def __init__(self, key: bytes, box: str) -> None:
        self._gcm = AESGCM(key)
        self._box = box

    def seal(self, text: str, *about: str | int) -> bytes:
        """Return nonce and sealed bytes of `text`, bound to this box and to `about`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._gcm.encrypt(nonce, text.encode(), self._bound(about))

    def open(self, sealed: bytes, *about: str | int) -> str:
        """Return the text; raise `BrokenSeal`."""
        try:
            text = self._gcm.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self._bound(about))
        except (InvalidTag, ValueError) as error:
            raise BrokenSeal(about) from error
        return text.decode()

    def mend(self, sealed: bytes, *about: str | int) -> str:
        """Return the text of a record in which one bit is wrong, in the seal or in what it is about; raise `BrokenSeal`.

        The seal itself says which bit it was, so nothing is guessed.
        """
        damaged = bytearray(sealed)
        for bit in range(len(damaged) * 8):
            damaged[bit // 8] ^= 1 << bit % 8
            try:
                return self.open(bytes(damaged), *about)
            except BrokenSeal:
                damaged[bit // 8] ^= 1 << bit % 8
        for place, fact in enumerate(about):
            for other in _one_bit_off(fact):
                try:
                    return self.open(sealed, *about[:place], other, *about[place + 1 :])
                except BrokenSeal:
                    continue
        raise BrokenSeal(about)

    def _bound(self, about: tuple[str | int, ...]) -> bytes:
        return canonical([self._box, *about]).encode()


def _one_bit_off(fact: str | int) -> Iterator[str | int]:
    if isinstance(fact, int):
        yield from (fact ^ 1 << bit for bit in range(63))
        return
    raw = bytearray(fact.encode(errors="surrogateescape"))
    for bit in range(len(raw) * 8):
        raw[bit // 8] ^= 1 << bit % 8
        yield raw.decode(errors="surrogateescape")
        raw[bit // 8] ^= 1 << bit % 8


def load_key(path: Path) -> bytes:
    """Return the box's key, drawn at the first start; raise `BrokenSeal` when the file holds something else."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(path, secrets.token_bytes(_KEY_BYTES), mode=0o600)
    path.chmod(0o600)
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise BrokenSeal(os.fspath(path))
    return key
