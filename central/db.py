"""Engine, sessions and column types: the one file that knows SQLite from PostgreSQL."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Connection, Dialect, Engine, create_engine, event, inspect, text
from sqlalchemy import DateTime as SaDateTime
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

from central.vault.vault import Vault

#: How long a writer waits for another before it gives up.
WAIT_SECONDS = 30

_ENGINE = "minyi.engine"
MIGRATIONS = Path(__file__).parent / "migrations"

#: Names of constraints must be the same on both engines, or migrations cannot drop them.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, stored as UTC; a naive value is refused."""

    impl = SaDateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC; SQLite stores it without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "naive datetime refused: every moment carries its zone"
            raise ValueError(msg)
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment aware, in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def make_engine(url: str, *, pool_size: int = 8, vault: Vault | None = None) -> Engine:
    """Return an engine for `url` (sqlite:///FILE or postgresql+psycopg://...); its sessions seal and open with `vault`."""
    engine = _sqlite(url, pool_size) if url.startswith("sqlite") else _postgres(url, pool_size)
    engine.update_execution_options(vault=vault)
    event.listen(engine, "checkin", _leave_nothing_open)
    return engine


def _leave_nothing_open(connection: Any, _: object) -> None:
    """End what a failed COMMIT left open: SQLAlchemy hands the connection on as if it were clean, lock and rows with it."""
    if connection is not None:
        connection.rollback()


def _sqlite(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": WAIT_SECONDS},
        pool_size=pool_size,
        max_overflow=32,
        hide_parameters=True,  # what was to be written would stand in the log with the error
    )
    _tune_sqlite(engine)
    return engine


def _postgres(url: str, pool_size: int) -> Engine:
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    # Statements on large tables get a plan for their values: a generic plan walks the wrong index.
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=8,
        hide_parameters=True,
        connect_args={"prepare_threshold": None, "options": "-c timezone=UTC"},
    )


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: object) -> None:
        connection.isolation_level = None
        # FULL: a commit that a person was told of survives a power cut.
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            f"busy_timeout={WAIT_SECONDS * 1000}",
            "cache_size=-32768",
        ):
            connection.execute(f"PRAGMA {pragma}")

    _take_turns(engine)


def _take_turns(engine: Engine) -> None:
    """Let writers of this process queue in order: SQLite's own waiting sleeps in growing steps and starves the unlucky.

    A transaction that will write takes SQLite's lock at its beginning: one that upgrades late fails instead of waiting.
    """
    turn = threading.Lock()
    holding: set[int] = set()

    def leave(connection: Connection) -> None:
        if id(connection) in holding:
            holding.discard(id(connection))
            turn.release()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("writes", True):
            connection.exec_driver_sql("BEGIN")
            return
        if turn.acquire(timeout=WAIT_SECONDS):
            holding.add(id(connection))
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            leave(connection)
            raise

    event.listen(engine, "commit", leave)
    event.listen(engine, "rollback", leave)


def is_sqlite(s: Session) -> bool:
    """Say whether the session speaks to SQLite."""
    return s.get_bind().dialect.name == "sqlite"


def session(engine: Engine, *, writes: bool = True) -> Session:
    """Return a session whose objects stay readable after commit. `writes=False` never waits for SQLite's one writer."""
    if writes:
        return Session(engine, expire_on_commit=False, info=_carried(engine))
    return _reading(engine, writes=False)


def _carried(engine: Engine) -> dict[Any, Any]:
    """Return what sessions carry with them: the vault, and the rules of the installation where it has its own."""
    options = engine.get_execution_options()
    return {"vault": options.get("vault"), "rules": options.get("rules")}


def vault_of(bind: Engine | Connection) -> Vault | None:
    """Return the vault with which an engine or connection was made."""
    found: Vault | None = bind.get_execution_options().get("vault")
    return found


def look(engine: Engine) -> Session:
    """Return a session for the few statements of one page.

    On PostgreSQL each statement sees what is committed, with or without a transaction around it, so it is spared the frame.
    """
    if engine.dialect.name == "sqlite":
        return session(engine, writes=False)
    return _reading(engine, writes=False, isolation_level="AUTOCOMMIT")


def _reading(engine: Engine, **options: Any) -> Session:
    info = {**_carried(engine), _ENGINE: engine}
    return Reading(engine.execution_options(**options), expire_on_commit=False, info=info)


@contextmanager
def beside(s: Session) -> Iterator[Session]:
    """Give a session that may write to the owner of `s`: a short transaction of its own if `s` only reads, else `s` itself.

    A reading session gives its connection back first, so that no request waits for a second one while it holds the first.
    """
    engine = s.info.get(_ENGINE)
    if engine is None:
        yield s
        return
    s.close()
    with unit_of_work(engine) as own:
        yield own


def alone(s: Session) -> Connection | None:
    """Return the connection of a session each statement of which is a transaction of its own (`look` on PostgreSQL), else None."""
    if s.info.get(_ENGINE) is None or is_sqlite(s):
        return None
    found = s.connection()
    return found if found.get_execution_options().get("isolation_level") == "AUTOCOMMIT" else None


class Reading(Session):
    """A session that only reads: what a handler changed by mistake is refused, not lost in silence."""

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Raise `RuntimeError` if there is something to write."""
        if self.new or self.dirty or self.deleted:
            msg = "this session only reads: ask for WriteDb"
            raise RuntimeError(msg)
        super().flush(objects)


def share(s: Session, lock: int) -> None:
    """Hold advisory lock `lock` together with others until this transaction ends. SQLite has one writer, who needs none."""
    if not is_sqlite(s):
        s.connection().execute(text("SELECT pg_advisory_xact_lock_shared(:lock)"), {"lock": lock})


def hold(s: Session, lock: int) -> None:
    """Hold advisory lock `lock` alone until this transaction ends: waits for all who share it."""
    if not is_sqlite(s):
        s.connection().execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def announce(s: Session, channel: str) -> None:
    """Wake who is `listening` to `channel` in other processes, once this transaction is committed. On SQLite there is one process."""
    if not is_sqlite(s):
        s.connection().execute(text("SELECT pg_notify(:channel, '')"), {"channel": channel})


@contextmanager
def listening(engine: Engine, channel: str) -> Iterator[Callable[[float], bool]]:
    """Give a function that waits for an announcement, at most so many seconds, and says whether one came.

    PostgreSQL alone. It has a connection of its own; `OperationalError` of psycopg when that breaks.
    """
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        yield lambda seconds: any(True for _ in connection.notifies(timeout=seconds, stop_after=1))


def put_if_absent(s: Session, row: SQLModel) -> None:
    """Insert an operational row unless one with its key is there: two who do so at once both go on."""
    insert = sqlite.insert if is_sqlite(s) else postgresql.insert
    s.connection().execute(insert(type(row)).values(row.model_dump()).on_conflict_do_nothing())


def put(s: Session, row: SQLModel) -> None:
    """Insert an operational row, or give the row with its key these values: one statement, whoever else does so at once."""
    insert = sqlite.insert if is_sqlite(s) else postgresql.insert
    table, values = inspect(type(row)).local_table, row.model_dump()
    keys = {column.name for column in table.primary_key}
    set_ = {name: value for name, value in values.items() if name not in keys}
    wanted = insert(table).values(values)
    s.connection().execute(wanted.on_conflict_do_update(index_elements=table.primary_key, set_=set_))


def add_to(s: Session, row: SQLModel, column: str) -> int:
    """Add `row`'s value to `column` of the row with its key, or insert `row`; return the sum. One statement, then locked."""
    insert = sqlite.insert if is_sqlite(s) else postgresql.insert
    table = inspect(type(row)).local_table
    wanted = insert(table).values(row.model_dump())
    total = table.c[column] + wanted.excluded[column]
    upsert = wanted.on_conflict_do_update(index_elements=table.primary_key, set_={column: total})
    return int(s.connection().execute(upsert.returning(table.c[column])).scalar_one())


@contextmanager
def unit_of_work(engine: Engine) -> Iterator[Session]:
    """Give a session to a message, job or command; commit at the end, roll back on any error."""
    with session(engine) as s:
        yield s
        s.commit()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to `revision`. On PostgreSQL a lock keeps two starting processes apart."""
    before, after = set[str](), set[str]()
    with engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(727001)"))
            connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        before = set(MigrationContext.configure(connection).get_current_heads())
        command.upgrade(_alembic(connection), revision)
        after = set(MigrationContext.configure(connection).get_current_heads())
    if before and before != after and engine.dialect.name == "sqlite":
        _write_anew(engine)


def upgrade_on(connection: Connection, revision: str) -> None:
    """Bring the schema to `revision` within the caller's transaction."""
    command.upgrade(_alembic(connection), revision)


def _write_anew(engine: Engine) -> None:
    """Leave nothing of former columns in free pages or in the write-ahead log of an SQLite file."""
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("VACUUM")
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        raw.close()


def at_head(connection: Connection) -> bool:
    """Say whether the schema is the newest this program knows."""
    present = MigrationContext.configure(connection).get_current_heads()
    return set(present) == set(ScriptDirectory(str(MIGRATIONS)).get_heads())


def downgrade(engine: Engine, revision: str) -> None:
    """Take the schema back to `revision`."""
    with engine.begin() as connection:
        command.downgrade(_alembic(connection), revision)


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
