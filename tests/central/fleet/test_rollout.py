"""How an edition goes from group to group."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from central.fleet import rollout
from central.fleet.rollout import LAST, Edition, Next, Standing, Status

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
HOLD = timedelta(minutes=60)
FIRST = UUID(int=1)


def box(
    name: str, place: int = 1, *, minutes: int | None = None, refused: str = "", online: bool = True
) -> Standing:
    at = None if minutes is None else NOW - timedelta(minutes=minutes)
    return Standing(name, place, at, refused, online)


def step(*boxes: Standing, place: int = 1) -> rollout.Step:
    return rollout.step(boxes, place=place, since=NOW - timedelta(days=1), hold=HOLD, now=NOW)


def test_the_next_group_waits_until_each_box_of_this_one_proved_it() -> None:
    assert step(box("a", minutes=90), box("b"), box("c", 2)) == (Next.WAIT, 1, ("b",), None)


def test_and_until_the_last_of_them_was_well_for_the_set_time() -> None:
    found = step(box("a", minutes=90), box("b", minutes=10), box("c", 2))
    assert (found.what, found.until) == (Next.WAIT, NOW + timedelta(minutes=50))
    assert step(box("a", minutes=90), box("b", minutes=60), box("c", 2), box("d", LAST))[:2] == (
        Next.ADVANCE,
        2,
    )


def test_a_box_that_went_silent_is_waited_for() -> None:
    assert step(box("a", minutes=90, online=False), box("c", 2))[:3] == (Next.WAIT, 1, ("a",))


def test_one_box_that_gave_it_back_stops_it_for_all() -> None:
    assert step(box("a", minutes=90), box("b", refused="pages"), box("c", 2))[:3] == (Next.STOP, 1, ("b",))
    assert step(box("a", minutes=90), box("c", 2, refused="pages")).what is Next.ADVANCE, "an older word"


def test_after_the_last_group_it_is_done_without_a_wait() -> None:
    assert step(box("a", minutes=90), box("b", LAST, minutes=0), place=LAST).what is Next.FINISH
    assert step().what is Next.FINISH


EDITIONS = (
    Edition(1, Status.DONE, LAST, None),
    Edition(2, Status.STOPPED, 1, None),
    Edition(3, Status.ROLLING, 1, None),
    Edition(4, Status.DONE, LAST, FIRST),
)


@pytest.mark.parametrize(
    ("group", "place", "confirmed", "number"),
    [
        (None, LAST, 0, 1),
        (None, 1, 0, 3),
        (None, LAST, 2, 2),
        (FIRST, 1, 3, 4),
        (None, 2, 4, 1),
    ],
    ids=["not reached", "reached", "keeps what was stopped", "its group's own", "left the group"],
)
def test_a_box_follows_the_newest_edition_that_has_reached_it(
    group: UUID | None, place: int, confirmed: int, number: int
) -> None:
    found = rollout.wanted(EDITIONS, group=group, place=place, confirmed=confirmed)
    assert found is not None
    assert found.number == number


def test_before_the_first_edition_a_box_follows_its_own_configuration() -> None:
    assert rollout.wanted((), group=None, place=LAST, confirmed=0) is None
