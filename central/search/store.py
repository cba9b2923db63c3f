"""The file of the index: an SQLite file whose contents are sealed, beside the database. Several processes share it.

`doc` holds the texts of each petition, sealed with the key of that petition: erased with it. `segment` and `page` hold postings,
sealed with a key of each segment, destroyed when the segment is written anew. `block` holds facts that the database shows in the
clear: ids, courts, states, dates; sealed as well, so that damage is noticed. `label` numbers courts, departments, states, channels.
`spent` names keys that sealed postings no longer there: they are still to be destroyed.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from central.search import postings
from central.vault.vault import Vault

#: Petitions whose facts lie together.
BLOCK = 512
#: Name of the long-lived key of the facts.
KEY = "search"
#: A file of another version is built anew.
VERSION = "2"
FACTS = np.dtype(
    [
        ("received", "<i8"),
        ("hi", "<u8"),
        ("lo", "<u8"),
        ("court", "<u2"),
        ("origin", "<u2"),
        ("party", "<u2"),
        ("department", "<u2"),
        ("state", "<u2"),
        ("channel", "<u2"),
        ("open", "u1"),
        ("alive", "u1"),
    ]
)
Facts = NDArray[np.void]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS doc (id INTEGER PRIMARY KEY, petition BLOB NOT NULL UNIQUE, signs INTEGER NOT NULL, sealed BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS block (number INTEGER PRIMARY KEY, version INTEGER NOT NULL, facts BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS ix_block_version ON block (version);
CREATE TABLE IF NOT EXISTS segment (
    id INTEGER PRIMARY KEY, base INTEGER NOT NULL, span INTEGER NOT NULL, held INTEGER NOT NULL, level INTEGER NOT NULL,
    erased INTEGER NOT NULL DEFAULT 0, key_id BLOB NOT NULL, firsts BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS page (id INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS label (value TEXT PRIMARY KEY, code INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spent (key_id BLOB PRIMARY KEY) WITHOUT ROWID;
"""
#: Pages of one segment have numbers below this.
_PAGES = 1 << 24


def micros(at: datetime) -> int:
    """Return a moment in microseconds since 1970, to the last one."""
    return (at - EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Segment:
    """Postings of the petitions from place `base` on, `span` places; `held` of them were there when it was written."""

    id: int
    base: int
    span: int
    held: int
    level: int
    erased: int
    key_id: UUID
    firsts: bytes

    @property
    def end(self) -> int:
        """The first place behind it."""
        return self.base + self.span


class Store:
    """One connection to the file; not for two threads at once."""

    def __init__(self, path: Path, vault: Vault) -> None:
        self.path, self.vault = path, vault
        #: Up to which event of the log this process has seen nothing for the index, beyond what the file remembers.
        self.passed = 0
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self.db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        # What is lost in a power cut is read from the log again: the cursor goes with it.
        for pragma in (
            "page_size=16384",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "temp_store=MEMORY",
            "busy_timeout=30000",
            "cache_size=-16384",
        ):
            self.db.execute(f"PRAGMA {pragma}")
        if self.db.execute("SELECT 1 FROM sqlite_master WHERE name = 'spent'").fetchone() is None:
            self.db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the file's one write lock for a transaction."""
        with self._transaction("BEGIN IMMEDIATE"):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See one state of the file throughout."""
        with self._transaction("BEGIN"):
            yield

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self.db.execute(begin)
        try:
            yield
        except BaseException:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def meta(self, name: str, default: str = "") -> str:
        """Return a remembered text."""
        found = self.db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return default if found is None else str(found[0])

    def set_meta(self, name: str, value: object) -> None:
        """Remember a text."""
        self.db.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, str(value)),
        )

    def next_place(self) -> int:
        """Return the place that the next petition gets."""
        return int(self.meta("next", "0"))

    def labels(self) -> dict[str, int]:
        """Return the numbers of courts, departments, states and channels."""
        return dict(self.db.execute("SELECT value, code FROM label"))

    def label(self, known: dict[str, int], value: object) -> int:
        """Return the number of a value, 0 for none; a new one is written down and put into `known`."""
        if value is None:
            return 0
        name = value.hex if isinstance(value, UUID) else str(value)
        if name not in known:
            known[name] = len(known) + 1
            self.db.execute("INSERT INTO label VALUES (?, ?)", (name, known[name]))
        return known[name]

    def block(self, number: int) -> Facts:
        """Return the facts of a block, to be changed."""
        found = self.db.execute("SELECT facts FROM block WHERE number = ?", (number,)).fetchone()
        return np.zeros(BLOCK, FACTS) if found is None else self.opened_block(number, found[0]).copy()

    def opened_block(self, number: int, sealed: bytes) -> Facts:
        """Return the facts of a block as it was stored."""
        return np.frombuffer(self.vault.open(sealed, aad=f"search:block:{number}"), FACTS)

    def put_block(self, number: int, version: int, facts: Facts) -> None:
        """Write the facts of a block."""
        sealed = self.vault.seal(self.vault.named_key(KEY), facts.tobytes(), aad=f"search:block:{number}")
        self.db.execute(
            "INSERT INTO block VALUES (?, ?, ?) ON CONFLICT (number) DO UPDATE SET version = excluded.version, facts = excluded.facts",
            (number, version, sealed),
        )

    def segments(self) -> list[Segment]:
        """Return the segments in the order of their places."""
        query = "SELECT id, base, span, held, level, erased, key_id, firsts FROM segment ORDER BY base"
        return [
            Segment(number, base, span, held, level, erased, UUID(bytes=key), firsts)
            for number, base, span, held, level, erased, key, firsts in self.db.execute(query)
        ]

    def page(self, segment: int, number: int) -> bytes:
        """Return an opened page of postings."""
        row = self.db.execute("SELECT sealed FROM page WHERE id = ?", (segment * _PAGES + number,)).fetchone()
        if row is None:
            msg = "a page of the index is not there"
            raise sqlite3.DatabaseError(msg)
        return self.vault.open(row[0], aad=f"search:{segment}:{number}")

    def firsts(self, segment: Segment) -> postings.Terms:
        """Return the first term of each page of a segment."""
        return np.frombuffer(self.vault.open(segment.firsts, aad=f"search:{segment.id}:firsts"), np.uint64)

    def drop(self, segments: list[Segment]) -> None:
        """Remove segments with their pages; after the commit `destroy_spent` destroys their keys."""
        for each in segments:
            low = each.id * _PAGES
            self.db.execute("DELETE FROM page WHERE id >= ? AND id < ?", (low, low + _PAGES))
            self.db.execute("DELETE FROM segment WHERE id = ?", (each.id,))
            self.db.execute("INSERT OR IGNORE INTO spent VALUES (?)", (each.key_id.bytes,))

    def destroy_spent(self) -> None:
        """Destroy the keys of removed segments. Whoever was stopped before it leaves them to the next one."""
        found = self.db.execute("SELECT key_id FROM spent").fetchall()
        self.vault.destroy_all([UUID(bytes=key_id) for (key_id,) in found])
        self.db.executemany("DELETE FROM spent WHERE key_id = ?", found)

    def add(self, segment: Segment, found: postings.Terms) -> None:
        """Write a segment of sorted keys."""
        firsts = []
        for number, (first, page) in enumerate(postings.pages(found)):
            firsts.append(first)
            sealed = self.vault.seal(segment.key_id, page, aad=f"search:{segment.id}:{number}")
            self.db.execute("INSERT INTO page VALUES (?, ?)", (segment.id * _PAGES + number, sealed))
        head = np.array(firsts, np.uint64).tobytes()
        sealed = self.vault.seal(segment.key_id, head, aad=f"search:{segment.id}:firsts")
        row = (segment.id, segment.base, segment.span, segment.held, segment.level, segment.erased)
        self.db.execute(
            "INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, segment.key_id.bytes, sealed)
        )

    def next_segment(self) -> int:
        """Return an id that no segment had; for use inside `writing`."""
        number = int(self.meta("segment", "0")) + 1
        self.set_meta("segment", number)
        return number
