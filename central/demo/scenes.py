"""What leaders and courts above have under way in the demonstration, through the real services, dated as if it had happened so."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session

from central.actor import Role
from central.batches import forms as batch_forms
from central.batches import queries as batch_queries
from central.batches import service as batches
from central.courts import queries as courts
from central.demo.story import actor
from central.instructions import forms as instruction_forms
from central.instructions import service as instructions
from central.mailmerge import forms as merge_forms
from central.mailmerge import service as mailmerge
from central.packaged import forms as package_forms
from central.packaged import service as packaged
from central.petitions.models import Petition
from central.reception import forms as reception_forms
from central.reception import promises
from central.reception import service as reception
from central.supervision import forms as order_forms
from central.supervision import service as supervision
from shared.clock import COURT_ZONE, court_day
from shared.ids import new_id

HERE, BESIDE, ABOVE = "辽0102", "辽0103", "辽01"
_DAY = timedelta(days=1)
_SATURDAY = 5

Petitions = Mapping[str, Petition]


def play(s: Session, about: Petitions, *, keys: Path, now: datetime) -> None:
    """Give every page of the leaders' work something to show. `about`: the story's petitions by their keys."""
    told = tomllib.loads(Path(__file__).with_name("scenes.toml").read_text("utf-8"))
    # In the order of their days, as the events of one petition come.
    _orders(s, told["order"], about, now)
    _batch(s, told["batch"], about, now)
    _package(s, told["package"], about, now)
    _instruction(s, told["instruction"], about, now)
    _held_day(s, told["reception"], about, now)
    _coming_day(s, told["reception"], about, keys, now)
    _merge(s, told["merge"], about, now)


def _batch(s: Session, told: dict[str, Any], about: Petitions, now: datetime) -> None:
    above, given = actor(s, courts.by_code(s, ABOVE), Role.SUPERVISOR), now - 3 * _DAY
    form = batch_forms.Assign(
        numbers=tuple(about[key].number for key in told["about"]), words=told["words"], period="working_10"
    )
    row = batches.assign(s, form=form, by=above, now=given)
    s.flush()
    leader = actor(s, courts.by_code(s, BESIDE), Role.LEADER)
    for item in batch_queries.items(s, row.id, actor=leader):
        if item.petition.court_id == leader.court_id:
            report = batch_forms.Report(report=told["report"])
            batches.report(s, batch_id=row.id, item_id=item.row.id, form=report, by=leader, now=given + _DAY)


def _orders(s: Session, told: list[dict[str, Any]], about: Petitions, now: datetime) -> None:
    above = actor(s, courts.by_code(s, ABOVE), Role.SUPERVISOR)
    for each in told:
        petition, given = about[each["about"]], now - each["days_ago"] * _DAY
        form = order_forms.Order(reason=each["reason"], words=each["words"], period=each["period"])
        row = supervision.order(s, petition_id=petition.id, form=form, by=above, now=given)
        s.flush()
        if "explanation" in each:
            leader = actor(s, courts.get(s, petition.court_id), Role.LEADER)
            answer = order_forms.Answer(round=1, explanation=each["explanation"], measures=each["measures"])
            supervision.answer(
                s, petition_id=petition.id, order_id=row.id, form=answer, by=leader, now=given + 2 * _DAY
            )


def _package(s: Session, told: dict[str, Any], about: Petitions, now: datetime) -> None:
    petition, today = about[told["about"]], court_day(now)
    leader, handler = _people(s)
    opened = now - 3 * _DAY
    form = package_forms.Open(leader_id=leader.staff_id, person_id=handler.staff_id, plan=told["plan"])
    row = packaged.open_package(s, petition_id=petition.id, form=form, by=leader, now=opened)
    s.flush()
    steps = [
        packaged.add_step(
            s,
            petition_id=petition.id,
            package_id=row.id,
            form=package_forms.Step(words=told[words], due_on=day),
            by=leader,
            now=opened,
        )
        for words, day in (("step", today), ("next", today + 4 * _DAY))
    ]
    s.flush()
    packaged.end_step(
        s,
        petition_id=petition.id,
        package_id=row.id,
        step_id=steps[0].id,
        form=package_forms.EndStep(state="done", note=told["done"]),
        by=handler,
        now=now - _DAY,
    )
    visit = package_forms.Visit(
        day=today - _DAY, staff_id=leader.staff_id, how="at_court", words=told["visit"]
    )
    packaged.add_visit(s, petition_id=petition.id, package_id=row.id, form=visit, by=leader, now=now)


def _instruction(s: Session, told: dict[str, Any], about: Petitions, now: datetime) -> None:
    leader, handler = _people(s)
    form = instruction_forms.Give(
        number=about[told["about"]].number,
        words=told["words"],
        people=[handler.staff_id],
        period="working_10",
    )
    instructions.give(s, form=form, by=leader, now=now - 2 * _DAY)


def _held_day(s: Session, told: dict[str, Any], about: Petitions, now: datetime) -> None:
    """A reception that took place, with its record and a promise."""
    day = court_day(now) - 3 * _DAY
    row = _planned(s, told, day, now - 10 * _DAY)
    clerk, petition = actor(s, courts.by_code(s, HERE), Role.REGISTRAR), about[told["about"]]
    then = datetime.combine(day, time(10, 30), COURT_ZONE)
    form = reception_forms.Record(number=petition.number, asked=told["asked"], said=told["said"])
    made = reception.record(s, day_id=row.id, booking_id=None, form=form, by=clerk, now=then)
    s.flush()
    promise = reception_forms.Promise(
        record_id=made.record.id,
        words=told["promise"],
        person_id=_people(s)[1].staff_id,
        period="working_5",
    )
    promises.promise(s, petition_id=petition.id, form=promise, by=clerk, now=then)
    reception.hold(s, day_id=row.id, by=clerk, now=then + timedelta(hours=2))


def _coming_day(s: Session, told: dict[str, Any], about: Petitions, keys: Path, now: datetime) -> None:
    """A published day with an appointment in its second slot."""
    day = court_day(now) + 2 * _DAY
    while day.weekday() >= _SATURDAY:
        day += _DAY
    row = _planned(s, told, day, now - 2 * _DAY)
    form = reception_forms.Book(appointment_id=new_id(), slot=1, number=about[told["booked"]].number)
    clerk = actor(s, courts.by_code(s, HERE), Role.REGISTRAR)
    reception.book(s, day_id=row.id, form=form, keys=keys, by=clerk, now=now - _DAY)


def _planned(s: Session, told: dict[str, Any], day: date, now: datetime) -> Any:
    clerk, leader = actor(s, courts.by_code(s, HERE), Role.REGISTRAR), _people(s)[0]
    form = reception_forms.Plan(
        leader_id=leader.staff_id,
        day=day,
        start=time(9),
        end=time(12),
        slot_minutes=30,
        place=told["place"],
    )
    row = reception.plan(s, form=form, by=clerk, now=now)
    s.flush()
    reception.publish(s, day_id=row.id, by=clerk, now=now)
    return row


def _merge(s: Session, told: dict[str, Any], about: Petitions, now: datetime) -> None:
    """One text for many petitions; the job writes the letters once the demonstration runs."""
    form = merge_forms.Write(
        id=new_id(),
        numbers=tuple(about[key].number for key in told["about"]),
        title=told["title"],
        words=told["words"],
        outcome="explain",
        facts=told["facts"],
        basis=told["basis"],
    )
    mailmerge.make(s, form=form, by=_people(s)[1], now=now)


def _people(s: Session) -> tuple[Any, Any]:
    court = courts.by_code(s, HERE)
    return actor(s, court, Role.LEADER), actor(s, court, Role.HANDLER)
