"""A court with one person of each role, and things of every kind at that court, below, above, beside, and nowhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session, select

from central.accounts import queries as accounts
from central.accounts import service as accounts_service
from central.accounts import sessions
from central.accounts.callers import Caller
from central.accounts.models import Staff, Stage
from central.accounts.permissions import GIVEN
from central.actor import Actor, Role, Via
from central.barrier import queries as barrier
from central.courts.models import Court, Department
from central.deadlines import queries as deadlines
from central.documents import service as documents
from central.documents.service import Store
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.halls import appointments
from central.halls.models import RefusedEvent
from central.intake.models import LedgerImport
from central.intake.models import Stage as Progress
from central.letters import service as letters
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.reception import service as reception
from central.reception.forms import Book, Plan
from central.reception.queries import bookings
from central.settings import Documents
from central.settings import Session as Limits
from central.supervision import service as supervision
from central.supervision.forms import Order
from central.vault import rows
from shared import wire
from shared.ids import new_id
from tests.central.documents import corpus
from tests.factories import halls, petitions
from tests.factories.accounts import House, staff
from tests.factories.courts import MORNING, SEED, tree

#: What no answer to somebody who may not see a petition holds.
SECRET = "机密事项"


class Place(StrEnum):
    """Where a thing stands, seen from the court of the one who asks."""

    #: Assigned to the handler and the leader who ask.
    MINE = "mine"
    #: Of the same court, assigned to others.
    OWN = "own"
    #: Of the same court, once assigned to those who ask; the whole of their department must keep away from it.
    BARRED = "barred"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    #: There is none with such an id.
    NONE = "none"


COURTS = {
    Place.MINE: "辽01",
    Place.OWN: "辽01",
    Place.BARRED: "辽01",
    Place.CHILD: "辽0102",
    Place.PARENT: "辽",
    Place.SIBLING: "辽02",
}


@dataclass
class Person:
    """One who asks: as the rules know them, with session, form token and API token."""

    role: Role | None
    username: str = ""
    cookie: str = ""
    csrf: str = ""
    bearer: str = ""


@dataclass
class World:
    """Everybody who asks, and the ids (and receipt numbers) of things by kind and place."""

    people: dict[Role | None, Person] = field(default_factory=dict)
    things: dict[str, dict[Place, str]] = field(default_factory=dict)
    states: dict[Place, State] = field(default_factory=dict)
    handler: Actor | None = None
    leader: Actor | None = None

    def put(self, kind: str, place: Place, ident: object) -> None:
        """Keep the id of a thing."""
        self.things.setdefault(kind, {})[place] = str(ident)

    def ids(self, place: Place) -> Mapping[str, str]:
        """Return the ids of all things of a place, by kind; made up where there is none."""
        return {kind: found.get(place) or str(new_id()) for kind, found in self.things.items()}

    def crew(self) -> Mapping[str, str]:
        """Return who is assigned by an act that assigns."""
        assert self.handler is not None
        assert self.leader is not None
        return {"handler": str(self.handler.staff_id), "leader": str(self.leader.staff_id)}


def build(s: Session, data: Path) -> World:
    """Fill an empty database."""
    courts, world = tree(s), World()
    desks = _desks(s, courts["辽01"])
    for role in GIVEN:
        person = staff(s, courts["辽01"], role, username=f"asks.{role}", department=desks["civil"])
        world.people[role] = signed_in(s, person)
    world.people[None] = Person(None)
    store = Store(data, Documents(), rows.vault_of(s))
    houses = {code: _house(s, court, desks if code == "辽01" else {}) for code, court in courts.items()}
    asking = _asking(s, houses["辽01"])
    world.handler, world.leader = asking.handler, asking.leader
    over = {code: _over(s, courts[code]) for code in ("辽", "辽01")}
    for place, code in COURTS.items():
        _petition(s, world, place, asking if place in {Place.MINE, Place.BARRED} else houses[code], store)
        _supervised(s, world, place, over["辽" if place in {Place.PARENT, Place.SIBLING} else "辽01"])
    for place in (Place.OWN, Place.CHILD, Place.PARENT, Place.SIBLING):
        _things(s, world, place, houses[COURTS[place]])
    for kind in ("number", "session", "factor", "grant", "promise"):
        world.things.setdefault(kind, {})
    world.put("number", Place.NONE, "辽01-2026-009999")
    return world


def _over(s: Session, court: Court) -> Actor:
    """Return somebody who supervises, and is none of those who ask."""
    person = staff(s, court, Role.SUPERVISOR, username=f"over.{court.latin}")
    return accounts.actor_of(person, court, Via.WEB)


def _supervised(s: Session, world: World, place: Place, by: Actor) -> None:
    """Give an order about the petition of a place."""
    petition_id = UUID(world.things["petition"][place])
    form = Order.model_validate({"reason": "overdue", "words": SECRET, "period": "working_5"})
    row = supervision.order(s, petition_id=petition_id, form=form, by=by, now=MORNING)
    world.put("order", place, row.id)


def _received(s: Session, world: World, place: Place, house: House) -> None:
    """Publish a reception day of a court, with a booking."""
    assert house.leader.staff_id is not None
    form = Plan(
        leader_id=house.leader.staff_id,
        day=date(2026, 11, 27),
        start=time(9),
        end=time(10),
        slot_minutes=30,
        place=SECRET,
    )
    day = reception.plan(s, form=form, by=house.registrar, now=MORNING)
    reception.publish(s, day_id=day.id, by=house.registrar, now=MORNING)
    keys = Path(mkdtemp())
    booking = Book(appointment_id=new_id(), slot=0)
    reception.book(s, day_id=day.id, form=booking, keys=keys, by=house.registrar, now=MORNING)
    s.flush()
    world.put("day", place, day.id)
    world.put("booking", place, bookings(s, day.id)[0].id)


def _desks(s: Session, court: Court) -> dict[str, Department]:
    made = {
        code: Department(court_id=court.id, code=code, name=code, name_en=code) for code in ("civil", "other")
    }
    s.add_all(made.values())
    stream = stream_name("court", court.id)
    log.record(s, kind=Kind.DEPARTMENT_CREATED, stream=stream, actor=SEED, at=MORNING)
    return made


def _house(s: Session, court: Court, desks: Mapping[str, Department]) -> House:
    def one(role: Role) -> Actor:
        return accounts.actor_of(staff(s, court, role, department=desks.get("other")), court, Via.WEB)

    return House(court, one(Role.REGISTRAR), one(Role.HANDLER), one(Role.LEADER))


def _asking(s: Session, own: House) -> House:
    """Return the house with those who ask as handler and leader."""

    def one(role: Role) -> Actor:
        return accounts.actor_of(_named(s, f"asks.{role}"), own.court, Via.WEB)

    return replace(own, handler=one(Role.HANDLER), leader=one(Role.LEADER))


def _named(s: Session, username: str) -> Staff:
    found = accounts.by_username(s, username)
    assert found is not None
    return found


def signed_in(s: Session, person: Staff) -> Person:
    """Return somebody with a session and a token."""
    caller = Caller(address="192.0.2.7")
    cookie, row = sessions.begin(
        s, staff=person, stage=Stage.FULL, method="password", caller=caller, limits=Limits(), now=MORNING
    )
    token = accounts_service.issue_token(s, staff=person, label="asks", by=SEED, now=MORNING)
    return Person(Role(person.roles), person.username, cookie, row.csrf, token)


def _petition(s: Session, world: World, place: Place, house: House, store: Store) -> None:
    petition = petitions.registered(s, house, subject=f"{SECRET}{place}", text=f"{SECRET}的正文")
    petitions.do(s, house, petition, Act.ACCEPT, leader_id=house.leader.staff_id)
    for act in (Act.ASSIGN, Act.TAKE_UP):
        petitions.do(s, house, petition, act)
    taken = documents.take_in(
        s,
        store=store,
        petition_id=petition.id,
        key_id=petition.key_id,
        name=f"{SECRET}.png",
        content=BytesIO(corpus.png()),
        by=house.handler,
        now=MORNING,
    )
    s.flush()
    letter = letters.receipt(s, petition_id=petition.id, by=house.registrar, now=MORNING)
    s.flush()
    if place is Place.BARRED:
        _bar(s, house, petition)
    world.put("petition", place, petition.id)
    world.put("number", place, petition.number)
    world.put("clock", place, deadlines.of_petition(s, petition.id)[0].id)
    world.put("document", place, taken.id)
    world.put("letter", place, letter.id)
    world.states[place] = State(petition.state)


def _bar(s: Session, house: House, petition: Petition) -> None:
    petitions.do(s, house, petition, Act.NAME_CONFLICT, unit="辽01 civil")
    s.flush()
    assert petition.court_id == house.court.id, "others of the court are left"
    assert barrier.of_petition(s, petition.id)


def _things(s: Session, world: World, place: Place, house: House) -> None:
    journal = halls.box(s, house.court)
    world.put("box", place, journal.box)
    world.put("call", place, halls.raise_call(s, journal))
    halls.receive(s, journal.answered(new_id()))
    refused = s.exec(select(RefusedEvent)).all()
    world.put("refused", place, next(row.id for row in refused if row.court_id == house.court.id))
    made = appointments.make_appointment(
        s,
        court_id=house.court.id,
        kind=wire.VisitKind.QUERY,
        slot_start=MORNING + timedelta(hours=2),
        slot_end=MORNING + timedelta(hours=3),
        key=Ed25519PrivateKey.generate(),
        by=house.registrar,
        now=MORNING,
    )
    world.put("appointment", place, made.appointment.id)
    _received(s, world, place, house)
    ledger = LedgerImport(
        court_id=house.court.id,
        file_name=f"{SECRET}.xlsx",
        file_digest="0" * 64,
        created_at=MORNING,
        stage=Progress.DONE,
    )
    s.add(ledger)
    s.flush()
    world.put("import", place, ledger.id)
    person = staff(s, house.court, Role.HALL_STAFF, username=f"someone.{house.court.latin}")
    world.put("staff", place, person.id)
