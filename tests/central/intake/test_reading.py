"""Files that are spreadsheets, files that are not, and files that mean harm."""

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
import xlsxwriter

from central.intake import reading
from central.intake.reading import BadFile
from central.intake.rows import RawRow
from central.settings import Imports

LIMITS = Imports()


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    """Write a workbook; a cell None stays empty."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    moment = book.add_format({"num_format": "yyyy/m/d h:mm:ss"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, place, cell, moment if isinstance(cell, datetime) else day)
                elif cell is not None:
                    sheet.write(number, place, cell)
    book.close()
    return path


def cells(path: Path, limits: Imports = LIMITS, sheet: str | None = None) -> list[tuple[str, ...]]:
    with reading.opened(path, limits, sheet=sheet) as found:
        return [row.cells for row in found.rows]


def refusal(path: Path, limits: Imports = LIMITS, sheet: str | None = None) -> BadFile:
    with pytest.raises(BadFile) as caught:
        cells(path, limits, sheet)
    return caught.value


def test_rows_come_with_the_numbers_that_spreadsheet_programs_show(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx", S=[[], ["来信日期", "内容"], [None, " "], [], ["2019-04-25", "正文"]]
    )
    with reading.opened(path, LIMITS) as sheet:
        assert (sheet.name, sheet.last_row) == ("S", 5)
        assert list(sheet.rows) == [RawRow(2, ("来信日期", "内容")), RawRow(5, ("2019-04-25", "正文"))]


def test_text_comes_as_it_stands(tmp_path: Path) -> None:
    text = "\t\u3000\u3000尊敬的法官：\n\u00a0 您好 \n"
    assert cells(workbook(tmp_path / "a.xlsx", S=[[text, "尾"]])) == [(text, "尾")]


def test_days_moments_and_numbers_become_text(tmp_path: Path) -> None:
    row = [datetime.fromisoformat("2019-04-25 09:32:09"), date(2019, 4, 25), 2019.0, 0.1, True]
    assert cells(workbook(tmp_path / "a.xlsx", S=[row])) == [
        ("2019-04-25 09:32:09", "2019-04-25", "2019", "0.1", "TRUE")
    ]


def test_a_formula_gives_the_value_that_the_file_keeps(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    book.add_worksheet().write_formula(0, 0, '=WEBSERVICE("http://127.0.0.1/")', None, "kept")
    book.close()
    assert cells(tmp_path / "a.xlsx") == [("kept",)]


def test_a_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    assert cells(workbook(tmp_path / "a.xlsx", S=[["=1+1"]])) == [("=1+1",)]


def test_an_empty_sheet_before_the_ledger_is_passed_over(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", 封面=[], 台账=[["正文"]])
    with reading.opened(path, LIMITS) as sheet:
        assert (sheet.name, sheet.names) == ("台账", ["封面", "台账"])


def test_a_sheet_can_be_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", A=[["a"]], B=[["b"]])
    assert cells(path, sheet="B") == [("b",)]
    assert refusal(path, sheet="C").values == {"sheet": "C", "sheets": "A、B"}


@pytest.mark.parametrize("name", ["信访台账 一.xlsx", "ledger", "ledger.xls", "ledger.csv", "ledger.ods"])
def test_what_a_file_is_does_not_depend_on_its_name(tmp_path: Path, name: str) -> None:
    path = workbook(tmp_path / "a.xlsx", S=[["正文"]]).rename(tmp_path / name)
    assert cells(path) == [("正文",)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        ("没有表格的文字。\n只有两行。\n".encode(), "no_spreadsheet"),
        (bytes(range(256)), "no_spreadsheet"),
        (b"%PDF-1.7\n", "pdf"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512), "damaged"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
        ),
        (b"PK\x03\x04 and nothing more", "damaged"),
    ],
)
def test_what_is_no_spreadsheet_is_told_apart(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert refusal(path).key == f"intake.file.{reason}"


def package(path: Path, *parts: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts:
            made.writestr(name, content)
    return path


def test_another_zip_is_no_spreadsheet(tmp_path: Path) -> None:
    assert refusal(package(tmp_path / "a.xlsx", ("note.txt", b"x"))).key == "intake.file.no_spreadsheet"


def test_macros_are_not_taken(tmp_path: Path) -> None:
    path = package(tmp_path / "a.xlsm", ("xl/workbook.xml", b"<x/>"), ("xl/vbaProject.bin", b"x"))
    assert refusal(path).key == "intake.file.macros"


def test_entities_are_not_followed(tmp_path: Path) -> None:
    path = package(
        tmp_path / "a.xlsx", ("xl/workbook.xml", b'<!DOCTYPE x [<!ENTITY a SYSTEM "/etc/hosts">]><x>&a;</x>')
    )
    assert refusal(path).key == "intake.file.damaged"


def test_a_file_that_unpacks_to_too_much_is_not_read(tmp_path: Path) -> None:
    path = package(
        tmp_path / "a.xlsx", ("xl/workbook.xml", b"<x/>"), ("xl/worksheets/sheet1.xml", bytes(3 * 2**20))
    )
    assert path.stat().st_size < 10_000
    assert refusal(path, Imports(max_unpacked_mb=2)).key == "intake.file.bomb"


def test_what_a_package_declares_of_its_size_is_not_believed(tmp_path: Path) -> None:
    path = package(
        tmp_path / "a.xlsx", ("xl/workbook.xml", b"<x/>"), ("xl/worksheets/sheet1.xml", bytes(3 * 2**20))
    )
    honest = (3 * 2**20).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(honest, (1000).to_bytes(4, "little")))
    assert refusal(path, Imports(max_unpacked_mb=2)).key in {"intake.file.bomb", "intake.file.damaged"}


def test_cells_far_away_cost_the_child_its_memory_and_not_ours(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet()
    sheet.write(0, 0, "x")
    sheet.write(1_048_575, 16_383, "y")
    book.close()
    assert refusal(tmp_path / "a.xlsx", Imports(reader_memory_mb=512)).key == "intake.file.too_big"


def test_a_file_past_the_limit_is_not_opened(tmp_path: Path) -> None:
    with (tmp_path / "a.xlsx").open("wb") as file:
        file.truncate(2**20 + 1)
    assert refusal(tmp_path / "a.xlsx", Imports(max_file_mb=1)).key == "intake.file.file_too_big"


def test_too_many_rows_or_columns_are_refused(tmp_path: Path) -> None:
    rows = workbook(tmp_path / "a.xlsx", S=[["内容"], ["1"], ["2"], ["3"]])
    assert refusal(rows, Imports(max_rows=2)).key == "intake.file.too_many_rows"
    assert len(cells(rows, Imports(max_rows=3))) == 4  # the heads are no row of the ledger
    columns = workbook(tmp_path / "b.xlsx", S=[["x"] * (reading.MOST_COLUMNS + 1)])
    assert refusal(columns).key == "intake.file.too_many_columns"


def test_a_workbook_without_a_word_says_so(tmp_path: Path) -> None:
    assert refusal(workbook(tmp_path / "a.xlsx", A=[], B=[])).key == "intake.file.empty_sheet"


def test_a_file_cut_off_or_scratched_is_damaged(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", S=[["内容"], *([f"第 {n} 行"] for n in range(200))])
    whole = path.read_bytes()
    for cut in (len(whole) // 3, len(whole) // 2, len(whole) - 20):
        path.write_bytes(whole[:cut])
        assert refusal(path).key == "intake.file.damaged"
    with zipfile.ZipFile(workbook(path, S=[["内容"]])) as made:
        parts = [(name, made.read(name).replace(b"</", b"<\xff")) for name in made.namelist()]
    assert refusal(package(tmp_path / "b.xlsx", *parts)).key == "intake.file.damaged"


def test_the_child_ends_when_nobody_reads_on(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", S=[["内容" * 200]] * 2000)
    before = set(psutil.Process().children())
    with reading.opened(path, LIMITS) as sheet:
        next(sheet.rows)
        assert len(set(psutil.Process().children()) - before) == 1
    assert set(psutil.Process().children()) == before
