"""Carry a plan out through the real services, act by act in the order of time, each at its own moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from central.casework import acts
from central.petitions import forms, service
from central.petitions import queries as petitions
from central.petitions.states import Act
from central.simulation import courses
from central.simulation import plan as plans
from central.simulation.deeds import Course, Deed, Values, Who
from central.simulation.people import People
from central.simulation.plan import Plan
from central.sorting import service as sorting
from central.sorting.forms import Choose
from central.sorting.service import Ways

#: In a province that begins no version proposes anything.
NOTHING_LEARNED = Ways(Path(), 1.0)


@dataclass(frozen=True, slots=True)
class Happening:
    """A registration (no deed) or a deed, with what orders it among all others."""

    at: datetime
    court: str
    place: int
    step: int
    course: Course
    deed: Deed | None


def happenings(plan: Plan) -> Iterator[Happening]:
    """Yield everything that happens in a small plan, in order."""
    found = list[Happening]()
    for code in plan.flows:
        listed = plans.arrivals(plan, code)
        for place in range(len(listed)):
            one = courses.course(plan, code, place, listed)
            found.append(Happening(one.registered_at, code, place, 0, one, None))
            found += [
                Happening(deed.at, code, place, step, one, deed)
                for step, deed in enumerate(one.deeds, start=1)
            ]
    yield from sorted(found, key=lambda each: (each.at, each.court, each.place, each.step))


def happen(s: Session, each: Happening, people: People) -> None:
    """Do one thing in the session."""
    if each.deed is None:
        register(s, each.course, people)
    else:
        perform(s, each.course.id, each.deed, people)


def register(s: Session, course: Course, people: People) -> None:
    """Register the petition at the moment of the plan."""
    form, by, now = (
        forms.Register(petition_id=course.id, **course.form),
        people.actor(course.by),
        course.registered_at,
    )
    petition = service.register(s, form=form, by=by, now=now).petition
    if course.category is not None:
        chosen = Choose(category=course.category)
        sorting.at_registration(s, petition=petition, form=chosen, by=by, now=now, ways=NOTHING_LEARNED)


def perform(s: Session, petition_id: UUID, deed: Deed, people: People) -> None:
    """Carry out one act as its person would."""
    values = resolved(deed.values, people)
    if deed.act is Act.SAVE_DRAFT:
        demands = {demand.number: demand.id for demand in petitions.demands(s, petition_id)}
        values["items"] = [{**item, "demand_id": demands[item["demand_id"]]} for item in values["items"]]
    by = people.actor(deed.by)
    acts.perform(s, petition_id=petition_id, act=deed.act, values=values, by=by, now=deed.at)


def resolved(values: Values, people: People) -> Values:
    """Return what is filled in, with the ids of people."""
    return {
        name: people.staff_id(value) if isinstance(value, Who) else value for name, value in values.items()
    }
