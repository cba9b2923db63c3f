"""One generation: a base, and behind it piece after piece of what was committed since.

What is in a piece is on the disk under its name before anything is forgotten here, so whoever is killed loses nothing that was
shipped. The next one goes on behind the last piece if it is certain that nothing is missing.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Lock

from sqlalchemy import Engine

from central.backup import container, contents
from central.backup.container import Head
from central.backup.errors import BackupRefused, PlaceRefused
from central.backup.writing import facts_of, snapshot
from central.copies import chain, pieces, told
from central.copies.files import Files
from central.copies.pieces import Info, Record
from central.copies.source import Source
from central.keys import signing_key
from central.vault.files import sync_folder
from central.vault.vault import Vault
from shared.canonical import sha256_hex
from shared.clock import Clock

#: In the data folder: what was stored, and the log of PostgreSQL as it was received.
FOLDER = "copies"


@dataclass
class Site:
    """What all generations of an installation share: where it is, where its copies go, how they are sealed."""

    engine: Engine
    vault: Vault
    clock: Clock
    data: Path
    folder: Path
    program: str
    #: Called again and again while much is written.
    alive: Callable[[], None] = lambda: None
    _mark: tuple[int, int, int] = (0, 0, 0)
    _lock: Lock = field(default_factory=Lock)

    @property
    def installation(self) -> str:
        """What tells this installation from others: it goes along with its copies, and is no secret."""
        key = signing_key(self.data / "keys", "anchor").public_key()
        return sha256_hex(key.public_bytes_raw().hex())[:16]

    def derive(self, master: str) -> bytes:
        """Return the bytes for copies from a master key."""
        return self.vault.derive("backup", master=master)

    def head(self, until: str) -> Head:
        """Return the head of a new file."""
        with snapshot(self.engine) as connection:
            facts = facts_of(connection)
        made = {"made_at": until, "program": self.program}
        return container.new_head(self.vault.master_id, self.vault.suite, facts | made)

    def copy_keystore(self) -> None:
        """Copy the key store if it changed. No key that a piece needs may be missing beside it."""
        path = self.vault.store.path
        copy = self.folder / contents.KEYSTORE_COPY
        with self._lock:
            found = [each.stat() for each in (path, path.with_name(path.name + "-wal")) if each.exists()]
            mark = len(found), sum(each.st_mtime_ns for each in found), sum(each.st_size for each in found)
            if mark != self._mark or not copy.exists():
                try:
                    self.vault.store.copy_to(copy)
                except sqlite3.Error as error:
                    raise PlaceRefused("copies.not_written", path=copy, reason=error) from None
                sync_folder(self.folder)
                self._mark = mark


class Generation:
    """Writes one generation. Used by one thread at a time."""

    def __init__(self, site: Site, source: Source, name: str) -> None:
        self._site, self._source, self.name = site, source, name
        self._files = Files(site.data, site.folder / chain.STORE, site.data / FOLDER / "stored.sqlite3")
        self._last: Info | None = None
        self._salt = ""
        self.began = site.clock.now()

    def close(self, *, for_good: bool) -> None:
        """Let go; `for_good` if nobody will go on with it."""
        self._files.close()
        self._source.close(for_good=for_good)

    def keep_only(self) -> None:
        """Let go of what generations before left behind in the engine."""
        self._source.keep_only()

    def resume(self) -> bool:
        """Go on behind the last piece; False if a new base is needed. Raise `BackupRefused` for the copies of another installation."""
        last, first, folder = None, None, self._site.folder / self.name
        try:
            for head, info in chain.infos(folder, self._site.derive):
                last, self._salt, first = info, head.salt, first or info.at
            said = chain.newest_of(folder, self._site.derive)
        except BackupRefused:
            return False  # broken: what is whole of it can be restored, and a new one begins
        if last is None or first is None:
            return False
        if last.installation != self._site.installation:
            raise BackupRefused("copies.other_installation", path=self._site.folder)
        if last.engine != self._source.engine or not self._source.resume(last.position):
            return False
        # Until when nothing more was committed is said beside the pieces.
        self._last, self.began = replace(last, until=max(last.until, said.until)), first
        return True

    def begin(self) -> None:
        """Write the base. It counts for nothing before the piece that brings what was committed meanwhile."""
        folder = self._site.folder / self.name
        folder.mkdir(mode=0o700)
        sync_folder(self._site.folder)
        try:
            self._base()
        except BaseException as error:
            with contextlib.suppress(OSError):
                folder.rmdir()
            if isinstance(error, OSError):
                raise self._not_written(error) from None
            raise

    def _base(self) -> None:
        heads, database = self._files.heads(), self._source.base()
        first, now = next(database), self._site.clock.now()
        info = Info(
            installation=self._site.installation,
            generation=self.name,
            number=0,
            previous="",
            since=_text(now),
            until=_text(now),
            point=False,
            engine=self._source.engine,
            position=self._source.position(),
        )

        def records() -> Iterator[Record]:
            yield first
            yield from database
            yield from self._files.all(now)
            yield from self._files.small(heads)

        self._write(info, records())
        self._source.shipped()

    def ship(self) -> Path | None:
        """Seal what was committed up to now; return the piece, None if there was nothing. Raise `Lost` if that is not certain."""
        now, last = self._site.clock.now(), self._last
        assert last is not None  # noqa: S101 begun or resumed
        heads, changed = self._files.heads(), self._source.look()
        try:
            with snapshot(self._site.engine) as connection:
                files = [*self._files.new(connection, now), *self._files.small(heads)]
            if changed or files or not last.point:
                return self._ship(last, now, files, changed=changed)
            self._site.copy_keystore()
            self._last = replace(last, until=_text(now))
            self._newest(self._last)
        except OSError as error:
            raise self._not_written(error) from None
        return None

    def _ship(self, last: Info, now: datetime, files: list[Record], *, changed: bool) -> Path:
        info = replace(
            last,
            number=last.number + 1,
            previous=self._salt,
            since=last.until,
            until=_text(now),
            point=True,
            position=self._source.position(),
        )

        def records() -> Iterator[Record]:
            if changed:
                yield from self._source.changes()
            yield from files

        self._write(info, records())
        self._newest(info)
        if self._source.shipped():
            # What was committed while this piece was written may have brought documents: their files go with them.
            with snapshot(self._site.engine) as connection:
                brought = list(self._files.new(connection, now))
            return self._ship(info, now, brought, changed=True)
        return self._path(info)

    def _write(self, info: Info, records: Iterator[Record]) -> None:
        head = self._site.head(info.until)
        self._site.copy_keystore()
        pieces.write(self._path(info), head, self._site.derive, info, self._watched(records))
        self._salt, self._last = head.salt, info
        self._files.kept()

    def _watched(self, records: Iterator[Record]) -> Iterator[Record]:
        for each in records:
            self._site.alive()
            yield each

    def _newest(self, info: Info) -> None:
        """Say which piece is the last, and tell the installation."""
        said, path = replace(info, previous=self._salt), self._site.folder / self.name / chain.NEWEST
        pieces.write(path, self._site.head(info.until), self._site.derive, said, ())
        told.tell(self._site.data, said.at, self._site.folder)

    def _path(self, info: Info) -> Path:
        return chain.path_of(self._site.folder / self.name, info.number)

    def _not_written(self, error: OSError) -> PlaceRefused:
        return PlaceRefused("copies.not_written", path=self._site.folder, reason=error.strerror or error)


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
