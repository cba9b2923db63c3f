"""Key files: whole or not at all, one key however many begin at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from central.keys import signing_key, write_private


def test_all_who_begin_at_once_go_on_with_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = list(
            pool.map(lambda _: signing_key(tmp_path / "keys", "anchor").private_bytes_raw(), range(64))
        )
    assert len(set(made)) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["anchor.key"]


def test_a_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    signing_key(tmp_path, "anchor")
    assert (tmp_path / "anchor.key").stat().st_mode & 0o777 == 0o600


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_private(path, b"one")
    write_private(path, b"two")
    assert (path.read_bytes(), [each.name for each in tmp_path.iterdir()]) == (b"two", ["a.txt"])
