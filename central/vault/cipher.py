"""Sealing with one key: AES-256-GCM or SM4-GCM (GB/T 32907), a header that says how, and the place bound in. No file, no clock.

Sealed bytes: version (1), suite (1), key id (16), nonce (12), ciphertext, tag (16). Header and place (`table:row:column`) are
authenticated with the content, so that nothing sealed can be moved to another row, column or key.
"""

import os
from enum import Enum
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = 1
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
HEADER_BYTES = 18
OVERHEAD = HEADER_BYTES + NONCE_BYTES + TAG_BYTES
_SM4_BYTES = 16


class Suite(Enum):
    """How something is sealed; the number stands in the header."""

    AES_256_GCM = "aes-256-gcm"
    SM4_GCM = "sm4-gcm"

    @property
    def number(self) -> int:
        """Return the byte of the header."""
        return _NUMBERS[self]


_NUMBERS = {Suite.AES_256_GCM: 1, Suite.SM4_GCM: 2}
_SUITES = {number: suite for suite, number in _NUMBERS.items()}


class NotSealed(ValueError):
    """These bytes are not sealed by us, or not with this key for this place."""


class DataKey:
    """A key of 32 random bytes and its ready ciphers. It never shows itself."""

    __slots__ = ("_aes", "_raw", "_sm4", "id")

    def __init__(self, key_id: UUID, raw: bytes) -> None:
        self.id = key_id
        self._raw = raw
        self._aes: AESGCM | None = None
        self._sm4: bytes | None = None

    def __repr__(self) -> str:
        return f"DataKey({self.id})"

    def __reduce__(self) -> str:
        msg = "a key is not copied"
        raise TypeError(msg)

    def derive(self, purpose: str, length: int = KEY_BYTES) -> bytes:
        """Return `length` bytes for one purpose (HKDF-SHA256)."""
        return derived(self._raw, purpose, length)

    def encrypt(self, suite: Suite, nonce: bytes, data: bytes, aad: bytes) -> bytes:
        """Return ciphertext and tag."""
        if suite is Suite.AES_256_GCM:
            return self._gcm().encrypt(nonce, data, aad)
        work = Cipher(SM4(self._sm4_key()), GCM(nonce)).encryptor()
        work.authenticate_additional_data(aad)
        return work.update(data) + work.finalize() + work.tag

    def decrypt(self, suite: Suite, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
        """Return the content; raise `NotSealed` if anything was changed."""
        try:
            if suite is Suite.AES_256_GCM:
                return self._gcm().decrypt(nonce, sealed, aad)
            work = Cipher(SM4(self._sm4_key()), GCM(nonce, sealed[-TAG_BYTES:])).decryptor()
            work.authenticate_additional_data(aad)
            return work.update(sealed[:-TAG_BYTES]) + work.finalize()
        except (InvalidTag, ValueError) as error:
            raise NotSealed from error

    def _gcm(self) -> AESGCM:
        if self._aes is None:
            self._aes = AESGCM(self._raw)
        return self._aes

    def _sm4_key(self) -> bytes:
        if self._sm4 is None:
            self._sm4 = self.derive("sm4-gcm", _SM4_BYTES)
        return self._sm4


def derived(raw: bytes, purpose: str, length: int = KEY_BYTES) -> bytes:
    """Return `length` bytes for one purpose from a key (HKDF-SHA256)."""
    return HKDF(SHA256(), length, None, b"minyi:" + purpose.encode()).derive(raw)


def suite_of(number: bytes) -> Suite:
    """Return the suite of a header's byte; raise `NotSealed` if there is none such."""
    if not number or number[0] not in _SUITES:
        raise NotSealed
    return _SUITES[number[0]]


def header(suite: Suite, key_id: UUID) -> bytes:
    """Return the 18 bytes before the nonce."""
    return bytes((VERSION, suite.number)) + key_id.bytes


def parsed(sealed: bytes) -> tuple[Suite, UUID]:
    """Return suite and key id of sealed bytes; raise `NotSealed` if they are none."""
    if len(sealed) < OVERHEAD or sealed[0] != VERSION or sealed[1] not in _SUITES:
        raise NotSealed
    return _SUITES[sealed[1]], UUID(bytes=bytes(sealed[2:HEADER_BYTES]))


def seal(key: DataKey, suite: Suite, data: bytes, aad: str) -> bytes:
    """Return `data` sealed for the place `aad`."""
    head, nonce = header(suite, key.id), os.urandom(NONCE_BYTES)
    return head + nonce + key.encrypt(suite, nonce, data, head + aad.encode())


def unseal(key: DataKey, sealed: bytes, aad: str) -> bytes:
    """Return what was sealed with this key for the place `aad`; raise `NotSealed` otherwise."""
    suite, _ = parsed(sealed)
    return content(key, suite, sealed, aad)


def content(key: DataKey, suite: Suite, sealed: bytes, aad: str) -> bytes:
    """As `unseal`, for bytes whose header was read already."""
    return key.decrypt(suite, sealed[HEADER_BYTES:30], sealed[30:], sealed[:HEADER_BYTES] + aad.encode())
