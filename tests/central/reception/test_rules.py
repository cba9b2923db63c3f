"""Slots and seats of a day."""

from datetime import datetime, timedelta

import pytest

from central.reception.rules import free_seat, slots
from tests.factories.courts import MORNING


@pytest.mark.parametrize(
    ("length", "minutes", "count"), [(180, 30, 6), (180, 25, 7), (29, 30, 0), (30, 30, 1)]
)
def test_a_day_is_cut_into_whole_slots(length: int, minutes: int, count: int) -> None:
    found = list(slots(MORNING, MORNING + timedelta(minutes=length), minutes))
    assert len(found) == count
    assert all(each.end - each.start == timedelta(minutes=minutes) for each in found)
    ends: list[datetime] = [each.end for each in found]
    assert [each.start for each in found[1:]] == ends[:-1]


def test_the_lowest_free_seat_of_a_slot_is_taken_and_a_full_slot_has_none() -> None:
    assert free_seat(0, 2, set()) == 0
    assert free_seat(1, 2, {0, 2}) == 3
    assert free_seat(1, 2, {2, 3}) is None
