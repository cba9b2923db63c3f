"""What stands in the denominator, and how months are read."""

from datetime import date

import pytest

from central.deadlines.duties import Result
from central.obligations import files, report
from central.obligations.rules import (
    PARTS,
    Period,
    Tally,
    What,
    month_text,
    months,
    moved_by,
    part_of,
    period_of,
    read_month,
    results_of,
)

TODAY = date(2026, 11, 28)


def test_what_is_overdue_and_open_lowers_the_rate() -> None:
    assert Tally(in_time=3).rate == 1.0
    assert Tally(in_time=3, open_overdue=1).rate == 0.75


@pytest.mark.parametrize("part", ["open_in_time", "excused", "moved", "released"])
def test_what_is_neither_done_nor_overdue_stands_aside(part: str) -> None:
    tally = Tally(in_time=3, late=1) + Tally.one(What(part), 5)
    assert (tally.rate, tally.owed, tally.measured) == (0.75, 9, 4)


def test_nothing_done_has_no_rate() -> None:
    assert Tally(open_in_time=4).rate is None
    assert files.percent(Tally(open_in_time=4)) == ""


def test_a_rate_is_rounded_down_so_that_all_means_all() -> None:
    assert files.percent(Tally(in_time=9999, late=1)) == "99.9%"
    assert files.percent(Tally(in_time=7)) == "100.0%"


def test_every_duty_falls_into_one_part() -> None:
    assert {part_of(result, overdue=late) for result in Result for late in (True, False)} == set(PARTS)
    for part in PARTS:
        assert any(
            part_of(result, overdue=late) is part for result in results_of(part) for late in (True, False)
        )


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "26-10", "2026-1", "２０２６-10", "2026-10-01"]
)
def test_what_is_no_month_is_not_read(text: str) -> None:
    assert read_month(text) is None


def test_months_run_over_the_year() -> None:
    assert (moved_by(202612, 1), moved_by(202601, -1), moved_by(202611, -11)) == (202701, 202512, 202512)
    assert list(months(202611, 202702)) == [202611, 202612, 202701, 202702]
    assert month_text(202602) == "2026-02"


def test_a_period_is_the_last_year_in_order_and_not_endless() -> None:
    assert period_of("", "", TODAY) == Period(202512, 202611)
    assert period_of("2026-10", "2026-02", TODAY) == Period(202602, 202610)
    assert period_of("1000-01", "2999-12", TODAY) == Period(299001, 299912)


def test_the_bars_of_a_month_stand_on_each_other() -> None:
    (column,) = report.drawn([(202610, Tally(in_time=2, late=1, excused=1))])
    heights = [bar.height for bar in column.bars]
    assert [bar.kind for bar in column.bars] == ["in_time", "late", "other"]
    assert sum(heights) == report.HEIGHT
    assert column.bars[-1].y == 0


def test_a_chart_of_nothing_has_no_bars() -> None:
    assert [column.bars for column in report.drawn([(202610, Tally())])] == [[]]
