"""A new master key while others work: nothing unreadable, old keys retired, and a crash only interrupts."""

from pathlib import Path

import pytest

from central.vault import rotation
from central.vault.errors import MasterProblem
from central.vault.vault import KeyGone, Vault
from tests.support.vaults import vault_in


class CutError(Exception):
    """Stands for kill -9 between two lots."""


@pytest.fixture
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vault:
    monkeypatch.setattr(rotation, "LOT", 10)
    return vault_in(tmp_path)


def sealed(vault: Vault, count: int) -> list[bytes]:
    return [vault.seal(vault.new_key(), b"words", aad="a") for _ in range(count)]


def states(vault: Vault) -> dict[str, tuple[str, int]]:
    return {row.id: (row.state, row.count) for row in vault.store.masters()}


def test_every_key_is_wrapped_anew_and_the_old_master_retires(vault: Vault, tmp_path: Path) -> None:
    kept, old = sealed(vault, 35), vault.master_id
    new = rotation.begin(vault)
    assert rotation.rewrap(vault) >= 35
    assert states(vault) == {old: ("retired", 0), new: ("current", states(vault)[new][1])}
    fresh = vault_in(tmp_path)
    assert {fresh.open(each, aad="a") for each in kept} == {b"words"}


def test_a_process_that_runs_notices_the_new_master_by_itself(vault: Vault, tmp_path: Path) -> None:
    running = vault_in(tmp_path)
    kept = sealed(vault, 35)
    new = rotation.begin(vault)
    rotation.rewrap(vault)
    assert [running.open(each, aad="a") for each in kept] == [b"words"] * 35
    keys = running.new_keys(500)
    assert {row.master for row in running.store.get(keys[-200:])} == {new}
    assert running.master_id == new


def test_keys_made_during_a_rotation_are_wrapped_by_the_new_master(vault: Vault, tmp_path: Path) -> None:
    other, made = vault_in(tmp_path), []
    sealed(vault, 40)
    old, new = vault.master_id, rotation.begin(vault)
    rotation.rewrap(vault, progress=lambda _done: made.extend(other.new_keys(20)))
    assert states(vault)[old] == ("retired", 0)
    assert {row.master for row in other.store.get(made)} == {new}


def test_a_broken_off_rotation_goes_on_with_the_same_master(vault: Vault, tmp_path: Path) -> None:
    kept = sealed(vault, 60)
    new = rotation.begin(vault)

    def cut(done: int) -> None:
        if done >= 20:
            raise CutError

    with pytest.raises(CutError):
        rotation.rewrap(vault, progress=cut)
    again = vault_in(tmp_path)
    assert [again.open(each, aad="a") for each in kept] == [b"words"] * 60
    assert rotation.begin(again) == new
    rotation.rewrap(again)
    assert [state for state, _ in states(again).values()] == ["retired", "current"]


def test_a_crash_between_file_and_store_leaves_no_spare_master(vault: Vault) -> None:
    prepared = rotation.prepare(vault)
    assert vault.master_id != prepared
    assert rotation.prepare(vault) == prepared
    assert rotation.begin(vault) == prepared


def test_destroyed_keys_stay_destroyed(vault: Vault) -> None:
    key = vault.new_key()
    kept = vault.seal(key, b"words", aad="a")
    vault.destroy(key)
    rotation.begin(vault)
    rotation.rewrap(vault)
    with pytest.raises(KeyGone):
        vault.open(kept, aad="a")


def test_a_key_that_took_anothers_place_takes_it_along_when_destroyed(vault: Vault) -> None:
    first, second, third = vault.new_keys(3)
    kept = vault.seal(first, b"words", aad="a")
    vault.store.replace([(second, first)])
    vault.store.replace([(third, second)])
    vault.destroy(third)
    with pytest.raises(KeyGone):
        vault.open(kept, aad="a")


def test_what_was_derived_from_a_retired_master_can_be_derived_until_it_is_forgotten(vault: Vault) -> None:
    old = vault.master_id
    derived = vault.derive("backup")
    rotation.begin(vault)
    with pytest.raises(MasterProblem):
        rotation.forget(vault, old)
    rotation.rewrap(vault)
    assert vault.derive("backup", master=old) == derived != vault.derive("backup")
    rotation.forget(vault, old)
    with pytest.raises(MasterProblem):
        vault.derive("backup", master=old)


def test_another_suite_is_taken_over_by_a_rotation(tmp_path: Path, vault: Vault) -> None:
    [kept] = sealed(vault, 1)
    vault.suite = type(vault.suite)("sm4-gcm")
    rotation.begin(vault)
    rotation.rewrap(vault)
    assert vault_in(tmp_path).open(kept, aad="a") == b"words"
