"""Each thing that can be wrong with an installation is broken here, and `minyi doctor` names it."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from central import db
from central.backup import writing
from central.copies import told
from central.doctor.findings import Finding, Level, Machine
from central.doctor.looks import LOOKS, examine
from central.halls.authority import open_authority
from central.keys import write_private
from central.settings import Settings
from central.vault import master
from central.vault.vault import STORE
from shared.clock import FixedClock
from tests.factories import world
from tests.support.vaults import vault_in

ROOM = (100 << 30, 200 << 30)


class House:
    """An installation in order, to be broken; `look` examines it."""

    def __init__(self, engine: Engine, data: Path, now: datetime) -> None:
        self.engine, self.data, self.now = engine, data, now
        self.machine = Machine(
            clock=FixedClock(now),
            free=lambda _: ROOM,
            reach=lambda _host, _port: None,
            kept_right=lambda: True,
        )
        self.set: dict[str, Any] = {
            "data": data,
            "db": {"url": engine.url.render_as_string(hide_password=False)},
            "http": {"secure": True},
            "log": {"ship_command": ["true"]},
        }

    def look(self) -> list[Finding]:
        return list(examine(Settings.model_validate(self.set), self.machine))

    def wrong(self) -> list[str]:
        return [each.key for each in self.look() if each.level is Level.WRONG]


@pytest.fixture
def house(world_engine: Engine, tmp_path: Path, now: datetime) -> House:
    """With every table filled, sealed yesterday, backed up today. PostgreSQL's clock is the machine's, so its look is left out."""
    data, disk = tmp_path / "data", tmp_path / "disk"
    disk.mkdir()
    data.chmod(0o700)
    later = world.NEXT_DAY + timedelta(days=1)
    vault = db.vault_of(world_engine)
    assert vault is not None
    writing.make(world_engine, vault, data=data, target=disk, program="1", now=later)
    told.tell(data, later, disk)
    world_engine.dispose()
    return House(world_engine, data, later)


@pytest.fixture(autouse=True)
def one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL answers with the real time, the tests live in theirs."""
    monkeypatch.setattr("central.doctor.stored.DRIFT", timedelta(days=36500))


def test_nothing_is_wrong_with_one_in_order(house: House) -> None:
    assert [(each.look, each.key) for each in house.look()] == [
        (name, f"doctor.fine_{name}") for name in LOOKS
    ]


def test_nothing_is_changed_by_looking(house: House, tmp_path: Path) -> None:
    """SQLite's own helpers beside its files come and go with whoever reads."""

    def state() -> dict[str, tuple[int, int]]:
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        mine = [path for path in files if not path.name.endswith(("-shm", "-wal"))]
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in mine}

    before = state()
    house.look()
    assert state() == before


def test_a_database_out_of_reach_is_named_and_none_is_made(house: House, tmp_path: Path) -> None:
    sqlite = house.engine.dialect.name == "sqlite"
    gone = tmp_path / "nowhere.sqlite3"
    url = f"sqlite:///{gone}" if sqlite else "postgresql+psycopg://minyi:geheim@127.0.0.1:1/minyi"
    house.set["db"] = {"url": url}
    found = house.look()
    assert "doctor.database_unreachable" in [each.key for each in found]
    assert not gone.exists()
    assert "geheim" not in str(found)


@pytest.mark.parametrize(
    ("revision", "key"), [("0003", "doctor.schema_older"), ("9999", "doctor.schema_newer")]
)
def test_a_schema_of_another_program_is_named(house: House, revision: str, key: str) -> None:
    with house.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :one"), {"one": revision})
    assert house.wrong() == [key]


def test_a_clock_that_nothing_keeps_right_is_named(house: House) -> None:
    house.machine = replace(house.machine, kept_right=lambda: False)
    assert ("clock", Level.NOTE, "doctor.clock_alone") in [
        (each.look, each.level, each.key) for each in house.look()
    ]
    assert house.wrong() == []


def test_an_empty_database_is_named(house: House) -> None:
    with house.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    assert "doctor.schema_none" in house.wrong()


def test_a_lost_master_key_is_named(house: House) -> None:
    (house.data / "keys" / "master.key").unlink()
    assert house.wrong() == ["vault.master_missing"]


def test_a_master_key_open_to_others_is_named(house: House) -> None:
    (house.data / "keys" / "master.key").chmod(0o644)
    assert house.wrong() == ["doctor.too_open", "vault.master_too_open"]


def test_another_master_key_is_named(house: House) -> None:
    master.write(house.data / "keys" / "master.key", [master.new_master()])
    assert house.wrong() == ["vault.master_other"]


def test_a_damaged_key_store_is_named(house: House) -> None:
    for path in (house.data / "keys").glob(STORE + "*"):
        path.write_bytes(b"x" * 5000)
    assert house.wrong() == ["doctor.store_unreadable"]


def test_the_key_store_of_another_database_is_named(house: House, tmp_path: Path) -> None:
    other = vault_in(tmp_path / "other")
    other.new_key()
    other.store.close()
    for name in (STORE, "master.key"):
        write_private(house.data / "keys" / name, (tmp_path / "other" / "keys" / name).read_bytes())
    for suffix in ("-wal", "-shm"):
        (house.data / "keys" / (STORE + suffix)).unlink(missing_ok=True)
    assert house.wrong() == ["doctor.store_other"]


def test_a_missing_data_folder_is_named(house: House, tmp_path: Path) -> None:
    house.set["data"] = tmp_path / "not-mounted"
    assert "doctor.no_data" in house.wrong()
    assert not (tmp_path / "not-mounted").exists()


def test_a_data_folder_open_to_others_is_named(house: House) -> None:
    house.data.chmod(0o755)
    assert house.wrong() == ["doctor.too_open"]


def test_a_full_disk_is_named(house: House) -> None:
    house.machine = replace(house.machine, free=lambda _: (500 << 20, 200 << 30))
    assert house.wrong() == ["doctor.disk_full"]


def test_what_a_restore_left_is_named(house: House) -> None:
    (house.data / ".restore").mkdir()
    (house.data / ".before").mkdir()
    assert [each.key for each in house.look() if each.look == "data"] == [
        "doctor.restore_pending",
        "doctor.before_kept",
    ]


def test_a_log_that_nobody_seals_is_named(house: House) -> None:
    with db.unit_of_work(house.engine) as s:
        world._add_events(s)
    house.engine.dispose()
    house.machine = replace(house.machine, clock=FixedClock(house.now + timedelta(days=1)))
    assert house.wrong() == ["doctor.copies_behind"]
    house.machine = replace(house.machine, clock=FixedClock(house.now + timedelta(days=20)))
    assert "doctor.seals_old" in house.wrong()


def test_a_seal_that_is_gone_is_named(house: House) -> None:
    newest = max((house.data / "anchors").glob("*.json"))
    newest.unlink()
    assert house.wrong() == ["doctor.seal_file_missing"]


def test_a_clock_behind_what_is_recorded_is_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    house.machine = replace(house.machine, clock=FixedClock(house.now - timedelta(days=30)))
    assert "doctor.clock_behind" in house.wrong()


def test_a_broker_out_of_reach_is_named(house: House) -> None:
    def refuse(_host: str, _port: int) -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    house.machine = replace(house.machine, reach=refuse)
    assert house.wrong() == []  # the built-in one needs no line
    house.set["mqtt"] = {"url": "mqtts://broker.example:8883", "password": "x" * 20}
    assert house.wrong() == ["doctor.broker_unreachable"]
    house.set["mqtt"] = {"url": "broker.example", "password": "x" * 20}
    assert house.wrong() == ["ingest.bad_address"]


@pytest.mark.parametrize(("days", "key"), [(1, "certificate_ended"), (-10, "certificate_ends")])
def test_a_certificate_at_its_end_is_named(house: House, tmp_path: Path, days: int, key: str) -> None:
    """Signed so that it ends so many days before now."""
    made = house.now - timedelta(days=730 + days)
    paper = open_authority(tmp_path / "ca", now=made).sign_server(["minyi.example"], now=made)
    (tmp_path / "page.crt").write_text(paper.certificate)
    (tmp_path / "page.key").write_text(paper.key)
    (tmp_path / "page.key").chmod(0o644)
    house.set["http"] = {"tls_certificate": tmp_path / "page.crt", "tls_key": tmp_path / "page.key"}
    assert house.wrong() == [f"doctor.{key}", "doctor.too_open"]
    (tmp_path / "page.crt").write_text("no certificate")
    assert "doctor.certificate_unreadable" in house.wrong()


def test_a_box_that_did_not_renew_its_certificate_is_named(house: House) -> None:
    house.machine = replace(house.machine, clock=FixedClock(house.now + timedelta(days=395)))
    assert "doctor.box_certificate_ends" in house.wrong()


def test_a_backup_that_was_never_made_or_is_old_or_gone_is_named(house: House) -> None:
    house.machine = replace(house.machine, clock=FixedClock(house.now + timedelta(days=3)))
    assert "doctor.backup_old" in house.wrong()
    house.machine = replace(house.machine, clock=FixedClock(house.now))
    for path in (house.data.parent / "disk").glob("*.backup"):
        path.unlink()
    assert [each.key for each in house.look() if each.look == "backups"] == [
        "doctor.backup_gone",
        "doctor.fine_backups",
    ]
    (house.data / "last-backup.json").unlink()
    assert house.wrong() == ["doctor.no_backup"]


def test_secrets_in_a_settings_file_for_everybody_are_named(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "minyi.toml"
    file.write_text('[mqtt]\npassword = "tellnobody-0123456789"\n')
    file.chmod(0o644)
    monkeypatch.setenv("MINYI_CONFIG", str(file))
    found = list(examine(Settings(**house.set), house.machine))
    assert [each.key for each in found if each.level is Level.WRONG] == ["doctor.settings_open"]
    assert "tellnobody" not in str(found)


def test_pages_without_tls_and_seals_kept_here_alone_are_named(house: House) -> None:
    house.set |= {"http": {}, "log": {}}
    assert [(each.level, each.key) for each in house.look() if each.look == "settings"] == [
        (Level.WRONG, "doctor.not_secure"),
        (Level.NOTE, "doctor.heads_here_only"),
    ]


def test_a_misspelt_setting_is_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINYI_LANGAUGE", "en")
    assert house.wrong() == ["doctor.unknown_setting"]


def test_copies_that_are_behind_are_named(house: House) -> None:
    told.tell(house.data, house.now - timedelta(seconds=60), house.data.parent / "disk")
    assert house.wrong() == []
    told.tell(house.data, house.now - timedelta(seconds=61), house.data.parent / "disk")
    assert house.wrong() == ["doctor.copies_behind"]


def test_copies_whose_folder_is_gone_are_named(house: House) -> None:
    told.tell(house.data, house.now, house.data.parent / "not-mounted")
    assert house.wrong() == ["doctor.copies_gone"]


def test_that_nobody_follows_is_told_and_is_not_wrong(house: House) -> None:
    (house.data / told.FILE).write_text("{broken")
    assert "doctor.no_follower" in [each.key for each in house.look()]
    (house.data / told.FILE).unlink()
    assert "doctor.no_follower" in [each.key for each in house.look()]
    assert house.wrong() == []
