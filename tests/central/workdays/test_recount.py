"""After a notice every running clock is where it would be if it had been counted by it from the start, and nothing else has moved."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlmodel import Session, col, select

from central import db
from central.actor import Via, system
from central.context import Context
from central.deadlines import queries as deadlines
from central.deadlines import service as clocks
from central.deadlines.in_force import calendar_in_force
from central.deadlines.models import DeadlineClock
from central.deadlines.shipped import shipped_book
from central.events import log
from central.events.kinds import Kind
from central.events.models import Event
from central.events.verify import verify
from central.petitions import moves
from central.petitions.models import Petition
from central.petitions.states import Act
from central.workdays import recount, work
from central.workdays.models import MovedDate, Recount
from shared.clock import FixedClock
from tests.central.workdays import notice
from tests.factories import petitions
from tests.factories.accounts import House
from tests.factories.courts import MORNING

#: Three months before the made-up Spring Festival.
BEGUN = datetime(2026, 11, 2, 1, tzinfo=MORNING.tzinfo)
Seen = dict[str, dict[str, Any]]


def fill(s: Session, house: House) -> None:
    """Write petitions that began on the days before and about the holidays, at several stages."""
    for place in range(48):
        at = BEGUN + timedelta(days=2 * place)
        petition = petitions.registered(s, house, now=at)
        match place % 6:
            case 1:
                petitions.do(s, house, petition, Act.ACCEPT, now=at + timedelta(days=1))
            case 2:
                petitions.do(s, house, petition, Act.ASK_SUPPLEMENT, now=at + timedelta(days=2))
            case 3:
                petitions.do(s, house, petition, Act.ASK_SUPPLEMENT, now=at + timedelta(days=2))
                petitions.do(s, house, petition, Act.RECEIVE_SUPPLEMENT, now=at + timedelta(days=6))
            case 4:
                petitions.do(s, house, petition, Act.WITHDRAW, now=at + timedelta(days=1))
            case _:
                pass


def slow(s: Session, *, now: datetime) -> None:
    """Count anew one row after the other, by the services and `log.record`: what the recount must come to."""
    calendar, by = calendar_in_force(s), system(Via.JOB)
    for petition in s.exec(select(Petition).order_by(col(Petition.id))).all():
        running = deadlines.running(s, petition.id)
        pauses = deadlines.pauses(s, petition.id)
        moved = []
        for clock in sorted(running, key=lambda each: each.id):
            if clock.standing_still or clock.noted_on:
                continue
            due_on = clocks.derive(clock, pauses, calendar, shipped_book()).due_on
            if due_on != clock.due_on:
                moved.append({"rule": clock.rule, "was": clock.due_on.isoformat(), "due": due_on.isoformat()})
                clock.due_on = due_on
        if not moved:
            continue
        nearest = clocks.nearest(running, shipped_book())
        petition.next_rule, petition.next_due_on = nearest if petition.is_open else (None, None)
        stream = moves.stream_of(petition.id)
        log.record(
            s, kind=Kind.PETITION_DATES_RECOUNTED, stream=stream, actor=by, at=now, facts={"moved": moved}
        )  # type: ignore[dict-item]


def state(s: Session) -> Seen:
    """Return due dates, what is due next, and the row changes that the newest events tell of, by petition."""
    found: Seen = {}
    s.expire_all()
    for petition in s.exec(select(Petition)).all():
        events = log.of_stream(s, moves.stream_of(petition.id))
        last = json.loads(events[-1].data)
        last["facts"] = [
            {name: each[name] for name in ("rule", "was", "due")} for each in last["facts"].get("moved", [])
        ]
        last["rows"] = sorted(last["rows"], key=lambda row: (row["t"], row["k"]))
        found[petition.number] = {
            "next": (petition.next_rule, petition.next_due_on),
            "due": sorted((c.rule, c.due_on, c.ended_on) for c in deadlines.of_petition(s, petition.id)),
            "event": (
                events[-1].kind,
                events[-1].actor,
                last if events[-1].kind == Kind.PETITION_DATES_RECOUNTED else "",
            ),
        }
    return found


@pytest.fixture
def filled(context: Context, house: House) -> Context:
    with db.unit_of_work(context.engine) as s:
        fill(s, house)
    return context


def test_many_at_once_come_to_what_one_by_one_comes_to(filled: Context, now: datetime) -> None:
    with db.unit_of_work(filled.engine) as s:
        notice.enter(s)
    with db.session(filled.engine) as s:
        slow(s, now=now)
        s.flush()
        wanted = state(s)
        s.rollback()
    moved = work.run(filled, size=7)
    with filled.read() as s:
        assert state(s) == wanted
        assert (
            moved == sum(len(each["event"][2]["facts"]) for each in wanted.values() if each["event"][2]) > 10
        )
        assert not verify(s, public_key=None, anchor_folder=filled.settings.data / "anchors").findings


def test_every_running_clock_is_where_the_notice_puts_it(filled: Context) -> None:
    with db.unit_of_work(filled.engine) as s:
        notice.enter(s)
    work.run(filled)
    with filled.read() as s:
        calendar = calendar_in_force(s)
        for clock in s.exec(select(DeadlineClock)).all():
            if clock.ended_on is None and not clock.standing_still:
                pauses = deadlines.pauses(s, clock.petition_id)
                assert clock.due_on == clocks.derive(clock, pauses, calendar, shipped_book()).due_on


def test_what_has_ended_or_stands_still_does_not_move(filled: Context) -> None:
    with filled.read() as s:
        every = s.exec(select(DeadlineClock)).all()
        before = {c.id: c.due_on for c in every if c.ended_on or c.standing_still}
    assert before
    with db.unit_of_work(filled.engine) as s:
        notice.enter(s)
    work.run(filled)
    with filled.read() as s:
        after = {c.id: c.due_on for c in s.exec(select(DeadlineClock)).all() if c.id in before}
    assert after == before


def test_a_clock_that_stood_still_moves_when_it_goes_on(context: Context, house: House) -> None:
    begun = datetime(2026, 12, 21, 1, tzinfo=MORNING.tzinfo)
    with db.unit_of_work(context.engine) as s:
        petition = petitions.registered(s, house, now=begun)
        petitions.do(s, house, petition, Act.ASK_SUPPLEMENT, now=begun)
        notice.enter(s)
    work.run(context)
    with db.unit_of_work(context.engine) as s:
        # 15 days on from 21 January end on 5 February, the first of the new days off.
        petitions.do(s, house, petition, Act.RECEIVE_SUPPLEMENT, now=begun + timedelta(days=31))
        due = {c.rule: c.due_on for c in deadlines.running(s, petition.id)}
    assert due["written_notice"] == date(2027, 2, 14 + 1)


class Broken(Exception):
    """The machine went away."""


def test_a_recount_that_is_broken_off_anywhere_goes_on(
    filled: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.unit_of_work(filled.engine) as s:
        notice.enter(s)
        s.flush()
    breaks, calls = {2, 3, 5, 9}, count(1)
    real = recount.batch

    def failing(*args: Any, **more: Any) -> recount.Done:
        done = real(*args, **more)
        if next(calls) in breaks:
            raise Broken
        return done

    monkeypatch.setattr(recount, "batch", failing)
    for _ in breaks:
        with pytest.raises(Broken):
            work.run(filled, size=7)
    work.run(filled, size=7)
    once_each(filled)


def once_each(context: Context) -> None:
    with context.read() as s:
        kind = col(Event.kind) == Kind.PETITION_DATES_RECOUNTED
        streams = s.exec(select(Event.stream).where(kind)).all()
        moved = s.exec(select(MovedDate)).all()
        recounts = s.exec(select(Recount)).all()
        assert len(streams) == len(set(streams)) > 5
        assert len({each.clock_id for each in moved}) == len(moved) == recounts[0].moved
        assert recounts[0].ended_at is not None
        assert not verify(s, public_key=None, anchor_folder=context.settings.data / "anchors").findings


def test_two_processes_at_once_do_nothing_twice(filled: Context) -> None:
    with db.unit_of_work(filled.engine) as s:
        notice.enter(s)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: work.run(filled, size=3), range(2)))
    once_each(filled)


def test_a_second_notice_before_the_first_is_done_ends_at_the_newest(filled: Context) -> None:
    with db.unit_of_work(filled.engine) as s:
        notice.enter(s)
        notice.enter(
            s,
            notice.NOTICE.replace(
                "2月5日（农历腊月二十九、周五）至13日（农历正月初八、周六）放假调休，共9天",
                "2月6日（周六）至13日（周六）放假调休，共8天",
            ),
        )
    work.run(filled)
    everything_is_counted(filled)


def everything_is_counted(filled: Context) -> None:
    with filled.read() as s:
        calendar = calendar_in_force(s)
        for clock in s.exec(select(DeadlineClock)).all():
            if clock.ended_on is None and not clock.standing_still:
                assert (
                    clock.due_on
                    == clocks.derive(
                        clock, deadlines.pauses(s, clock.petition_id), calendar, shipped_book()
                    ).due_on
                )


def test_a_date_that_moves_into_the_past_is_marked(context: Context, house: House) -> None:
    begun = datetime(2027, 1, 29, 1, tzinfo=MORNING.tzinfo)
    with db.unit_of_work(context.engine) as s:
        notice.enter(s)
        # 7 days end on 5 February, a day off by the notice, and roll to the 15th.
        petition = petitions.registered(s, house, now=begun)
    work.run(context)
    later = replace(context, clock=FixedClock(datetime(2027, 2, 8, 1, tzinfo=MORNING.tzinfo)))
    with db.unit_of_work(context.engine) as s:
        notice.enter(
            s,
            notice.NOTICE.replace(
                "2月5日（农历腊月二十九、周五）至13日（农历正月初八、周六）放假调休，共9天",
                "2月6日（周六）至13日（周六）放假调休，共8天",
            ),
            now=later.clock.now(),
        )
    work.run(later)
    with context.read() as s:
        [row] = s.exec(select(MovedDate).where(col(MovedDate.rule) == "procedural_reply")).all()
        assert (row.was_due_on, row.due_on, row.past) == (date(2027, 2, 15), date(2027, 2, 5), True)
        assert row.days == "2027-02-05"
        assert s.get_one(Petition, petition.id).next_due_on == date(2027, 2, 5)


def test_the_days_that_made_the_difference_are_named(context: Context, house: House) -> None:
    with db.unit_of_work(context.engine) as s:
        petitions.registered(s, house, now=datetime(2027, 1, 29, 1, tzinfo=MORNING.tzinfo))
        notice.enter(s)
    work.run(context)
    with context.read() as s:
        rows = {r.rule: r for r in s.exec(select(MovedDate)).all()}
    reply = rows["procedural_reply"]
    assert (reply.was_due_on, reply.due_on) == (date(2027, 2, 11), date(2027, 2, 15))
    assert reply.days == "2027-02-11,2027-02-12"
