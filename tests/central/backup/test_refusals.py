"""Backups that will not do, places that are taken, restores that break off: nothing is lost, and a sentence says what to do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from central import db
from central.petitions.models import Petition
from tests.central.backup.test_drill import numbers, run, seen, url_of
from tests.factories import petitions
from tests.factories.accounts import house
from tests.support.vaults import vault_in


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made = tmp_path / "backups"
    made.mkdir()
    return made


@pytest.fixture
def filled(data: Path) -> Iterator[Engine]:
    """An SQLite installation with one petition."""
    vault = vault_in(data)
    engine = db.make_engine(f"sqlite:///{data / 'minyi.sqlite3'}", vault=vault)
    db.upgrade(engine)
    with db.unit_of_work(engine) as s:
        petitions.registered(s, house(s), text="物业服务合同", phone="13900000001")
    yield engine
    engine.dispose()


@pytest.fixture
def file(filled: Engine, data: Path, place: Path) -> Path:
    assert run(url_of(filled), data, "backup", str(place)).code == 0
    (found,) = place.glob("*.backup")
    return found


def sizes(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("at", [0.02, 0.5, 0.999])
def test_one_changed_byte_is_refused_and_nothing_is_touched(
    filled: Engine, data: Path, file: Path, at: float
) -> None:
    content = bytearray(file.read_bytes())
    content[int(len(content) * at)] ^= 1
    file.write_bytes(content)
    filled.dispose()
    before = sizes(data)
    answer = run(url_of(filled), data, "restore", str(file), "--replace")
    assert answer.code == 2
    assert "nothing was restored" in answer.err or "not a backup" in answer.err or "master key" in answer.err
    assert sizes(data) == before


def test_one_that_was_cut_off_is_refused(filled: Engine, data: Path, file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-40])
    assert run(url_of(filled), data, "backup", str(file), "--verify").code == 2
    assert "nothing was restored" in run(url_of(filled), data, "restore", str(file), "--replace").err


def test_one_of_another_installation_is_refused(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    vault_in(other)
    answer = run(f"sqlite:///{other / 'minyi.sqlite3'}", other, "restore", str(file))
    assert (answer.code, (other / "minyi.sqlite3").exists()) == (2, False)
    assert "master key" in answer.err


def test_what_is_no_backup_is_refused(filled: Engine, data: Path, tmp_path: Path) -> None:
    stray = tmp_path / "holiday.backup"
    stray.write_bytes(b"PK" * 500)
    answer = run(url_of(filled), data, "restore", str(stray), "--replace")
    assert (answer.code, "is not a backup of Minyi" in answer.err) == (2, True)


def test_what_is_there_is_replaced_only_when_said(filled: Engine, data: Path, file: Path) -> None:
    filled.dispose()
    answer = run(url_of(filled), data, "restore", str(file))
    assert (answer.code, "--replace" in answer.err) == (2, True), answer


def test_a_restore_takes_back_what_was_done_since(filled: Engine, data: Path, file: Path) -> None:
    with db.unit_of_work(filled) as s:
        later = petitions.registered(s, house(s, "辽0298")).number
    filled.dispose()
    answer = run(url_of(filled), data, "restore", str(file), "--replace", "--json")
    assert answer.code == 0, answer
    assert answer.json["verify"]["broken"] == 0
    assert later not in numbers(filled)


def test_an_erased_petition_stays_erased(filled: Engine, data: Path, file: Path) -> None:
    with db.session(filled, writes=False) as s:
        row = s.exec(select(Petition)).first()
        assert row is not None
        number, key = row.number, row.key_id
    vault = db.vault_of(filled)
    assert vault is not None
    vault.destroy(key)
    filled.dispose()
    assert run(url_of(filled), data, "restore", str(file), "--replace", "--json").json["erased"] == 1
    with db.session(filled, writes=False) as s:
        assert seen(s)[number][0] == ""


def test_a_backup_tells_nothing_without_the_key(filled: Engine, file: Path, place: Path) -> None:
    del filled
    content = file.read_bytes() + (place / "keystore.current").read_bytes()
    assert [word for word in ("物业", "辽0102", "petition", "leader") if word.encode() in content] == []


def test_a_restore_broken_off_after_its_decision_is_finished_by_the_next_start(
    filled: Engine, data: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.unit_of_work(filled) as s:
        later = petitions.registered(s, house(s, "辽0298")).number
    filled.dispose()
    monkeypatch.setattr("central.backup.swap.finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    assert run(url_of(filled), data, "restore", str(file), "--replace").code != 0
    monkeypatch.undo()
    assert (data / ".restore" / "ready").exists()
    assert run(url_of(filled), data, "verify").code == 0
    assert later not in numbers(filled)
    assert not (data / ".restore").exists()
