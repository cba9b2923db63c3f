"""The sweep: each period that ran out is noted once, with its event, however the sweep is run."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from central import db
from central.context import Context
from central.deadlines import queries as deadlines
from central.deadlines.calendar import shipped_calendar
from central.deadlines.models import DeadlineClock
from central.events import log
from central.events.models import Event
from central.events.verify import verify
from central.notifications import overdue
from central.petitions.models import Petition
from central.petitions.states import Act, State
from shared.clock import court_day
from tests.central.notifications.conftest import Bring, Office
from tests.factories import petitions
from tests.factories.accounts import House


def passed(context: Context) -> list[tuple[str, str]]:
    with context.read() as s:
        events = s.exec(select(Event).where(col(Event.kind).like("deadline.%")).order_by(col(Event.id)))
        return [(event.kind, log.facts_of(event)["rule"]) for event in events]


def clocks(context: Context, petition: Petition) -> dict[str, DeadlineClock]:
    with context.read() as s:
        return {clock.rule: clock for clock in deadlines.of_petition(s, petition.id)}


def is_whole(context: Context) -> None:
    with context.read() as s:
        assert not verify(s, public_key=None, anchor_folder=context.settings.data).findings


def test_a_period_is_noted_the_day_after_its_due_day_and_once(office: Office, bring: Bring) -> None:
    petition = bring(State.REGISTERED)
    due_on = clocks(office.context, petition)["procedural_reply"].due_on
    office.at(f"{due_on}T23:59:59").sweep()
    assert passed(office.context) == []
    office.at(f"{due_on + timedelta(1)}T00:00:00")
    assert office.sweep() == 1
    assert office.sweep() == 0
    clock = clocks(office.context, petition)["procedural_reply"]
    assert clock.noted_on == due_on + timedelta(1)
    assert passed(office.context) == [("deadline.passed", "procedural_reply")]
    is_whole(office.context)


def test_more_than_one_lot_is_noted_once_each(office: Office, bring: Bring) -> None:
    due = [bring(State.REGISTERED) for _ in range(5)]
    office.at("2026-12-01T09:00")
    assert overdue.run(office.context, office.clock.now(), limit=1) == len(due)
    assert overdue.run(office.context, office.clock.now(), limit=1) == 0
    assert passed(office.context) == [("deadline.passed", "procedural_reply")] * len(due)
    is_whole(office.context)


def test_three_days_off_over_a_weekend_note_everything_once(office: Office, bring: Bring) -> None:
    due = [bring(State.REGISTERED) for _ in range(3)]
    office.at("2026-12-01T09:00").sweep()
    assert passed(office.context) == [("deadline.passed", "procedural_reply")] * 3
    del due
    for _ in range(3):
        assert office.sweep() == 0
    is_whole(office.context)


def test_what_was_done_is_not_noted(office: Office, bring: Bring, house: House) -> None:
    petition = bring(State.REGISTERED)
    with db.unit_of_work(office.context.engine) as s:
        petitions.do(s, house, petition, Act.ACKNOWLEDGE)
    office.at("2026-12-05T09:00").sweep()
    assert passed(office.context) == []


def test_a_clock_that_stands_still_is_not_noted(office: Office, bring: Bring) -> None:
    bring(State.AWAITING_SUPPLEMENT)
    office.at("2027-06-01T09:00").sweep()
    assert {rule for _, rule in passed(office.context)} <= {"supplement"}


def test_a_missed_answer_begins_the_monthly_progress(office: Office, bring: Bring) -> None:
    petition = bring(State.HANDLING)
    due_on = clocks(office.context, petition)["answer"].due_on
    office.at(f"{due_on + timedelta(1)}T08:00").sweep()
    found = clocks(office.context, petition)
    assert found["progress"].started_on == due_on
    assert found["progress"].noted_on is None
    with office.context.read() as s:
        kept = s.get_one(Petition, petition.id)
        assert (kept.next_rule, kept.next_due_on) == ("answer", due_on)
    is_whole(office.context)


def test_years_off_note_every_month_of_progress(office: Office, bring: Bring) -> None:
    bring(State.HANDLING)
    office.at("2028-02-29T08:00").sweep()
    rules = [rule for _, rule in passed(office.context)]
    assert rules.count("answer") == 1
    assert rules.count("progress") == 12
    assert office.sweep() == 0
    is_whole(office.context)


def _event(s: Session, petition: Petition) -> dict[str, Any]:
    """Return the last event of a petition without what differs between two petitions."""
    event = log.of_stream(s, f"petition/{petition.id.hex}")[-1]
    data = re.sub(r"[0-9a-f]{32}", "ID", event.data)
    return {
        "kind": event.kind,
        "actor": event.actor,
        "at": event.at,
        "seq": event.seq,
        "data": json.loads(data),
    }


@pytest.mark.parametrize("rule", ["answer", "written_notice", "procedural_reply"])
def test_the_sweep_writes_what_the_service_writes(office: Office, bring: Bring, rule: str) -> None:
    state = State.HANDLING if rule == "answer" else State.REGISTERED
    one, other = bring(state), bring(state)
    for petition in (one, other):
        office.only(petition.id, rule)
    now = office.at("2027-04-01T10:00").clock.now()
    with db.unit_of_work(office.context.engine) as s:
        [clock] = deadlines.of_petition(s, one.id)
        assert overdue.note(s, clock=clock, now=now, calendar=shipped_calendar())
        assert not overdue.note(s, clock=clock, now=now, calendar=shipped_calendar())
    # What began with the first is overdue as well: it is not what is compared.
    with db.unit_of_work(office.context.engine) as s:
        ids = [each.id for each in deadlines.of_petition(s, one.id)]
        s.connection().execute(
            DeadlineClock.__table__.update().where(col(DeadlineClock.id).in_(ids)).values(standing_still=True)  # type: ignore[attr-defined]
        )
    with db.unit_of_work(office.context.engine) as s:
        day = court_day(now)
        assert overdue.note_lot(s, today=day, now=now, calendar=shipped_calendar(), limit=9) == 1
    with office.context.read() as s:
        assert _event(s, one) == _event(s, other)
        first, second = deadlines.of_petition(s, one.id), deadlines.of_petition(s, other.id)
        left_out = {"id", "petition_id", "standing_still"}
        assert [each.model_dump(exclude=left_out) for each in first] == [
            each.model_dump(exclude=left_out) for each in second
        ]


def test_lots_go_on_where_the_last_one_ended(office: Office, bring: Bring) -> None:
    made = [bring(State.REGISTERED).id for _ in range(5)]
    now = office.at("2026-12-02T10:00").clock.now()
    counts = []
    for _ in range(4):
        with db.unit_of_work(office.context.engine) as s:
            counts.append(
                overdue.note_lot(s, today=date(2026, 12, 2), now=now, calendar=shipped_calendar(), limit=2)
            )
    assert counts == [2, 2, 1, 0]
    assert len(made) == len(passed(office.context))


@pytest.mark.parametrize("ahead", ["2026-12-01T10:00", "2026-12-01T00:30"])
def test_what_a_clock_that_ran_ahead_noted_is_taken_back(office: Office, bring: Bring, ahead: str) -> None:
    petition = bring(State.REGISTERED)
    due_on = clocks(office.context, petition)["procedural_reply"].due_on
    assert due_on == date(2026, 11, 30)
    office.at(ahead).sweep()
    assert clocks(office.context, petition)["procedural_reply"].noted_on == date(2026, 12, 1)
    office.at("2026-11-30T10:05").sweep()
    assert clocks(office.context, petition)["procedural_reply"].noted_on is None
    assert passed(office.context)[-1] == ("deadline.withdrawn", "procedural_reply")
    assert office.sweep() == 0
    is_whole(office.context)
    office.at("2026-12-01T10:05").sweep()
    assert [kind for kind, _ in passed(office.context)] == [
        "deadline.passed",
        "deadline.withdrawn",
        "deadline.passed",
    ]
    is_whole(office.context)


def test_progress_that_began_ahead_goes_with_the_note_and_begins_again(office: Office, bring: Bring) -> None:
    petition = bring(State.HANDLING)
    due_on = clocks(office.context, petition)["answer"].due_on
    office.at(f"{due_on + timedelta(1)}T10:00").sweep()
    office.at(f"{due_on}T10:00").sweep()
    assert "progress" not in clocks(office.context, petition)
    office.at(f"{due_on + timedelta(1)}T10:00").sweep()
    assert clocks(office.context, petition)["progress"].started_on == due_on
    is_whole(office.context)


@pytest.mark.parametrize("start", ["1970-01-01T08:00", "2024-02-29T08:00"])
def test_a_clock_far_behind_notes_nothing(office: Office, bring: Bring, start: str) -> None:
    bring(State.REGISTERED)
    assert office.at(start).sweep() == 0
    assert passed(office.context) == []


def test_an_act_in_between_is_passed_over(office: Office, bring: Bring) -> None:
    if office.context.engine.dialect.name == "sqlite":
        pytest.skip("one writer at a time")
    first, second = bring(State.REGISTERED), bring(State.REGISTERED)
    office.at("2026-12-02T10:00")
    with office.context.write() as acting:
        acting.exec(select(Petition).where(Petition.id == first.id).with_for_update()).one()
        assert office.sweep() == 1
        acting.rollback()
    assert office.sweep() == 1
    assert clocks(office.context, second)["procedural_reply"].noted_on == date(2026, 12, 2)
