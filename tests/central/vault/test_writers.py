"""S11: master and data keys change, by a process of its own, while fifty clients write; afterwards everything can be read."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, Table, select
from sqlmodel import SQLModel

from central import db, tables
from central.events.verify import verify
from central.petitions.states import Act
from central.vault import columns
from central.vault.columns import Erased
from central.vault.vault import Vault
from tests.factories import petitions
from tests.factories.accounts import House, house
from tests.support.processes import ROOT, Child, wait_until
from tests.support.vaults import vault_in

assert tables.ALL
CLIENTS = 50
BEFORE = 120
ROTATIONS = 1
SUBJECT = "供热费退还"
REASON = "须先补充缴费凭证"


@dataclass
class Clients:
    """Fifty who write until they are told to stop."""

    engine: Engine
    house: House
    over: threading.Event = field(default_factory=threading.Event)
    written: list[UUID] = field(default_factory=list)

    def one(self, number: int) -> None:
        """Register petitions and work on them, each act in a transaction of its own."""
        while True:
            with db.unit_of_work(self.engine) as s:
                made = petitions.registered(s, self.house, subject=SUBJECT, phone=f"139{number:08}").id
            with db.unit_of_work(self.engine) as s:
                petitions.do(s, self.house, made, Act.ASK_SUPPLEMENT, remark=REASON)
            self.written.append(made)
            if self.over.is_set():
                return


@pytest.fixture
def clients(fresh_engine: Engine) -> Clients:
    with db.unit_of_work(fresh_engine) as s:
        own = house(s)
        for _ in range(BEFORE):
            petitions.registered(s, own, subject=SUBJECT)
    return Clients(fresh_engine, own)


def rotated(engine: Engine, data: Path, log: Path) -> int:
    """Run `minyi keys rotate --fields` as an administrator does, beside whatever else runs; return how it ended."""
    env = {
        "MINYI_DATA": str(data),
        "MINYI_DB__URL": engine.url.render_as_string(hide_password=False),
        "MINYI_ENVIRONMENT": "development",
    }
    args: list[str | Path] = [Path(sys.executable).parent / "minyi", "keys", "rotate", "--fields"]
    child = Child(args, log=log, env=env, cwd=ROOT).start()
    wait_until(lambda: not child.running, timeout=120, what="the rotation ends")
    return child.stop()


def sealed(engine: Engine) -> Iterator[tuple[Table, str, str, bytes]]:
    """Yield table, place, column and content of every sealed value, as the database holds it."""
    with engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            names = columns.sealed_columns(table)
            [key, *more] = table.primary_key.columns
            if not names or more:
                continue
            for row in connection.execute(select(key.label("key"), *(table.c[each] for each in names))):
                found = row._asdict()
                for name in names:
                    if found[name] is not None:
                        yield table, columns.place(table.name, found["key"], name), name, bytes(found[name])


@pytest.mark.hall
def test_keys_change_under_fifty_writers_and_nothing_becomes_unreadable(
    clients: Clients, fresh_engine: Engine, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    first = vault_in(data).master_id
    before = {place: content for table, place, _, content in sealed(fresh_engine) if table.name == "petition"}
    with ThreadPoolExecutor(CLIENTS) as pool:
        work: list[Future[None]] = [pool.submit(clients.one, number) for number in range(CLIENTS)]
        wait_until(lambda: len(clients.written) >= 5, what="clients write", timeout=60)
        ends = [rotated(fresh_engine, data, tmp_path / "rotate.log") for _ in range(ROTATIONS)]
        clients.over.set()
    assert ends == [0] * ROTATIONS, (tmp_path / "rotate.log").read_text()
    assert [each.exception() for each in work] == [None] * CLIENTS
    assert len(clients.written) >= CLIENTS
    fresh = vault_in(data)
    _everything_opens(fresh_engine, fresh)
    after = {place: content for table, place, _, content in sealed(fresh_engine) if table.name == "petition"}
    assert not {place for place, content in before.items() if after[place] == content}
    assert all(row.count == 0 for row in fresh.store.masters() if row.state != "current")
    assert fresh.master_id != first
    with db.session(fresh_engine, writes=False) as s:
        assert verify(s, public_key=None, anchor_folder=data / "anchors").findings == []


def _everything_opens(engine: Engine, vault: Vault) -> None:
    seen, count = set(), 0
    for table, place, name, content in sealed(engine):
        text = columns.open_text(vault, content, place)
        assert not isinstance(text, Erased), place
        seen.add(text if (table.name, name) == ("petition", "subject") else "")
        count += 1
    assert seen == {"", SUBJECT}
    assert count > BEFORE


OPEN_AND_LEAVE = """
import sys
from pathlib import Path
from central.vault.store import KeyStore
KeyStore(Path(sys.argv[1])).close()
"""
COUNT = """
import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM data_key WHERE hex(id) = upper(?)", sys.argv[2:]).fetchone()[0])
"""


def test_a_second_opening_here_and_a_process_that_leaves_lose_no_key(tmp_path: Path) -> None:
    running, path = vault_in(tmp_path), tmp_path / "keys" / "keystore.sqlite3"
    assert vault_in(tmp_path).master_id == running.master_id
    subprocess.run([sys.executable, "-c", OPEN_AND_LEAVE, path], check=True, cwd=ROOT)
    made = running.new_keys(3)
    assert len(vault_in(tmp_path).store.get(made)) == 3
    listed = subprocess.run(
        [sys.executable, "-c", COUNT, path, made[-1].hex],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert listed.stdout.strip() == "1"
