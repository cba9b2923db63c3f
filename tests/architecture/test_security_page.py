"""docs/security.md answers every threat and drill, and what it names as answer exists."""

import re
from collections.abc import Iterator
from functools import cache

from tests.architecture.sources import ROOT

THREATS = [f"T{number}" for number in range(1, 21)]
#: Sections of ASVS 5.0.0 with the number of requirements of levels 1 and 2 in each; of V5, V8 and V16 of level 3 too. They count from 1 without gaps.
ASVS = """
    1.1:2 1.2:10 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4 5.1:1 5.2:6 5.3:3 5.4:3
    6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:4 8.2:4 8.3:3 8.4:2 9.1:3 9.2:4 10.1:2 10.2:2
    10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5
    14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:4 17.1:1 17.2:4 17.3:2
"""
STANDINGS = ("met", "in part", "open", "not applicable")
DRILLS = [f"S{number}" for number in range(1, 14)] + ["O1", "O4", "O5"]


@cache
def page(name: str) -> str:
    """Return a page of docs/."""
    return (ROOT / "docs" / name).read_text("utf-8")


def table(name: str, first: str) -> Iterator[list[str]]:
    """Yield the cells of every table row of a page whose first cell matches `first`."""
    for line in page(name).splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("|") and re.fullmatch(first, cells[0].strip("` ")):
            yield cells


def named(text: str) -> list[str]:
    """Return the files and tests a text names between backticks: `central/x.py`, `tests/x.py::test_y`."""
    return re.findall(r"`((?:central|edge_agent|shared|tests|scripts|systemd|docs)/[^`\s]+)`", text)


def absent(text: str) -> list[str]:
    """Return the files, folders and tests that `text` names and that do not exist."""
    found = []
    for name in named(text):
        path, _, test = name.partition("::")
        place = ROOT / path
        if not place.exists() or (test and f"def {test}(" not in place.read_text("utf-8")):
            found.append(name)
    return found


def test_what_the_page_names_exists() -> None:
    assert absent(page("security.md")) == []


def requirements() -> list[str]:
    """Return the ids that the page of ASVS must answer."""
    sections = [section.split(":") for section in ASVS.split()]
    return [f"{name}.{number}" for name, most in sections for number in range(1, int(most) + 1)]


def spread(cell: str) -> list[str]:
    """Return the ids of a first cell: one, or from one to another of the same section."""
    first, _, last = cell.partition("-")
    section, _, start = first.rpartition(".")
    end = (last or first).rpartition(".")[2]
    return [f"{section}.{number}" for number in range(int(start), int(end) + 1)]


def answers() -> list[list[str]]:
    """Return the rows of the page of ASVS."""
    return list(table("asvs.md", r"\d+\.\d+\.\d+(-\d+\.\d+\.\d+)?"))


def test_every_requirement_of_asvs_is_answered_once() -> None:
    found = [one for cells in answers() for one in spread(cells[0])]
    assert len(requirements()) == 265
    assert sorted(found) == sorted(requirements())


def test_what_the_page_of_asvs_names_exists() -> None:
    assert absent(page("asvs.md")) == []


def test_what_is_met_names_a_test_and_every_row_says_how_it_stands() -> None:
    rows = answers()
    assert [cells[0] for cells in rows if len(cells) != 5] == []
    assert [cells[0] for cells in rows if not cells[2].startswith(STANDINGS)] == []
    assert [cells[0] for cells in rows if cells[2] == "met" and not named(cells[4])] == []


def test_the_page_of_asvs_counts_right() -> None:
    counted = dict.fromkeys(STANDINGS, 0)
    for cells in answers():
        standing = next(name for name in STANDINGS if cells[2].startswith(name))
        counted[standing] += len(spread(cells[0]))
    told = {cells[0]: int(cells[1]) for cells in table("asvs.md", "|".join(STANDINGS))}
    assert told == counted


def test_a_range_of_ids_is_spread() -> None:
    assert spread("10.4.9-10.4.11") == ["10.4.9", "10.4.10", "10.4.11"]
    assert spread("1.1.1") == ["1.1.1"]


def test_a_name_of_nothing_is_caught() -> None:
    assert absent("`tests/nothing.py` and `tests/architecture/test_security_page.py::test_nothing`") != []


def test_every_threat_and_every_drill_is_answered_by_code_and_test() -> None:
    rows = {cells[0]: cells for cells in table("security.md", r"[TSO]\d+")}
    assert [name for name in THREATS + DRILLS if name not in rows] == []
    assert [
        name
        for name, cells in rows.items()
        if not any("tests/" in each or "scripts/" in each for each in cells)
    ] == []
