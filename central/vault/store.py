"""The key store: wrapped data keys in an SQLite file of their own, outside the database and outside its backups.

Several processes share the file. A key is on the disk before anything is sealed with it: `synchronous=FULL`, and keys are
made ahead in lots. What is destroyed is overwritten (`secure_delete`, and the write-ahead log is cut).
"""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from central.vault.errors import MasterProblem
from shared.clock import SystemClock

#: SQLite takes so many values in one statement on every version.
_MOST = 500
_SCHEMA = """
CREATE TABLE IF NOT EXISTS master (id TEXT PRIMARY KEY, state TEXT NOT NULL, since TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS data_key (
    id BLOB PRIMARY KEY, master TEXT NOT NULL, wrapped BLOB, replaces BLOB, destroyed_at TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_data_key_master ON data_key (master) WHERE wrapped IS NOT NULL;
CREATE INDEX IF NOT EXISTS ix_data_key_replaces ON data_key (replaces) WHERE replaces IS NOT NULL;
CREATE TABLE IF NOT EXISTS named (name TEXT PRIMARY KEY, key_id BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data key as stored; `wrapped` is None once it was destroyed."""

    key_id: UUID
    master: str
    wrapped: bytes | None


@dataclass(frozen=True, slots=True)
class MasterRow:
    """A master key as the store knows it: `current`, `old` (keys left to rewrap) or `retired`; how many keys it wraps."""

    id: str
    state: str
    since: str
    count: int


class KeyStore:
    """The file. Safe for threads; every writing call is one transaction."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _make_private(path)
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "busy_timeout=30000"):
                self._db.execute(f"PRAGMA {pragma}")
            self._db.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise MasterProblem("vault.store_unreadable", path=path, reason=error) from None

    def __repr__(self) -> str:
        return f"KeyStore({self.path})"

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the store's one write lock for a transaction."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def current(self) -> str | None:
        """Return the id of the current master key, None in a new store."""
        with self._lock:
            found = self._db.execute("SELECT id FROM master WHERE state = 'current'").fetchone()
        return None if found is None else str(found[0])

    def set_current(self, master_id: str) -> None:
        """Make a master the current one; the one before has keys left to rewrap."""
        with self.writing() as db:
            db.execute("UPDATE master SET state = 'old' WHERE state = 'current' AND id <> ?", (master_id,))
            db.execute(
                "INSERT INTO master VALUES (?, 'current', ?) ON CONFLICT (id) DO UPDATE SET state = 'current'",
                (master_id, _now()),
            )

    def masters(self) -> list[MasterRow]:
        """Return the masters, oldest first, with the number of keys each wraps."""
        query = """SELECT id, state, since, (SELECT count(*) FROM data_key d WHERE d.master = m.id AND wrapped IS NOT NULL)
            FROM master m ORDER BY since, rowid"""
        with self._lock:
            return [MasterRow(*row) for row in self._db.execute(query)]

    def add(
        self,
        count: int,
        wrap: Callable[[str, int], Sequence[tuple[UUID, bytes]]],
        replaces: UUID | None = None,
    ) -> None:
        """Store `count` new keys as `wrap(master, count)` makes them, under the master that is current in this transaction."""
        with self.writing() as db:
            master = self.current() or ""
            rows = [(each.bytes, master, wrapped) for each, wrapped in wrap(master, count)]
            old = None if replaces is None else replaces.bytes
            db.executemany(
                "INSERT INTO data_key (id, master, wrapped, replaces) VALUES (?, ?, ?, ?)",
                [(*row, old) for row in rows],
            )

    def get(self, key_ids: Sequence[UUID]) -> list[Wrapped]:
        """Return the keys among `key_ids` that the store knows, in one statement for each 500."""
        found: list[Wrapped] = []
        for start in range(0, len(key_ids), _MOST):
            part = [each.bytes for each in key_ids[start : start + _MOST]]
            marks = ",".join("?" * len(part))
            query = f"SELECT id, master, wrapped FROM data_key WHERE id IN ({marks})"  # noqa: S608 question marks only # nosec B608
            with self._lock:
                rows = self._db.execute(query, part).fetchall()
            found += [Wrapped(UUID(bytes=key), master, wrapped) for key, master, wrapped in rows]
        return found

    def named(self, name: str) -> UUID | None:
        """Return the key of a purpose, None if there is none yet."""
        with self._lock:
            row = self._db.execute("SELECT key_id FROM named WHERE name = ?", (name,)).fetchone()
        return None if row is None else UUID(bytes=row[0])

    def name(self, name: str, key_id: UUID) -> UUID:
        """Give a purpose its key, unless another process was first; return the one that counts."""
        with self.writing() as db:
            db.execute("INSERT INTO named VALUES (?, ?) ON CONFLICT DO NOTHING", (name, key_id.bytes))
            return UUID(bytes=db.execute("SELECT key_id FROM named WHERE name = ?", (name,)).fetchone()[0])

    def replace(self, pairs: Sequence[tuple[UUID, UUID]]) -> None:
        """Note that a key takes the place of another (new, old): destroying the new one destroys the old one as well."""
        with self.writing() as db:
            db.executemany(
                "UPDATE data_key SET replaces = ? WHERE id = ?",
                [(old.bytes, new.bytes) for new, old in pairs],
            )

    def destroy(self, *key_ids: UUID) -> list[UUID]:
        """Delete wrapped keys and those they replaced, for good; return their ids."""
        chain = """WITH RECURSIVE chain (id) AS (
            SELECT ? UNION SELECT d.replaces FROM data_key d JOIN chain USING (id) WHERE d.replaces IS NOT NULL)
            SELECT id FROM chain"""
        with self.writing() as db:
            gone = [row[0] for key_id in key_ids for row in db.execute(chain, (key_id.bytes,))]
            db.executemany(
                "UPDATE data_key SET wrapped = NULL, destroyed_at = ? WHERE id = ? AND destroyed_at IS NULL",
                [(_now(), each) for each in gone],
            )
            db.execute(
                "INSERT INTO mark VALUES ('destroyed', '1') ON CONFLICT (name) DO UPDATE SET value = value + 1"
            )
        self.cut_log()
        return [UUID(bytes=each) for each in gone]

    def cut_log(self) -> None:
        """Empty the write-ahead log: until then a deleted wrapped key could still be read there."""
        with self._lock:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def destructions(self) -> str:
        """Return a mark that changes whenever a key was destroyed, by whatever process."""
        return self.mark("destroyed")

    def mark(self, name: str) -> str:
        """Return a remembered text, '' if there is none."""
        with self._lock:
            row = self._db.execute("SELECT value FROM mark WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0])

    def set_mark(self, name: str, value: str) -> None:
        """Remember a text: how far a long work got."""
        with self.writing() as db:
            db.execute(
                "INSERT INTO mark VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )

    def wrapped_by(self, master_id: str, limit: int) -> list[Wrapped]:
        """Return at most `limit` keys that a master wraps. For use inside `writing`."""
        query = "SELECT id, wrapped FROM data_key WHERE master = ? AND wrapped IS NOT NULL LIMIT ?"
        rows = self._db.execute(query, (master_id, limit)).fetchall()
        return [Wrapped(UUID(bytes=key), master_id, wrapped) for key, wrapped in rows]

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy of the store (0600) while others use it."""
        part = path.with_suffix(".part")
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
        with self._lock, sqlite3.connect(part) as target:
            self._db.backup(target)
        target.close()
        part.replace(path)


def _make_private(path: Path) -> None:
    """Make the file ourselves: SQLite would let the umask decide, and its other files take this one's mode.

    One that is there is not even opened: to close it would drop the locks of every other connection of this process, and the next
    process to leave would delete the write-ahead log under them, with the keys in it.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _now() -> str:
    return SystemClock().now().isoformat(timespec="seconds")
