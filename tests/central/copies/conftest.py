"""An installation that is followed into a folder, with a clock that is moved by hand."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import select

from central import db
from central.backup.keyring import Keys
from central.commands.copies import source_of
from central.copies import chain, recovering
from central.copies.following import Follower, Rules
from central.copies.generation import Site
from central.documents import service as documents
from central.documents.service import Store
from central.events import heads
from central.keys import signing_key
from central.petitions.models import Petition
from central.settings import Documents, Settings
from shared.clock import FixedClock
from tests.central.documents import corpus
from tests.factories import petitions
from tests.factories.accounts import House, house
from tests.support.databases import Databases
from tests.support.engines import engine_on
from tests.support.postgres import SharedPostgres
from tests.support.vaults import vault_in

DAY = Rules(timedelta(days=1), timedelta(days=7))


@dataclass
class Court:
    """An installation, where its copies go, and somebody who registers petitions."""

    data: Path
    url: str
    folder: Path
    clock: FixedClock
    rules: Rules = DAY
    followers: list[Follower] = field(default_factory=list)
    people: list[House] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engine = engine_on(self.url, vault=vault_in(self.data))

    @property
    def settings(self) -> Settings:
        chosen = {"data": self.data, "db": {"url": self.url}, "environment": "development", "language": "en"}
        return Settings.model_validate(chosen)

    def opened(self) -> House:
        """Return the court's people, made on first use."""
        if not self.people:
            with db.unit_of_work(self.engine) as s:
                self.people.append(house(s, "辽0102"))
        return self.people[0]

    def register(self, here: House, *, document: bytes = b"") -> str:
        """Register a petition and return its number."""
        with db.unit_of_work(self.engine) as s:
            petition = petitions.registered(s, here, now=self.clock.now())
            if document:
                documents.take_in(
                    s,
                    store=Store(self.data, Documents(), vault_in(self.data)),
                    petition_id=petition.id,
                    key_id=petition.key_id,
                    name="信.png",
                    content=BytesIO(document),
                    by=here.registrar,
                    now=self.clock.now(),
                )
            return petition.number

    def sign(self) -> None:
        """Sign how far the log has come."""
        with db.session(self.engine, writes=False) as s:
            heads.make(
                s,
                key=signing_key(self.data / "keys", "anchor"),
                folder=self.data / "anchors",
                now=self.clock.now(),
            )

    def follower(self) -> Follower:
        """Return a new follower, as a process would start it."""
        engine = engine_on(self.url, vault=vault_in(self.data))
        site = Site(engine, vault_in(self.data), self.clock, self.data, self.folder, "1")
        made = Follower(site, lambda tag: source_of(self.settings, tag), self.rules)
        self.followers.append(made)
        return made

    def ship(self, follower: Follower, seconds: float = 5) -> datetime:
        """Let seconds pass and have everything shipped; return the moment."""
        self.clock.at += timedelta(seconds=seconds)
        if self.engine.dialect.name == "postgresql":
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                # The server of the tests does not write each commit to the disk.
                connection.execute(text("CHECKPOINT"))
        follower.ship()
        if follower.wait():
            follower.ship()
        return self.clock.at

    def numbers(self) -> list[str]:
        """Return the numbers of all petitions, opened with the vault on the way."""
        with db.session(self.engine, writes=False) as s:
            return sorted(one.number for one in s.exec(select(Petition)) if one.text)

    def log(self) -> list[tuple[Any, ...]]:
        """Return the heads of all streams."""
        with self.engine.connect() as connection:
            found = connection.execute(text("SELECT stream, seq, hash FROM chain ORDER BY stream"))
            return [tuple(row) for row in found]

    def files(self) -> dict[str, str]:
        """Return the digests of attachments, seals and heads."""
        return {
            path.relative_to(self.data).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for name in ("attachments", "anchors")
            for path in sorted((self.data / name).rglob("*"))
            if path.is_file()
        }

    def plan(self, at: datetime | None) -> chain.Plan:
        """Return which pieces bring a moment back."""
        return chain.plan(self.folder, self.keys().derive, at)

    def keys(self) -> Keys:
        """Return the keys of the installation, with the store beside the copies if it has none."""
        return Keys(self.settings, self.folder / "keystore.current", given=False)

    def restore(
        self,
        at: datetime | None,
        *,
        copies: Path | None = None,
        cluster: Path | None = None,
        replace: bool = False,
    ) -> recovering.Recovered:
        """Restore, as the command does."""
        folder = copies or self.folder
        keys = Keys(self.settings, folder / "keystore.current", given=False)
        asked = recovering.Asked(folder, keys, chain.plan(folder, keys.derive, at), lambda _: None)
        return recovering.restore(
            asked, self.settings, replace=replace, cluster=cluster, now=self.clock.now(), program="1"
        )

    def close(self) -> None:
        """Let go of everything."""
        for each in self.followers:
            each.close()
        self.followers.clear()
        self.engine.dispose()


@pytest.fixture(scope="session")
def _databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Databases]]:
    """Databases on a server of their own: the whole server is copied, and others make and drop theirs all the time."""
    server, made = SharedPostgres.open(), dict[str, Databases]()

    def of(kind: str) -> Databases:
        if kind not in made:
            url = server.url() if kind == "postgres" else ""
            made[kind] = Databases(tmp_path_factory.mktemp("db"), url, f"copies_{os.getpid()}")
        return made[kind]

    yield of
    for databases in made.values():
        databases.drop()
    server.close()


@pytest.fixture
def court(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Court]:
    """An installation on SQLite and PostgreSQL in turn."""
    data, folder = tmp_path / "data", tmp_path / "copies"
    folder.mkdir()
    if database_url.startswith("sqlite"):
        data.mkdir(mode=0o700)
        here = data / "minyi.sqlite3"
        shutil.move(database_url.removeprefix("sqlite:///"), here)
        database_url = f"sqlite:///{here}"
    made = Court(data, database_url, folder, clock)
    yield made
    made.close()


@pytest.fixture
def spare(
    _databases: Callable[[str], Databases], court: Court, tmp_path: Path
) -> Iterator[Callable[[str], Court]]:
    """`spare("postgres")` is a new machine with an empty database of that engine; the master key was carried there."""
    made: list[Court] = []

    def of(kind: str) -> Court:
        data = tmp_path / f"spare-{len(made)}"
        (data / "keys").mkdir(parents=True, mode=0o700)
        shutil.copy(court.data / "keys" / "master.key", data / "keys" / "master.key")
        url = f"sqlite:///{data / 'minyi.sqlite3'}" if kind == "sqlite" else _databases(kind).new()
        made.append(Court.__new__(Court))
        made[-1].data, made[-1].url, made[-1].folder, made[-1].clock = data, url, court.folder, court.clock
        made[-1].rules, made[-1].followers = DAY, []
        return made[-1]

    yield of
    for each in made:
        if hasattr(each, "engine"):
            each.close()


def png() -> bytes:
    """Return a picture that may be handed in."""
    return corpus.png()


def engine_of(court: Court) -> Engine:
    """Open what was restored."""
    court.engine = engine_on(court.url, vault=vault_in(court.data))
    return court.engine
