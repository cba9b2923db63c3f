"""`minyi boxes`: a box is added with a secret shown once, boxes and tray are listed, messages are dealt with."""

import json
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from central import context as contexts
from central import db
from central.commands import boxes
from central.context import Context
from central.halls import queries, service
from shared import wire
from shared.ids import new_id
from tests.central.halls.conftest import Hall
from tests.factories.halls import receive


@pytest.fixture(autouse=True)
def _same_place(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command opens the test's database by its variables, as an operator's shell gives them."""
    monkeypatch.setenv("MINYI_DATA", str(context.settings.data))
    monkeypatch.setenv("MINYI_DB__URL", context.settings.db.url)
    monkeypatch.setattr(contexts, "build", lambda *_, **__: context)


def minyi(*words: str, code: int = 0) -> str:
    result: Result = CliRunner().invoke(boxes.app, words)
    assert result.exit_code == code, result.output
    return result.output


def figures(*words: str) -> Any:
    return json.loads(minyi(*words, "--json"))


def test_a_box_is_added_and_its_secret_lets_it_in(context: Context, kept: Hall) -> None:
    made = figures("add", "ln0102-2", "--court", kept.court.code)
    with context.read() as s:
        assert service.secret_fits(s, box_id="ln0102-2", secret=made["secret"])
    assert made["secret"] not in minyi("list")


@pytest.mark.parametrize("name", ["ln0102-1", "ln0103-1", "hall one"], ids=["taken", "elsewhere", "no id"])
def test_a_box_that_cannot_be_added_is_explained(kept: Hall, name: str) -> None:
    assert minyi("add", name, "--court", kept.court.code, code=2).strip()


def test_boxes_are_listed_with_their_line(kept: Hall) -> None:
    (row,) = figures("list", "--court", kept.court.code)["boxes"]
    assert (row["box"], row["court"], row["online"], row["heard_at"]) == (
        kept.journal.box,
        kept.court.code,
        False,
        None,
    )


def test_a_revoked_box_says_so_and_is_not_on_the_line(context: Context, kept: Hall) -> None:
    said = wire.Presence(box=kept.journal.box, online=True, at=context.clock.now())
    with db.unit_of_work(context.engine) as s:
        service.note_presence(s, presence=said, now=context.clock.now())
    assert figures("list")["boxes"][0]["online"] is True
    minyi("revoke", kept.journal.box)
    row = figures("list")["boxes"][0]
    assert (row["revoked"], row["online"]) == (True, False)


def test_the_tray_is_listed_and_emptied(context: Context, kept: Hall) -> None:
    assert figures("tray") == {"refused": [], "untreated": 0}
    with db.unit_of_work(context.engine) as s:
        receive(s, kept.journal.answered(new_id()))
    found = figures("tray")
    assert (found["untreated"], found["refused"][0]["reason"]) == (1, "call_unknown")
    minyi("tray", "treat", found["refused"][0]["id"], "--note", "已核对")
    with context.read() as s:
        assert queries.count_untreated(s) == 0


@pytest.mark.parametrize(
    "words",
    [("x", "已核对"), (str(new_id()), "已核对"), (str(new_id()), "")],
    ids=["no id", "unknown", "no words"],
)
def test_a_message_that_is_not_there_is_not_dealt_with(kept: Hall, words: tuple[str, str]) -> None:
    del kept
    assert minyi("tray", "treat", words[0], "--note", words[1], code=2).strip()
