"""`minyi deadline` and `minyi rules`: figures, sheets, and every way to call them wrongly."""

import re
from pathlib import Path

import pypdfium2
import pytest
from typer.testing import CliRunner

from central.cli import commands
from tests.central.commands.conftest import Answer, Minyi
from tests.central.deadlines.test_books import FUJIAN, newer

DOCS = Path(__file__).parents[3].joinpath("docs/deadlines.md").read_text("utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of rule sets of the commands."""
    made = tmp_path / "rules"
    made.mkdir()
    monkeypatch.setenv("MINYI_DEADLINES__RULES_DIR", str(made))
    return made


def run(*args: str) -> Answer:
    done = CliRunner().invoke(commands(), args)
    return Answer(done.exit_code, done.stdout, done.stderr)


def deadline(rule: str, received: str, *more: str) -> Answer:
    return run("deadline", "--rule", rule, "--received", received, *more)


@pytest.mark.parametrize(
    ("rule", "received", "more", "due_on"),
    [
        ("procedural_reply", "2026-03-02", (), "2026-03-09"),
        ("objection", "2026-09-28", (), "2026-10-10"),
        ("answer", "2025-11-30", (), "2026-02-28"),
        ("answer", "2023-11-30", (), "2024-02-29"),
        ("answer_class6", "2026-03-02", (), "2026-05-06"),
        ("answer_class6", "2026-03-02", ("--extend", "30"), "2026-06-01"),
        ("answer_class6", "2026-03-02", ("--pause", "2026-03-10..2026-03-20"), "2026-05-11"),
        ("progress", "2026-01-31", ("--turn", "2"), "2026-03-31"),
        ("procedural_reply", "2026-09-24", ("--no-roll",), "2026-10-01"),
        ("procedural_reply", "2026-03-02", ("--count-first-day",), "2026-03-09"),
        (
            "procedural_reply",
            "2024-02-29",
            ("--pause", "2024-02-29..2024-03-30"),
            "2024-04-07",
        ),  # as begun then
        ("procedural_reply", "2026-03-02", ("--pause", "2026-02-20..2026-03-04"), "2026-03-11"),
        ("objection", "2022-10-01", ("--pause", "2022-10-05..2022-10-06"), "2022-10-12"),
        ("procedural_reply", "2026-03-07", ("--pause", "2026-03-14..2026-03-18"), "2026-03-19"),
    ],
)
def test_a_due_date(rule: str, received: str, more: tuple[str, ...], due_on: str) -> None:
    answer = deadline(rule, received, *more, "--json")
    assert answer.code == 0, answer.err
    assert answer.json["due_on"] == due_on
    assert answer.json["rules_version"] == "2022-05-01"


def test_the_sheet_names_each_span_left_out_and_why() -> None:
    found = deadline("procedural_reply", "2026-03-02", "--pause", "2026-03-04..2026-03-06", "--json").json
    assert found["left_out"] == [
        {"first": "2026-03-02", "last": "2026-03-02", "days": 1, "why": "first_day"},
        {"first": "2026-03-05", "last": "2026-03-06", "days": 2, "why": "pause"},
    ]
    assert (found["paused_days"], found["provisional"]) == (2, False)


def test_a_year_without_a_notice_is_provisional() -> None:
    assert deadline("answer", "2030-05-01", "--json").json["provisional"] is True


def test_the_text_can_be_checked_by_hand() -> None:
    text = deadline("objection", "2026-03-05").out
    assert "2026-03-07 – 2026-03-08" in text
    assert "信访工作条例第二十三条第三款" in text
    assert "cn-" in text


def test_the_pdf_is_one_page_of_searchable_text(tmp_path: Path) -> None:
    target = tmp_path / "sheet.pdf"
    more = ("--pause", "2026-03-10..2026-05-20", "--extend", "30", "--pdf", str(target))
    assert deadline("answer_class6", "2026-03-02", *more).code == 0
    document = pypdfium2.PdfDocument(target)
    text = document[0].get_textpage().get_text_range()
    assert len(document) == 1
    assert "期限计算单" in text
    assert "信访工作条例第三十四条" in text
    assert b"StructTreeRoot" in target.read_bytes() or b"/Marked true" in target.read_bytes()


def test_a_long_sheet_still_fits_on_one_page(tmp_path: Path) -> None:
    target = tmp_path / "sheet.pdf"
    pauses = [
        part for month in range(1, 6) for part in ("--pause", f"2026-{month:02}-05..2026-{month:02}-15")
    ]
    assert deadline("answer", "2026-01-02", *pauses, "--pdf", str(target)).code == 0
    assert len(pypdfium2.PdfDocument(target)) == 1


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("answer", "2026-02-30"), "不是日期"),
        (("answer", "gestern"), "不是日期"),
        (("nonsense", "2026-03-02"), "procedural_reply"),
        (("answer", "2026-03-02", "--pause", "2026-03-05"), "2026-12-01..2026-12-10"),
        (("answer", "2026-03-02", "--pause", "2026-03-05..2026-03-04"), "之前结束"),
        (("answer", "2026-03-02", "--pause", "2026-03-05..x"), "不是日期"),
        (("answer", "2026-03-02", "--pause", "2025-03-05..2025-03-09"), "早于期间第一日"),
        (("answer", "2026-03-02", "--pause", "2027-03-05..2027-03-09"), "2026-06-02 届满"),
        (("answer", "2026-03-02", "--extend", "5"), "不能延长"),
        (("answer_class6", "2026-03-02", "--extend", "31"), "最多延长 30 日"),
        (("answer_class6", "2026-03-02", "--extend", "-1"), "不能小于"),
        (("answer", "2026-03-02", "--turn", "2"), "不是按期重复"),
        (("answer", "2026-03-02", "--kind", "odd"), "class6"),
        (("written_notice", "2026-03-02", "--kind", "accusation"), "不适用"),
        (("answer", "2026-03-02", "--rules", "1999"), "2022-05-01"),
        (("answer", "9999-12-01"), "9999"),
        (("answer", "2026-03-02", "--province", "XYZ"), "闽"),
        (("answer", "2026-03-02", "--province", "辽", "--rules", "2022-05-01"), "去掉 --rules"),
        (("answer", "2026-03-02", "--pdf", "/nowhere/x.pdf"), "没有文件夹 /nowhere。请先建立"),
        (("answer", "2026-03-02", "--pdf", "/"), "请在后面加上文件名"),
    ],
)
def test_a_wrong_call_ends_with_a_sentence_and_2(args: tuple[str, ...], says: str) -> None:
    answer = deadline(*args)
    assert (answer.code, says in answer.err) == (2, True), answer.err
    assert "Traceback" not in answer.err


def test_the_national_rules_are_named_where_a_province_has_none() -> None:
    assert "没有自己的规则" in deadline("answer", "2026-03-02", "--province", "辽").out


def test_a_year_that_no_calendar_knows_is_not_said_to_wait_for_its_notice() -> None:
    old, coming = deadline("answer", "1926-03-02").out, deadline("answer", "2030-05-01").out
    assert ("日历中没有该年" in old, "minyi calendar import" in old, "尚未公布" in old) == (True, True, False)
    assert ("日历中没有该年" in coming, "尚未公布" in coming) == (False, True)


def test_a_province_and_a_newer_set_are_used_for_their_days(folder: Path) -> None:
    (folder / "fj.toml").write_text(FUJIAN, "utf-8")
    (folder / "new.toml").write_text(newer(), "utf-8")
    figures = [
        deadline("procedural_reply", day, "--province", province, "--json").json["rules_version"]
        for day, province in (("2026-03-02", "辽"), ("2026-03-02", "闽"), ("2027-01-01", "闽"))
    ]
    assert figures == ["2022-05-01", "2022-05-01+fj-2024", "2027-01-01"]
    listed = [row["version"] for row in run("rules", "list", "--json").json["sets"]]
    assert {"2022-05-01", "2022-05-01/accusation", "2022-05-01+fj-2024", "2027-01-01"} <= set(listed)


def test_the_rules_of_a_version_are_shown_with_their_articles() -> None:
    assert "信访工作条例第三十四条" in run("rules", "show", "2022-05-01").out
    assert run("rules", "show", "1999").code == 2


def test_the_file_of_the_page_on_deadlines_can_be_used(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL)
    path = tmp_path / "fj.toml"
    path.write_text(example, "utf-8")
    answer = run("rules", "check", str(path))
    assert (answer.code, "2022-05-01+fj-2024" in answer.out) == (0, True), answer.err


def test_a_file_that_cannot_be_used_is_refused_before_it_is_put_there(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(FUJIAN.replace('"working_days"', '"fortnights"'), "utf-8")
    answer = run("rules", "check", str(path))
    assert answer.code == 2
    assert "x.toml: change.procedural_reply.unit" in answer.err


def test_wrong_rule_files_stop_the_commands_that_need_them(folder: Path, tmp_path: Path) -> None:
    (folder / "x.toml").write_text("version = ", "utf-8")
    for args in (("rules", "list"), ("deadline", "--rule", "answer", "--received", "2026-03-02")):
        answer = run(*args, "--data", str(tmp_path / "data"))
        assert (answer.code, "x.toml" in answer.err) == (2, True)


def test_the_calendar_of_the_installation_counts_when_asked_for(minyi: Minyi) -> None:
    more = ("--rule", "answer", "--received", "2026-03-02", "--calendar", "installed", "--json")
    answer = minyi("deadline", *more)
    assert (answer.code, answer.json["due_on"]) == (0, "2026-06-02")
