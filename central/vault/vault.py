"""The vault: seals what is sensitive with the key of the petition it belongs to. Built once for a process, safe for threads."""

import hmac
import os
import re
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from central.settings import Settings, credentials_folder
from central.vault import cipher, files, master
from central.vault.cipher import KEY_BYTES, NONCE_BYTES, DataKey, NotSealed, Suite
from central.vault.errors import KeyGone, KeyUnknown, MasterProblem, SealBroken
from central.vault.master import Master, Ring
from central.vault.store import KeyStore, Wrapped
from shared.ids import new_id

__all__ = ["KeyGone", "SealBroken", "Vault"]

STORE = "keystore.sqlite3"
#: Unwrapped keys kept at hand; about 300 bytes each.
CACHE = 20_000
#: Keys made ahead: first few, then more at a time, so that a short command leaves few unused.
LOTS = (4, 32, 200)
#: A key that another process destroyed is forgotten here after so many seconds at the latest.
FORGET_AFTER = 1.0
#: Hexadecimal digits of a blind index: 80 bits, far from chance hits, too few to serve as a key.
INDEX_DIGITS = 20
_NO_DIGIT = re.compile(r"\D")
_NO_LETTER = re.compile(r"[\W_]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the keys of a vault lie, so that another process can open the same. No key is in it."""

    ring: Path
    strict: bool
    store: Path
    suite: str

    def opened(self) -> "Vault":
        """Return a vault on the same keys."""
        return Vault(Ring(self.ring, strict=self.strict), KeyStore(self.store), Suite(self.suite))


class Vault:
    """Data keys by id, sealing and opening, blind indexes. Shows no key, not even in `repr`."""

    def __init__(self, ring: Ring, store: KeyStore, suite: Suite = Suite.AES_256_GCM) -> None:
        self.ring, self.store, self.suite = ring, store, suite
        self._lock = threading.Lock()
        self._fresh: deque[UUID] = deque()
        self._lots = 0
        self._cache: OrderedDict[UUID, DataKey] = OrderedDict()
        self._indexes: dict[str, bytes] = {}
        self._destructions, self._looked = store.destructions(), time.monotonic()

    def __repr__(self) -> str:
        return f"Vault({self.store.path}, {self.suite.value})"

    @property
    def place(self) -> Place:
        """Where its keys lie."""
        return Place(self.ring.path, self.ring.strict, self.store.path, self.suite.value)

    def new_key(self) -> UUID:
        """Return the id of a data key nobody uses yet; it is on the disk already."""
        with self._lock:
            if not self._fresh:
                self._make(LOTS[min(self._lots, len(LOTS) - 1)])
                self._lots += 1
            return self._fresh.popleft()

    def new_keys(self, count: int) -> list[UUID]:
        """Return `count` ids of keys nobody uses yet; one commit for what is missing. They are at hand: they are about to be used."""
        with self._lock:
            if len(self._fresh) < count:
                self._make(count - len(self._fresh))
            found = [self._fresh.popleft() for _ in range(count)]
        self.prefetch(found)
        return found

    def named_key(self, name: str) -> UUID:
        """Return the one long-lived key of a purpose, made on first use."""
        return self.store.named(name) or self.store.name(name, self.new_key())

    def seal(self, key_id: UUID, data: bytes, *, aad: str) -> bytes:
        """Return `data` sealed for the place `aad` (`table:row:column`)."""
        return cipher.seal(self.key(key_id), self.suite, data, aad)

    def open(self, sealed: bytes, *, aad: str) -> bytes:
        """Return what was sealed for the place `aad`; raise `KeyGone` or `SealBroken`."""
        try:
            suite, key_id = cipher.parsed(sealed)
            return cipher.content(self.key(key_id), suite, sealed, aad)
        except NotSealed:
            raise SealBroken("vault.seal_broken", place=aad) from None

    def seal_file(self, key_id: UUID, source: BinaryIO, target: Path, *, aad: str) -> None:
        """Write the rest of `source` sealed to `target` (0600), whole or not at all."""
        files.seal(self.key(key_id), self.suite, source, target, aad)

    def open_file(self, path: Path, *, aad: str) -> Iterator[bytes]:
        """Yield the content of a sealed file in pieces, each checked before it is given; raise `KeyGone` or `SealBroken`."""
        try:
            yield from files.opened(self.key, path, aad)
        except NotSealed:
            raise SealBroken("vault.seal_broken", place=aad) from None

    def destroy(self, key_id: UUID) -> None:
        """Delete a key for good: what it sealed can no longer be read, here or in any backup."""
        self.destroy_all([key_id])

    def destroy_all(self, key_ids: Sequence[UUID]) -> None:
        """Delete keys for good, in one commit."""
        if not key_ids:
            return
        self.store.destroy(*key_ids)
        with self._lock:
            self._cache.clear()

    def prefetch(self, key_ids: Iterable[UUID]) -> None:
        """Have keys at hand that are about to be needed: one look into the store for many rows."""
        wanted = [each for each in set(key_ids) if each not in self._cache]
        for found in self.store.get(wanted):
            if found.wrapped is not None:
                self._keep(self._unwrapped(found))

    def key(self, key_id: UUID) -> DataKey:
        """Return a data key; raise `KeyGone` or `KeyUnknown`."""
        self._forget_destroyed()
        found = self._cache.get(key_id)
        if found is not None:
            return found
        rows = self.store.get([key_id])
        if not rows:
            raise KeyUnknown("vault.key_unknown", path=self.store.path, key=key_id)
        if rows[0].wrapped is None:
            raise KeyGone("vault.key_gone")
        return self._keep(self._unwrapped(rows[0]))

    def blind_index(self, kind: str, value: str) -> str:
        """Return the keyed index of a phone or identity number (or another kind) for equality search.

        Equal values give equal indexes, whatever spaces and dashes they were written with; nothing else can be read from it
        without the key.
        """
        return hmac.digest(self.index_key(kind), normal(kind, value).encode(), "sha256").hex()[:INDEX_DIGITS]

    def index_key(self, kind: str) -> bytes:
        """Return the key of one kind of index, for what makes many values of one text."""
        key = self._indexes.get(kind)
        if key is None:
            key = self._indexes[kind] = self.key(self.named_key("blind index")).derive("index:" + kind)
        return key

    def derive(self, purpose: str, *, master: str | None = None) -> bytes:
        """Return 32 bytes for one purpose from the current master key, or from the one with an id (an older backup)."""
        return self.ring.get(master or self.master_id).derive(purpose)

    @property
    def master_id(self) -> str:
        """Id of the current master key, to be noted beside what `derive` protects."""
        return self.store.current() or ""

    def wrap(self, master_id: str, count: int) -> list[tuple[UUID, bytes]]:
        """Return `count` new keys wrapped by a master. Part of `KeyStore.add`."""
        chosen = self.ring.get(master_id)
        return [wrapped(chosen, self.suite, new_id(), os.urandom(KEY_BYTES)) for _ in range(count)]

    def _make(self, count: int) -> None:
        made: list[UUID] = []

        def wrap(master_id: str, number: int) -> Sequence[tuple[UUID, bytes]]:
            rows = self.wrap(master_id, number)
            made.extend(key_id for key_id, _ in rows)
            return rows

        self.store.add(count, wrap)
        self._fresh.extend(made)

    def _unwrapped(self, row: Wrapped) -> DataKey:
        return DataKey(row.key_id, unwrapped(self.ring.get(row.master), row))

    def _keep(self, key: DataKey) -> DataKey:
        with self._lock:
            self._cache[key.id] = key
            if len(self._cache) > CACHE:
                self._cache.popitem(last=False)
        return key

    def _forget_destroyed(self) -> None:
        now = time.monotonic()
        if now - self._looked < FORGET_AFTER:
            return
        self._looked, destructions = now, self.store.destructions()
        if destructions != self._destructions:
            self._destructions = destructions
            with self._lock:
                self._cache.clear()


def wrapped(chosen: Master, suite: Suite, key_id: UUID, raw: bytes) -> tuple[UUID, bytes]:
    """Return a data key wrapped by a master key: suite, nonce, ciphertext and tag, bound to both ids."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = chosen.wrapping.encrypt(suite, nonce, raw, _binding(chosen, key_id))
    return key_id, bytes((suite.number,)) + nonce + sealed


def unwrapped(chosen: Master, row: Wrapped) -> bytes:
    """Return the 32 bytes of a stored key; raise `SealBroken` if the store was changed."""
    content, aad = row.wrapped or b"", _binding(chosen, row.key_id)
    try:
        suite = cipher.suite_of(content[:1])
        return chosen.wrapping.decrypt(suite, content[1:13], content[13:], aad)
    except NotSealed:
        raise SealBroken("vault.seal_broken", place=f"key:{row.key_id}") from None


def _binding(chosen: Master, key_id: UUID) -> bytes:
    return f"key:{key_id.hex}:{chosen.id}".encode()


def normal(kind: str, value: str) -> str:
    """Return a value as it is indexed: a phone as digits without the country's +86, an identity number without signs, upper case.

    A case number comes in its one form already (`cases.numbers.key`): its characters tell one court from another.
    """
    if kind == "case_number":
        return value
    if kind == "phone":
        digits = _NO_DIGIT.sub("", value)
        return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
    return _NO_LETTER.sub("", value).upper()


def open_vault(settings: Settings) -> Vault:
    """Return the vault of a data folder; raise `MasterProblem` if its master key cannot be had.

    Outside production a new installation gets a master key by itself; in production `minyi keys init` makes it, so that
    a mistyped path never starts an empty ring beside the real one.
    """
    path, strict = master.place(settings, credentials_folder())
    store_path = settings.data / "keys" / STORE
    if not path.exists() and not store_path.exists() and settings.environment != "production":
        master.write(path, [master.new_master()])
    ring, store = Ring(path, strict=strict), KeyStore(store_path)
    if store.current() is None:
        store.set_current(ring.all()[-1].id)
    vault = Vault(ring, store, Suite(settings.vault.suite))
    ring.get(vault.master_id)
    return vault


def init(settings: Settings) -> Path:
    """Make the first master key; raise `MasterProblem` if there is one already."""
    path, _ = master.place(settings, credentials_folder())
    if path.exists():
        raise MasterProblem("vault.master_there", path=path)
    master.write(path, [master.new_master()])
    return path
