"""Backup, its check and restore of `rows` petitions and 256 MiB of sealed files, beside a plain copy of the same in the same run.

The plain copy is SQLite's own (`sqlite3_backup`) or `pg_dump`, and the files copied and synced: neither sealed nor checked.
"""

import os
import resource
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from central import db
from central.backup import reading, restoring, writing
from central.settings import Settings
from tests.bench import million
from tests.bench.bench_engine import database
from tests.bench.rows import Options, Row
from tests.support.postgres import binaries
from tests.support.vaults import vault_in

FILES, EACH = 64, 4 << 20


def run(options: Options) -> list[Row]:
    """Return seconds, MB/s (database and files as they lie there, or as dumped) and rows/s of each, and the most memory of all."""
    with database(options.engine) as url, tempfile.TemporaryDirectory(prefix="minyi-backup-") as name:
        folder, disk = Path(name) / "data", Path(name) / "disk"
        disk.mkdir()
        vault = vault_in(folder)
        engine = db.make_engine(url, vault=vault)
        db.upgrade(engine)
        million.fill(engine, count=options.rows)
        _files(folder / "attachments")
        made: list[writing.Made] = []

        def backup() -> None:
            kept = writing.make(
                engine, vault, data=folder, target=disk, program="bench", now=datetime.now(UTC)
            )
            made.append(kept)

        taken = {"backup": _seconds(backup)}
        engine.dispose()
        path, count = made[0].path, made[0].manifest.rows
        taken["check"] = _seconds(lambda: reading.verify(path, lambda _: vault.derive("backup")))
        settings = Settings.model_validate({"data": folder, "db": {"url": url}, "environment": "development"})
        plain, size = _plain(url, folder, disk)
        taken["restore, log verified"] = _seconds(
            lambda: restoring.restore(path, settings, replace=True, keystore=None, progress=lambda _: None)
        )
    rows = [Row("plain copy", "time", plain, "s"), Row("plain copy", "rate", size / plain / 1e6, "MB/s")]
    for case, seconds in taken.items():
        rows += [
            Row(case, "time", seconds, "s", ratio=seconds / plain, base="plain copy"),
            Row(case, "rate", size / seconds / 1e6, "MB/s"),
            Row(case, "rows", count / seconds, "rows/s"),
        ]
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*rows, Row("all", "memory", most, "MiB")]


def _files(folder: Path) -> None:
    folder.mkdir(parents=True)
    for number in range(FILES):
        (folder / f"{number:03}.sealed").write_bytes(os.urandom(EACH))


def _plain(url: str, folder: Path, disk: Path) -> tuple[float, int]:
    """Copy database and files there, synced; return seconds and bytes."""
    copy, dump = disk / "plain", disk / "plain.database"

    def act() -> None:
        _dump(url, dump)
        shutil.copytree(folder / "attachments", copy)
        os.sync()

    taken = _seconds(act)
    return taken, dump.stat().st_size + sum(path.stat().st_size for path in copy.iterdir())


def _dump(url: str, target: Path) -> None:
    place = make_url(url)
    if place.drivername.startswith("sqlite"):
        with (
            closing(sqlite3.connect(place.database or "")) as here,
            closing(sqlite3.connect(target)) as there,
        ):
            here.backup(there)
        return
    address = place.set(drivername="postgresql").render_as_string(hide_password=False)
    program = [str(binaries() / "pg_dump"), "--format=custom", "--compress=0", "--file", str(target), address]
    subprocess.run(program, check=True)


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
