"""Bring to mind what petitioners sent and nobody dealt with: once before its day is over, then once a week while it lies.

Nothing about the petition changes, so there is no event: what is told is a row of `notice`, one for each person, matter and week.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select as core_select
from sqlmodel import Session, col

from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.actor import Role
from central.asks import rules
from central.asks.models import PetitionerAsk
from central.barrier import queries as barrier
from central.keeping.models import Appraisal
from central.keeping.rules import State as Kept
from central.notifications import service as notifications
from central.petitions.models import Petition
from shared.clock import court_day

#: Days before the last one on which it is first brought to mind, and days after which it is again.
AHEAD, AGAIN = 1, 7
#: What lies longer is shown on the pages and told to nobody any more: the court knows.
LONGEST = timedelta(days=182)


class Lying(NamedTuple):
    """Something that waits: what it is, whose petition, by which day, and who deals with it."""

    what: str
    key: UUID
    petition: UUID
    court: UUID
    due_on: date
    role: Role
    person: UUID | None
    not_person: UUID | None


def stage(due_on: date, today: date) -> str:
    """Return how it is brought to mind today: `near`, or `late` with the number of weeks it has lain. Pure."""
    return "near" if today <= due_on else f"late_{(today - due_on).days // AGAIN}"


def sweep(s: Session, *, now: datetime) -> int:
    """Tell those who deal with it of everything whose day is near or over; return how many matters. Told once, however often it runs."""
    today, found = court_day(now), 0
    for each in (*_asks(s, today), *_erasures(s, today)):
        found += 1
        word = stage(each.due_on, today)
        for person in _people(s, each):
            notifications.tell(
                s,
                recipient=person.id,
                court_id=each.court,
                kind=f"asks.told.{each.what}_{word.partition('_')[0]}",
                key=f"ask/{each.key.hex}/{each.what}/{word}",
                at=now,
                petition_id=each.petition,
                due_on=each.due_on,
            )
    return found


def _asks(s: Session, today: date) -> Iterator[Lying]:
    due = col(PetitionerAsk.due_on)
    columns: tuple[Any, ...] = (
        PetitionerAsk.id,
        PetitionerAsk.kind,
        due,
        Petition.id,
        Petition.court_id,
        Petition.handler_id,
    )
    query = core_select(*columns)
    query = query.join(Petition, col(Petition.id) == col(PetitionerAsk.petition_id)).where(
        # Written out, so that SQLite finds the index of the open ones.
        col(PetitionerAsk.state) == rules.State.OPEN,
        due <= today + timedelta(days=AHEAD),
        due > today - LONGEST,
        col(Petition.erased_at).is_(None),
    )
    for key, kind, due_on, petition, court, handler in (
        s.connection().execute(query.order_by(due, col(PetitionerAsk.id))).all()
    ):
        role, person = rules.owner_of(kind, handler)
        yield Lying(
            str(kind), key, petition, court, due_on, role, person, handler if person is None else None
        )


def _erasures(s: Session, today: date) -> Iterator[Lying]:
    due = col(Appraisal.answer_by)
    columns: tuple[Any, ...] = (
        Appraisal.id,
        Appraisal.state,
        due,
        Appraisal.petition_id,
        Appraisal.court_id,
        Appraisal.proposed_by,
    )
    query = core_select(*columns)
    query = query.where(
        col(Appraisal.state).in_((Kept.DUE, Kept.PROPOSED)),
        due <= today + timedelta(days=AHEAD),
        due > today - LONGEST,
    )
    for key, state, due_on, petition, court, proposed_by in s.connection().execute(query.order_by(due)).all():
        role = Role.LEADER if state == Kept.PROPOSED else Role.REGISTRAR
        if due_on is not None:
            yield Lying("erasure", key, petition, court, due_on, role, None, proposed_by)


def _people(s: Session, each: Lying) -> list[Staff]:
    if each.person is not None:
        person = accounts.get(s, each.person)
        found = [person] if person is not None and person.active else []
    else:
        found = list(accounts.with_role(s, each.court, each.role))
    return barrier.free(s, each.petition, [one for one in found if one.id != each.not_person])
