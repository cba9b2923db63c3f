"""A private PostgreSQL on a free port, in a temporary folder; the machine's own server is left alone."""

import contextlib
import getpass
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

import psycopg

from tests.support.ports import HOST, free_port

USER = "minyi"

#: Speed for servers whose data nobody needs after a crash.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

#: What every private server gets: loopback only, small, quiet.
COMMON = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "max_connections": "80",
    "log_min_messages": "fatal",
}


def binaries() -> Path:
    """Return the folder of the newest installed server's programs (15 on Debian 12)."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))],
    )
    if not found:
        raise RuntimeError("PostgreSQL is not installed: run `make install`.")
    return found[-1]


class Postgres:
    """One server with its own data folder. `durable` keeps fsync on, as measurements and crash tests need it."""

    def __init__(
        self, folder: Path, *, durable: bool = False, settings: dict[str, str] | None = None
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self.settings = {**COMMON, **({} if durable else CARELESS), **(settings or {})}

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the maintenance database."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """SQLAlchemy URL of a database of this server."""
        return f"postgresql+psycopg://{USER}@{HOST}:{self.port}/{database}"

    def start(self) -> Self:
        """Create the cluster when the folder is new; start the server and return when it answers."""
        data = self.folder / "data"
        if not data.exists():
            self._own_folder()
            self._run("initdb", "-D", data, "-U", USER, "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8", "-N")
        options = " ".join(f"-c {name}='{value}'" for name, value in self.settings.items())
        log = self.folder / "postgres.log"
        self._run(
            "pg_ctl", "-D", data, "-l", log, "-w", "-t", "60", "-o", f"-p {self.port} {options}", "start"
        )
        return self

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; mode `immediate` is its power cut."""
        self._run("pg_ctl", "-D", self.folder / "data", "-m", mode, "-w", "stop")

    def drop(self) -> None:
        """Stop the server and remove its folder."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.drop()

    def _own_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")

    def _run(self, program: str, *args: str | Path) -> None:
        # The server refuses to run as root, so root borrows Debian's account.
        borrowed = os.geteuid() == 0 and getpass.getuser() != "postgres"
        before = ["runuser", "-u", "postgres", "--"] if borrowed else []
        command = [*before, str(binaries() / program), *(str(arg) for arg in args)]
        log = self.folder / f"{program}.out"
        with log.open("ab") as out:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd="/", check=False
            )
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, command, log.read_bytes()[-2000:])


def create_database(server_url: str, name: str, *, template: str = "template0") -> str:
    """Create database `name`, replacing one of that name, on the server at SQLAlchemy URL `server_url`; return its URL.

    Nobody may be connected to `template` meanwhile.
    """
    with psycopg.connect(_plain(server_url), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    return server_url.rsplit("/", 1)[0] + "/" + name


def drop_database(database_url: str) -> None:
    """Drop the database, throwing out whoever is connected."""
    server_url, name = database_url.rsplit("/", 1)
    with psycopg.connect(_plain(f"{server_url}/postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


#: Changes with any table, column, constraint, trigger or function that is added, dropped, rewritten or switched off.
_FINGERPRINT = """
    SELECT (SELECT sum(hashtext(concat(relname, relfilenode))::bigint) FROM pg_class)
        || ' ' || (SELECT sum(hashtext(concat(attname, attnotnull, atttypmod, attrelid))::bigint) FROM pg_attribute)
        || ' ' || (SELECT sum(hashtext(concat(tgname, tgenabled, tgrelid))::bigint) FROM pg_trigger)
        || ' ' || (SELECT sum(hashtext(concat(conname, convalidated))::bigint) FROM pg_constraint)
        || ' ' || (SELECT sum(hashtext(concat(proname, prosrc))::bigint) FROM pg_proc)
        || ' ' || (SELECT coalesce(string_agg(version_num, ','), '') FROM alembic_version)
"""


def fingerprint(database_url: str) -> str:
    """Return what a migrated database has in common with each copy of it as long as nobody changes its schema."""
    with psycopg.connect(_plain(database_url), autocommit=True) as connection:
        return _fingerprint(connection)


def emptied(database_url: str, *, keep: str) -> str:
    """Throw out whoever is connected, delete every row but those of table `keep`, and return the `fingerprint`."""
    with psycopg.connect(_plain(database_url), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        # A table without a page never had a row: most tests touch few of them.
        named = connection.execute(
            "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname <> %s"
            " AND relkind IN ('r', 'S') AND pg_relation_size(oid) > 0",
            [keep],
        ).fetchall()
        # The log's triggers forbid deleting; foreign keys would ask for an order.
        connection.execute("SET session_replication_role = replica")
        deletes = [f'DELETE FROM "{name}"' for name, kind in named if kind == "r"]
        restarts = [f"SELECT setval('\"{name}\"', 1, false)" for name, kind in named if kind == "S"]
        connection.execute(";".join([*deletes, *restarts]).encode())
        return _fingerprint(connection)


def _fingerprint(connection: psycopg.Connection[Any]) -> str:
    try:
        row = connection.execute(_FINGERPRINT).fetchone()
    except psycopg.errors.UndefinedTable:  # nothing that was migrated
        return ""
    return str(row[0] if row else "")


def _plain(database_url: str) -> str:
    return database_url.replace("+psycopg", "", 1)


class SharedPostgres:
    """The servers of a test run: one for each worker that asks, all dropped by the run's main process.

    They are not shared by workers: a transaction that is open anywhere on a server holds up whoever follows the log there.
    """

    def __init__(self, folder: Path, worker: str = "main") -> None:
        self.folder, self.worker = folder, worker

    @classmethod
    def open(cls) -> Self:
        """Make the folder of a new run, after removing what killed runs left behind."""
        for left in Path(tempfile.gettempdir()).glob("minyi-tests-*"):
            owner = left.name.split("-")[2]
            if left.owner() == getpass.getuser() and not Path("/proc", owner).exists():
                cls(left).close()
        return cls(Path(tempfile.mkdtemp(prefix=f"minyi-tests-{os.getpid()}-")))

    def url(self) -> str:
        """Return the URL of the worker's server, starting it at the first call."""
        note = self.folder / f"url-{self.worker}"
        if not note.exists():
            # The server's own account has to reach its folder through ours.
            self.folder.chmod(0o711)
            note.write_text(Postgres(self.folder / f"postgres-{self.worker}").start().url)
        return note.read_text()

    def close(self) -> None:
        """Drop the servers that were started, and the folder."""
        for each in self.folder.glob("postgres-*"):
            Postgres(each).drop()
        shutil.rmtree(self.folder, ignore_errors=True)
