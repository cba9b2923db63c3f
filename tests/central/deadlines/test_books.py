"""Rule sets of several files: which one governs, what a province and a kind change, and every file that must be refused."""

from datetime import date
from pathlib import Path

import pytest

from central.deadlines.books import Book, UnknownRules
from central.deadlines.kinds import FIRST_VERSION, PetitionKind
from central.deadlines.rules import BadRules, Ground, Unit
from central.deadlines.shipped import open_book, shipped_book, with_files

SHIPPED = Path(__file__).parents[3].joinpath("central/deadlines/data/rules.toml").read_text("utf-8")
FUJIAN = """
version = "fj-2024"
extends = "2022-05-01"
province = "闽"
name = "福建"
name_en = "Fujian"
effective_from = 2024-01-01
[change.procedural_reply]
unit = "working_days"
source = "Read as working days in this province."
"""


def newer(version: str = "2027-01-01", start: str = "2027-01-01", figure: int = 5) -> str:
    text = SHIPPED.replace('version = "2022-05-01"', f'version = "{version}"')
    text = text.replace("effective_from = 2022-05-01", f"effective_from = {start}")
    return text.replace("amount = 7", f"amount = {figure}", 1)


def book(tmp_path: Path, **files: str) -> Book:
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    return open_book(tmp_path)


def refused(tmp_path: Path, **files: str) -> str:
    with pytest.raises(BadRules) as error:
        book(tmp_path, **files)
    return str(error.value)


def test_without_a_folder_the_shipped_rules_govern() -> None:
    assert open_book(None).begin(date(2026, 1, 1), "辽") == FIRST_VERSION


def test_what_came_before_the_first_set_begins_under_the_first() -> None:
    assert shipped_book().begin(date(1999, 1, 1)) == FIRST_VERSION


def test_a_newer_set_governs_from_its_first_day(tmp_path: Path) -> None:
    found = book(tmp_path, new=newer())
    assert [found.begin(date(2026, 12, 31)), found.begin(date(2027, 1, 1))] == [FIRST_VERSION, "2027-01-01"]
    assert found.rule(FIRST_VERSION, "procedural_reply").amount == 7
    assert found.rule("2027-01-01", "procedural_reply").amount == 5


def test_a_province_reads_a_figure_in_its_own_way_and_no_other_province_does(tmp_path: Path) -> None:
    found = book(tmp_path, fj=FUJIAN)
    began = found.begin(date(2026, 1, 1), "闽")
    assert began == "2022-05-01+fj-2024"
    assert found.rule(began, "procedural_reply").unit is Unit.WORKING_DAYS
    assert found.rule(began, "answer") == found.rule(FIRST_VERSION, "answer")
    assert found.begin(date(2026, 1, 1), "辽") == FIRST_VERSION
    assert found.begin(date(2023, 12, 31), "闽") == FIRST_VERSION
    assert found.province_of(began) == "闽"


def test_the_later_of_two_readings_of_a_province_governs(tmp_path: Path) -> None:
    later = FUJIAN.replace("fj-2024", "fj-2025").replace("2024-01-01", "2025-01-01")
    found = book(tmp_path, a=FUJIAN, b=later)
    assert found.begin(date(2024, 6, 1), "闽") == "2022-05-01+fj-2024"
    assert found.begin(date(2025, 6, 1), "闽") == "2022-05-01+fj-2025"


@pytest.mark.parametrize("kind", [PetitionKind.ACCUSATION, PetitionKind.LITIGATION])
def test_other_rules_apply_to_the_notice_of_accusations_and_litigation_rights(kind: PetitionKind) -> None:
    version = shipped_book().version(FIRST_VERSION, kind)
    assert version == f"{FIRST_VERSION}/{kind}"
    keys = {rule.key for rule in shipped_book().get(version).rules}
    assert {rule.key for rule in shipped_book().get(FIRST_VERSION).rules} - keys == {"written_notice"}


@pytest.mark.parametrize("kind", [PetitionKind.GENERAL, PetitionKind.CLASS6, PetitionKind.SUGGESTION])
def test_a_kind_without_rules_of_its_own_has_the_version_of_the_petition(kind: PetitionKind) -> None:
    assert shipped_book().version(FIRST_VERSION, kind) == FIRST_VERSION


def test_a_kind_has_its_own_rules_in_a_province_too(tmp_path: Path) -> None:
    own = '\n[kinds.accusation.change.procedural_reply]\namount = 3\nsource = "s"\n'
    found = book(tmp_path, fj=FUJIAN + own)
    version = found.version("2022-05-01+fj-2024", "accusation")
    rule = found.rule(version, "procedural_reply")
    assert (rule.unit, rule.amount) == (Unit.WORKING_DAYS, 3)
    assert "written_notice" not in {each.key for each in found.get(version).rules}


def test_an_unknown_version_is_a_sentence_that_names_it_and_those_there_are() -> None:
    with pytest.raises(UnknownRules) as error:
        shipped_book().get("1999-01-01")
    assert error.value.values["version"] == "1999-01-01"
    assert FIRST_VERSION in str(error.value.values["known"])


def test_what_stops_a_clock_stands_in_its_rule() -> None:
    assert shipped_book().rule(FIRST_VERSION, "re_review_answer").paused_by == (Ground.HEARING,)
    assert shipped_book().rule(FIRST_VERSION, "answer").paused_by == (Ground.SUPPLEMENT,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version = ", "x.toml:"),
        (newer().replace("amount = 5", "amount = 0", 1), "x.toml: rules.procedural_reply.amount"),
        (newer().replace('unit = "months"', 'unit = "weeks"', 1), "x.toml: rules.answer.unit"),
        (
            newer().replace('starts = ["received"', 'starts = ["arrived"', 1),
            "rules.procedural_reply.starts.0",
        ),
        (newer().replace("roll = true", "rolls = true", 1), "rules.procedural_reply.rolls"),
        (newer(version="a+b"), "version"),
        (newer(version="2022-05-01"), "give the changed set a new version"),
        (newer(start="2022-05-01"), "begins on 2022-05-01 as well"),
        (newer().replace("[rules.closing]", "[rules.tidying]"), "no page has words for this rule"),
        (newer().partition("[rules.closing]")[0], "rules.closing is missing"),
        (newer().replace("[kinds.litigation]", "[kinds.nonsense]"), "kinds.nonsense"),
        (FUJIAN.replace('extends = "2022-05-01"', 'extends = "2020"'), "there is no base set '2020'"),
        (FUJIAN.replace("change.procedural_reply", "change.nothing"), "there is no rule 'nothing'"),
        (
            FUJIAN.replace("change.procedural_reply", "change.written_notice"),
            "cannot be changed by a province",
        ),
        (
            FUJIAN.replace('source = "Read as working days in this province."', ""),
            "change.procedural_reply.source",
        ),
        (FUJIAN.replace('province = "闽"', 'province = "福建"'), "province"),
        ('off = ["written_notice"]' + FUJIAN, "cannot be left out for a whole province"),
        (FUJIAN + '[change.answer_class6]\nmax_extension_days = 60\nsource = "s"', "at most 30 days"),
        (FUJIAN + '[kinds.class6]\noff = ["x"]', "there is no rule 'x'"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_file_rule_and_remedy(
    tmp_path: Path, text: str, says: str
) -> None:
    found = refused(tmp_path, x=text)
    assert found.startswith("x.toml")
    assert says in found


def test_two_readings_of_a_province_from_one_day_are_refused(tmp_path: Path) -> None:
    assert "another effective_from" in refused(tmp_path, a=FUJIAN, b=FUJIAN.replace("fj-2024", "fj-other"))


def test_days_without_rules_are_refused(tmp_path: Path) -> None:
    ended = newer().replace(
        "effective_from = 2027-01-01", "effective_from = 2027-01-01\neffective_to = 2027-06-30"
    )
    assert "nothing follows" in refused(tmp_path, x=ended)
    again = newer(version="2028", start="2028-01-01")
    assert "no set governs 2027-07-01 to 2027-12-31" in refused(tmp_path, x=ended, y=again)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRules, match="no such folder"):
        open_book(tmp_path / "nowhere")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadRules, match=r"x\.toml: cannot be read"):
        with_files([tmp_path / "x.toml"])
