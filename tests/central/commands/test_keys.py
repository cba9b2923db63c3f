"""`minyi keys` as it is called: first key, rotation, escrow and the recovery drill of docs/keys.md."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlmodel import SQLModel
from typer.testing import CliRunner

from central import db
from central.cli import commands
from central.events.verify import verify
from central.petitions.models import Petition, Petitioner
from central.vault import rotation
from central.vault.vault import KeyGone, Vault
from tests.central.commands.conftest import Minyi
from tests.factories import petitions
from tests.factories.accounts import House, house
from tests.support.vaults import vault_in

SHARE = re.compile(r"^(?:[A-Z2-7]{4}-){17}[A-Z2-7]{4}$", re.MULTILINE)
WORDS = {"subject": "物业服务合同", "phone": "13900000001"}


@pytest.fixture
def here(fresh_engine: Engine) -> House:
    with db.unit_of_work(fresh_engine) as s:
        return house(s)


@pytest.fixture
def known(fresh_engine: Engine, here: House) -> list[UUID]:
    with db.unit_of_work(fresh_engine) as s:
        return [petitions.registered(s, here, **WORDS).id for _ in range(7)]


def own(engine: Engine) -> Vault:
    found = db.vault_of(engine)
    assert found is not None
    return found


def readable(engine: Engine, ids: list[UUID]) -> None:
    with db.session(engine, writes=False) as s:
        assert {s.get_one(Petition, each).subject for each in ids} == {WORDS["subject"]}
        assert {s.get_one(Petitioner, each).phone for each in ids} == {WORDS["phone"]}


def keys_of(engine: Engine) -> dict[UUID, UUID]:
    with db.session(engine, writes=False) as s:
        return {row.id: row.key_id for row in s.exec(select(Petition.id, Petition.key_id)).all()}  # type: ignore[call-overload]


def test_production_begins_with_a_key_made_by_hand(bare: Minyi, data: Path) -> None:
    before = bare("migrate", ENVIRONMENT="production")
    assert (before.code, "minyi keys init" in before.err) == (2, True)
    made = bare("keys", "init", ENVIRONMENT="production")
    assert (made.code, str(data / "keys" / "master.key") in made.out) == (0, True)
    assert bare("migrate", ENVIRONMENT="production").code == 0
    again = bare("keys", "init", ENVIRONMENT="production")
    assert (again.code, "nothing was changed" in again.err) == (2, True)


def test_the_list_names_masters_and_shows_none(minyi: Minyi, data: Path) -> None:
    answer = minyi("keys", "list", "--json")
    [row] = answer.json["masters"]
    assert (row["state"], row["master"]) == ("current", vault_in(data).master_id)
    secret = (data / "keys" / "master.key").read_text().split()[-1]
    assert secret not in answer.out + minyi("keys", "list").out + minyi("settings").out


def test_a_rotation_leaves_everything_readable(minyi: Minyi, fresh_engine: Engine, known: list[UUID]) -> None:
    before = keys_of(fresh_engine)
    answer = minyi("keys", "rotate", "--json")
    assert answer.code == 0
    assert answer.json["keys"] >= len(known)
    assert [row.state for row in own(fresh_engine).store.masters()] == ["retired", "current"]
    assert keys_of(fresh_engine) == before
    readable(fresh_engine, known)


def test_with_data_every_petition_gets_a_new_key_and_the_log_still_agrees(
    minyi: Minyi, fresh_engine: Engine, known: list[UUID], data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "OWNERS", 2)
    before = keys_of(fresh_engine)
    answer = minyi("keys", "rotate", "--fields", "--json")
    assert answer.json["rows"] >= 3 * len(known)
    after = keys_of(fresh_engine)
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())
    readable(fresh_engine, known)
    rows = SQLModel.metadata.tables["petition"]
    with fresh_engine.connect() as connection:
        for subject, key_id in connection.execute(select(rows.c.subject, rows.c.key_id)):
            assert bytes(subject)[2:18] == key_id.bytes
    with db.session(fresh_engine, writes=False) as s:
        assert verify(s, public_key=None, anchor_folder=data / "anchors").findings == []


def test_erasing_after_a_rotation_takes_the_former_key_along(
    minyi: Minyi, fresh_engine: Engine, known: list[UUID]
) -> None:
    rows = SQLModel.metadata.tables["petition"]
    with fresh_engine.connect() as connection:
        [old] = connection.execute(select(rows.c.subject).where(rows.c.id == known[0])).scalars()
    minyi("keys", "rotate", "--fields")
    vault = own(fresh_engine)
    vault.destroy(keys_of(fresh_engine)[known[0]])
    with pytest.raises(KeyGone):
        vault.open(bytes(old), aad=f"petition:{known[0].hex}:subject")


def test_a_broken_off_sealing_anew_goes_on(
    minyi: Minyi, fresh_engine: Engine, known: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "OWNERS", 2)
    monkeypatch.setattr("central.commands.keys._progress", cut_after(2))
    assert minyi("keys", "rotate", "--fields").code != 0
    readable(fresh_engine, known)
    masters = len(own(fresh_engine).store.masters())
    monkeypatch.undo()
    assert minyi("keys", "rotate", "--fields").code == 0
    assert len(own(fresh_engine).store.masters()) == masters
    readable(fresh_engine, known)


def cut_after(calls: int):
    left = [calls]

    def cut(_done: int) -> None:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt

    return cut


def test_the_drill_two_officers_bring_the_master_back(
    minyi: Minyi, fresh_engine: Engine, known: list[UUID], data: Path
) -> None:
    printed = SHARE.findall(minyi("keys", "escrow").out)
    assert len(printed) == 3
    key = data / "keys" / "master.key"
    lost = key.read_text()
    key.unlink()
    missing = minyi("verify")
    assert (missing.code, "minyi keys recover" in missing.err) == (2, True)
    answer = recovered(data, fresh_engine, printed[2], printed[0])
    assert answer.exit_code == 0, answer.output
    assert key.read_text().splitlines()[-1] == lost.splitlines()[-1]
    assert key.stat().st_mode & 0o777 == 0o600
    assert minyi("keys", "list", "--json").code == 0
    engine = db.make_engine(str(fresh_engine.url.render_as_string(hide_password=False)), vault=vault_in(data))
    readable(engine, known)
    engine.dispose()


def test_a_mistyped_share_is_told(data: Path, minyi: Minyi, fresh_engine: Engine) -> None:
    [one, other, _] = SHARE.findall(minyi("keys", "escrow").out)
    answer = recovered(data, fresh_engine, one, other[:-1] + ("A" if other[-1] != "A" else "B"))
    assert (answer.exit_code, "Share 2 is mistyped" in answer.stderr) == (2, True)


def recovered(data: Path, engine: Engine, *typed: str):
    url = engine.url.render_as_string(hide_password=False)
    env = {
        "MINYI_DATA": str(data),
        "MINYI_DB__URL": url,
        "MINYI_LANGUAGE": "en",
        "MINYI_ENVIRONMENT": "development",
    }
    return CliRunner().invoke(commands(), ["keys", "recover"], input="\n".join(typed) + "\n", env=env)
