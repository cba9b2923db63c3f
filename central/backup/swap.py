"""Put what was restored in the place of what was there: all of it or nothing, whenever the machine stops.

Everything is made ready in `.restore/` of the data folder, an SQLite database beside the one it replaces. A file `ready`, written
last, is the decision: whoever opens the data folder next finishes the exchange, step by step, and steps that were done are not
done again. Before it, what is ready counts for nothing. What was there stays as `.before` until the next restore.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DatabaseError

from central.backup.contents import FOLDERS
from central.backup.errors import PlaceRefused
from central.vault.files import sync_disk, sync_folder

READY = "ready"
#: Held while a restore is under way.
LOCK = ".restore.lock"


@dataclass(frozen=True, slots=True)
class Place:
    """Where things are: the data folder, and the file of an SQLite database (None for PostgreSQL)."""

    data: Path
    database: Path | None

    @property
    def staged(self) -> Path:
        """The folder in which things are made ready."""
        return self.data / ".restore"

    @property
    def before(self) -> Path:
        """The folder for what was there."""
        return self.data / ".before"

    @property
    def staged_database(self) -> Path | None:
        """The SQLite file that is made ready."""
        return None if self.database is None else _beside(self.database, ".restore")

    def steps(self) -> list[tuple[Path, Path, Path]]:
        """Return (made ready, its place, where what was there goes) in the order of the exchange."""
        found = [(self.staged / each, self.data / each, self.before / each) for each in FOLDERS]
        if self.database is not None:
            # The log of the old database leaves first: it must never meet the new one.
            for suffix in ("-wal", "-shm", ""):
                here = _beside(self.database, suffix)
                found.append((_beside(here, ".restore"), here, _beside(here, ".before")))
        return found


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


@contextmanager
def alone(place: Place) -> Iterator[None]:
    """Hold the data folder against another restore; raise `PlaceRefused` while one is under way. The kernel lets go after a crash."""
    with (place.data / LOCK).open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PlaceRefused("backup.restore_running", data=place.data) from None
        yield


def prepare(place: Place) -> None:
    """Make empty room to make things ready in, on the same disk as the data."""
    clear(place)
    place.staged.mkdir(parents=True, mode=0o700)
    for folder in FOLDERS:
        (place.staged / folder).mkdir(mode=0o700)


def clear(place: Place) -> None:
    """Throw away what was made ready."""
    for staged, _, _ in place.steps():
        if staged.is_file():
            staged.unlink()
    shutil.rmtree(place.staged, ignore_errors=True)


def decide(place: Place, mark: str) -> None:
    """Write the decision; from here on the restored things count. `mark` ties it to a commit of PostgreSQL, '' to none."""
    for _, _, before in place.steps():
        if before.is_file():
            before.unlink()
    shutil.rmtree(place.before, ignore_errors=True)
    sync_disk(place.staged)
    if place.staged_database is not None:
        _sync(place.staged_database)
        sync_folder(place.staged_database.parent)
    part = place.staged / (READY + ".part")
    part.write_text(json.dumps({"mark": mark}), "utf-8")
    _sync(part)
    part.replace(place.staged / READY)
    sync_folder(place.staged)


def is_pending(place: Place) -> bool:
    """Say whether a restore was broken off here."""
    return place.staged.is_dir()


def finish(place: Place, engine: Engine | None) -> bool:
    """Finish an exchange that was decided, or clear away one that was not; return whether restored things took their place."""
    if not is_pending(place):
        return False
    if not (place.staged / READY).exists() or not _committed(place, engine):
        clear(place)
        return False
    place.before.mkdir(mode=0o700, exist_ok=True)
    for staged, here, before in place.steps():
        if here.exists() and not before.exists():
            here.replace(before)
        if staged.exists():
            staged.replace(here)
            sync_folder(here.parent)
    shutil.rmtree(place.staged)
    return True


def leave_mark(connection: Connection, mark: str) -> None:
    """Tell in the database, within the transaction that restores it, which decision it belongs to."""
    connection.exec_driver_sql(f"COMMENT ON TABLE alembic_version IS '{mark}'")


def _committed(place: Place, engine: Engine | None) -> bool:
    mark = json.loads((place.staged / READY).read_text("utf-8"))["mark"]
    if not mark or engine is None:
        return not mark
    query = text("SELECT obj_description('alembic_version'::regclass)")
    try:
        with engine.connect() as connection:
            return bool(connection.execute(query).scalar() == mark)
    except DatabaseError:
        return False


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
