"""Copies that are not whole, not ours, or not of that moment are refused in a sentence, and what is there stays as it is."""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from central.backup.errors import BackupRefused, PlaceRefused
from central.copies import chain, following, pieces, verifying
from central.copies.placing import MANY, Placing
from central.errors import MinyiError
from central.vault import master
from shared.clock import FixedClock
from tests.central.copies.conftest import Court, png
from tests.support.databases import Databases
from tests.support.vaults import vault_in

Spare = Callable[[str], Court]


@pytest.fixture
def database_url(_databases: Callable[[str], Databases]) -> str:
    """The chain is the same for both engines: SQLite, which is quick, will do."""
    return _databases("sqlite").new()


@pytest.fixture
def followed(court: Court) -> Court:
    """Five pieces behind a base, one attachment; nobody follows any more."""
    here, follower = court.opened(), court.follower()
    for number in range(5):
        court.register(here, document=png() if number == 1 else b"")
        court.ship(follower)
    follower.close()
    court.followers.clear()
    return court


def generation(court: Court) -> Path:
    [found] = chain.generations(court.folder)
    return found


def refused(court: Court, at: datetime | None = None, **more: Any) -> str:
    """Return the key of the refusal; whoever restores has nothing afterwards that was not there."""
    before = sorted(path for path in court.data.rglob("*") if path.suffix != ".lock")
    with pytest.raises(MinyiError) as error:
        court.restore(at, **more)
    assert sorted(path for path in court.data.rglob("*") if path.suffix != ".lock") == before
    return error.value.key


def cut(path: Path, size: int) -> None:
    os.truncate(path, size)


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("number", [0, 3, 5])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_piece_that_was_cut_off_is_refused(
    followed: Court, spare: Spare, number: int, share: float
) -> None:
    path = chain.path_of(generation(followed), number)
    cut(path, int(path.stat().st_size * share))
    assert refused(spare("sqlite")) in {"backup.damaged", "backup.foreign"}


@pytest.mark.parametrize("number", [0, 3, 5])
def test_a_piece_with_one_changed_bit_is_refused(followed: Court, spare: Spare, number: int) -> None:
    path = chain.path_of(generation(followed), number)
    flip(path, path.stat().st_size - 5)
    assert refused(spare("sqlite")) == "backup.damaged"


def test_a_missing_piece_is_named_and_the_moment_before_it_can_be_had(followed: Court, spare: Spare) -> None:
    chain.path_of(generation(followed), 3).unlink()
    with pytest.raises(BackupRefused) as error:
        spare("sqlite").restore(None)
    assert (error.value.key, error.value.values["number"]) == ("copies.missing", 3)
    assert spare("sqlite").restore(followed.clock.at - timedelta(seconds=15)).tables["petition"] == 2


def test_a_missing_last_piece_is_noticed(followed: Court, spare: Spare) -> None:
    chain.path_of(generation(followed), 5).unlink()
    assert refused(spare("sqlite")) == "copies.missing"


def test_pieces_in_another_order_are_refused(followed: Court, spare: Spare) -> None:
    first, second = (chain.path_of(generation(followed), number) for number in (2, 3))
    aside = first.with_name("aside")
    first.replace(aside)
    second.replace(first)
    aside.replace(second)
    assert refused(spare("sqlite")) == "copies.foreign_piece"


def test_a_piece_of_an_earlier_generation_of_ours_is_refused(followed: Court, spare: Spare) -> None:
    """All of it whole and sealed with our key, and yet not what stood there."""
    old = shutil.copytree(generation(followed), followed.folder.parent / "old")
    shutil.rmtree(generation(followed))
    follower = followed.follower()
    for _ in range(4):
        followed.register(followed.opened())
        followed.ship(follower)
    follower.close()
    followed.followers.clear()
    shutil.copy(old / "00000003.piece", chain.path_of(generation(followed), 3))
    assert refused(spare("sqlite")) == "copies.foreign_piece"


def test_the_word_on_the_last_piece_must_be_there_and_be_of_this_chain(followed: Court, spare: Spare) -> None:
    newest = generation(followed) / "newest"
    kept = newest.read_bytes()
    newest.unlink()
    assert refused(spare("sqlite")) == "copies.no_newest"
    newest.write_bytes(kept)
    flip(newest, len(kept) - 3)
    assert refused(spare("sqlite")) == "backup.damaged"


def test_the_wrong_master_key_opens_nothing(followed: Court, spare: Spare) -> None:
    other = spare("sqlite")
    path = other.data / "keys" / "master.key"
    path.unlink()
    master.write(path, [master.new_master()])
    assert refused(other).startswith("vault.")


def test_the_key_store_of_another_installation_is_refused(
    followed: Court, spare: Spare, tmp_path: Path
) -> None:
    foreign = vault_in(tmp_path / "foreign")
    foreign.new_key()
    foreign.store.copy_to(followed.folder / "keystore.current")
    assert refused(spare("sqlite")) in {"backup.keys_missing", "vault.master_missing", "vault.master_other"}


@pytest.fixture
def cloned(
    followed: Court,
    tmp_path: Path,
    _databases: Callable[[str], Databases],
) -> Iterator[Court]:
    """Another installation with the same master key, copied elsewhere: a machine that was cloned before it had keys of its own."""
    data, folder = tmp_path / "second", tmp_path / "other-copies"
    (data / "keys").mkdir(parents=True, mode=0o700)
    folder.mkdir()
    shutil.copy(followed.data / "keys" / "master.key", data / "keys" / "master.key")
    shutil.move(_databases("sqlite").new().removeprefix("sqlite:///"), data / "minyi.sqlite3")
    second = Court(data, f"sqlite:///{data / 'minyi.sqlite3'}", folder, FixedClock(followed.clock.at))
    follower = second.follower()
    second.register(second.opened())
    second.ship(follower)
    yield second
    second.close()


def test_the_copies_of_two_installations_in_one_folder_are_refused(
    followed: Court, cloned: Court, spare: Spare
) -> None:
    theirs = generation_of(cloned.folder)
    shutil.copytree(theirs, followed.folder / theirs.name)
    assert refused(spare("sqlite")) == "copies.mixed"


def test_a_follower_does_not_go_on_with_the_copies_of_another(followed: Court, cloned: Court) -> None:
    shutil.rmtree(generation_of(cloned.folder))
    shutil.copytree(generation(followed), cloned.folder / generation(followed).name)
    with pytest.raises(BackupRefused) as error:
        cloned.follower().start()
    assert error.value.key == "copies.other_installation"


def generation_of(folder: Path) -> Path:
    return chain.generations(folder)[0]


def test_an_attachment_that_is_gone_or_changed_is_refused(followed: Court, spare: Spare) -> None:
    [path] = list((followed.folder / "files").rglob("*.made.*"))
    kept = path.read_bytes()
    flip(path, 40)
    assert refused(spare("sqlite")) == "backup.damaged"
    with pytest.raises(BackupRefused):
        verifying.verify(generation(followed), followed.folder, followed.keys().derive)
    path.unlink()
    assert refused(spare("sqlite")) == "copies.file_gone"
    path.write_bytes(kept)
    verifying.verify(generation(followed), followed.folder, followed.keys().derive)


def test_a_moment_before_the_first_base_or_yet_to_come_is_refused_with_the_nearest(
    followed: Court, spare: Spare
) -> None:
    now = followed.clock.at
    assert refused(spare("sqlite"), now - timedelta(hours=1)) == "copies.too_early"
    with pytest.raises(BackupRefused) as error:
        spare("sqlite").restore(now + timedelta(hours=1))
    assert error.value.key == "copies.no_such_moment"
    assert error.value.values["nearest"] == chain.shown(now)


def test_a_moment_at_which_nobody_followed_is_refused_with_the_one_before(
    followed: Court, spare: Spare
) -> None:
    stopped = followed.clock.at
    follower = followed.follower()
    follower.start()
    followed.register(followed.opened())
    followed.ship(follower, 1800)
    follower.close()
    followed.followers.clear()
    with pytest.raises(BackupRefused) as error:
        spare("sqlite").restore(stopped + timedelta(seconds=900))
    assert error.value.values["nearest"] == chain.shown(stopped)
    assert spare("sqlite").restore(stopped + timedelta(seconds=30)).plan.moment == stopped


def test_a_place_that_holds_data_is_refused_until_it_is_to_be_replaced(followed: Court) -> None:
    followed.engine.dispose()
    assert refused(followed) == "backup.not_empty"


def test_a_database_in_use_is_refused(followed: Court) -> None:
    follower = followed.follower()
    follower.start()
    assert refused(followed, replace=True) == "backup.in_use"


def test_two_followers_at_once_are_refused(court: Court, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    with following.alone(court.folder, court.data):
        for folder, data in ((court.folder, tmp_path / "second"), (other, court.data)):
            with pytest.raises(PlaceRefused) as error, following.alone(folder, data):
                pass
            assert error.value.key == "copies.followed"
    with following.alone(court.folder, court.data):
        pass


class Full:
    """A disk without room: whoever writes a piece there is told so, until there is some again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full, write = True, pieces.write

        def refusing(path: Path, *rest: Any) -> None:
            if self.full:
                path.with_name(path.name + ".part").write_bytes(b"half")
                path.with_name(path.name + ".part").unlink()
                raise OSError(errno.ENOSPC, "No space left on device")
            write(path, *rest)

        monkeypatch.setattr(pieces, "write", refusing)


def test_nothing_is_lost_while_the_disk_is_full(
    court: Court, spare: Spare, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, follower = court.opened(), court.follower()
    court.register(here)
    court.ship(follower)
    disk = Full(monkeypatch)
    for _ in range(3):
        court.register(here, document=png())
        with pytest.raises(PlaceRefused) as error:
            court.ship(follower)
        assert error.value.key == "copies.not_written"
    disk.full = False
    court.ship(follower)
    assert len(chain.generations(court.folder)) == 1
    done = spare("sqlite").restore(None)
    assert (done.tables["petition"], done.report.findings) == (4, [])


def test_a_base_that_found_no_room_leaves_nothing_behind(
    court: Court, monkeypatch: pytest.MonkeyPatch
) -> None:
    court.register(court.opened())
    follower, disk = court.follower(), Full(monkeypatch)
    follower.ship()
    follower.wait()
    with pytest.raises(PlaceRefused):
        follower.ship()
    assert chain.generations(court.folder) == []
    disk.full = False
    court.ship(follower)
    assert len(chain.generations(court.folder)) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB, where this machine lets us make one."""
    place = tmp_path / "small"
    place.mkdir()
    if os.system(f"mount -t tmpfs -o size=2m none {place} 2>/dev/null"):
        pytest.skip("no small disk can be made here")
    yield place
    os.system(f"umount -l {place}")


def test_a_disk_that_is_really_full_is_told_in_a_sentence(court: Court, small_disk: Path) -> None:
    court.folder = small_disk
    with contextlib.suppress(OSError), (small_disk / "other").open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    court.register(court.opened())
    follower = court.follower()
    follower.ship()
    follower.wait()
    with pytest.raises(PlaceRefused) as error:
        follower.ship()
    assert error.value.key == "copies.not_written"
    (small_disk / "other").unlink()
    court.ship(follower)
    assert court.plan(None).last.number == 1
    follower.close()
    court.followers.clear()


def test_a_broken_chain_is_no_hindrance_to_the_next_follower(followed: Court, spare: Spare) -> None:
    chain.path_of(generation(followed), 2).unlink()
    follower = followed.follower()
    assert not follower.start()
    followed.register(followed.opened())
    followed.ship(follower)
    assert len(chain.generations(followed.folder)) == 2
    assert spare("sqlite").restore(None).tables["petition"] == 6


@pytest.mark.parametrize("given", ["", "now", "2026-11-28", "15:04", "2026-13-01T00:00", "2026-02-30T10:00"])
def test_what_is_no_moment_is_said(given: str) -> None:
    with pytest.raises(ValueError):
        chain.moment_of(given)


def test_a_moment_is_local_court_time_unless_it_says_otherwise(now: datetime) -> None:
    assert chain.moment_of("2026-11-23T09:00") == now
    assert chain.moment_of("2026-11-23 09:00:00") == now
    assert chain.moment_of("2026-11-23T01:00:00+00:00") == now
    assert chain.moment_of("latest") is None


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_many_files_come_by_another_process_which_misses_none(tmp_path: Path, harm: str) -> None:
    store, lot = tmp_path / "store" / "attachments" / "a", []
    store.mkdir(parents=True)
    for number in range(MANY):
        name = f"attachments/a/{number}.made"
        (store / f"{number}.made.7").write_bytes(content := b"%d" % number)
        lot.append((name, 7, len(content), hashlib.sha256(content).hexdigest()))
    record = zlib.compress(json.dumps(lot).encode())
    with contextlib.closing(Placing(tmp_path / "good", tmp_path / "store")) as placing:
        placing.take(pieces.STORED, record)
        assert placing.finish() == len(list((tmp_path / "good").rglob("*.made"))) == MANY
        last = store / f"{MANY - 1}.made.7"
        last.write_bytes(b"other") if harm == "changed" else last.unlink()
        placing.take(pieces.STORED, record)
        with pytest.raises(BackupRefused) as error:
            placing.finish()
    assert error.value.key == {"changed": "backup.damaged", "gone": "copies.file_gone"}[harm]
