"""An installation with something in every table and file, and empty places to restore it to."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from central import db
from central.backup import restoring, writing
from central.backup.writing import Made
from central.settings import Settings
from central.vault.vault import Vault, open_vault
from tests.support.databases import Databases


@dataclass
class Site:
    """A data folder and a database."""

    data: Path
    url: str
    told: list[int] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return Settings.model_validate(
            {"data": self.data, "db": {"url": self.url}, "environment": "development", "language": "en"}
        )

    def vault(self) -> Vault:
        return open_vault(self.settings)

    def engine(self) -> Engine:
        return db.make_engine(self.url, vault=self.vault())

    def backup(self, target: Path, now: datetime) -> Made:
        """Back up, as the command does."""
        engine = self.engine()
        try:
            return writing.make(
                engine,
                self.vault(),
                data=self.data,
                target=target,
                program="1",
                now=now,
                progress=self.told.append,
            )
        finally:
            engine.dispose()

    def restore(self, path: Path, **more: Any) -> restoring.Restored:
        """Restore, as the command does."""
        chosen = {"replace": False, "keystore": None, "progress": self.told.append} | more
        return restoring.restore(path, self.settings, **chosen)

    def all(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        engine = self.engine()
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(query))]
        finally:
            engine.dispose()

    def files(self, *folders: str) -> dict[str, bytes]:
        """Return the files below folders of the data, with content."""
        return {
            str(path.relative_to(self.data)): path.read_bytes()
            for folder in folders
            for path in sorted((self.data / folder).rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def site(world_url: str, tmp_path: Path) -> Site:
    """An installation with rows in every table of the log, on SQLite and PostgreSQL in turn."""
    return Site(tmp_path / "data", world_url)


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """The folder for backups."""
    folder = tmp_path / "disk"
    folder.mkdir()
    return folder


@pytest.fixture
def elsewhere(_databases: Callable[[str], Databases], site: Site, tmp_path: Path) -> Callable[[str], Site]:
    """`elsewhere("postgres")` is a new machine with an empty database of that engine; the master key was carried there."""

    def made(kind: str) -> Site:
        data = tmp_path / f"new-{kind}"
        (data / "keys").mkdir(parents=True, mode=0o700)
        shutil.copy(site.data / "keys" / "master.key", data / "keys" / "master.key")
        return Site(data, _databases(kind).new())

    return made
