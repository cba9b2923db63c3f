"""What went into a backup comes out of it, on either engine; destroyed keys stay destroyed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Column, MetaData, Table, Time
from sqlmodel import SQLModel

from central import tables
from central.backup import contents, reading, rows
from central.backup.writing import forget
from tests.central.backup.conftest import Site

assert tables.ALL
NAMES = [each.name for each in SQLModel.metadata.sorted_tables]
FILES = ("attachments", "anchors", "imports")


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_everything_comes_back_on_either_engine(
    site: Site, elsewhere: Callable[[str], Site], kind: str, disk: Path, now: datetime
) -> None:
    made, new = site.backup(disk, now), elsewhere(kind)
    found = new.restore(made.path)
    assert found.report.findings == []
    assert found.manifest == made.manifest
    for name in NAMES:
        [(count,)] = site.all(f"SELECT count(*) FROM {name}")
        assert new.all(f"SELECT count(*) FROM {name}") == [(count,)], name
        assert made.manifest.tables[name]["rows"] == count
    heads = "SELECT stream, seq, hash FROM chain ORDER BY stream, seq"
    assert sorted(new.all(heads)) == sorted(site.all(heads))
    assert new.files(*FILES) == site.files(*FILES)
    assert site.files("attachments")
    assert site.told
    assert new.told


def test_the_world_of_the_tests_has_rows_in_most_tables(site: Site, disk: Path, now: datetime) -> None:
    """So that the round says something: a type that one engine cannot take would be seen."""
    made = site.backup(disk, now)
    filled = [name for name, each in made.manifest.tables.items() if each["rows"]]
    assert len(filled) >= len(NAMES) * 2 / 3, sorted(set(NAMES) - set(filled))


def test_work_goes_on_after_a_restore(
    site: Site, elsewhere: Callable[[str], Site], disk: Path, now: datetime
) -> None:
    """Ids of events go on behind those restored, also where the backup came from an engine without sequences."""
    new = elsewhere("postgres")
    new.restore(site.backup(disk, now).path)
    [(last,)] = new.all("SELECT max(id) FROM event")
    [(following,)] = new.all("SELECT nextval('event_id_seq')")
    assert following > last


def test_a_key_destroyed_since_the_backup_stays_destroyed(
    site: Site, elsewhere: Callable[[str], Site], disk: Path, now: datetime
) -> None:
    """The key store beside the backups is the one of now; each backup writes it anew, for all older backups too."""
    old = site.backup(disk, now)
    [(raw,)] = site.all("SELECT key_id FROM petition ORDER BY received_at, id LIMIT 1")
    site.vault().destroy(UUID(str(raw)))
    site.backup(disk, now + timedelta(days=1))
    assert elsewhere("sqlite").restore(old.path).erased >= 1


def test_neither_master_key_nor_key_store_is_in_a_backup(site: Site, disk: Path, now: datetime) -> None:
    made = site.backup(disk, now)
    names: list[str] = []

    class Names(reading.Nowhere):
        def file(self, name: str, piece: bytes) -> None:
            if not piece:
                names.append(name)

    reading.read(made.path, lambda master: site.vault().derive("backup", master=master), Names())
    assert "keys/anchor.key" in names
    assert not [name for name in names if "master" in name or "keystore" in name]


def test_no_word_of_a_petition_can_be_read_in_a_backup(site: Site, disk: Path, now: datetime) -> None:
    content = site.backup(disk, now).path.read_bytes()
    for word in ("辽0102", "petition", "registrar"):
        assert word.encode() not in content.split(b"}", 1)[1]


def test_a_backup_and_the_key_store_beside_it_are_for_their_owner_alone(
    site: Site, disk: Path, now: datetime
) -> None:
    made = site.backup(disk, now)
    assert {path.name: path.stat().st_mode & 0o777 for path in disk.iterdir()} == {
        made.path.name: 0o600,
        contents.KEYSTORE_COPY: 0o600,
    }


def test_only_the_newest_backups_are_kept_if_asked(site: Site, disk: Path, now: datetime) -> None:
    made = [site.backup(disk, now + timedelta(days=day)).path for day in range(3)]
    (disk / "other.backup").write_bytes(b"")
    assert forget(made[-1], 2) == made[:1]
    assert sorted(path.name for path in disk.glob("*.backup")) == sorted(
        [made[1].name, made[2].name, "other.backup"]
    )


def test_every_folder_of_the_data_is_kept_or_is_not_meant_to_be(site: Site) -> None:
    """Whatever a domain adds below the data folder must be named."""
    found = {path.name for path in site.data.iterdir() if path.is_dir()}
    assert found <= {*contents.FOLDERS, *contents.LEFT_OUT}


def test_a_type_of_column_that_no_backup_knows_is_an_error_at_once() -> None:
    for table in SQLModel.metadata.sorted_tables:
        assert rows.shape_of(table).columns
    with pytest.raises(TypeError, match="no backup knows"):
        rows.shape_of(Table("strange", MetaData(), Column("each", Time())))
