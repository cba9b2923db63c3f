"""The file itself: a readable head, then pieces of 1 MiB sealed one after another; inside them, records.

Layout: `MINYI-BACKUP`, format (1 byte), length of the head (4), head (JSON), pieces of ciphertext and tag. The key of a file is
derived from the master key and the salt in its head. The nonce of a piece is its number (11 bytes) and whether it is the last (1), and
the digest of everything before the first piece is authenticated with each: nothing can be changed, cut off, swapped or moved
to another file. A record is kind (1), length (4), content.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

from central.backup.errors import BackupRefused
from central.vault.cipher import TAG_BYTES, DataKey, NotSealed, Suite, derived
from shared.ids import new_id

MAGIC: Final = b"MINYI-BACKUP"
FORMAT: Final = 1
PIECE: Final = 1 << 20
#: Largest head and largest record that a file may announce; what announces more is damaged.
MOST_HEAD: Final = 1 << 16
MOST_RECORD: Final = 1 << 28
#: Gives 32 bytes from the master key with this id; raises `MasterProblem` if it is not at hand.
Derive = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Head:
    """What can be read without a key: who may open the file, and what it is."""

    master: str
    salt: str
    suite: str
    made_at: str
    revision: str
    program: str
    last_event: int


class Writer:
    """Takes records, writes sealed pieces."""

    def __init__(self, out: BinaryIO, head: Head, derive: Derive) -> None:
        self._out, self._piece, self._number = out, bytearray(), 0
        start = _start(json.dumps(asdict(head), sort_keys=True).encode())
        self._key, self._suite, self._aad = _key(head, derive), Suite(head.suite), _digest(start)
        out.write(start)

    def record(self, kind: bytes, content: bytes) -> None:
        """Add one record; `kind` is one byte."""
        self._piece += kind + len(content).to_bytes(4, "big") + content
        while len(self._piece) > PIECE:
            self._seal(bytes(self._piece[:PIECE]), last=False)
            del self._piece[:PIECE]

    def close(self) -> None:
        """Write the last piece and have it all on the disk."""
        self._seal(bytes(self._piece), last=True)
        self._out.flush()
        os.fsync(self._out.fileno())

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._out.write(self._key.encrypt(self._suite, _nonce(self._number, last=last), piece, self._aad))
        self._number += 1


class Reader:
    """Gives the records of a file, each authenticated before it is given."""

    def __init__(self, path: Path, derive: Derive) -> None:
        self.path = path
        self._file = path.open("rb")
        try:
            self.head, start = _read_start(self._file, path)
            self._key, self._suite = _key(self.head, derive), Suite(self.head.suite)
        except BaseException:
            self._file.close()
            raise
        self._aad = _digest(start)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield kind and content of each record; raise `BackupRefused` at the first piece that is not as it was written."""
        held = bytearray()
        for piece in self._pieces():
            held += piece
            at = 0
            while len(held) - at >= 5:
                size = int.from_bytes(held[at + 1 : at + 5], "big")
                if size > MOST_RECORD:
                    raise BackupRefused("backup.damaged", path=self.path)
                if len(held) - at < 5 + size:
                    break
                yield bytes(held[at : at + 1]), bytes(held[at + 5 : at + 5 + size])
                at += 5 + size
            del held[:at]
        if held:
            raise BackupRefused("backup.damaged", path=self.path)

    def _pieces(self) -> Iterator[bytes]:
        number, sealed = 0, self._file.read(PIECE + TAG_BYTES)
        while True:
            following = self._file.read(PIECE + TAG_BYTES)
            nonce = _nonce(number, last=not following)
            try:
                yield self._key.decrypt(self._suite, nonce, sealed, self._aad)
            except NotSealed:
                raise BackupRefused("backup.damaged", path=self.path) from None
            if not following:
                return
            sealed, number = following, number + 1


def new_head(master: str, suite: Suite, facts: Mapping[str, Any]) -> Head:
    """Return the head of a new file, with a salt of its own."""
    return Head(master=master, salt=os.urandom(32).hex(), suite=suite.value, **facts)


def read_head(path: Path) -> Head:
    """Return the head of a file without opening it; nothing in it is proven yet."""
    with path.open("rb") as file:
        return _read_start(file, path)[0]


def _read_start(file: BinaryIO, path: Path) -> tuple[Head, bytes]:
    fixed = file.read(len(MAGIC) + 5)
    if len(fixed) < len(MAGIC) + 5 or not fixed.startswith(MAGIC):
        raise BackupRefused("backup.foreign", path=path)
    if fixed[len(MAGIC)] != FORMAT:
        raise BackupRefused("backup.newer", path=path, format=fixed[len(MAGIC)])
    size = int.from_bytes(fixed[-4:], "big")
    content = file.read(min(size, MOST_HEAD))
    try:
        head = Head(**json.loads(content))
        Suite(head.suite)
        bytes.fromhex(head.salt)
    except (ValueError, TypeError):
        raise BackupRefused("backup.damaged", path=path) from None
    return head, fixed + content


def _start(head: bytes) -> bytes:
    return MAGIC + bytes((FORMAT,)) + len(head).to_bytes(4, "big") + head


def _digest(start: bytes) -> bytes:
    return hashlib.sha256(start).digest()


def _key(head: Head, derive: Derive) -> DataKey:
    return DataKey(new_id(), derived(derive(head.master), "backup file:" + head.salt))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes((last,))
