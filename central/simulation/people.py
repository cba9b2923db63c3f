"""The made-up people who work in the made-up province, and how the plan's `Who` becomes a row and an actor."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import Random
from uuid import UUID

from sqlmodel import Session

from central.accounts import passwords
from central.accounts import queries as accounts
from central.accounts import service as accounts_service
from central.actor import Actor, Role, Via
from central.courts import queries as courts
from central.courts.province import CourtSpec
from central.deadlines.books import Book
from central.deadlines.calendar import WorkCalendar
from central.deadlines.in_force import calendar_in_force
from central.deadlines.shipped import book_of
from central.errors import Conflict
from central.simulation.deeds import Who
from central.simulation.grammar import words
from central.simulation.plan import Plan

#: One of each in every court, in the department named; handlers come on top.
ALWAYS = (
    ("reg", Role.REGISTRAR, "filing"),
    ("lead", Role.LEADER, "filing"),
    ("sup", Role.SUPERVISOR, "inspection"),
    ("admin", Role.COURT_ADMIN, "office"),
    ("audit", Role.AUDITOR, "inspection"),
)
#: Where handlers work, in turn; a court has those of its level.
WORKING = ("enforcement", "civil", "civil1", "criminal", "civil2", "admin", "retrial", "tribunal")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be created."""

    username: str
    name: str
    court: str
    department: str
    role: Role


@dataclass(frozen=True, slots=True)
class People:
    """Who is who in the database: actors by court, role and number, and where they sit."""

    actors: Mapping[Who, Actor]
    court_ids: Mapping[str, UUID]
    #: The name of each court and of the one above it, as letters print them.
    names: Mapping[str, tuple[str, str]]
    #: The rules and the calendar by which their petitions' clocks run.
    book: Book
    calendar: WorkCalendar

    def actor(self, who: Who) -> Actor:
        """Return the actor of somebody in the plan."""
        return self.actors[who]

    def staff_id(self, who: Who) -> UUID:
        """Return the id of somebody's account."""
        found = self.actors[who].staff_id
        if found is None:
            raise LookupError(who)
        return found


def username(spec: CourtSpec, prefix: str) -> str:
    """Return a user name as the demonstration forms them: `reg.0102`, `lead.ln`."""
    return f"{prefix}.{spec.digits or spec.latin}"


def wanted(plan: Plan, departments: Mapping[str, Iterable[str]]) -> Iterator[Person]:
    """Yield everybody the plan needs; `departments` are the department keys by level."""
    for spec in plan.courts:
        rng = Random(f"{plan.seed}/people/{spec.code}")  # noqa: S311 made-up names # nosec B311
        name = partial(words().say, rng, "name")
        for prefix, role, department in ALWAYS:
            yield Person(username(spec, prefix), name(), spec.code, department, role)
        places = [key for key in WORKING if key in set(departments[spec.level])]
        for number in range(plan.offices[spec.code].handlers):
            place = places[number % len(places)]
            yield Person(username(spec, f"hand{number + 1}"), name(), spec.code, place, Role.HANDLER)


def create(s: Session, people: Iterable[Person], *, password: str, by: Actor, now: datetime) -> None:
    """Create everybody; raise `Conflict` if an account is there already: nobody real is made to act.

    All get the same password, hashed once: it is shown on the screen.
    """
    hashed = passwords.hash_password(password)
    places: dict[str, tuple[UUID, dict[str, UUID]]] = {}
    for person in people:
        if accounts.by_username(s, person.username) is not None:
            raise Conflict("simulation.account_taken", username=person.username)
        if person.court not in places:
            court = courts.by_code(s, person.court)
            places[person.court] = court.id, {d.code: d.id for d in courts.departments(s, court.id)}
        court_id, departments = places[person.court]
        accounts_service.create_staff(
            s,
            username=person.username,
            name=person.name,
            court_id=court_id,
            department_id=departments.get(person.department),
            roles=[person.role],
            hashed=hashed,
            by=by,
            now=now,
        )


def read(s: Session, plan: Plan) -> People:
    """Return the people of a plan as they stand in the database; raise `LookupError` if somebody is missing."""
    actors, ids, names = dict[Who, Actor](), dict[str, UUID](), dict[str, tuple[str, str]]()
    for spec in plan.courts:
        court = courts.by_code(s, spec.code)
        ids[spec.code] = court.id
        above = courts.get(s, court.parent_id).name if court.parent_id else ""
        names[spec.code] = court.name, above
        seats = [("reg", Role.REGISTRAR, 0), ("lead", Role.LEADER, 0)]
        seats += [(f"hand{n + 1}", Role.HANDLER, n) for n in range(plan.offices[spec.code].handlers)]
        for prefix, role, number in seats:
            staff = accounts.by_username(s, username(spec, prefix))
            if staff is None:
                raise LookupError(username(spec, prefix))
            actors[Who(spec.code, role, number)] = accounts.actor_of(staff, court, Via.COMMAND)
    return People(actors, ids, names, book_of(s), calendar_in_force(s))
