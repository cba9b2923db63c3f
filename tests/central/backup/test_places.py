"""Places and keys that will not do are refused, on both engines, and what is there stays as it is."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import typer
from sqlalchemy import text

from central.backup.errors import BackupRefused, PlaceRefused
from central.commands import common
from central.vault.store import KeyStore
from central.web.catalogue import catalogue
from shared.i18n import Lang
from tests.central.backup.conftest import Site


def untouched(site: Site) -> tuple[object, ...]:
    return site.all("SELECT stream, seq, hash FROM chain ORDER BY stream, seq"), site.files(
        "attachments", "anchors"
    )


def test_a_database_in_use_is_refused(site: Site, disk: Path, now: datetime) -> None:
    made, before = site.backup(disk, now), untouched(site)
    engine = site.engine()
    with engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM event"))
        with pytest.raises(PlaceRefused) as refused:
            site.restore(made.path, replace=True)
    engine.dispose()
    assert refused.value.key == "backup.in_use"
    assert untouched(site) == before


def test_a_backup_of_a_newer_schema_is_refused(
    site: Site, elsewhere: Callable[[str], Site], disk: Path, now: datetime
) -> None:
    engine = site.engine()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    made, new = site.backup(disk, now), elsewhere("sqlite")
    with pytest.raises(BackupRefused) as refused:
        new.restore(made.path)
    assert refused.value.key == "backup.newer_schema"
    assert new.all("SELECT count(*) FROM event") == [(0,)]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_key_store_that_is_not_the_backups_is_refused(
    site: Site, elsewhere: Callable[[str], Site], kind: str, disk: Path, now: datetime, tmp_path: Path
) -> None:
    made, new = site.backup(disk, now), elsewhere(kind)
    store = KeyStore(tmp_path / "strange.sqlite3")
    store.set_current(site.vault().master_id)
    store.close()
    with pytest.raises(PlaceRefused) as refused:
        new.restore(made.path, keystore=tmp_path / "strange.sqlite3")
    assert refused.value.key == "backup.keys_missing"
    assert new.all("SELECT count(*) FROM event") == [(0,)]
    assert not list(new.data.glob(".restore/*"))
    assert catalogue().text(refused.value.key, Lang.EN, **refused.value.values)
    with pytest.raises(typer.Exit):
        common.fail(refused.value, "en")


def test_a_backup_without_any_key_store_is_refused(
    site: Site, elsewhere: Callable[[str], Site], disk: Path, now: datetime
) -> None:
    made, new = site.backup(disk, now), elsewhere("sqlite")
    (disk / "keystore.current").unlink()
    with pytest.raises(PlaceRefused) as refused:
        new.restore(made.path)
    assert refused.value.key == "backup.no_keystore"


def test_a_database_of_somebody_else_is_refused(
    site: Site, elsewhere: Callable[[str], Site], disk: Path, now: datetime
) -> None:
    made, new = site.backup(disk, now), elsewhere("postgres")
    engine = new.engine()
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    engine.dispose()
    with pytest.raises(PlaceRefused) as refused:
        new.restore(made.path, replace=True)
    assert refused.value.key == "backup.not_ours"


def test_a_backup_never_takes_the_place_of_a_file(site: Site, disk: Path, now: datetime) -> None:
    (disk / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(PlaceRefused) as refused:
        site.backup(disk / "holiday.jpg", now)
    assert refused.value.key == "backup.there_already"
    with pytest.raises(PlaceRefused) as refused:
        site.backup(disk / "not-mounted" / "one.backup", now)
    assert refused.value.key == "backup.no_folder"
