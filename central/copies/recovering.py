"""Restore a moment from continuous copies: made ready beside what is there, walked as by `minyi verify`, exchanged at once."""

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, SQLModel

from central import db
from central.backup import restoring, rows, swap, writing
from central.backup.contents import KEYSTORE_COPY
from central.backup.errors import BackupRefused, PlaceRefused
from central.backup.filling import erased
from central.backup.keyring import Keys
from central.backup.swap import Place
from central.copies import chain, pieces, wal
from central.copies.chain import Plan
from central.copies.clusters import Cluster
from central.copies.pieces import LOG, PAGES, TAR
from central.copies.placing import Placing
from central.events.verify import Finding, Report
from central.settings import Settings
from central.vault.vault import Vault

UNREADABLE = "database_unreadable"
#: Told how many pieces were read so far.
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be restored: copies, and how."""

    folder: Path
    keys: Keys
    plan: Plan
    progress: Progress

    @property
    def engine(self) -> str:
        """The engine the copies are of."""
        return self.plan.last.engine


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was restored: rows of each table, files, the last event, what the log says of it, and how much is erased for good."""

    plan: Plan
    tables: dict[str, int]
    files: int
    last_event: int
    report: Report
    erased: int


def restore(
    asked: Asked, settings: Settings, *, replace: bool, cluster: Path | None, now: datetime, program: str
) -> Recovered:
    """Put a moment where `settings` say, or all of a PostgreSQL server into the empty folder `cluster`.

    Copies or a place that will not do are refused with nothing touched.
    """
    restoring.refuse_unknown(asked.plan.revision, asked.plan.generation)
    if cluster is not None:
        if asked.engine != "postgresql":
            raise PlaceRefused("copies.no_cluster", path=asked.folder)
        return _in_place(asked, settings, cluster, replace=replace)
    if asked.engine == "sqlite" and settings.database_url.startswith("sqlite"):
        return _in_place(asked, settings, None, replace=replace)
    return _by_a_backup(asked, settings, replace=replace, now=now, program=program)


def _in_place(asked: Asked, settings: Settings, cluster: Path | None, *, replace: bool) -> Recovered:
    place = restoring.place_of(settings)
    if cluster is not None:
        place = Place(place.data, None)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with swap.alone(place):
        restoring.finish(settings, restoring.place_of(settings))
        if cluster is None:
            restoring.refuse_taken(settings, place, replace=replace)
        elif restoring.files_taken(settings) and not replace:
            raise PlaceRefused("backup.not_empty", database=cluster, data=settings.data)
        swap.prepare(place)
        try:
            with asked.keys.staged(place.staged / "keys") as vault:
                target = cluster or place.staged_database
                assert target is not None  # noqa: S101 one or the other
                with _made_ready(asked, place.staged, target, keep=True) as (url, files):
                    found = _checked(asked, url, vault, place.staged, files)
            swap.decide(place, "")
            return found
        finally:
            # What was decided takes its place; what was not is cleared away.
            swap.finish(place, None)


def _by_a_backup(
    asked: Asked, settings: Settings, *, replace: bool, now: datetime, program: str
) -> Recovered:
    """Bring the moment back in a room of its own, back it up there, and restore that: into a server that runs, or the other engine."""
    with tempfile.TemporaryDirectory(prefix="minyi-recover-") as name:
        room = Path(name)
        room.chmod(0o711)  # the account of the server has to pass
        staged = room / "data"
        (staged / "keys").mkdir(parents=True, mode=0o700)
        with (
            asked.keys.staged(staged / "keys") as vault,
            _made_ready(asked, staged, room / "database", keep=False) as (url, placed),
        ):
            placed.finish()
            engine = db.make_engine(url, vault=vault)
            try:
                db.upgrade(engine)
                backup = room / "moment.backup"
                writing.make(engine, vault, data=staged, target=backup, program=program, now=now)
            finally:
                engine.dispose()
        done = restoring.restore(
            backup, settings, replace=replace, keystore=room / KEYSTORE_COPY, progress=asked.progress
        )
    files = sum(int(each["files"]) for each in done.manifest.files.values())
    tables = {name: int(each["rows"]) for name, each in done.manifest.tables.items()}
    return Recovered(asked.plan, tables, files, done.manifest.last_event, done.report, done.erased)


@contextmanager
def _made_ready(asked: Asked, staged: Path, target: Path, *, keep: bool) -> Iterator[tuple[str, Placing]]:
    """Give the address of the database as it was at the moment, made at `target`, and the files on their way into `staged`."""
    files = Placing(staged, asked.folder / chain.STORE)
    with contextlib.closing(files):
        yield from _database(asked, files, target, keep=keep)


def _database(asked: Asked, files: Placing, target: Path, *, keep: bool) -> Iterator[tuple[str, Placing]]:
    if asked.engine == "sqlite":
        with _private(target) as out:
            _unpack(asked, files, {PAGES: lambda content: wal.put(out, content)})
            os.fsync(out)
        yield f"sqlite:///{target}", files
        return
    cluster, position = Cluster(target, keep=keep), asked.plan.last.position
    try:
        with cluster.unpacking() as unpack:
            _unpack(
                asked, files, {TAR: unpack, LOG: lambda content: cluster.log(content, position["segment"])}
            )
        with cluster.running(position) as url:
            yield url, files
    except BaseException:
        cluster.remove()
        raise


def _unpack(asked: Asked, files: Placing, takers: Mapping[bytes, Callable[[bytes], None]]) -> None:
    """Give every record of the pieces to whom it belongs; raise `BackupRefused` if one is not as it was written."""
    before = ""
    for number in range(asked.plan.last.number + 1):
        with pieces.opened(chain.path_of(asked.plan.generation, number), asked.keys.derive) as piece:
            if (piece.info.generation, piece.info.number, piece.info.previous) != (
                asked.plan.generation.name,
                number,
                before,
            ):
                raise BackupRefused("copies.foreign_piece", path=piece.path)
            for kind, content in piece.records:
                takers.get(kind, lambda content, kind=kind: files.take(kind, content))(content)
            before = piece.head.salt
        asked.progress(number + 1)


def _checked(asked: Asked, url: str, vault: Vault, staged: Path, files: Placing) -> Recovered:
    engine = db.make_engine(url, vault=vault)
    shapes = [rows.shape_of(each) for each in SQLModel.metadata.sorted_tables]
    try:
        with engine.connect() as connection:
            if asked.engine == "sqlite":
                _alone(connection)
            with connection.begin():
                db.upgrade_on(connection, "head")
                _drop_unknown_seals(connection, staged / "anchors")
            # What stands there counts for nothing yet, so it may be committed: now other processes can read it.
            with connection.begin():
                checks = (_soundness,) if asked.engine == "sqlite" else ()
                report = restoring.walked(
                    connection, vault, staged, url=url, checks=checks, arrived=files.finish
                )
                if any(each.problem == UNREADABLE for each in report.findings):
                    raise BackupRefused("backup.damaged", path=asked.plan.generation)
                tables = {each.name: _count(connection, each.name) for each in shapes}
                last = int(connection.execute(text("SELECT max(id) FROM event")).scalar() or 0)
                return Recovered(
                    asked.plan, tables, files.count, last, report, erased(connection, shapes, vault)
                )
    except (DatabaseError, sqlite3.DatabaseError):
        if asked.engine == "sqlite":
            raise BackupRefused("backup.damaged", path=asked.plan.generation) from None
        raise
    finally:
        engine.dispose()


def _alone(connection: Connection) -> None:
    """Take away the log beside a file that counts for nothing yet."""
    raw: Any = connection.connection.driver_connection
    for pragma in ("journal_mode=DELETE", "journal_mode=OFF", "synchronous=OFF"):
        raw.execute(f"PRAGMA {pragma}")


def _soundness(s: Session) -> Iterator[Finding]:
    """Yield what is wrong with the file of an SQLite database itself."""
    said = s.connection().execute(text("PRAGMA quick_check(1)")).scalar_one()
    if said != "ok":
        yield Finding("database", 0, 0, UNREADABLE, str(said))


def _drop_unknown_seals(connection: Connection, folder: Path) -> None:
    """Delete the file of a seal that was being made: its row came with a later piece."""
    table = SQLModel.metadata.tables["anchor"]
    known = {str(day) for day in connection.execute(select(table.c.day)).scalars()}
    for path in folder.glob("*.json"):
        if path.stem not in known:
            path.unlink()


def _count(connection: Connection, name: str) -> int:
    return int(
        connection.execute(select(func.count()).select_from(SQLModel.metadata.tables[name])).scalar_one()
    )


@contextmanager
def _private(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)
