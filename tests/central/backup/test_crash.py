"""kill -9 in the middle: a backup is there whole or not at all, a restore leaves the old or the new."""

import sys
from datetime import datetime
from pathlib import Path

import pytest

from central.backup import swap
from central.backup.errors import BackupRefused, PlaceRefused
from central.backup.restoring import finish_pending, place_of
from tests.central.backup.conftest import Site
from tests.support.processes import Processes

MINYI = Path(sys.executable).with_name("minyi")


def environment(site: Site) -> dict[str, str]:
    return {
        "MINYI_DATA": str(site.data),
        "MINYI_DB__URL": site.url,
        "MINYI_ENVIRONMENT": "development",
        "MINYI_LANGUAGE": "en",
    }


@pytest.mark.hall
def test_a_killed_backup_leaves_no_backup_and_the_next_clears_up(
    site: Site, disk: Path, now: datetime, started: Processes
) -> None:
    (site.data / "imports").mkdir(exist_ok=True)
    with (site.data / "imports" / "large.sealed").open("wb") as file:
        file.truncate(2 << 30)
    child = started.start("backup", [MINYI, "backup", disk], env=environment(site))
    child.wait_for(
        lambda: [path for path in disk.glob("*.part") if path.stat().st_size > 1 << 20], what="it writes"
    )
    child.kill()
    assert list(disk.glob("*.backup")) == []
    (site.data / "imports" / "large.sealed").unlink()
    made = site.backup(disk, now)
    assert sorted(path.name for path in disk.iterdir()) == ["keystore.current", made.path.name]


@pytest.mark.hall
def test_a_restore_killed_anywhere_leaves_the_old_or_the_new(
    site: Site, disk: Path, now: datetime, started: Processes
) -> None:
    """Killed as soon as it makes things ready; what was there is there, and nothing lies about."""
    made = site.backup(disk, now)
    before = site.all("SELECT stream, seq, hash FROM chain ORDER BY stream, seq")
    files = site.files("attachments", "anchors", "keys")
    child = started.start("restore", [MINYI, "restore", made.path, "--replace"], env=environment(site))
    child.wait_for((site.data / ".restore" / "keys").exists, what="it makes things ready")
    child.kill()
    finish_pending(site.settings)
    assert not (site.data / ".restore").exists()
    assert site.all("SELECT stream, seq, hash FROM chain ORDER BY stream, seq") == before
    assert site.files("attachments", "anchors").items() <= files.items()
    assert site.restore(made.path, replace=True).report.findings == []


@pytest.mark.parametrize("steps", [0, 1, 4, 7])
def test_an_exchange_cut_off_after_any_step_is_finished(
    site: Site, disk: Path, now: datetime, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = site.backup(disk, now)
    kept = site.files("attachments", "anchors")
    replaced, done = Path.replace, [0]

    class Cut(BaseException):
        pass

    def cut(self: Path, target: Path) -> Path:
        if swap.READY in self.name or not (site.data / ".restore" / swap.READY).exists():
            return replaced(self, target)
        if done[0] == steps:
            raise Cut
        done[0] += 1
        return replaced(self, target)

    monkeypatch.setattr(Path, "replace", cut)
    with pytest.raises(Cut):
        site.restore(made.path, replace=True)
    monkeypatch.undo()
    assert finish_pending(site.settings)
    assert site.files("attachments", "anchors") == kept
    [(count,)] = site.all("SELECT count(*) FROM event")
    assert count == made.manifest.tables["event"]["rows"]


def test_two_restores_at_once_are_refused(site: Site, disk: Path, now: datetime) -> None:
    made = site.backup(disk, now)
    with swap.alone(place_of(site.settings)), pytest.raises(PlaceRefused) as refused:
        site.restore(made.path, replace=True)
    assert refused.value.key == "backup.restore_running"


def test_a_backup_of_a_newer_program_is_refused(site: Site, disk: Path, now: datetime) -> None:
    made = site.backup(disk, now)
    content = bytearray(made.path.read_bytes())
    content[12] += 1
    made.path.write_bytes(content)
    with pytest.raises(BackupRefused) as refused:
        site.restore(made.path, replace=True)
    assert refused.value.key == "backup.newer"
