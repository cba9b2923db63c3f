"""The periods that may be chosen, and the days they give."""

from datetime import date
from importlib import resources

import pytest

from central.deadlines.calendar import shipped_calendar
from central.errors import Invalid
from central.supervision.periods import Use, by_key, chosen, derived, load, shipped

TEXT = resources.files("central.supervision").joinpath("data/periods.toml").read_text("utf-8")


def test_every_use_has_periods_and_each_names_its_source() -> None:
    for use in Use:
        assert shipped().of(use)
    assert all(each.source and each.article for each in shipped().period)


def test_a_period_is_chosen_from_those_of_its_use() -> None:
    assert chosen("working_5", Use.ORDER).amount == 5
    for key, use in (("months_3", Use.ORDER), ("working_6", Use.ORDER), ("", Use.BATCH)):
        with pytest.raises(Invalid) as refused:
            chosen(key, use)
        assert refused.value.field == "period"


@pytest.mark.parametrize(
    ("start", "key", "due_on"),
    [
        (date(2026, 11, 23), "working_5", date(2026, 11, 30)),
        # Over the spring festival of 2026: off 02-15 to 02-23, worked on 02-14 and 02-28.
        (date(2026, 2, 13), "working_3", date(2026, 2, 25)),
        (date(2026, 11, 30), "months_3", date(2027, 3, 1)),
        (date(2027, 11, 29), "months_3", date(2028, 2, 29)),
    ],
)
def test_the_day_is_found_by_the_calendar_of_working_days(start: date, key: str, due_on: date) -> None:
    period = by_key(key)
    assert period is not None
    assert derived(period, start, shipped_calendar()).due_on == due_on


def test_a_file_with_a_key_twice_or_a_use_without_a_period_is_refused() -> None:
    with pytest.raises(ValueError, match="once"):
        load(TEXT + TEXT[TEXT.index("[[period]]") : TEXT.index("[[period]]", 900)])
    with pytest.raises(ValueError, match="period"):
        load(TEXT.replace('"batch"', '"order"'))
