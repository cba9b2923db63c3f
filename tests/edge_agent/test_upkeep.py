"""The second's beat: clock, disk, day, old rows."""

from datetime import timedelta

import pytest

from edge_agent import assist, tickets
from edge_agent.desk import Desk
from edge_agent.upkeep import Upkeep
from shared import wire
from shared.clock import FixedClock


class Beat:
    """Time that passes for wall and monotonic clock together, unless somebody sets the wall clock."""

    def __init__(self, desk: Desk, clock: FixedClock) -> None:
        self.seconds, self.clock = 0.0, clock
        self.upkeep = Upkeep(desk, monotonic=lambda: self.seconds)

    def pass_(self, seconds: float, *, set_clock: timedelta = timedelta()) -> None:
        self.seconds += seconds
        self.clock.at += timedelta(seconds=seconds) + set_clock
        self.upkeep.tick()


@pytest.fixture
def beat(desk: Desk, clock: FixedClock) -> Beat:
    return Beat(desk, clock)


@pytest.mark.parametrize("hours", [-24, 24], ids=["back", "ahead"])
def test_a_clock_that_jumps_is_an_alarm_for_an_hour(beat: Beat, desk: Desk, hours: int) -> None:
    beat.pass_(1)
    beat.pass_(1, set_clock=timedelta(hours=hours))
    assert desk.box.alarms["alarm.clock_jump"].detail == f"{hours * 3600:+d} s"
    beat.pass_(3601)
    assert desk.box.alarms == {}


def test_a_clock_that_goes_right_is_no_alarm(beat: Beat, desk: Desk) -> None:
    for _ in range(5):
        beat.pass_(3600)
    assert desk.box.alarms == {}


def test_screens_are_told_of_a_new_day(beat: Beat, desk: Desk) -> None:
    before = desk.board.version
    beat.pass_(16 * 3600)
    assert desk.board.version > before


def test_a_call_the_disk_refused_is_written_as_soon_as_it_can_be(beat: Beat, desk: Desk) -> None:
    with desk.box.store.reading() as connection:
        connection.execute("pragma query_only = on")
        assist.press(desk.box, origin=wire.CallOrigin.DEVICE_BUTTON, now=desk.clock.now())
        beat.pass_(1)
        assert "alarm.cannot_keep" in desk.box.alarms
        connection.execute("pragma query_only = off")
    beat.pass_(1)
    assert desk.box.alarms == {}
    assert desk.outbox.counts().waiting == 1


def test_old_rows_go_and_unsent_ones_stay(beat: Beat, desk: Desk) -> None:
    first = tickets.walk_in(desk.box, kind=wire.VisitKind.QUERY, nonce="a", now=desk.clock.now())
    tickets.walk_in(desk.box, kind=wire.VisitKind.QUERY, nonce="b", now=desk.clock.now())
    row = desk.outbox.oldest(1)[0]
    desk.outbox.forget([(row.seq, row.event_id)], now=desk.clock.now())
    beat.pass_(9 * 24 * 3600)
    with desk.box.store.reading() as connection:
        assert connection.execute("select seq from outbox").fetchall() == [(2,)]
        assert connection.execute("select count(*) from ticket").fetchone() == (0,)
    assert first.id not in desk.box.today(desk.clock.now()).tickets
