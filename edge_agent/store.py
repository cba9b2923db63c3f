"""The one file of the box. Write-ahead log, every commit on the disk before anybody is told (synchronous=FULL)."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from edge_agent import schema
from edge_agent.errors import CannotKeep
from edge_agent.sealing import BrokenSeal, Sealer

FILE = "box.sqlite3"
_SIDE_FILES = ("", "-wal", "-shm")
_PROOF = "minyi"
#: How Python says that a text in the file is none.
_NO_TEXT = "Could not decode"
#: Tables of sealed state, each with the columns its seal is bound to.
SEALED = {
    "ticket": ("id",),
    "call": ("id",),
    "document": ("name", "day"),
    "paper_batch": ("id",),
    "settings": ("slot",),
    "spare": ("number",),
}


class Damaged(RuntimeError):
    """The file does not pass its checks. It is set aside for a person, never deleted."""


class OtherBox(RuntimeError):
    """The file belongs to a box with another id: two boxes must never share a journal."""


class Store:
    """One connection, one lock: at any moment at most one act is being written."""

    def __init__(self, path: Path, sealer: Sealer, *, box: str) -> None:
        self.path = path
        self.sealer = sealer
        self.box = box
        #: To whom the bodies of events are sealed; None: to nobody, they lie under the box's own seal alone.
        self.centre_key: X25519PublicKey | None = None
        self.lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        try:
            self._connection.execute("pragma journal_mode = wal")
            self._connection.execute("pragma synchronous = full")
            self._check()
            schema.upgrade(self._connection)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and "malformed" not in str(error):
                raise  # a full or locked disk is no damage
            raise Damaged(str(error)) from error
        self._draw_identity()
        self._check_seals()

    def _check(self) -> None:
        rows = self._connection.execute("pragma integrity_check").fetchall()
        if rows != [("ok",)]:
            raise Damaged(str(rows[0][0]))

    def _draw_identity(self) -> None:
        with self.transaction() as connection:
            if self.meta(connection, "epoch") is None:
                facts = {"epoch": str(uuid4()), "box": self.box, "last_seq": "0"}
                facts["proof"] = self.sealer.seal(_PROOF, "meta").hex()
                connection.executemany("insert into meta values (?, ?)", facts.items())
            if self.meta(connection, "box") != self.box:
                raise OtherBox(self.meta(connection, "box"))

    def _check_seals(self) -> None:
        try:
            self.sealer.open(bytes.fromhex(self.meta(self._connection, "proof") or ""), "meta")
            rows = self._connection.execute(
                "select seq, event_id, payload from outbox where state <> 'kept' order by seq"
            )
            for seq, event_id, payload in rows:
                self.sealer.open(payload, seq, event_id)
            for table, names in SEALED.items():
                query = f"select {', '.join(names)}, sealed from {table}"  # noqa: S608  names of this module # nosec B608
                for *about, sealed in self._connection.execute(query).fetchall():
                    self.sealer.open(sealed, table, *about)
        except BrokenSeal as error:
            raise Damaged("seal") from error
        except sqlite3.OperationalError as error:
            if _NO_TEXT not in str(error):
                raise
            raise Damaged("text") from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run one act: all of it on the disk at the end, or none; raise `CannotKeep` when the disk refuses."""
        with self.lock:
            try:
                self._connection.execute("begin immediate")
                try:
                    yield self._connection
                except BaseException:
                    self._connection.execute("rollback")
                    raise
                self._commit()
            except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
                if isinstance(error, sqlite3.IntegrityError):
                    raise
                raise CannotKeep from error

    def _commit(self) -> None:
        try:
            self._connection.execute("commit")
        except sqlite3.Error:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Hand out the connection for reading, alone."""
        with self.lock:
            yield self._connection

    @staticmethod
    def meta(connection: sqlite3.Connection, key: str) -> str | None:
        """Return a fact about this file, or None."""
        row = connection.execute("select value from meta where key = ?", (key,)).fetchone()
        return row[0] if row else None

    @staticmethod
    def set_meta(connection: sqlite3.Connection, key: str, value: str) -> None:
        """Write a fact about this file."""
        connection.execute(
            "insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value",
            (key, value),
        )

    @property
    def epoch(self) -> UUID:
        """The id drawn when this file was made; with a number it names an event for ever."""
        with self.reading() as connection:
            return UUID(self.meta(connection, "epoch") or "")

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            self._connection.close()


def set_aside(path: Path, *, now: datetime) -> Path:
    """Move a damaged file (and its log) out of the way, to be looked at by a person; return its new place."""
    beside = path.with_name(f"{path.name}.damaged-{now:%Y%m%dT%H%M%S%f}")
    for suffix in _SIDE_FILES:
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(beside.with_name(beside.name + suffix))
    return beside


def damaged_files(folder: Path) -> list[str]:
    """Return the names of files that were set aside and wait for a person, oldest first."""
    found = folder.glob(f"{FILE}.damaged-*")
    return sorted(one.name for one in found if not one.name.endswith(("-wal", "-shm")))
