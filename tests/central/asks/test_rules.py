"""Whose turn it is, and the periods of the data."""

from datetime import date

import pytest

from central.actor import Role
from central.asks.rules import USES, Kind, owner_of
from central.deadlines.calendar import shipped_calendar
from central.supervision import periods
from central.supervision.periods import Use
from shared.ids import new_id


def test_a_supplement_is_the_handlers_and_the_desks_before_one_is_named() -> None:
    someone = new_id()
    assert owner_of(Kind.SUPPLEMENT, someone) == (Role.HANDLER, someone)
    assert owner_of(Kind.SUPPLEMENT, None) == (Role.REGISTRAR, None)


def test_an_objection_is_the_leaders_whoever_handles_it() -> None:
    assert owner_of(Kind.OBJECTION, new_id()) == (Role.LEADER, None)


@pytest.mark.parametrize(
    ("use", "due"),
    [
        (Use.SUPPLEMENT, date(2026, 11, 30)),
        (Use.OBJECTION, date(2026, 12, 8)),
        (Use.ERASURE, date(2026, 12, 23)),
    ],
)
def test_each_has_its_day(use: Use, due: date) -> None:
    period = periods.shipped().of(use)
    assert len(period) == 1
    assert periods.derived(period[0], date(2026, 11, 23), shipped_calendar()).due_on == due


def test_every_kind_has_a_period() -> None:
    assert set(USES) == set(Kind)
