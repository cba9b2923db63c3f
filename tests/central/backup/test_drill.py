"""The drill (O1): fill, back up while somebody writes, lose everything, restore to either engine, and find all of it again."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from central import db
from central.accounts.models import Staff
from central.documents.models import Document
from central.petitions.models import Petition, Petitioner
from tests.central.commands.conftest import Answer, called
from tests.factories import petitions
from tests.factories.accounts import house
from tests.support.databases import Databases
from tests.support.vaults import vault_in


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where backups go."""
    made = tmp_path / "backups"
    made.mkdir()
    return made


@pytest.fixture
def filled(world_engine: Engine) -> Engine:
    return world_engine


def run(engine_url: str, data: Path, *args: str) -> Answer:
    environment = {"MINYI_DATA": str(data), "MINYI_DB__URL": engine_url, "MINYI_LANGUAGE": "en"}
    return called(environment | {"MINYI_ENVIRONMENT": "development"})(*args)


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgres"])
def target(
    request: pytest.FixtureRequest, tmp_path: Path, _databases: Callable[[str], Databases]
) -> tuple[str, Path]:
    """A bare machine: an address for the database, a data folder with nothing but the master key."""
    folder = tmp_path / "spare"
    kind = str(request.param)
    url = f"sqlite:///{folder / 'minyi.sqlite3'}" if kind == "sqlite" else _databases(kind).new()
    return url, folder


def bring_key(data: Path, folder: Path) -> None:
    (folder / "keys").mkdir(parents=True, mode=0o700)
    shutil.copy2(data / "keys" / "master.key", folder / "keys" / "master.key")


def seen(s: Session) -> dict[str, tuple[str, str | None]]:
    """Return what staff read of each petition."""
    rows = s.exec(select(Petition, Petitioner).join(Petitioner, isouter=True)).all()
    return {one.number: (one.text, other.phone if other else None) for one, other in rows}


@pytest.fixture
def writer(filled: Engine) -> Iterator[Callable[[], list[str]]]:
    """Somebody who registers petitions until told to stop; gives the numbers."""
    stop, numbers = Flag(), list[str]()
    with db.unit_of_work(filled) as s:
        here = house(s, "辽0299")

    def write() -> None:
        while not stop.is_set():
            with db.unit_of_work(filled) as s:
                numbers.append(petitions.registered(s, here, text="备份时登记").number)

    thread = Thread(target=write)
    thread.start()

    def stopped() -> list[str]:
        stop.set()
        thread.join()
        return numbers

    yield stopped
    stopped()


def test_everything_is_there_again_on_either_engine(
    filled: Engine,
    data: Path,
    place: Path,
    target: tuple[str, Path],
    writer: Callable[[], list[str]],
) -> None:
    before = set(numbers(filled))
    made = run(url_of(filled), data, "backup", str(place), "--json")
    during = writer()
    assert made.code == 0, made.err
    with db.session(filled, writes=False) as s:
        known = seen(s)
    (file,) = place.glob("*.backup")
    url, folder = target
    bring_key(data, folder)
    done = run(url, folder, "restore", str(file), "--replace", "--json")
    assert done.code == 0, done.err
    assert done.json["verify"]["broken"] == 0
    assert done.json["tables"] == made.json["tables"]
    assert done.json["files"] == made.json["files"]
    engine = db.make_engine(url, vault=vault_in(folder))
    with db.session(engine, writes=False) as s:
        found = seen(s)
        assert s.exec(select(Document)).first() is not None
        assert s.exec(select(Staff)).first() is not None
    engine.dispose()
    assert before <= found.keys() <= before | set(during)
    assert all(known[number] == row for number, row in found.items())
    again = run(url, folder, "verify", "--json")
    assert (again.code, again.json["events"]) == (0, done.json["verify"]["events"])


def numbers(engine: Engine) -> list[str]:
    with db.session(engine, writes=False) as s:
        return list(s.exec(select(Petition.number)).all())
