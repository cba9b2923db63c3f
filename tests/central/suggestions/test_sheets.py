"""Labelled texts out of whatever spreadsheet an office keeps."""

from pathlib import Path

import pytest
import xlsxwriter
from typer.testing import CliRunner

from central.cli import commands
from central.suggestions import sheets
from central.suggestions.sheets import BadTable

HEADS = ("主题", "详情", "类别")


def book(path: Path, rows: list[tuple[object, ...]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet("留言")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


def test_columns_are_joined_below_a_title_and_lines_without_both_are_counted(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [
        ("一季度", "", ""),
        HEADS,
        ("噪音", "太吵", "环境保护 > 噪音"),
        ("空", "", ""),
        ("x", 12.0, 3.0),
    ]
    found = sheets.read(book(tmp_path / "a.xlsx", rows), text=["主题", "详情"], label="类别")
    assert found.texts == ("噪音\n太吵", "x\n12")
    assert found.labels == ("环境保护/噪音", "3")
    assert found.skipped == 1
    assert sheets.level(found.labels, 1) == ["环境保护", "3"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16"])
def test_csv_in_the_encodings_of_offices(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes('主题,详情,类别\n停水,"没水\n三天",供水\n'.encode(encoding))
    assert sheets.read(path, text=["详情"], label="类别").texts == ("没水\n三天",)


def test_json_lines_of_a_published_collection_and_a_part_of_them(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        '{"sentence": "停水三天", "label": "供水"}\n\n{"label": "路灯", "sentence": "灯不亮"}\n', "utf-8"
    )
    found = sheets.read(path, text=["sentence"], label="label")
    assert (found.texts, found.labels) == (("停水三天", "灯不亮"), ("供水", "路灯"))
    assert sheets.some(found, 2, seed=1) == found
    assert len(sheets.some(found, 1, seed=1).texts) == 1
    path.write_text("[1]\n", "utf-8")
    with pytest.raises(BadTable, match="unreadable"):
        sheets.read(path, text=["sentence"], label="label")


def test_a_missing_column_is_told_with_those_there_are(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [HEADS, ("a", "b", "c")])
    with pytest.raises(BadTable) as caught:
        sheets.read(path, text=["正文"], label="类别")
    assert caught.value.values == {"column": "正文", "columns": "主题、详情、类别"}


def test_what_is_no_spreadsheet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"no workbook")
    with pytest.raises(BadTable, match="unreadable"):
        sheets.read(path, text=["a"], label="b")
    with pytest.raises(BadTable, match="missing"):
        sheets.read(tmp_path / "none.csv", text=["a"], label="b")


def test_the_command_says_which_categories_are_too_few(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [HEADS, *(("a", "b", "甲") for _ in range(6)), ("c", "d", "乙")]
    path = book(tmp_path / "a.xlsx", rows)
    said = CliRunner().invoke(
        commands(), ["suggest", "evaluate", str(path), "--text", "主题", "--label", "类别"]
    )
    assert said.exit_code == 2
    assert "乙 (1)" in said.output
    path = book(tmp_path / "b.xlsx", [HEADS, *(("a", "b", f"第{number}类" * 9) for number in range(80))])
    many = CliRunner().invoke(
        commands(), ["suggest", "evaluate", str(path), "--text", "主题", "--label", "类别"]
    )
    assert "(80)" in many.output
    assert len(many.output) < 600
    path = book(tmp_path / "a.xlsx", rows)
    alone = CliRunner().invoke(
        commands(),
        ["suggest", "evaluate", str(path), "--text", "主题", "--label", "类别", "--leave-out-rare"],
    )
    assert alone.exit_code == 2
    assert "甲" in alone.output
