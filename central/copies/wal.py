"""Follow an SQLite database by its write-ahead log.

A read transaction is held at all times, each begun before the one before it ends. SQLite starts the log anew only once all of it
stands in the main file and nobody reads from it, and writes into the main file only what no reader holds back. So between two
looks the log can start anew only where everything in it was seen already. To be certain, commits are counted: the index counts
them too, and if one was not seen, `Lost` asks for a new base.

What is committed is told by the index (`-shm`): frames beyond it do not count. Main file and index are opened once and never closed:
closing a file drops every lock that this process has on it.
"""

import os
import sqlite3
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from central.copies.errors import Lost, SourceProblem
from central.copies.pieces import MOST, PAGES, Record

#: Bytes of the log's header, and of the header of each frame.
_HEADER, _FRAME = 32, 24
#: From so many frames on the log is helped to start anew, so that it does not grow for ever.
MANY_FRAMES = 4000
#: Seconds to wait for the one writer.
_PATIENCE = 2
#: Handles by device and inode; they stay open until the process ends, so an inode here is no other file's.
_OPENED: dict[tuple[int, int], int] = {}


@dataclass(frozen=True, slots=True)
class Log:
    """How far the log goes, as the index tells: salts, committed frames, size of a page, pages of the database, commits ever."""

    salt: bytes
    frames: int
    page: int
    pages: int = 0
    commits: int = 0


class WalSource:
    """The database in one file. Used by one thread at a time."""

    engine = "sqlite"

    def __init__(self, path: Path, *, many: int = MANY_FRAMES) -> None:
        self._path, self._many = path, many
        self._readers = [self._connect(), self._connect()]
        self._writer = self._connect()
        self._writer.execute("PRAGMA busy_timeout = 0")
        self._size = int(self._writer.execute("PRAGMA page_size").fetchone()[0])
        self._hold()
        self._main, self._index = _open(path), _open(path.with_name(path.name + "-shm"))
        self._log, self._last = Log(b"", 0, 0), b""
        self._pages: dict[int, bytes] = {}

    def base(self) -> Iterator[Record]:
        """Yield every page as it is in one moment."""
        self._hold()
        self._pages = {}
        # Whatever is moved into the main file from now on stands in the log up to here as well.
        self._log = self._now()
        self._take(0)
        count = self._log.pages if self._log.frames else self._count()
        seen, self._pages = self._pages, {}
        batch, least = bytearray(), max(1, MOST // (self._size + 4))
        for number in range(1, count + 1):
            page = seen.get(number) or os.pread(self._main, self._size, (number - 1) * self._size)
            batch += number.to_bytes(4, "big") + page.ljust(self._size, b"\0")
            if number % least == 0 or number == count:
                yield PAGES, self._packed(count, batch)
                batch.clear()

    def resume(self, position: dict[str, Any]) -> bool:
        """Go on if the log still is the one that was read, up to the frame that was read last."""
        self._hold()
        now = self._now()
        known = Log(bytes.fromhex(position["salt"]), position["frames"], self._size, 0, position["commits"])
        if (now.salt, self._size) != (known.salt, position["page"]) or now.frames < known.frames:
            return False
        if known.frames and self._frame(known.frames)[:_FRAME].hex() != position["last"]:
            return False
        self._log, self._last, self._pages = known, bytes.fromhex(position["last"]), {}
        return True

    def look(self) -> bool:
        """Take in the pages of new frames, then hold the state of now."""
        self._refuse_another()
        self._go_on()
        self._hold()
        return bool(self._pages)

    def changes(self) -> Iterator[Record]:
        """Yield the pages that were changed, each as it was left."""
        batch, count = bytearray(), self._log.pages
        for number, page in sorted(self._pages.items()):
            batch += number.to_bytes(4, "big") + page
            if len(batch) >= MOST:
                yield PAGES, self._packed(count, batch)
                batch.clear()
        if batch:
            yield PAGES, self._packed(count, batch)

    def position(self) -> dict[str, Any]:
        """Return salts, frames, and the header of the last frame, whose checksum covers all before it."""
        return {
            "salt": self._log.salt.hex(),
            "frames": self._log.frames,
            "page": self._size,
            "commits": self._log.commits,
            "last": self._last.hex(),
        }

    def shipped(self) -> bool:
        """Forget the pages; help a long log to start anew, and say whether more was taken in meanwhile."""
        self._pages = {}
        if self._log.frames >= self._many:
            self._start_anew()
        return bool(self._pages)

    def keep_only(self) -> None:
        """Do nothing: what a process held ended with it."""

    def close(self, *, for_good: bool) -> None:
        """Close SQLite's handles."""
        del for_good
        for each in (*self._readers, self._writer):
            each.close()

    def _refuse_another(self) -> None:
        """Raise `Lost` if another file has taken the place of ours, as after a restore."""
        try:
            there = self._path.stat()
        except FileNotFoundError:
            raise SourceProblem("copies.source", reason=self._path) from None
        if not os.path.samestat(there, os.fstat(self._main)):
            raise Lost

    def _go_on(self) -> None:
        now, before = self._now(), self._log
        start = before.frames if now.salt == before.salt else 0
        if now.frames < start or (now.frames and now.page != self._size):
            raise Lost
        self._log = now
        if self._take(start) < (now.commits - before.commits) % (1 << 32):
            raise Lost

    def _take(self, start: int) -> int:
        """Take in the frames behind `start`; return how many of them ended a transaction."""
        commits = 0
        for number in range(start + 1, self._log.frames + 1):
            frame = self._frame(number)
            if frame[8:16] != self._log.salt or len(frame) != _FRAME + self._size:
                raise Lost
            self._pages[int.from_bytes(frame[:4], "big")] = frame[_FRAME:]
            self._last = frame[:_FRAME]
            commits += frame[4:8] != b"\0\0\0\0"
        return commits

    def _start_anew(self) -> None:
        """With the one writer held off, see what is new, let go, and move the log into the main file."""
        try:
            with self._no_writer():
                self._go_on()
                for each in self._readers:
                    _end(each)
                try:
                    self._readers[0].execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                finally:
                    self._hold()
        except SourceProblem:
            return  # busy: another time

    @contextmanager
    def _no_writer(self) -> Iterator[None]:
        # SQLite's own waiting sleeps in growing steps and is starved by those who write all the time.
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                break
            except sqlite3.OperationalError as error:
                if time.monotonic() > until:
                    raise SourceProblem("copies.source", reason=error) from None
                time.sleep(0.001)
        try:
            yield
        finally:
            _end(self._writer)

    def _hold(self) -> None:
        """Begin a read transaction, then end the one before."""
        before, after = self._readers
        after.execute("BEGIN")
        after.execute("SELECT count(*) FROM sqlite_master").fetchone()
        _end(before)
        self._readers = [after, before]

    def _count(self) -> int:
        """Return the pages of the database as they are held."""
        return int(self._readers[0].execute("PRAGMA page_count").fetchone()[0])

    def _now(self) -> Log:
        """Return what the index says; its two copies differ while it is written."""
        for _ in range(1000):
            raw = os.pread(self._index, 96, 0)
            if raw[:48] == raw[48:96] and raw[12]:
                (commits,) = struct.unpack_from("=I", raw, 8)
                size, frames, pages = struct.unpack_from("=HII", raw, 14)
                return Log(raw[32:40], frames, 65536 if size == 1 else size, pages, commits)
            time.sleep(0.001)
        raise SourceProblem("copies.source", reason="-shm")

    def _frame(self, number: int) -> bytes:
        """Return a frame with its header. The log has no locks of its own, so it may be opened and closed at will."""
        with Path(f"{self._path}-wal").open("rb") as file:
            file.seek(_HEADER + (number - 1) * (_FRAME + self._size))
            return file.read(_FRAME + self._size)

    def _packed(self, count: int, batch: bytearray) -> bytes:
        return struct.pack(">II", self._size, count) + zlib.compress(bytes(batch), 1)

    def _connect(self) -> sqlite3.Connection:
        try:
            return sqlite3.connect(
                self._path, isolation_level=None, timeout=_PATIENCE, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise SourceProblem("copies.source", reason=error) from None


def _open(path: Path) -> int:
    """Return a handle on the file that is now at `path`; the same one as long as it is the same file."""
    there = path.stat()
    place = there.st_dev, there.st_ino
    if place not in _OPENED:
        _OPENED[place] = os.open(path, os.O_RDONLY)
    return _OPENED[place]


def _end(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def put(file: int, content: bytes) -> None:
    """Write the pages of a record into the open file that is to become the database."""
    size, count = struct.unpack_from(">II", content)
    batch = zlib.decompress(content[8:])
    for at in range(0, len(batch), size + 4):
        number = int.from_bytes(batch[at : at + 4], "big")
        os.pwrite(file, batch[at + 4 : at + 4 + size], (number - 1) * size)
    os.ftruncate(file, count * size)
