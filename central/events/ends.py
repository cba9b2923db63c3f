"""Where each stream of the log ends, for a walk over all events: the recent ones in memory, the rest in a file of its own.

Events of one stream lie near each other in the log, so that hardly any is looked up in the file; and memory does not grow with the log.
"""

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

#: Number and hash of the last event of a stream.
End = tuple[Any, bytes]
#: Streams that stay in memory, some 30 MB.
HELD = 100_000
_PUT = "INSERT INTO ends VALUES (?, ?, ?) ON CONFLICT (stream) DO NOTHING"
_MOVE = "UPDATE ends SET seq = ?, hash = ? WHERE stream = ?"
Twice = Callable[[bytes], object]


class Ends:
    """The last number and hash of each stream. `recent` is the part in memory, to be read and written as one likes."""

    def __init__(self, held: int = HELD) -> None:
        self.recent: dict[bytes, End] = {}
        self._held, self._count = held, 0
        #: Streams in memory that stand in the file as well.
        self._stored = set[bytes]()
        self._file: sqlite3.Connection | None = None

    def find(self, stream: bytes) -> End | None:
        """Return the end of a stream that is not in memory."""
        if self._file is None:
            return None
        found = self._file.execute("SELECT seq, hash FROM ends WHERE stream = ?", (stream,)).fetchone()
        if found is not None:
            self._stored.add(stream)
        return found  # type: ignore[no-any-return]

    def shed(self, twice: Twice) -> None:
        """Put what is in memory into the file, if it has become much. `twice` is told of streams that began two times."""
        if len(self.recent) > self._held:
            self._put(twice)

    def close(self, twice: Twice) -> None:
        """Bring everything together once the walk is over."""
        if self._file is not None:
            self._put(twice)
        self._count += len(self.recent)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[bytes, End]]:
        """Yield all streams in the order of their bytes."""
        if self._file is None:
            yield from sorted(self.recent.items())
            return
        for stream, seq, digest in self._file.execute("SELECT stream, seq, hash FROM ends ORDER BY stream"):
            yield stream, (seq, digest)

    def _put(self, twice: Twice) -> None:
        if self._file is None:
            # A database without a name is a file that its process alone sees, and that goes with it.
            self._file = sqlite3.connect("", isolation_level=None)
            self._file.execute("PRAGMA journal_mode=OFF")
            self._file.execute("CREATE TABLE ends (stream BLOB PRIMARY KEY, seq, hash BLOB) WITHOUT ROWID")
        new = sorted(one for one in self.recent.items() if one[0] not in self._stored)
        begun = self._file.total_changes
        self._file.execute("BEGIN")
        self._file.executemany(_PUT, ((stream, *end) for stream, end in new))
        added = self._file.total_changes - begun
        if added < len(new):
            self._name_those_there(new, twice)
        self._file.executemany(
            _MOVE, ((*self.recent[stream], stream) for stream in self._stored if stream in self.recent)
        )
        self._file.execute("COMMIT")
        self._count += added
        self.recent.clear()
        self._stored.clear()

    def _name_those_there(self, new: list[tuple[bytes, End]], twice: Twice) -> None:
        """Tell of streams whose first event came again: what stands in the file is another end than theirs."""
        for stream, end in new:
            found = (
                self._file
                and self._file.execute("SELECT seq, hash FROM ends WHERE stream = ?", (stream,)).fetchone()
            )
            if found != end:
                twice(stream)
