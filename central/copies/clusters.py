"""A PostgreSQL cluster from its base and its log, started for a while on a socket of its own, in a folder of its own."""

import contextlib
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from threading import Thread
from typing import Any, BinaryIO

import psycopg

from central.backup.errors import BackupRefused, PlaceRefused
from central.copies import programs
from central.vault.files import sync_disk

#: Seconds that the server gets to go through the log.
PATIENCE = 4 * 3600
#: Below the folder of the cluster: segments of the log that came with the copies, and settings for this while.
_LOG, _CONFIG, _RULES = "minyi-log", "minyi-recovery.conf", "minyi-recovery-hba.conf"
#: Whatever the server was set to before, now it does nothing beyond going through its log, and nobody else gets in.
_SETTINGS = """listen_addresses = ''
hot_standby = off
archive_mode = off
ssl = off
autovacuum = off
jit = off
shared_buffers = 256MB
max_wal_size = 8GB
shared_preload_libraries = ''
logging_collector = off
restore_command = 'cp "{log}/%f" "%p"'
unix_socket_directories = '{socket}'
hba_file = '{rules}'
fsync = off
ident_file = '/dev/null'
"""
_OWNER = "postgres"


class Cluster:
    """Made in `folder`, which must be empty or not there. As root it is handed to the server's own account, which runs it.

    The server waits for no disk meanwhile; one that is to be kept (`keep`) is on it when the server has stopped.
    """

    def __init__(self, folder: Path, *, keep: bool) -> None:
        self.folder, self._keep = folder, keep
        if folder.exists() and any(folder.iterdir()):
            raise PlaceRefused("copies.cluster_taken", path=folder)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / _LOG).mkdir(mode=0o700)

    @contextmanager
    def unpacking(self) -> Iterator[Callable[[bytes], None]]:
        """Give what takes the pieces of the base, in order."""
        read, write = os.pipe()
        failed: list[BaseException] = []

        def extract() -> None:
            try:
                with os.fdopen(read, "rb") as file, tarfile.open(fileobj=file, mode="r|") as tar:
                    self._extract(tar)
                    while file.read(1 << 16):
                        pass  # what pads the end
            except BaseException as error:  # noqa: BLE001 raised again by the one who waits
                failed.append(error)

        thread = Thread(target=extract, daemon=True)
        thread.start()
        try:
            with os.fdopen(write, "wb") as out, contextlib.suppress(BrokenPipeError):
                yield lambda content: _into(out, zlib.decompress(content))
        finally:
            thread.join()
        if failed and isinstance(failed[0], OSError):
            raise failed[0]
        if failed:
            raise BackupRefused("backup.damaged", path=self.folder) from failed[0]

    def _extract(self, tar: tarfile.TarFile) -> None:
        for member in tar:
            place = PurePosixPath(member.name)
            if place.is_absolute() or ".." in place.parts or not (member.isfile() or member.isdir()):
                raise ValueError(member.name)
            tar.extract(member, self.folder, set_attrs=False)

    def log(self, content: bytes, segment: int) -> None:
        """Put a stretch of the log into its segment."""
        name, offset = content[:24].decode("ascii"), int.from_bytes(content[24:28], "big")
        if not name.isalnum():
            raise ValueError(name)
        path = self.folder / _LOG / name
        with path.open("r+b" if path.exists() else "w+b") as file:
            file.truncate(segment)
            file.seek(offset)
            file.write(zlib.decompress(content[28:]))

    def remove(self) -> None:
        """Take away what was made; the folder stays if it was there."""
        for path in self.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    @contextmanager
    def running(self, position: dict[str, Any]) -> Iterator[str]:
        """Have the server go through the log and give the address of the database in it; stop it at the end."""
        with tempfile.TemporaryDirectory(prefix="minyi-pg-") as socket:
            self._prepare(Path(socket))
            major = int(position["major"])
            options = f"-c config_file={self.folder / _CONFIG}"
            start = [
                "start",
                "-w",
                "-t",
                str(PATIENCE),
                "-o",
                options,
                "-l",
                str(self.folder / "minyi-recovery.log"),
            ]
            try:
                self._control(major, *start)
                self._wait(major, Path(socket), position)
                yield f"postgresql+psycopg://{position['user']}@/{position['database']}?host={socket}"
            finally:
                with contextlib.suppress(PlaceRefused):
                    self._control(major, "stop", "-w", "-m", "fast")
        for name in (_LOG, _CONFIG, _RULES, "minyi-recovery.log"):
            path = self.folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        if self._keep:
            # Nothing counted before the server had stopped; from here on it does.
            sync_disk(self.folder)

    def _wait(self, major: int, socket: Path, position: dict[str, Any]) -> None:
        """Return once the server has gone through its log: it takes no connection before."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                psycopg.connect(host=str(socket), user=position["user"], dbname=position["database"]).close()
            except psycopg.OperationalError:
                self._control(major, "status")  # raises if it has given up
                time.sleep(0.1)
            else:
                return
        raise PlaceRefused("copies.cluster_failed", path=self.folder, reason="timeout")

    def _prepare(self, socket: Path) -> None:
        (self.folder / "recovery.signal").touch()
        (self.folder / _RULES).write_text("local all all trust\n")
        values = {
            "log": self.folder / _LOG,
            "socket": socket,
            "rules": self.folder / _RULES,
        }
        (self.folder / _CONFIG).write_text(_SETTINGS.format(**values))
        for folder, _, files in os.walk(self.folder):
            Path(folder).chmod(0o700)
            for name in files:
                Path(folder, name).chmod(0o600)
        if os.geteuid() == 0:
            for path in (socket, self.folder, *self.folder.rglob("*")):
                shutil.chown(path, _OWNER, _OWNER)

    def _control(self, major: int, *args: str) -> None:
        command = [programs.find("pg_ctl", major), "-D", str(self.folder), *args]
        # The server refuses to run as root.
        before = ["runuser", "-u", _OWNER, "--"] if os.geteuid() == 0 else []
        done = subprocess.run(  # noqa: S603 a program of PostgreSQL
            [*before, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            check=False,
        )
        if done.returncode:
            raise PlaceRefused("copies.cluster_failed", path=self.folder, reason=self._last_words())

    def _last_words(self) -> str:
        try:
            lines = (self.folder / "minyi-recovery.log").read_text("utf-8", "replace").splitlines()
        except OSError:
            return "pg_ctl"
        serious = [line for line in lines if "FATAL" in line or "PANIC" in line] or lines
        return serious[-1] if serious else "pg_ctl"


def _into(out: BinaryIO, content: bytes) -> None:
    out.write(content)
