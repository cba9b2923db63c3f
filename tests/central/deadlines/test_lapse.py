"""After three months without an answer, a report each month: no turn drifts, none is lost, none begins twice."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlmodel import Session

from central.deadlines import queries, service
from central.deadlines.calendar import WorkCalendar, shipped_calendar
from central.deadlines.due import add_months
from central.deadlines.kinds import FIRST_VERSION
from central.deadlines.models import DeadlineClock
from central.deadlines.rules import Moment
from central.deadlines.shipped import shipped_book
from shared.ids import new_id
from tests.factories import petitions
from tests.factories.accounts import house

#: Every day is worked, so that no end moves.
PLAIN = WorkCalendar("plain", {})
ANSWER_DUE = date(2026, 4, 30)


@pytest.fixture
def petition_id(s: Session) -> UUID:
    return petitions.registered(s, house(s)).id


def progress(clocks: Sequence[DeadlineClock]) -> list[DeadlineClock]:
    return sorted((c for c in clocks if c.rule == "progress"), key=lambda clock: clock.occurrence)


def answer_of(s: Session, petition_id: UUID) -> DeadlineClock:
    return next(clock for clock in queries.running(s, petition_id) if clock.rule == "answer")


def lapsed(s: Session, petition_id: UUID, today: date) -> list[DeadlineClock]:
    """Wake until nothing new begins, as the sweep does."""
    while any(
        service.lapse(s, clock=clock, today=today, calendar=shipped_calendar())
        for clock in queries.running(s, petition_id)
    ):
        s.flush()
    return progress(queries.of_petition(s, petition_id))


def test_a_missed_answer_starts_the_first_month_on_its_due_day(s: Session, petition_id: UUID) -> None:
    answer = answer_of(s, petition_id)
    [first] = service.lapse(
        s, clock=answer, today=answer.due_on + timedelta(days=1), calendar=shipped_calendar()
    )
    assert (first.rule, first.started_on, first.occurrence) == ("progress", answer.due_on, 1)
    assert first.due_on >= add_months(answer.due_on, 1)
    assert answer.ended_on is None


def test_the_due_day_itself_is_in_time(s: Session, petition_id: UUID) -> None:
    answer = answer_of(s, petition_id)
    assert service.lapse(s, clock=answer, today=answer.due_on, calendar=shipped_calendar()) == []


def test_waking_again_starts_nothing(s: Session, petition_id: UUID) -> None:
    today = answer_of(s, petition_id).due_on + timedelta(days=1)
    assert len(lapsed(s, petition_id, today)) == 1
    assert len(lapsed(s, petition_id, today)) == 1


def test_what_stands_still_does_not_lapse(s: Session, petition_id: UUID) -> None:
    answer = answer_of(s, petition_id)
    answer.standing_still = True
    assert service.lapse(s, clock=answer, today=date(2030, 1, 1), calendar=shipped_calendar()) == []


def test_each_missed_month_is_a_turn_of_its_own_without_drift(s: Session, petition_id: UUID) -> None:
    answer = answer_of(s, petition_id)
    turns = lapsed(s, petition_id, add_months(answer.due_on, 14))
    assert [turn.occurrence for turn in turns] == list(range(1, len(turns) + 1))
    assert len(turns) in {14, 15}
    for turn in turns:
        exact = add_months(answer.due_on, turn.occurrence)
        assert turn.due_on == shipped_calendar().next_working_day(exact)


def turned(told: Sequence[date], *, begun: int = 1) -> list[DeadlineClock]:
    """Return the turns after reports on the days `told`; `begun` of them were started by then."""
    clocks = [
        DeadlineClock(
            petition_id=new_id(),
            rule="progress",
            rules_version="2022-05-01",
            started_on=ANSWER_DUE,
            occurrence=turn,
            due_on=PLAIN.next_working_day(add_months(ANSWER_DUE, turn)),
        )
        for turn in range(1, begun + 1)
    ]
    for day in told:
        clocks += service.advance(
            clocks,
            petition_id=clocks[0].petition_id,
            court_id=new_id(),
            moments=[Moment.PROGRESS_SENT],
            on=day,
            calendar=PLAIN,
            book=shipped_book(),
            version=FIRST_VERSION,
        )
    return progress(clocks)


def outcomes(turns: Sequence[DeadlineClock]) -> list[str | None]:
    return [turn.outcome for turn in turns]


def test_a_report_in_time_starts_the_next_month_counted_from_the_first_start() -> None:
    turns = turned([date(2026, 5, 12)])
    assert outcomes(turns) == ["met", None]
    assert turns[1].due_on == date(2026, 6, 30)


def test_two_reports_in_one_month_do_not_meet_the_next_month() -> None:
    assert outcomes(turned([date(2026, 5, 12), date(2026, 5, 13)])) == ["met", None]


def test_a_late_report_meets_the_month_it_falls_in_as_well() -> None:
    told = date(2026, 7, 10)
    assert outcomes(turned([told])) == ["late", "late", "met", None]


def test_it_makes_no_difference_whether_the_sweep_was_there_before() -> None:
    told = date(2026, 7, 10)
    alone, swept = turned([told]), turned([told], begun=3)
    assert [(t.occurrence, t.due_on, t.outcome) for t in alone] == [
        (t.occurrence, t.due_on, t.outcome) for t in swept
    ]


def test_the_answer_ends_the_duty() -> None:
    clocks = turned([date(2026, 5, 12)])
    service.advance(
        clocks,
        petition_id=clocks[0].petition_id,
        court_id=new_id(),
        moments=[Moment.ANSWER_ISSUED],
        on=date(2026, 6, 2),
        calendar=PLAIN,
        book=shipped_book(),
        version=FIRST_VERSION,
    )
    assert outcomes(clocks) == ["met", "cancelled"]
