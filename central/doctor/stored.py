"""Looks at database, keys, log and clock. Nothing is opened for writing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError

from central import db
from central.doctor.findings import Finding, Level, Machine, shown, wrong
from central.events.models import Anchor, Event
from central.halls.models import BoxCertificate
from central.petitions.models import Petition
from central.settings import Settings, credentials_folder
from central.vault import master
from central.vault.errors import MasterProblem, SealBroken
from central.vault.master import Ring
from central.vault.store import Wrapped
from central.vault.vault import STORE, unwrapped
from shared.clock import court_day

#: Clocks may differ by so much.
DRIFT = timedelta(minutes=2)
#: The seal of yesterday is made within the day; one day more may be missed.
SEAL_DAYS = 2
#: Boxes renew their certificates by themselves well before; one that did not needs a person.
BOX_DAYS = timedelta(days=14)


@contextmanager
def reading(settings: Settings) -> Iterator[Connection]:
    """Give a connection that cannot write and does not make a database that is not there."""
    url = make_url(settings.database_url)
    if url.drivername.startswith("sqlite"):
        engine = create_engine(f"sqlite:///file:{Path(url.database or '').resolve()}?mode=ro&uri=true")
    else:
        options = "-c timezone=UTC -c default_transaction_read_only=on"
        given = url.set(drivername="postgresql+psycopg")
        engine = create_engine(given, connect_args={"connect_timeout": 5, "options": options})
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def database(settings: Settings, machine: Machine) -> Iterator[Finding]:
    """The database: reachable, of this program's schema; the clocks of both machines and of what is recorded."""
    shown_url = make_url(settings.database_url).render_as_string(hide_password=True)
    try:
        with reading(settings) as connection:
            connection.execute(text("SELECT 1"))
            yield from _schema(connection)
            yield from _clock(connection, machine.clock.now())
    except (SQLAlchemyError, sqlite3.Error) as error:
        yield wrong("database", "doctor.database_unreachable", database=shown_url, reason=shown(error))


def _schema(connection: Connection) -> Iterator[Finding]:
    present = MigrationContext.configure(connection).get_current_revision()
    known = ScriptDirectory(str(db.MIGRATIONS))
    if present is None:
        yield wrong("database", "doctor.schema_none")
    elif present != known.get_current_head():
        try:
            known.get_revision(present)
        except CommandError:
            yield wrong("database", "doctor.schema_newer", revision=present)
        else:
            yield wrong("database", "doctor.schema_older", revision=present, newest=known.get_current_head())


def _clock(connection: Connection, now: datetime) -> Iterator[Finding]:
    if connection.dialect.name == "postgresql":
        there = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        if abs(there - now) > DRIFT:
            yield wrong("clock", "doctor.clocks_differ", seconds=int((there - now).total_seconds()))
    last = connection.execute(select(Event.recorded_at).order_by(Event.id.desc()).limit(1)).scalar()  # type: ignore[attr-defined, call-overload]
    if last is not None and last > now + DRIFT:
        yield wrong(
            "clock", "doctor.clock_behind", now=f"{now:%Y-%m-%d %H:%M}", last=f"{last:%Y-%m-%d %H:%M}"
        )


def log(settings: Settings, machine: Machine) -> Iterator[Finding]:
    """The log: sealed lately, and the files of its seals at hand. `minyi verify` looks at all of it."""
    today = court_day(machine.clock.now())
    try:
        with reading(settings) as connection:
            newest = connection.execute(select(Anchor.day).order_by(Anchor.day.desc()).limit(1)).scalar()  # type: ignore[attr-defined, call-overload]
            behind = select(Event.recorded_at).order_by(Event.id).limit(1)  # type: ignore[call-overload]
            if newest is not None:
                up_to = select(Anchor.up_to_id).order_by(Anchor.day.desc()).limit(1).scalar_subquery()  # type: ignore[attr-defined, call-overload]
                behind = behind.where(Event.id > up_to)
            first = connection.execute(behind).scalar()
    except (SQLAlchemyError, sqlite3.Error):
        return  # told by the look at the database
    if first is not None and today - court_day(first) > timedelta(days=SEAL_DAYS):
        yield wrong("log", "doctor.seals_old", since=court_day(first), day=newest or "-")
    if newest is not None and not _seal(settings, newest).is_file():
        yield wrong("log", "doctor.seal_file_missing", path=_seal(settings, newest))


def _seal(settings: Settings, day: date) -> Path:
    return settings.data / "anchors" / f"{day.isoformat()}.json"


def boxes(settings: Settings, machine: Machine) -> Iterator[Finding]:
    """Certificates of hall boxes: the newest of each is not about to end unnoticed."""
    now = machine.clock.now()
    query = select(BoxCertificate.box_id, BoxCertificate.expires_at).where(  # type: ignore[call-overload]
        BoxCertificate.revoked_at.is_(None)  # type: ignore[union-attr]
    )
    latest: dict[str, datetime] = {}
    try:
        with reading(settings) as connection:
            for box, until in connection.execute(query):
                latest[box] = max(until, latest.get(box, until))
    except (SQLAlchemyError, sqlite3.Error):
        return
    for box, until in sorted(latest.items()):
        if until < now + BOX_DAYS:
            yield wrong("certificates", "doctor.box_certificate_ends", box=box, day=until.date())


def keys(settings: Settings, machine: Machine) -> Iterator[Finding]:
    """The master key: there, for its owner alone, and the one that opens the key store; the store: this database's."""
    del machine
    path, strict = master.place(settings, credentials_folder())
    store = settings.data / "keys" / STORE
    try:
        ring = Ring(path, strict=strict)
        with closing(sqlite3.connect(f"file:{store.resolve()}?mode=ro", uri=True)) as found:
            _open_one(ring, found)
            yield from _fits(settings, found)
    except MasterProblem as error:
        yield Finding("keys", Level.WRONG, error.key, dict(error.values))
    except SealBroken:
        yield wrong("keys", "doctor.key_opens_not", path=path, store=store)
    except sqlite3.Error as error:
        yield wrong("keys", "doctor.store_unreadable", path=store, reason=shown(error))


def _open_one(ring: Ring, store: sqlite3.Connection) -> None:
    """Open a key of each master key that still wraps some."""
    in_use = "SELECT master, min(id) FROM data_key WHERE wrapped IS NOT NULL GROUP BY master"
    for master_id, key_id in store.execute(in_use).fetchall():
        [(content,)] = store.execute("SELECT wrapped FROM data_key WHERE id = ?", (key_id,)).fetchall()
        unwrapped(ring.get(master_id), Wrapped(UUID(bytes=key_id), master_id, content))


def _fits(settings: Settings, store: sqlite3.Connection) -> Iterator[Finding]:
    """See whether the store knows the key of the newest petition."""
    query = select(Petition.key_id).order_by(Petition.received_at.desc()).limit(1)  # type: ignore[attr-defined, call-overload]
    try:
        with reading(settings) as connection:
            newest = connection.execute(query).scalar()
    except (SQLAlchemyError, sqlite3.Error):
        return
    if (
        newest is not None
        and not store.execute("SELECT 1 FROM data_key WHERE id = ?", (newest.bytes,)).fetchone()
    ):
        yield wrong("keys", "doctor.store_other", key_id=newest)
