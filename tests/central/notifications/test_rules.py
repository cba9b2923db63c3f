"""Levels, recipients, hours and the machine's clock: everything that needs no database."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.deadlines.calendar import shipped_calendar
from central.deadlines.levels import Shares
from central.notifications.hours import Hours, allowed, horizon, next_allowed, opening
from central.notifications.judging import Clock, Day, reminder
from central.notifications.rules import LEVELS, Desk, Level, Place, To, Why, level_of, people
from central.notifications.steady import TOLERANCE, Reading, Witness, judge
from shared.clock import COURT_ZONE

CALENDAR, HOURS, SHARES = shipped_calendar(), Hours(), Shares(0.5, 0.8)
A, B, COURT = (UUID(int=n) for n in (1, 2, 3))
SETTLE = timedelta(minutes=10)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=COURT_ZONE)


@pytest.mark.parametrize(
    ("today", "level"),
    [
        ("2026-11-01", None),
        ("2026-11-05", None),
        ("2026-11-06", Level.AMBER),
        ("2026-11-08", Level.AMBER),
        ("2026-11-09", Level.RED),
        ("2026-11-10", Level.RED),
        ("2026-11-11", Level.DUE),
        ("2026-11-12", Level.OVERDUE),
    ],
)
def test_a_clock_of_ten_days_goes_through_its_levels(today: str, level: Level | None) -> None:
    day = date.fromisoformat(today)
    found = level_of(date(2026, 11, 1), date(2026, 11, 11), day, horizon=day, shares=SHARES)
    assert found is level


def test_what_ends_on_a_rest_day_is_told_as_due_on_the_last_working_day() -> None:
    friday, sunday = date(2026, 11, 27), date(2026, 11, 29)
    until = horizon(friday, CALENDAR)
    assert until == sunday
    assert level_of(date(2026, 11, 1), sunday, friday, horizon=until, shares=SHARES) is Level.DUE


def test_a_clock_that_ends_on_the_day_it_starts_is_due_and_then_overdue() -> None:
    day = date(2026, 11, 23)
    assert level_of(day, day, day, horizon=day, shares=SHARES) is Level.DUE
    assert level_of(day, day, day + timedelta(1), horizon=day + timedelta(1), shares=SHARES) is Level.OVERDUE


def test_recipients_go_from_the_handler_to_the_leader_to_the_desk() -> None:
    desk = Desk(COURT, "registrar")
    whole, led, bare = Place(COURT, A, B), Place(COURT, None, B), Place(COURT)
    assert [people(LEVELS[level], whole) for level in Level] == [[A], [A, B], [A, B], [A, B, desk]]
    assert [people(LEVELS[level], led) for level in Level] == [[B], [B], [B], [B, desk]]
    assert [people(LEVELS[level], bare) for level in Level] == [[desk]] * 4
    assert people((To.HANDLER,), bare) == []


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-23T08:29", "2026-11-23T08:30"),
        ("2026-11-23T08:30", "2026-11-23T08:30"),
        ("2026-11-23T17:29", "2026-11-23T17:29"),
        ("2026-11-23T17:30", "2026-11-24T08:30"),
        ("2026-11-27T23:59", "2026-11-30T08:30"),
        ("2026-11-28T12:00", "2026-11-30T08:30"),
        ("2026-09-30T20:00", "2026-10-08T08:30"),  # National Day
        ("2024-02-28T20:00", "2024-02-29T08:30"),  # leap day
        ("2026-02-14T09:00", "2026-02-14T09:00"),  # a Saturday worked in exchange
        ("1970-01-01T00:00", "1970-01-01T08:30"),
    ],
)
def test_the_next_allowed_moment(now: str, then: str) -> None:
    assert next_allowed(at(now), HOURS, CALENDAR) == at(then)


@given(st.integers(0, 4 * 365 * 24 * 60))
def test_nobody_is_told_at_night_or_on_a_rest_day(minutes: int) -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    then = next_allowed(moment, HOURS, CALENDAR)
    local = then.astimezone(COURT_ZONE)
    assert allowed(then, HOURS, CALENDAR)
    assert CALENDAR.is_working_day(local.date())
    assert time(8, 30) <= local.time() < time(17, 30)
    assert moment <= then
    assert then == moment or then == opening(local.date(), HOURS)


def test_own_hours_lie_within_those_of_the_house() -> None:
    assert Hours(time(6), time(12)).within(HOURS) == Hours(time(8, 30), time(12))
    assert Hours(time(20), time(22)).within(HOURS) == HOURS


@pytest.mark.parametrize(
    ("level", "clock", "why"),
    [
        (Level.RED, {}, None),
        (Level.AMBER, {}, Why.SUPERSEDED),
        (Level.DUE, {}, Why.NOT_YET),
        (Level.OVERDUE, {}, Why.NOT_YET),
        (Level.RED, {"ended": True}, Why.ENDED),
        (Level.RED, {"standing_still": True}, Why.STANDS_STILL),
        (Level.RED, {"due_on": date(2027, 2, 1)}, Why.NOT_YET),
        (Level.RED, {"due_on": date(2026, 11, 9)}, Why.SUPERSEDED),
    ],
)
def test_a_reminder_is_told_while_its_level_holds(level: Level, clock: dict, why: Why | None) -> None:
    usual = {"from_on": date(2026, 11, 1), "due_on": date(2026, 11, 12), "ended": False}
    day = Day(date(2026, 11, 10), date(2026, 11, 10), SHARES)
    assert reminder(level, Clock(**{**usual, "standing_still": False, **clock}), day) is why


MORNING = at("2026-11-23T09:00")


class Machine:
    """A clock that can be set and a count that cannot."""

    def __init__(self) -> None:
        self.count, self.ahead, self.witness = 1000.0, timedelta(), None
        self.last: datetime | None = None

    def pass_(self, **spans: float) -> "Machine":
        self.count += timedelta(**spans).total_seconds()
        return self

    def believed(self) -> bool:
        now = MORNING + timedelta(seconds=self.count - 1000) + self.ahead
        reading = Reading("boot", self.count, now)
        self.witness = judge(self.witness, reading, last=self.last, settle=SETTLE)
        return not self.witness.held


def test_time_that_passes_is_believed() -> None:
    machine = Machine()
    assert machine.believed()
    assert machine.pass_(seconds=30).believed()
    assert machine.pass_(days=3).believed()
    machine.ahead = timedelta(minutes=30)  # a clock that runs unevenly for a month
    assert machine.pass_(days=30).believed()


@pytest.mark.parametrize("jump", [{"days": 1}, {"days": -1}, {"hours": 1}, {"hours": -1}, {"days": -20000}])
def test_a_jump_stops_the_work_until_the_clock_is_right_again(jump: dict[str, float]) -> None:
    machine = Machine()
    assert machine.believed()
    machine.ahead = timedelta(**jump)
    assert not machine.pass_(seconds=30).believed()
    assert not machine.pass_(minutes=5).believed()
    machine.ahead = timedelta()
    assert machine.pass_(seconds=30).believed()


def test_a_time_that_stays_is_believed_after_a_while() -> None:
    machine = Machine()
    machine.believed()
    machine.ahead = timedelta(days=1)
    assert not machine.pass_(seconds=30).believed()
    assert not machine.pass_(minutes=9).believed()
    assert machine.pass_(minutes=2).believed()
    machine.ahead = timedelta()
    assert not machine.pass_(seconds=30).believed()
    assert machine.pass_(minutes=11).believed()


def test_a_clock_that_keeps_jumping_is_not_believed() -> None:
    machine = Machine()
    machine.believed()
    for n in range(20):
        machine.ahead = timedelta(hours=n + 1)
        assert not machine.pass_(minutes=9).believed()


@pytest.mark.parametrize("jump", [{"days": 8}, {"days": -8}, {"days": -20000}, {"days": 4000}])
def test_a_far_jump_needs_a_person(jump: dict[str, float]) -> None:
    machine = Machine()
    machine.believed()
    machine.ahead = timedelta(**jump)
    for _ in range(50):
        assert not machine.pass_(hours=1).believed()


@pytest.mark.parametrize(
    ("off", "at_once", "later"),
    [
        ({"days": 3}, True, True),
        ({"days": 30}, True, True),
        ({"days": 40}, False, True),
        ({"hours": -1}, False, True),
        ({"days": -1}, False, True),
        ({"days": -20000}, False, False),
    ],
    ids=str,
)
def test_after_a_start_of_the_machine(off: dict[str, float], at_once: bool, later: bool) -> None:
    machine = Machine()
    machine.last = MORNING - timedelta(**off)
    assert machine.believed() is at_once
    for _ in range(3):
        now = machine.pass_(minutes=6).believed()
    assert now is later


def test_a_first_start_is_believed() -> None:
    assert Machine().believed()
    assert TOLERANCE < SETTLE
    assert not Witness(0, MORNING).held
