"""`minyi calendar`: a year is shown, a notice is entered from a file, what cannot be read is refused with a sentence."""

from pathlib import Path

import pytest

from tests.central.commands.conftest import Minyi

NOTICE = """国务院办公厅关于2027年部分节假日安排的通知
国办发明电〔2026〕9号
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（农历除夕、周五）至13日（农历正月初八、周六）放假调休，共9天。1月31日（周日）、2月20日（周六）上班。
"""


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "notice.txt"
    path.write_text(NOTICE, "utf-8")
    return path


def test_a_year_is_shown_with_its_holidays_and_worked_weekends(minyi: Minyi) -> None:
    shown = minyi("calendar", "show", "2026", "--json").json
    assert (shown["status"], shown["off"][0]["first"], shown["off"][0]["last"]) == (
        "published",
        "2026-01-01",
        "2026-01-03",
    )
    assert shown["worked"] == [
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-05-09",
        "2026-09-20",
        "2026-10-10",
    ]
    assert "2026-02-15" in minyi("calendar", "show", "2026").out


def test_a_notice_is_tried_first_and_then_entered(minyi: Minyi, notice: Path) -> None:
    tried = minyi("calendar", "import", str(notice), "--dry-run", "--json").json
    assert "2027-02-20" in tried["changed"]
    assert minyi("calendar", "show", "2027", "--json").json["status"] == "estimated"
    entered = minyi("calendar", "import", str(notice), "--json").json
    shown = minyi("calendar", "show", "2027", "--json").json
    assert (shown["status"], shown["version"]) == ("published", entered["version"])
    assert shown["worked"] == ["2027-01-31", "2027-02-20"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("bad.toml", 'year = 2027\n[[off]]\nname = "x"\nfirst = 2027-02-30\n', "line 4"),
        ("bad.csv", "day,kind,name\n2027-01-01,off,元旦\n2027-01-01,worked,\n", "2027-01-01"),
        ("bad.pdf", "x", ".csv, .toml, .json"),
        ("empty.txt", "", ""),
        ("unread.txt", NOTICE + "三、清明节：四月上旬放假。\n", ""),
    ],
    ids=["no such day", "off and worked", "kind", "empty", "unread"],
)
def test_what_cannot_be_read_is_refused_and_nothing_is_entered(
    minyi: Minyi, tmp_path: Path, name: str, text: str, said: str
) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    answer = minyi("calendar", "import", str(path))
    assert (answer.code, said in answer.err + answer.out, bool(answer.err + answer.out)) == (2, True, True)
    assert minyi("calendar", "show", "2027", "--json").json["status"] == "estimated"


def test_a_missing_file_is_named(minyi: Minyi, tmp_path: Path) -> None:
    answer = minyi("calendar", "import", str(tmp_path / "nowhere.txt"))
    assert (answer.code, "nowhere.txt" in answer.err) == (2, True)
