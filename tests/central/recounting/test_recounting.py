"""After the calendar changed, whatever was dated by a rule is dated by the new calendar; what a person typed is named and stays."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from sqlmodel import Session, col, select

from central import db
from central.actor import Via, system
from central.asks.models import PetitionerAsk
from central.batches.models import Batch
from central.context import Context
from central.deadlines.calendar import WorkCalendar, packed, shipped_calendar
from central.deadlines.in_force import calendar_in_force
from central.deadlines.models import CalendarNotice, ShippedDays
from central.events import log
from central.events.kinds import Kind
from central.events.verify import verify
from central.instructions.models import Instruction
from central.jobs import sweep_supervision
from central.packaged.models import PackageStep
from central.reception.models import ReceptionDay
from central.recounting import queries as recounted
from central.recounting import work
from central.recounting.parts import PARTS, Part
from central.supervision import periods
from central.supervision.models import SupervisionOrder, SupervisionRound
from central.workdays import library
from central.workdays import work as recounts
from central.workdays.models import MovedOther, Recount
from shared.clock import FixedClock
from tests.central.recounting.conftest import Things, lines
from tests.factories.courts import MORNING

Off = Callable[..., None]
#: By hand: 26 November and 8 December are off, so five working days from 23 November end on 1 December instead of 30 November.
WANTED = {
    "ask object_15": ("12-08", "12-09", True),
    "ask read_5": ("11-30", "12-01", True),
    "batch working_5": ("11-30", "12-01", True),
    "instruction working_5": ("11-30", "12-01", True),
    "order working_5": ("11-30", "12-01", True),
    "package_step": ("12-08", "12-08", False),
    "promise working_5": ("11-30", "12-01", True),
    "reception_day": ("11-26", "11-26", False),
}


def test_all_that_a_rule_dated_moves_and_what_was_typed_is_named(
    context: Context, things: Things, off: Off
) -> None:
    off("2026-11-26", "2026-12-08")
    work.run(context)
    assert lines(context) == WANTED
    with context.read() as s:
        order, day = s.get_one(SupervisionOrder, things["order"]), date(2026, 12, 1)
        turn = s.exec(select(SupervisionRound).where(SupervisionRound.order_id == order.id)).one()
        assert order.due_on == turn.due_on == s.get_one(Instruction, things["instruction"]).due_on == day
        assert s.get_one(PetitionerAsk, things["objection"]).due_on == date(2026, 12, 9)
        assert s.get_one(PackageStep, things["package_step"]).due_on == date(2026, 12, 8)
        assert s.get_one(ReceptionDay, things["reception_day"]).day == date(2026, 11, 26)
        [told] = [
            e for e in log.of_stream(s, f"batch/{things['batch'].hex}") if e.kind == Kind.BATCH_RECOUNTED
        ]
        facts = json.loads(told.data)["facts"]
        assert (facts["was"], facts["due"], facts["days"]) == ("2026-11-30", "2026-12-01", ["2026-11-26"])
        rows = s.exec(select(MovedOther).where(MovedOther.thing_id == things["batch"])).all()
        assert len({row.court_id for row in rows}) == len(rows) == 2  # who assigned, and who reports
        assert s.get_one(Batch, things["batch"]).court_id in {row.court_id for row in rows}
        first = s.exec(select(Recount).order_by(col(Recount.number))).first()
        assert first is not None
        assert (first.others, first.resting, first.part) == (6, 2, "reception_day")
        assert not verify(s, public_key=None, anchor_folder=context.settings.data / "anchors").findings


def test_what_was_noted_as_late_keeps_its_day(context: Context, things: Things, off: Off) -> None:
    late = replace(context, clock=FixedClock(MORNING + timedelta(days=10)))
    sweep_supervision(late)
    off("2026-11-26")
    work.run(late)
    assert set(lines(context)) == {"ask read_5", "reception_day"}
    with context.read() as s:
        assert s.get_one(SupervisionOrder, things["order"]).due_on == date(2026, 11, 30)
        row = s.exec(select(MovedOther).where(col(MovedOther.what) == "ask")).one()
        assert not row.past  # it was over before as well


class Broken(Exception):
    """The machine went away."""


@dataclass(frozen=True)
class Breaking:
    """A part that breaks off every second time, after its rows were written."""

    part: Part
    calls: Any

    @property
    def name(self) -> str:
        return self.part.name

    def lot(self, *args: Any, **more: Any) -> recounts.Lot:
        found = self.part.lot(*args, **(more | {"size": 1}))
        if next(self.calls) % 2:
            raise Broken
        return found


@pytest.mark.usefixtures("things")
def test_a_recount_that_is_broken_off_anywhere_goes_on_and_does_nothing_twice(
    context: Context, off: Off
) -> None:
    off("2026-11-26", "2026-12-08")
    calls = count(1)
    parts = [Breaking(part, calls) for part in PARTS]
    for _ in range(60):
        try:
            recounts.run(context, parts)
            break
        except Broken:
            continue
    assert lines(context) == WANTED
    with context.read() as s:
        rows = s.exec(select(MovedOther)).all()
        # The second entry finds the dates counted, and names the typed day that it made a rest day.
        assert len({(row.notice_id, row.thing_id, row.court_id) for row in rows}) == len(rows) == 10
        assert all(each.ended_at for each in s.exec(select(Recount)).all())


def _earlier(s: Session, *, without: date) -> WorkCalendar:
    """Keep what a library shipped that did not know yet that a day is off."""
    shipped = shipped_calendar()
    year = shipped.years[without.year]
    years = {**shipped.years, without.year: replace(year, off=year.off - {without}, status="estimated")}
    known = WorkCalendar(version="cn-2025/1.0/1.0", years=years)
    s.add(ShippedDays(number=0, version=known.version, days=packed(known), noted_at=MORNING))
    return known


def test_a_newer_library_is_noted_and_what_runs_is_counted_anew(context: Context, things: Things) -> None:
    new_year = date(2027, 1, 1)
    with db.unit_of_work(context.engine) as s:
        earlier = _earlier(s, without=new_year)
        order = s.get_one(SupervisionOrder, things["order"])
        turn = s.exec(select(SupervisionRound).where(SupervisionRound.order_id == order.id)).one()
        # Given on 28 December under the former library.
        period = periods.by_key(turn.period)
        assert period is not None
        turn.started_on = date(2026, 12, 28)
        order.due_on = turn.due_on = periods.derived(period, turn.started_on, earlier).due_on
        stream = f"petition/{order.petition_id.hex}"
        log.record(s, kind=Kind.ORDER_GIVEN, stream=stream, actor=system(Via.JOB), at=MORNING, facts={})
    work.run(context)
    work.run(context)
    with context.read() as s:
        [entry] = s.exec(select(CalendarNotice)).all()
        assert (entry.whole, entry.number, entry.title) == (False, 1, shipped_calendar().version)
        moved = s.exec(select(MovedOther).where(MovedOther.thing_id == things["order"])).one()
        assert (moved.was_due_on, moved.due_on) == (date(2027, 1, 4), date(2027, 1, 5))
        assert moved.days == "2027-01-01"
        calendar = calendar_in_force(s)
        assert calendar.version.startswith(f"{shipped_calendar().version}+1.")
        assert not calendar.is_working_day(new_year)
        assert not verify(s, public_key=None, anchor_folder=context.settings.data / "anchors").findings


def test_the_first_library_and_one_that_says_the_same_move_nothing(context: Context) -> None:
    work.run(context)
    with db.unit_of_work(context.engine) as s:
        s.exec(select(ShippedDays)).one().version = "cn-2025/0.9/0.9"
    work.run(context)
    with context.read() as s:
        assert s.exec(select(ShippedDays)).one().version == shipped_calendar().version
        assert library.is_known(s)
        assert not s.exec(select(CalendarNotice)).all()


def test_the_page_shows_each_thing_to_those_who_may_see_it(
    context: Context, things: Things, off: Off, desk: Any
) -> None:
    off("2026-11-26", "2026-12-08")
    work.run(context)
    page = desk("handler").get("/calendar/moved/1")
    for words in ("督办", "批示", "交办批次", "信访人补充或者异议", "包案计划步骤", "接访日"):
        assert f">{words}</a></th>" in page, words
    assert "其他期限 6 个；2 个人工填写的日期现在是休息日" in page
    assert ">接访承诺</a></th>" not in page  # about a petition of which they see nothing
    page = desk("registrar").get("/calendar/moved/1?lang=en")
    assert ">Promise of a reception day</a></th>" in page
    assert ">Instruction</a></th>" not in page  # neither given by nor addressed to them
    assert "Other due dates" not in desk("registrar", "ln0103").get("/calendar/moved/1?lang=en")
    with db.unit_of_work(context.engine) as s:
        row = s.exec(select(MovedOther).where(MovedOther.thing_id == things["order"])).one()
        values = row.model_dump(exclude={"id", "due_on"})
        s.add_all(
            MovedOther(**values, due_on=date(2027, 1, 1) + timedelta(days=n)) for n in range(recounted.PAGE)
        )
    at, link = desk("handler"), f"/supervision/{things['order']}"
    page = at.get("/calendar/moved/1")
    more = next(each.split('"')[0] for each in page.split('href="') if "other_due=" in each)
    further = at.get(more.replace("&amp;", "&").partition("#")[0])
    # Four others come first.
    assert (page.count(link), further.count(link)) == (recounted.PAGE - 4, 5)
