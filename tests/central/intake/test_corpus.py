"""Ledgers as offices keep them are read as a person would read them: columns, values, and rows that are none."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from central.courts.models import Court
from central.intake import preview
from central.intake.preview import Preview, Shown
from central.settings import Imports
from shared.clock import COURT_ZONE
from tests.central.intake.corpus import CASES, Case
from tests.central.intake.corpus_more import MORE

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
COURT = Court(code="辽0102", name="沈阳市和平区人民法院", name_en="", level="basic", path="/辽/辽01/辽0102/")


def looked(path: Path, case: Case) -> Preview:
    path.write_bytes(case.content)
    return preview.preview(path, Imports(), posted=None, court=COURT, now=NOW, file_name=case.file_name)


def said(value: Any) -> Any:
    if isinstance(value, datetime):
        local = value.astimezone(COURT_ZONE)
        whole = local.isoformat()[:19].removesuffix(":00")
        return whole[:10] if local - local.replace(hour=0, minute=0, second=0) == timedelta() else whole
    return None if value == "" else value


def told(row: Shown) -> dict[str, Any] | str:
    if row.why is not None:
        return row.why.reason
    found = {str(cell.what): said(cell.read) for cell in row.cells}
    return found | {f"!{cell.what}": cell.problem.reason for cell in row.cells if cell.problem}


@pytest.mark.parametrize("case", CASES + MORE, ids=[case.name for case in CASES + MORE])
def test_a_ledger_is_read_as_the_office_meant_it(case: Case, tmp_path: Path) -> None:
    seen = looked(tmp_path / "ledger", case)
    assert seen.problem is None
    held = {str(each.field): each.head for each in seen.columns if each.field and each.field != "ignore"}
    assert held == case.columns
    assert case.sheet in {None, seen.looked.sheet}
    assert case.year in {None, seen.looked.found.year}
    rows = {row.number: told(row) for row in seen.rows}
    for number, wanted in case.rows.items():
        got = rows[number]
        assert (
            got == wanted
            if isinstance(wanted, str) or isinstance(got, str)
            else {name: got.get(name) for name in wanted} == wanted
        )
