"""What imports write of row changes is, letter for letter, what the journal says of them."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import SQLModel

from central.deadlines.duties import Result
from central.deadlines.models import DeadlineClock
from central.events import images, journal
from central.intake.blanks import new_row, table_of
from central.intake.models import LedgerEntry
from central.petitions.models import Petition, Petitioner
from shared.canonical import canonical

_ID = UUID("01a227c4-9d53-7614-9165-23c3e4e70d5d")
_AT = datetime(2020, 1, 27, 0, 44, tzinfo=UTC)
_ODD = '引号" 反斜杠\\ 换行\n制表\t 铃\x07 删\x7f 😀 </script>'
_ROWS: list[tuple[type[SQLModel], dict[str, Any]]] = [
    (
        Petition,
        {"key_id": _ID, "number": _ODD, "subject": _ODD, "text": "", "received_at": _AT, "urgent": True},
    ),
    (Petitioner, {"petition_id": _ID, "name": _ODD, "phone": "", "told_since": _AT, "salt": ""}),
    (LedgerEntry, {"petition_id": _ID, "import_id": _ID, "row": 7, "source_number": _ODD, "cells": "{}"}),
    (
        DeadlineClock,
        {"petition_id": _ID, "rule": "answer", "started_on": date(2020, 1, 27), "result": Result.LATE},
    ),
]


@pytest.mark.parametrize(("kind", "values"), _ROWS, ids=[kind.__name__ for kind, _ in _ROWS])
def test_a_row_is_written_as_the_journal_says_it(kind: type[SQLModel], values: dict[str, Any]) -> None:
    row = new_row(kind, **values)
    assert images.inserted(table_of(kind), row) == canonical(journal.inserted(table_of(kind), row))  # type: ignore[arg-type]


def test_an_event_is_written_as_the_journal_says_it() -> None:
    facts = {"row": 2, "by": _ODD, "imported": True, "nothing": None, "many": [1, {"b": 1, "a": _ODD}]}
    change: journal.Change = {"t": "clock", "k": _ID.hex, "s": {"result": "late", "ended_on": None}}
    written = images.event(facts, [images.changed(change)])
    assert written == canonical({"facts": facts, "rows": [change]})  # type: ignore[dict-item]
