"""Migrated databases for tests: one template per engine and worker, copied for whoever needs one."""

import itertools
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from central import db
from tests.support import postgres

#: How many tests one PostgreSQL database serves in turn.
REUSED = 50


def migrate(url: str) -> None:
    """Give the empty database at `url` the present schema."""
    engine = db.make_engine(url)
    try:
        db.upgrade(engine)
    finally:
        engine.dispose()


@dataclass
class Databases:
    """Makes databases of one engine for one worker; `server_url` is empty for SQLite."""

    folder: Path
    server_url: str = ""
    prefix: str = "minyi"
    made: list[str] = field(default_factory=list)
    clean: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = itertools.count()
        self.template = self._empty()
        migrate(self.template)
        self._used: Counter[str] = Counter()
        self._as_migrated = postgres.fingerprint(self.template) if self.server_url else ""

    def new(self) -> str:
        """Return the URL of a new migrated database without rows."""
        return self.clean.pop() if self.clean else self.copy(self.template)

    def copy(self, url: str) -> str:
        """Return the URL of a copy of the database at `url`, with its rows; nobody may have that open."""
        name = f"{self.prefix}_{next(self._numbers)}"
        if self.server_url:
            made = postgres.create_database(self.server_url, name, template=url.rsplit("/", 1)[1])
            self.made.append(made)
            return made
        target = self.folder / f"{name}.sqlite3"
        shutil.copyfile(url.removeprefix("sqlite:///"), target)
        return f"sqlite:///{target}"

    def let_go(self, url: str) -> None:
        """Empty a database that nobody needs any more for the next test, which is cheaper than a new copy.

        One whose schema a test has changed is dropped; so is one with many dead rows.
        """
        if url not in self.made:
            return
        self._used[url] += 1
        if self._used[url] < REUSED and postgres.emptied(url, keep="alembic_version") == self._as_migrated:
            self.clean.append(url)
            return
        postgres.drop_database(url)
        self.made.remove(url)

    def drop(self) -> None:
        """Drop every database made here; SQLite's files go with their folder."""
        for url in reversed(self.made):
            postgres.drop_database(url)
        self.made.clear()
        self.clean.clear()

    def _empty(self) -> str:
        name = f"{self.prefix}_template"
        if self.server_url:
            url = postgres.create_database(self.server_url, name)
            self.made.append(url)
            return url
        return f"sqlite:///{self.folder / name}.sqlite3"
