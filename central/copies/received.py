"""Follow PostgreSQL by its write-ahead log, received by `pg_receivewal` through a slot that keeps what was not received yet.

Needs a role that may replicate, and no setting of the server beyond its defaults. The server's own account never sees a key.
"""

import contextlib
import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL

from central.copies import programs
from central.copies.errors import Lost, SourceProblem
from central.copies.pieces import LOG, MOST, TAR, Record

#: Seconds that the server gets to send what it has written; what came is kept for the next time.
PATIENCE = 45
_NAME_BYTES = 24
_DROP = "SELECT count(pg_drop_replication_slot(slot_name)) FROM pg_replication_slots WHERE NOT active AND "


class ReceivedSource:
    """The whole cluster that a database belongs to. `folder` takes the log as it is received. Used by one thread at a time."""

    engine = "postgresql"

    def __init__(self, url: URL, folder: Path, tag: str) -> None:
        self._address, self._environment = programs.address(url)
        self._url, self._folder = url, folder / tag
        self._slots = "minyi_" + re.sub("[^a-z0-9]", "_", (url.database or "").lower())[:40]
        self._slot = f"{self._slots}_{tag}"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._connection: psycopg.Connection | None = None
        major = int(self._one("SELECT current_setting('server_version_num')::int / 10000"))
        self._programs = {name: programs.find(name, major) for name in ("pg_basebackup", "pg_receivewal")}
        self._major, self._segment = (
            major,
            int(self._one("SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'")),
        )
        self._at, self._seen, self._timeline = 0, 0, ""

    def base(self) -> Iterator[Record]:
        """Yield the cluster as a tar; it is whole only with the log written meanwhile."""
        self._one("SELECT lsn FROM pg_create_physical_replication_slot(%s, true)", self._slot)
        self._timeline = self._one("SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)")
        start = self._lsn("pg_current_wal_lsn()")
        self._at = self._seen = start - start % self._segment
        command = [self._programs["pg_basebackup"], "-d", self._address, "-D", "-", "-F", "tar", "-X", "none"]
        command += ["-c", "fast", "--no-manifest"]
        with subprocess.Popen(  # noqa: S603 a program of PostgreSQL
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self._environment
        ) as child:
            try:
                assert child.stdout is not None  # noqa: S101 a pipe was asked for
                while piece := child.stdout.read(MOST):
                    yield TAR, zlib.compress(piece, 1)
            except BaseException:
                child.kill()
                raise
            said = child.communicate()[1]
            if child.returncode:
                raise SourceProblem("copies.source", reason=_last_line(said))

    def resume(self, position: dict[str, Any]) -> bool:
        """Go on if it still is the same history and the slot has kept what was not received."""
        kept = "SELECT count(*) FROM pg_replication_slots WHERE slot_name = %s AND wal_status <> 'lost'"
        if self._history() != (position["system"], position["timeline"]) or not int(
            self._one(kept, self._slot)
        ):
            return False
        self._at = self._seen = int(position["lsn"])
        self._timeline = position["timeline"]
        return True

    def look(self) -> bool:
        """Receive the log up to what is on the server's disk now."""
        if self._one("SELECT left(pg_walfile_name(pg_current_wal_flush_lsn()), 8)") != self._timeline:
            raise Lost
        lsn = self._lsn("pg_current_wal_flush_lsn()")
        if lsn < self._at:
            raise Lost
        if lsn == self._seen:
            return self._seen > self._at
        command = [
            self._programs["pg_receivewal"],
            "-d",
            self._address,
            "-D",
            str(self._folder),
            "--slot",
            self._slot,
        ]
        # It ends once it is past the given place.
        command += ["--synchronous", "--no-loop", "--endpos", _shown(lsn - 1)]
        try:
            done = subprocess.run(  # noqa: S603 a program of PostgreSQL
                command, capture_output=True, env=self._environment, timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            raise SourceProblem("copies.source", reason="pg_receivewal: timeout") from None
        if done.returncode:
            raise SourceProblem("copies.source", reason=_last_line(done.stderr))
        self._seen = lsn
        return True

    def changes(self) -> Iterator[Record]:
        """Yield the log from what was shipped to what was received."""
        at = self._at
        while at < self._seen:
            offset = at % self._segment
            size = min(MOST, self._segment - offset, self._seen - at)
            name = self._name(at)
            with self._file(name).open("rb") as file:
                file.seek(offset)
                content = file.read(size)
            if len(content) != size:
                raise Lost
            yield LOG, name.encode() + offset.to_bytes(4, "big") + zlib.compress(content, 1)
            at += size

    def position(self) -> dict[str, Any]:
        """Return history and place in it, and what is needed to start the cluster again."""
        system, timeline = self._history()
        return {
            "system": system,
            "timeline": timeline,
            "lsn": self._seen,
            "segment": self._segment,
            "major": self._major,
            "database": self._url.database,
            "user": self._url.username or self._one("SELECT current_user"),
        }

    def shipped(self) -> bool:
        """Delete the segments that were shipped to their ends."""
        self._at, present = self._seen, self._name(self._seen)
        for path in self._folder.iterdir():
            if path.name[:_NAME_BYTES] < present:
                path.unlink()
        return False

    def keep_only(self) -> None:
        """Drop the slots, and what was received, of generations that were broken off."""
        self._one(_DROP + "slot_name ~ %s AND slot_name <> %s", f"^{self._slots}_[0-9a-f]{{8}}$", self._slot)
        for path in self._folder.parent.iterdir():
            if path.is_dir() and path != self._folder:
                shutil.rmtree(path)

    def close(self, *, for_good: bool) -> None:
        """Close the connection; `for_good` lets the server delete what it kept."""
        if for_good:
            shutil.rmtree(self._folder, ignore_errors=True)
            with contextlib.suppress(SourceProblem):
                self._one(_DROP + "slot_name = %s", self._slot)
        if self._connection is not None:
            self._connection.close()

    def _history(self) -> tuple[str, str]:
        system = self._one("SELECT system_identifier FROM pg_control_system()")
        return system, self._one("SELECT left(pg_walfile_name(pg_current_wal_flush_lsn()), 8)")

    def _name(self, lsn: int) -> str:
        each = (1 << 32) // self._segment
        segment = lsn // self._segment
        return f"{self._timeline}{segment // each:08X}{segment % each:08X}"

    def _file(self, name: str) -> Path:
        for path in (self._folder / name, self._folder / f"{name}.partial"):
            if path.exists():
                return path
        raise Lost

    def _lsn(self, function: str) -> int:
        return int(self._one(f"SELECT {function} - '0/0'::pg_lsn"))

    def _one(self, query: str, *values: str) -> str:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = psycopg.connect(
                    self._address, password=self._url.password, autocommit=True, connect_timeout=10
                )
            row = self._connection.execute(query.encode(), values or None).fetchone()
        except psycopg.Error as error:
            if self._connection is not None:
                self._connection.close()
            raise SourceProblem("copies.source", reason=str(error).splitlines()[0]) from None
        return "" if row is None else str(row[0])


def _shown(lsn: int) -> str:
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


def _last_line(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "-"
