"""docs/security.md answers every threat and drill, and what it names as answer exists."""

import re
from collections.abc import Iterator
from functools import cache

from tests.architecture.sources import ROOT

THREATS = [f"T{number}" for number in range(1, 21)]
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
