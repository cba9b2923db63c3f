"""The vault: what is sealed opens in its place and nowhere else; what is destroyed is gone; nothing shows a key."""

import io
from pathlib import Path
from uuid import uuid4

import pytest

from central.settings import Settings
from central.vault.cipher import OVERHEAD, DataKey
from central.vault.errors import KeyUnknown, MasterProblem
from central.vault.files import PIECE
from central.vault.vault import KeyGone, SealBroken, Vault, init, open_vault
from tests.support.vaults import vault_in

WORDS = "请求督促执行".encode()


@pytest.fixture(params=["aes-256-gcm", "sm4-gcm"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    return open_vault(Settings(data=tmp_path, environment="development", vault={"suite": request.param}))


def test_what_is_sealed_opens_in_its_place(vault: Vault) -> None:
    key = vault.new_key()
    sealed = vault.seal(key, WORDS, aad="petition:1:subject")
    assert len(sealed) == len(WORDS) + OVERHEAD
    assert WORDS not in sealed
    assert vault.open(sealed, aad="petition:1:subject") == WORDS


@pytest.mark.parametrize("place", ["petition:2:subject", "petition:1:text", ""])
def test_what_was_moved_to_another_place_is_refused(vault: Vault, place: str) -> None:
    sealed = vault.seal(vault.new_key(), WORDS, aad="petition:1:subject")
    with pytest.raises(SealBroken):
        vault.open(sealed, aad=place)


def test_any_changed_byte_is_refused(vault: Vault) -> None:
    sealed = vault.seal(vault.new_key(), b"1", aad="a")
    for at in range(len(sealed)):
        changed = sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :]
        with pytest.raises((SealBroken, KeyUnknown)):
            vault.open(changed, aad="a")


@pytest.mark.parametrize("content", [b"", b"x", b"\x01\x01" + bytes(20), bytes(200)])
def test_what_never_was_sealed_is_refused(vault: Vault, content: bytes) -> None:
    with pytest.raises(SealBroken):
        vault.open(content, aad="a")


def test_the_other_cipher_opens_what_this_one_sealed(tmp_path: Path) -> None:
    first = vault_in(tmp_path)
    sealed = first.seal(first.new_key(), WORDS, aad="a")
    other = open_vault(Settings(data=tmp_path, environment="development", vault={"suite": "sm4-gcm"}))
    assert other.open(sealed, aad="a") == WORDS


def test_keys_are_there_for_the_next_process(tmp_path: Path) -> None:
    first = vault_in(tmp_path)
    sealed = first.seal(first.new_key(), WORDS, aad="a")
    assert vault_in(tmp_path).open(sealed, aad="a") == WORDS


def test_keys_are_never_given_twice(tmp_path: Path) -> None:
    vaults = [vault_in(tmp_path), vault_in(tmp_path)]
    given = [each.new_key() for _ in range(150) for each in vaults] + vaults[0].new_keys(300)
    assert len(set(given)) == 600


def test_a_named_key_is_one_for_all_processes(tmp_path: Path) -> None:
    assert vault_in(tmp_path).named_key("accounts") == vault_in(tmp_path).named_key("accounts")


def test_a_destroyed_key_is_gone_for_this_and_other_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("central.vault.vault.FORGET_AFTER", 0.0)
    one, other = vault_in(tmp_path), vault_in(tmp_path)
    key = one.new_key()
    sealed = one.seal(key, WORDS, aad="a")
    assert other.open(sealed, aad="a") == WORDS
    stored = one.store.get([key])[0].wrapped
    assert stored is not None
    one.destroy(key)
    for each in (one, other, vault_in(tmp_path)):
        with pytest.raises(KeyGone):
            each.open(sealed, aad="a")
    for path in (tmp_path / "keys").iterdir():
        assert stored not in path.read_bytes()


def test_a_key_of_another_installation_is_unknown(tmp_path: Path) -> None:
    other = vault_in(tmp_path / "other")
    with pytest.raises(KeyUnknown):
        vault_in(tmp_path / "own").open(other.seal(other.new_key(), WORDS, aad="a"), aad="a")


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_a_file_opens_as_it_was_sealed(vault: Vault, tmp_path: Path, size: int) -> None:
    content, target = bytes(range(256)) * (size // 256) + bytes(size % 256), tmp_path / "sealed"
    vault.seal_file(vault.new_key(), io.BytesIO(content), target, aad="file:1")
    assert b"".join(vault.open_file(target, aad="file:1")) == content
    assert target.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("cut", [-1, -(PIECE + 16), 26, 10, 0])
def test_a_file_cut_short_is_refused(vault: Vault, tmp_path: Path, cut: int) -> None:
    target = tmp_path / "sealed"
    vault.seal_file(vault.new_key(), io.BytesIO(bytes(2 * PIECE)), target, aad="file:1")
    target.write_bytes(target.read_bytes()[:cut])
    with pytest.raises(SealBroken):
        list(vault.open_file(target, aad="file:1"))


def test_pieces_of_a_file_cannot_change_places(vault: Vault, tmp_path: Path) -> None:
    target, step = tmp_path / "sealed", PIECE + 16
    vault.seal_file(vault.new_key(), io.BytesIO(bytes(3 * PIECE)), target, aad="file:1")
    whole = target.read_bytes()
    target.write_bytes(
        whole[:25] + whole[25 + step : 25 + 2 * step] + whole[25 : 25 + step] + whole[25 + 2 * step :]
    )
    with pytest.raises(SealBroken):
        list(vault.open_file(target, aad="file:1"))


@pytest.mark.parametrize(
    ("kind", "one", "same"),
    [
        ("phone", "+86 139-0000-0001", "13900000001"),
        ("phone", "024 2388 1234", "024-23881234"),
        ("id_number", "21010219491231002x", "210102 19491231 002X"),
    ],
)
def test_an_index_is_the_same_however_the_number_was_written(
    vault: Vault, kind: str, one: str, same: str
) -> None:
    assert vault.blind_index(kind, one) == vault.blind_index(kind, same)


def test_an_index_differs_by_kind_and_installation(tmp_path: Path) -> None:
    one, other = vault_in(tmp_path / "one"), vault_in(tmp_path / "other")
    found = {
        one.blind_index("phone", "1"),
        one.blind_index("id_number", "1"),
        other.blind_index("phone", "1"),
    }
    assert len(found) == 3


def test_what_is_derived_differs_by_purpose_and_stays(tmp_path: Path) -> None:
    vault = vault_in(tmp_path)
    assert vault.derive("backup") == vault_in(tmp_path).derive("backup", master=vault.master_id)
    assert vault.derive("backup") != vault.derive("other")


def test_nothing_shows_a_key(tmp_path: Path) -> None:
    vault = vault_in(tmp_path)
    master = vault.ring.all()[0]
    shown = repr(
        (vault, vault.ring, vault.store, master, vault.key(vault.new_key()), DataKey(uuid4(), WORDS))
    )
    text = (tmp_path / "keys" / "master.key").read_text().splitlines()[-1].split()[1]
    assert text not in shown
    assert master.secret().hex() not in shown
    assert repr(WORDS) not in shown


def test_files_of_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    vault_in(tmp_path).new_key()
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()}
    assert set(modes.values()) == {0o600}, modes


def test_production_never_makes_a_master_key_by_itself(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, environment="production")
    with pytest.raises(MasterProblem) as refused:
        open_vault(settings)
    assert refused.value.key == "vault.master_missing"
    assert init(settings) == tmp_path / "keys" / "master.key"
    assert open_vault(settings).master_id
    with pytest.raises(MasterProblem):
        init(settings)


def test_a_lost_master_is_never_replaced_in_silence(tmp_path: Path) -> None:
    vault_in(tmp_path)
    (tmp_path / "keys" / "master.key").unlink()
    with pytest.raises(MasterProblem) as refused:
        vault_in(tmp_path)
    assert refused.value.key == "vault.master_missing"


def test_another_master_is_refused(tmp_path: Path) -> None:
    vault_in(tmp_path / "one")
    vault_in(tmp_path / "two")
    (tmp_path / "two/keys/master.key").replace(tmp_path / "one/keys/master.key")
    with pytest.raises(MasterProblem) as refused:
        vault_in(tmp_path / "one")
    assert refused.value.key == "vault.master_other"


def test_a_master_open_to_others_is_refused(tmp_path: Path) -> None:
    vault_in(tmp_path)
    (tmp_path / "keys" / "master.key").chmod(0o640)
    with pytest.raises(MasterProblem) as refused:
        vault_in(tmp_path)
    assert refused.value.key == "vault.master_too_open"


@pytest.mark.parametrize(
    "content", ["", "# nothing", "abc", "abcdef012345 AAAA", "abcdef012345 " + "A" * 43 + "="]
)
def test_a_damaged_master_is_refused(tmp_path: Path, content: str) -> None:
    vault_in(tmp_path)
    (tmp_path / "keys" / "master.key").write_text(content)
    with pytest.raises(MasterProblem) as refused:
        vault_in(tmp_path)
    assert refused.value.key == "vault.master_damaged"


def test_the_credential_of_systemd_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = vault_in(tmp_path / "data")
    given = tmp_path / "credentials"
    given.mkdir()
    (tmp_path / "data/keys/master.key").replace(given / "minyi-master")
    (given / "minyi-master").chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
    assert vault_in(tmp_path / "data").master_id == made.master_id
