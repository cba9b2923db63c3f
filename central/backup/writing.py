"""Make a backup while the server runs: one snapshot of the database, then the files that belong to it."""

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, select, text
from sqlmodel import SQLModel

from central import tables
from central.backup import container, contents, rows
from central.backup.container import Head, Writer
from central.backup.contents import Manifest
from central.backup.errors import PlaceRefused
from central.events.heads import HEADS
from central.events.models import Anchor, Event
from central.keys import write_private
from central.vault.files import sync_folder
from central.vault.vault import Vault

_TABLES = tables.ALL
#: Names that backups get in a folder; they sort by time.
NAMED = "minyi-*.backup"
#: Told how many rows and files were written so far.
Progress = Callable[[int], None]
#: Bytes of a file that go into one record.
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup."""

    path: Path
    head: Head
    manifest: Manifest
    size: int


def make(
    engine: Engine,
    vault: Vault,
    *,
    data: Path,
    target: Path,
    program: str,
    now: datetime,
    progress: Progress = lambda _done: None,
) -> Made:
    """Write a backup to `target` (a file, or a folder that gets one named by the time) and the present key store beside it.

    The file appears under its name only when all of it is on the disk. Readers and writers are not kept waiting.
    """
    path = _named(target, now)
    part = path.with_name(path.name + ".part")
    _clear_parts(path.parent)
    # Before the snapshot: what a head counted then is committed, so the snapshot has it.
    signed = {each.stem for each in (data / "anchors" / HEADS).glob("*.json")}
    try:
        with _private(part) as out, snapshot(engine) as connection:
            facts = facts_of(connection) | {"made_at": now.isoformat(timespec="seconds"), "program": program}
            head = container.new_head(vault.master_id, vault.suite, facts)
            writer = Writer(out, head, lambda master: vault.derive("backup", master=master))
            manifest = _Job(writer, connection, data, progress).write(signed)
            writer.close()
        # The snapshot is older than the copy: no key it needs can be missing from it, except a destroyed one.
        vault.store.copy_to(path.parent / contents.KEYSTORE_COPY)
        part.replace(path)
        sync_folder(path.parent)
        told = {"made_at": now.isoformat(timespec="seconds"), "path": str(path.resolve())}
        write_private(data / contents.LAST, _json(told))
    except OSError as error:
        raise PlaceRefused("backup.not_written", path=path, reason=error.strerror or error) from None
    finally:
        part.unlink(missing_ok=True)
    return Made(path, head, manifest, path.stat().st_size)


def forget(newest: Path, keep: int) -> list[Path]:
    """Delete the backups beside `newest` that the newest `keep` leave over, oldest first; return them."""
    named = sorted(newest.parent.glob(NAMED))
    old = [each for each in named[: max(0, len(named) - keep)] if each != newest]
    for each in old:
        each.unlink()
    return old


def _clear_parts(folder: Path) -> None:
    """Delete what backups left that were broken off; one that is being written is locked."""
    for part in folder.glob(NAMED + ".part"):
        with part.open("rb") as file, contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink(missing_ok=True)


def _named(target: Path, now: datetime) -> Path:
    if target.is_dir():
        return target / f"minyi-{now:%Y%m%dT%H%M%SZ}.backup"
    if not target.parent.is_dir():
        raise PlaceRefused("backup.no_folder", path=target.parent)
    if target.exists():
        raise PlaceRefused("backup.there_already", path=target)
    return target


@contextlib.contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one moment of the database, however long it reads, and keeps nobody waiting."""
    with engine.execution_options(writes=False).connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield connection
        connection.rollback()


def facts_of(connection: Connection) -> dict[str, Any]:
    """Return revision and last event for the head of a file."""
    revision = MigrationContext.configure(connection).get_current_revision() or ""
    events = Event.__table__  # type: ignore[attr-defined]
    last = connection.execute(select(events.c.id).order_by(events.c.id.desc()).limit(1)).scalar()
    return {"revision": revision, "last_event": int(last or 0)}


@dataclass
class _Job:
    """One backup under way."""

    writer: Writer
    connection: Connection
    data: Path
    progress: Progress
    done: int = 0

    def write(self, signed: set[str]) -> Manifest:
        """Write tables, then files; `signed` are the heads that the snapshot bears out."""
        facts, engine = facts_of(self.connection), self.connection.dialect.name
        shapes = [rows.shape_of(each) for each in SQLModel.metadata.sorted_tables]
        described = {
            "revision": facts["revision"],
            "engine": engine,
            "tables": [{"name": each.name, "columns": each.columns} for each in shapes],
        }
        self.writer.record(contents.CONTENT, _json(described))
        counted = {each.name: self._table(each) for each in shapes}
        anchors, files = _anchors(self.connection), contents.FileCount()
        for name, path in contents.kept_files(self.data, signed | set(anchors)):
            self._file(name, path, files)
        manifest = Manifest(
            **facts,
            engine=engine,
            tables=counted,
            files=files.result(),
            last_hash=_last_hash(self.connection),
            anchor=max(anchors, default=""),
        )
        self.writer.record(contents.ALL_END, _json(manifest.as_json()))
        return manifest

    def _table(self, shape: rows.Shape) -> dict[str, Any]:
        digest = rows.Digest()
        for block in rows.packed(rows.lines(self.connection, shape), digest):
            self.writer.record(contents.ROWS, block)
            self.progress(self.done + digest.rows)
        self.done += digest.rows
        found = digest.result()
        self.writer.record(contents.PART_END, _json(found | {"table": shape.name}))
        return found

    def _file(self, name: str, path: Path, files: contents.FileCount) -> None:
        """Write one file, unless it was erased since the snapshot."""
        sha, size = hashlib.sha256(), 0
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return
        with file:
            self.writer.record(contents.FILE, _json({"file": name}))
            while piece := file.read(_PIECE):
                sha.update(piece)
                size += len(piece)
                self.writer.record(contents.BYTES, piece)
        files.add(name, size, sha.hexdigest())
        self.done += 1
        self.progress(self.done)
        end = {"file": name, "bytes": size, "digest": sha.hexdigest()}
        self.writer.record(contents.PART_END, _json(end))


def _anchors(connection: Connection) -> list[str]:
    table = Anchor.__table__  # type: ignore[attr-defined]
    return [str(day) for day in connection.execute(select(table.c.day)).scalars()]


def _last_hash(connection: Connection) -> str:
    events = Event.__table__  # type: ignore[attr-defined]
    return str(connection.execute(select(events.c.hash).order_by(events.c.id.desc()).limit(1)).scalar() or "")


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@contextlib.contextmanager
def _private(path: Path) -> Iterator[Any]:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        fcntl.flock(out, fcntl.LOCK_EX)
        yield out
