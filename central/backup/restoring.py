"""Restore a backup to SQLite or PostgreSQL: proven first, made ready beside what is there, compared, then exchanged at once."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, make_url
from sqlmodel import Session

from central import db
from central.access.checks import check_entries
from central.backup import engines, reading, swap
from central.backup.container import Derive
from central.backup.contents import Manifest
from central.backup.errors import BackupRefused, PlaceRefused
from central.backup.filling import Fill
from central.backup.keyring import Keys
from central.backup.swap import Place
from central.backup.walkers import hands_for
from central.documents.checks import check_files
from central.events.verify import Check, Report, verify
from central.keys import signing_key
from central.petitions.checks import check_numbers
from central.settings import Settings
from central.vault.vault import Vault
from shared.ids import new_id

#: Told how many rows were put in so far.
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, what checking the log of events says of it, and how many of its petitions are erased for good."""

    manifest: Manifest
    report: Report
    erased: int


@dataclass(frozen=True, slots=True)
class _Work:
    """What every step of one restore needs."""

    path: Path
    place: Place
    manifest: Manifest
    vault: Vault
    derive: Derive
    progress: Progress


def place_of(settings: Settings) -> Place:
    """Return where the data of an installation is."""
    url = make_url(settings.database_url)
    file = Path(url.database or "") if url.drivername.startswith("sqlite") else None
    return Place(settings.data, file)


def finish_pending(settings: Settings) -> bool:
    """Finish a restore that a power cut broke off, or clear it away; to be called before anything opens the data."""
    place = place_of(settings)
    if not swap.is_pending(place):
        return False
    with swap.alone(place):
        return finish(settings, place)


def finish(settings: Settings, place: Place) -> bool:
    """Finish what was decided or clear away what was not; the caller holds the place."""
    if not swap.is_pending(place):
        return False
    if place.database is not None:
        return swap.finish(place, None)
    engine = db.make_engine(settings.database_url)
    try:
        return swap.finish(place, engine)
    finally:
        engine.dispose()


def restore(
    path: Path, settings: Settings, *, replace: bool, keystore: Path | None, progress: Progress
) -> Restored:
    """Put a backup where `settings` say. A backup or place that will not do is refused with nothing touched."""
    keys = Keys(settings, keystore or path.with_name("keystore.current"), given=keystore is not None)
    _, manifest = reading.verify(path, keys.derive)
    refuse_unknown(manifest.revision, path)
    place = place_of(settings)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with swap.alone(place):
        finish(settings, place)
        refuse_taken(settings, place, replace=replace)
        swap.prepare(place)
        try:
            with keys.staged(place.staged / "keys") as vault:
                work = _Work(path, place, manifest, vault, keys.derive, progress)
                return _into_sqlite(work) if place.database is not None else _into_postgres(work, settings)
        finally:
            # What was decided takes its place; what was not is cleared away.
            finish(settings, place)


def _into_sqlite(work: _Work) -> Restored:
    target = work.place.staged_database
    engine = db.make_engine(f"sqlite:///{target}", vault=work.vault)
    try:
        with engine.connect() as connection:
            # This file counts for nothing before all of it is on the disk.
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF"):
                connection.connection.driver_connection.execute(f"PRAGMA {pragma}")  # type: ignore[union-attr]
            with connection.begin():
                found = _filled(work, connection)
            with connection.begin():
                report = walked(connection, work.vault, work.place.staged, url=f"sqlite:///{target}")
    finally:
        engine.dispose()
    swap.decide(work.place, "")
    return Restored(work.manifest, report, found)


def _into_postgres(work: _Work, settings: Settings) -> Restored:
    engine, mark = db.make_engine(settings.database_url, vault=work.vault), f"minyi restore {new_id()}"
    try:
        with engine.connect() as connection, connection.begin():
            # One transaction, schema included: until it commits, everybody sees what was there.
            engines.drop_all(connection)
            found = _filled(work, connection)
            report = walked(connection, work.vault, work.place.staged)
            swap.leave_mark(connection, mark)
            swap.decide(work.place, mark)
        return Restored(work.manifest, report, found)
    finally:
        engine.dispose()


def _filled(work: _Work, connection: Connection) -> int:
    """Fill, compare and bring the schema up to date; return how many petitions are erased for good."""
    with Fill(connection, work.place.staged, work.progress) as fill:
        _, manifest = reading.read(work.path, work.derive, fill)
    if fill.counted() != manifest.tables or manifest != work.manifest:
        raise PlaceRefused("backup.differs_after", path=work.path)
    erased = fill.erased(work.vault)
    db.upgrade_on(connection, "head")
    return erased


def walked(
    connection: Connection,
    vault: Vault,
    staged: Path,
    *,
    url: str = "",
    checks: Sequence[Check] = (),
    arrived: Callable[[], object] = lambda: None,
) -> Report:
    """Return what `minyi verify` would say of a database and the files made ready for it.

    `url`: where other processes find the same, committed, and nobody writes to it. `checks` are further ones. `arrived` returns once
    the files are all there.
    """
    with Session(connection, info={"vault": vault}) as s:
        report = verify(
            s,
            public_key=_public_key(staged / "keys"),
            anchor_folder=staged / "anchors",
            checks=(check_numbers, check_entries, *checks),
            hands=hands_for(s, vault, url, still=True) if url else None,
        )
        arrived()
        report.findings += check_files(staged)(s)
        return report


def _public_key(folder: Path) -> Ed25519PublicKey | None:
    return signing_key(folder, "anchor").public_key() if (folder / "anchor.key").exists() else None


def refuse_unknown(revision: str, path: Path) -> None:
    """Raise `BackupRefused` for a revision of the schema that this program does not know."""
    try:
        ScriptDirectory(str(db.MIGRATIONS)).get_revision(revision)
    except CommandError:
        raise BackupRefused("backup.newer_schema", path=path, revision=revision) from None


def refuse_taken(settings: Settings, place: Place, *, replace: bool) -> None:
    """Raise `PlaceRefused` for a place that is in use, or holds something that is not to be replaced."""
    taken = files_taken(settings)
    if place.database is None:
        taken = not _empty_postgres(settings) or taken
    elif place.database.exists():
        taken = _taken_file(place.database) or taken
    if taken and not replace:
        shown = make_url(settings.database_url).render_as_string(hide_password=True)
        raise PlaceRefused("backup.not_empty", database=shown, data=settings.data)


def files_taken(settings: Settings) -> bool:
    """Say whether the data folder holds files of petitions, ledgers or seals."""
    return any(any((settings.data / each).glob("*")) for each in ("attachments", "imports", "anchors"))


def _empty_postgres(settings: Settings) -> bool:
    engine = db.make_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            if engines.others(connection):
                raise PlaceRefused("backup.in_use")
            return engines.is_empty(connection)
    finally:
        engine.dispose()


def _taken_file(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            count = "SELECT count(*) FROM sqlite_master WHERE name = 'event'"
            if connection.execute(count).fetchone()[0]:
                return connection.execute("SELECT id FROM event LIMIT 1").fetchone() is not None
            return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
        except sqlite3.OperationalError:
            raise PlaceRefused("backup.in_use") from None
        except sqlite3.DatabaseError:
            # Damaged: a reason to restore, not to refuse.
            return True
