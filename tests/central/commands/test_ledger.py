"""`minyi import-ledger`: figures, report, exit codes."""

from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine
from sqlmodel import func, select

from central import db
from central.petitions.models import Petition
from tests.central.commands.conftest import Minyi
from tests.central.intake.sheets import HEADS, ROW, book
from tests.factories.accounts import house

COURT = ("--court", "辽0102")


@pytest.fixture(autouse=True)
def court(fresh_engine: Engine) -> None:
    with db.unit_of_work(fresh_engine) as s:
        house(s)


@pytest.fixture
def ledger(tmp_path: Path) -> Any:
    """`ledger(row, row)` writes a file below the usual heads."""

    def written(*rows: tuple[Any, ...], heads: tuple[str, ...] = HEADS) -> str:
        path = tmp_path / "ledger.xlsx"
        path.write_bytes(book(heads, *rows))
        return str(path)

    return written


def petitions(engine: Engine) -> int:
    with db.session(engine, writes=False) as s:
        return s.exec(select(func.count()).select_from(Petition)).one()


def test_a_ledger_goes_in_and_the_log_is_whole(minyi: Minyi, ledger: Any) -> None:
    answer = minyi("import-ledger", ledger(ROW), *COURT, "--json")
    assert answer.code == 0
    assert {"taken": 1, "known": 0, "changed": 0, "refused": 0}.items() <= answer.json.items()
    assert minyi("verify").code == 0


def test_a_second_run_adds_nothing(minyi: Minyi, ledger: Any) -> None:
    minyi("import-ledger", ledger(ROW), *COURT)
    answer = minyi("import-ledger", ledger(ROW), *COURT, "--json")
    assert (answer.json["taken"], answer.json["known"]) == (0, 1)


def test_a_dry_run_says_what_would_happen_and_writes_nothing(
    minyi: Minyi, ledger: Any, fresh_engine: Engine
) -> None:
    answer = minyi("import-ledger", ledger(ROW), *COURT, "--dry-run", "--json")
    assert (answer.json["dry_run"], answer.json["taken"]) == (True, 1)
    assert petitions(fresh_engine) == 0


def test_a_row_left_out_is_named_and_stands_in_the_report_as_text(
    minyi: Minyi, ledger: Any, tmp_path: Path
) -> None:
    out = tmp_path / "out.xlsx"
    bad = (2, *ROW[1:3], "=HYPERLINK(1)", *ROW[4:])
    answer = minyi("import-ledger", ledger(ROW, bad), *COURT, "--report", str(out))
    assert answer.code == 0
    assert "Row 3 · 留言时间 · “=HYPERLINK(1)”: Not readable as a date" in answer.out
    rows = CalamineWorkbook.from_path(str(out)).get_sheet_by_name("Rows not taken").to_python()
    assert rows[0] == ["Row", "Column", "Value", "Reason"]
    assert rows[1][:3] == [3.0, "留言时间", "=HYPERLINK(1)"]


def test_a_mapping_says_what_the_heads_do_not(minyi: Minyi, ledger: Any, tmp_path: Path) -> None:
    heads = ("甲", *HEADS[1:])
    mapping = tmp_path / "m.toml"
    mapping.write_text('[columns]\n"甲" = "number"\n', "utf-8")
    answer = minyi("import-ledger", ledger(ROW, heads=heads), *COURT, "--mapping", str(mapping), "--json")
    assert answer.json["taken"] == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("missing.xlsx", *COURT), "There is no file missing.xlsx"),
        (("{ledger}", "--court", "辽99"), "辽99"),
        (("{ledger}", *COURT, "--mapping", "missing.toml"), "The mapping file missing.toml cannot be read"),
        (("{ledger}", *COURT, "--report", "/nowhere/r.xlsx"), "cannot be written"),
    ],
)
def test_bad_use_is_told_and_ends_with_2(
    minyi: Minyi, ledger: Any, arguments: tuple[str, ...], sentence: str
) -> None:
    path = ledger(ROW)
    answer = minyi("import-ledger", *(each.format(ledger=path) for each in arguments))
    assert answer.code == 2
    assert sentence in answer.err


def test_a_missing_column_is_told_and_ends_with_2(minyi: Minyi, ledger: Any) -> None:
    answer = minyi("import-ledger", ledger(ROW[4:5] * 2, heads=("留言详情", "留言主题")), *COURT)
    assert answer.code == 2
    assert "There is no column for “Received”" in answer.err
