"""Follow, lose everything, and have any minute of it again: on both engines, with attachments, seals and signed heads."""

import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from central import db
from central.copies import chain, told, verifying
from central.copies.following import Rules
from central.petitions.models import Petition
from tests.central.copies.conftest import Court, engine_of, png
from tests.support.vaults import vault_in

Spare = Callable[[str], Court]

#: A whole PostgreSQL is copied and started again in each of them.


class State:
    """What there was at a moment."""

    def __init__(self, court: Court, at: datetime) -> None:
        self.at, self.numbers, self.log, self.files = at, court.numbers(), court.log(), court.files()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and self.__dict__ == other.__dict__ | {"at": self.at}

    def __hash__(self) -> int:
        return hash(self.at)

    def __repr__(self) -> str:
        return f"{self.at}: {self.numbers} {self.log} {self.files}"


def three_moments(court: Court) -> list[State]:
    """Follow the court while petitions come in; return what there was at three moments."""
    here, follower = court.opened(), court.follower()
    assert not follower.start()
    states = []
    for document in (b"", png(), b""):
        court.register(here, document=document)
        court.sign()
        states.append(State(court, court.ship(follower)))
    court.register(here)  # nobody shipped this one
    follower.close()
    court.followers.clear()
    return states


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_each_moment_comes_back_on_either_engine(court: Court, spare: Spare, kind: str) -> None:
    if court.engine.dialect.name == "postgresql":
        pytest.skip("the two below go the same way: recovered aside, then restored as a backup is")
    states = three_moments(court)
    for at, expected in ((states[0].at, states[0]), (None, states[2])):
        other = spare(kind)
        done = other.restore(at)
        engine_of(other)
        assert done.report.findings == []
        assert State(other, expected.at) == expected
        assert done.plan.moment == expected.at
        assert done.tables["petition"] == len(expected.numbers)


def test_a_moment_takes_the_place_of_what_is_there(court: Court) -> None:
    states = three_moments(court)
    court.engine.dispose()
    done = court.restore(states[1].at + timedelta(seconds=2), replace=True)
    engine_of(court)
    assert done.report.findings == []
    assert State(court, states[1].at) == states[1]


def test_postgres_own_folder_comes_back_whole(court: Court, spare: Spare, tmp_path: Path) -> None:
    states = three_moments(court)
    other, cluster = spare("sqlite"), tmp_path.parent / f"{tmp_path.name}-cluster"
    if court.engine.dialect.name == "sqlite":
        with pytest.raises(Exception, match="no_cluster"):
            other.restore(states[1].at, cluster=cluster)
        return
    for folder in tmp_path.parents:  # PostgreSQL's account has to reach its folder through all of them
        if folder.is_relative_to(tempfile.gettempdir()) and folder != Path(tempfile.gettempdir()):
            folder.chmod(0o711)
    done = other.restore(states[1].at, cluster=cluster)
    assert done.report.findings == []
    assert done.tables["petition"] == len(states[1].numbers)
    assert (cluster / "PG_VERSION").exists()
    assert not list(cluster.glob("minyi-*"))
    assert not (cluster / "recovery.signal").exists()
    assert (other.data / "attachments").is_dir()
    assert other.files() == states[1].files


def test_the_next_follower_goes_on_in_the_same_generation(court: Court, spare: Spare) -> None:
    here, first = court.opened(), court.follower()
    court.register(here)
    court.ship(first)
    second = court.follower()
    # The first was killed: nobody closed anything.
    assert second.start()
    court.register(here)
    state = State(court, court.ship(second))
    assert len(chain.generations(court.folder)) == 1
    other = spare(court.engine.dialect.name[:8])
    assert other.restore(None).report.findings == []
    engine_of(other)
    assert State(other, state.at) == state


def test_a_new_generation_is_made_each_day_while_the_old_one_goes_on(court: Court, spare: Spare) -> None:
    court.rules = Rules(timedelta(hours=1), timedelta(hours=2))
    here, follower = court.opened(), court.follower()
    states = []
    for _ in range(5 if court.engine.dialect.name == "sqlite" else 2):
        court.register(here)
        states.append(State(court, court.ship(follower, 3700)))
    court.register(here)
    states.append(State(court, court.ship(follower, 5)))
    found = chain.generations(court.folder)
    assert len(found) == min(3, len(states) - 1)
    for generation in found:
        assert verifying.verify(generation, court.folder, court.keys().derive).until is not None
    if court.engine.dialect.name == "postgresql":
        with court.engine.connect() as connection:
            slots = connection.execute(
                text("SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE :name"),
                {"name": f"minyi_{court.engine.url.database}_%"},
            )
            assert slots.scalar_one() == 1
        assert len([path for path in (court.data / "copies").iterdir() if path.is_dir()]) == 1
        return
    follower.close()
    court.followers.clear()
    for state in states[-3:]:
        other = spare("sqlite")
        other.restore(state.at)
        engine_of(other)
        assert State(other, state.at) == state


def test_nothing_new_makes_no_piece_and_yet_moves_the_moment(court: Court) -> None:
    here, follower = court.opened(), court.follower()
    court.register(here)
    court.ship(follower)
    count = len(list(court.folder.glob("*/*.piece")))
    at = court.ship(follower, 600)
    if court.engine.dialect.name == "sqlite":  # PostgreSQL writes now and then by itself
        assert len(list(court.folder.glob("*/*.piece"))) == count
    said = told.read(court.data)
    assert said is not None
    assert (said.until, said.path) == (at, court.folder)
    assert court.plan(at).moment == at


def test_what_is_erased_is_forgotten_by_every_copy(court: Court, spare: Spare) -> None:
    """The key store beside the copies is the one of now: what it lost, no older moment brings back."""
    if court.engine.dialect.name == "postgresql":
        pytest.skip("the key store is the same")
    here, follower = court.opened(), court.follower()
    number = court.register(here)
    at = court.ship(follower)
    with db.session(court.engine, writes=False) as s:
        key = s.exec(select(Petition.key_id).where(Petition.number == number)).one()
    vault_in(court.data).destroy(key)
    court.ship(follower)
    other = spare("sqlite")
    assert other.restore(at).erased == 1
