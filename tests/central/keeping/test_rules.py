"""The schedule as data, and which rule is a petition's own."""

from datetime import date
from pathlib import Path

import pytest

from central.keeping.rules import (
    BadSchedule,
    Kind,
    Then,
    fits,
    rule_for,
    schedule,
    years_after,
    years_before,
)


def test_the_shipped_schedule_has_a_rule_for_every_kind() -> None:
    assert {each.kind for each in schedule().rule} == set(Kind)


@pytest.mark.parametrize(
    ("state", "excused", "group", "kind"),
    [
        ("closed", False, False, Kind.ANSWERED),
        ("closed", True, False, Kind.EXCUSED),
        ("closed", False, True, Kind.GROUP),
        ("withdrawn", False, False, Kind.WITHDRAWN),
        ("withdrawn", False, True, Kind.GROUP),
        ("merged", False, False, Kind.MERGED),
    ],
)
def test_the_first_rule_that_fits_is_a_petitions_own(
    state: str, excused: bool, group: bool, kind: Kind
) -> None:
    found = rule_for(schedule(), state=state, excused=excused, group=group)
    assert found is not None
    assert found.kind is kind


def test_a_petition_under_way_has_no_rule() -> None:
    assert rule_for(schedule(), state="handling", excused=False, group=True) is None
    assert not fits(Kind.LEDGER_FILE, state="closed", excused=False, group=False)


def test_years_end_on_the_same_day_and_a_leap_day_on_the_one_before() -> None:
    assert years_after(date(2026, 11, 24), 10) == date(2036, 11, 24)
    assert years_after(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert years_before(date(2024, 2, 29), 10) == date(2014, 2, 28)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('version = "1"\n[[rule]]\nkind = "answered"\nthen = "erase"\n', "years"),
        ('version = "1"\n[[rule]]\nkind = "answered"\nthen = "keep"\nyears = 3\n', "years"),
        ('version = "1"\n[[rule]]\nkind = "ledger_file"\nthen = "review"\nyears = 3\n', "nobody reviews"),
        ('version = "1"\n' + 2 * '[[rule]]\nkind = "merged"\nthen = "keep"\n', "one rule"),
        ('version = "1"\n[[rule]]\nkind = "people"\nthen = "keep"\n', "answered"),
        ('version = "1"\nrule = []\ncolour = "red"\n', "Extra"),
    ],
)
def test_a_wrong_schedule_says_where(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "own.toml").write_text(text, "utf-8")
    with pytest.raises(BadSchedule) as refused:
        schedule(tmp_path / "own.toml")
    assert refused.value.key == "keeping.schedule_wrong"
    assert said in str(refused.value.values)


@pytest.mark.parametrize("content", [b"version = ", b"\xff\xfe", None])
def test_a_schedule_that_cannot_be_read_says_why(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "own.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadSchedule) as refused:
        schedule(path)
    assert refused.value.key == "keeping.schedule_unreadable"
    assert refused.value.values["path"] == path


def test_a_province_sets_its_own(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('version = "辽 1"\n[[rule]]\nkind = "answered"\nthen = "erase"\nyears = 3\n', "utf-8")
    found = rule_for(schedule(path), state="closed", excused=False, group=False)
    assert found is not None
    assert (found.then, found.years) == (Then.ERASE, 3)
