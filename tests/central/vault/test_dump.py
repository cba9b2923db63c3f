"""A dump of the database and the data folder in a thief's hands (S10): no name, number, address or word of a petition in it."""

import base64
import io
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from pydantic import ValidationError
from sqlalchemy import Engine, text
from sqlalchemy.exc import StatementError
from sqlmodel import SQLModel
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from central import db, tables
from central.access import service as access
from central.access.forms import GiveReason
from central.access.rules import Why
from central.context import Context
from central.petitions.forms import Register
from central.petitions.states import Act, State
from central.running import configure_logging
from shared.ids import new_id
from tests.factories import ledgers, petitions
from tests.factories.accounts import House
from tests.support.postgres import binaries
from tests.support.spellings import contents, spellings

assert tables.ALL
PLANTED = {
    "name": "欧阳绿萝",
    "phone": "13998877665",
    "address": "铁西区云峰街九十九号",
    "id_number": "21010219491231002x",
    "subject": "电梯迟迟不修",
    "text": "楼道漆黑已两年，老人摔伤",
    "demand": "恢复夜间照明",
    "remark": "已致电物业核实情况",
    "reason": "家属来电询问进展",
    "cell": "台账里的稀有句子",
}


@pytest.fixture
def filled(context: Context, house: House) -> Context:
    """A petition with everything that people type, from receipt to follow-up; one that came from a ledger."""
    with db.unit_of_work(context.engine) as s:
        petition = petitions.registered(
            s,
            house,
            petitioner_name=PLANTED["name"],
            phone=PLANTED["phone"],
            address=PLANTED["address"],
            id_number=PLANTED["id_number"],
            subject=PLANTED["subject"],
            text=PLANTED["text"],
            demands=PLANTED["demand"],
        )
        form = GiveReason(why=Why.OTHER, text=PLANTED["reason"])
        now = context.clock.now()
        access.give_reason(s, petition_id=petition.id, form=form, by=house.leader, now=now)
        for act in (
            *petitions.WAY[State.REPLIED],
            Act.LOG_ATTEMPT,
            Act.RECORD_DELIVERY,
            Act.FOLLOW_UP,
            Act.CLOSE,
        ):
            petitions.do(s, house, petition, act, **_words(act))
        ledgers.write(s, house, ledgers.row(2, text=PLANTED["cell"]))
    return context


def _words(act: Act) -> dict[str, Any]:
    return {"remark": PLANTED["remark"]} if act in {Act.ACCEPT, Act.ASSIGN, Act.APPROVE, Act.CLOSE} else {}


def dumped(engine: Engine) -> Iterator[tuple[str, bytes]]:
    """Yield the rows of every table as SQL gives them, past the program; and the files of an SQLite database."""
    with engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            rows = connection.execute(text(f'SELECT * FROM "{table.name}"')).all()
            for row in rows:
                yield (
                    table.name,
                    b"\n".join(
                        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                        for value in row
                    ),
                )
    if engine.url.get_backend_name() == "sqlite":
        for suffix in ("", "-wal"):
            path = f"{engine.url.database}{suffix}"
            if os.path.exists(path):  # noqa: PTH110 a name with a suffix
                yield path, Path(path).read_bytes()
        return
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [str(binaries() / "pg_dump"), "--format=plain", address]
    yield "pg_dump", subprocess.run(command, check=True, capture_output=True).stdout


def test_nothing_that_was_typed_stands_in_a_dump_or_in_a_file(filled: Context) -> None:
    found = [
        (word, where)
        for where, content in (*dumped(filled.engine), *contents(filled.settings.data))
        for word in PLANTED.values()
        if any(form in content for form in spellings(word))
    ]
    assert found == []


def test_the_search_would_find_it() -> None:
    word = PLANTED["text"]
    for lead in (b"", b"x", b"xy"):
        hidden = base64.b64encode(lead + word.encode() + b"tail")
        assert any(form in hidden for form in spellings(word))
    assert any(form in word.encode() for form in spellings(word))


def test_an_error_of_the_database_does_not_repeat_what_was_to_be_written(context: Context) -> None:
    rows = SQLModel.metadata.tables["petition"]
    with context.engine.connect() as connection, pytest.raises(StatementError) as caught:
        connection.execute(rows.update(), {"subject": PLANTED["subject"]})
    assert PLANTED["subject"] not in str(caught.value)


def test_a_form_that_does_not_fit_says_so_without_what_was_typed() -> None:
    with pytest.raises(ValidationError) as caught:
        Register.model_validate({"text": PLANTED["text"], "phone": [PLANTED["phone"]]})
    assert not [word for word in PLANTED.values() if word in str(caught.value)]


@pytest.fixture
def logged() -> Iterator[Callable[[], bytes]]:
    """Log as the server does; `logged()` returns what was written."""
    out = io.StringIO()
    configure_logging("debug")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=out))
    yield lambda: out.getvalue().encode()
    structlog.reset_defaults()


def test_nothing_that_was_typed_stands_in_the_log_not_even_when_the_database_fails(
    context: Context,
    app: ASGIApp,
    house: House,
    sign_in: Callable[[TestClient, str], str],
    logged: Callable[[], bytes],
) -> None:
    del house
    letter = {
        "channel": "letter",
        "petitioner_name": PLANTED["name"],
        "phone": PLANTED["phone"],
        "address": PLANTED["address"],
        "id_number": PLANTED["id_number"],
        "subject": PLANTED["subject"],
        "text": PLANTED["text"],
        "demands": PLANTED["demand"],
    }
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as client:
        csrf = sign_in(client, "registrar.ln0102")
        typed = letter | {"csrf": csrf, "petition_id": str(new_id())}
        answers = [
            client.post("/register", data=typed | {"channel": "nothing"}),
            client.post("/petitions/contact", data={"csrf": csrf, "contact": PLANTED["phone"]}),
            client.post("/login", data={"username": PLANTED["name"], "password": PLANTED["text"]}),
        ]
        with db.unit_of_work(context.engine) as s:
            s.connection().execute(text("ALTER TABLE petitioner RENAME TO elsewhere"))
        answers.append(client.post("/register", data=typed))
    assert answers[-1].status_code == 500, answers[-1].text
    log = logged()
    assert b"unexpected" in log
    assert [word for word in PLANTED.values() if any(form in log for form in spellings(word))] == []
