"""When a second person is asked, and which cells a spreadsheet would run."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from central.exports.files import Words, writer
from central.exports.rules import RISKY, Format, Watermark, Wish, needs_approval, safe
from central.settings import Exports

LIMITS = Exports(free_rows=10)
WORDS = Words("信访件", ("编号", "题目", "导出标记"), "辽0102 王某（wang） 2026-11-23 14:05 DC-1")
BAD = (
    "=1+1",
    '=HYPERLINK("http://x")',
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "＠x",
    " =1",
    "\u3000=1",
)


@pytest.mark.parametrize(
    ("count", "with_people", "needed"),
    [(1, False, False), (10, False, False), (11, False, True), (1, True, True)],
)
def test_many_petitions_and_every_name_need_a_second_person(
    count: int, with_people: bool, needed: bool
) -> None:
    assert needs_approval(Wish(count, with_people), LIMITS) is needed


@pytest.mark.parametrize("text", BAD)
def test_what_would_run_is_made_text(text: str) -> None:
    assert safe(text) == "'" + text


@given(st.text(max_size=30))
def test_no_cell_begins_like_a_formula_and_harmless_ones_stay(text: str) -> None:
    made = safe(text)
    assert not made.startswith(RISKY)
    assert made in {text, "'" + text}


def test_a_csv_file_holds_its_rows_marked_and_harmless() -> None:
    out = writer(Format.CSV, WORDS)
    for text in (*BAD, '普通"引号",逗号\n换行'):
        out.add(["辽0102-2026-000001", text])
    content = out.content()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0] == list(WORDS.heads)
    assert [row[1] for row in rows[1:]] == [*("'" + text for text in BAD), '普通"引号",逗号\n换行']
    assert {row[2] for row in rows[1:]} == {WORDS.mark}


def test_a_spreadsheet_holds_text_alone_with_the_mark_above_and_in_every_row() -> None:
    out = writer(Format.XLSX, WORDS)
    for text in BAD:
        out.add(["13912345678", text])
    book = CalamineWorkbook.from_filelike(io.BytesIO(out.content()))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0][0] == WORDS.mark
    assert [row[0] for row in rows[2:]] == ["13912345678"] * len(BAD)
    assert {row[2] for row in rows[2:]} == {WORDS.mark}
    assert all(isinstance(cell, str) for row in rows for cell in row)


def test_the_mark_says_who_where_and_when() -> None:
    mark = Watermark("王某", "wang", "沈阳市和平区人民法院", datetime(2026, 11, 23, tzinfo=UTC), "DC-1")
    assert mark.line("2026-11-23 14:05") == "沈阳市和平区人民法院 王某（wang） 2026-11-23 14:05 DC-1"
