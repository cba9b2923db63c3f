"""The rule in Python and the rule in SQL say the same of any person and any conflict."""

from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, literal, select

from central.actor import Actor, Role, Via
from central.barrier.models import StaffConflict
from central.barrier.queries import barred
from central.barrier.rules import Named, Person, is_barred
from tests.factories import petitions
from tests.factories.accounts import house

SPACE = UUID("6f6b0d1e-0000-4000-8000-000000000000")


class Case:
    """Two courts, three departments, four people that exist in a database, and a petition."""

    def __init__(self, s: Session) -> None:
        self.s = s
        here, there = house(s, "辽0102"), house(s, "辽0103")
        self.petition = petitions.registered(s, here)
        s.flush()
        self.courts = [here.court.id, there.court.id]
        self.staff = [one.staff_id for one in (here.registrar, here.handler, there.leader, there.handler)]
        self.departments = [uuid5(SPACE, str(i)) for i in range(3)]


@pytest.fixture
def case(s: Session) -> Case:
    return Case(s)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_sql_and_python_agree(case: Case, data: st.DataObject) -> None:
    def maybe(items: list) -> UUID | None:
        return data.draw(st.sampled_from([None, *items]))

    named = Named(
        data.draw(st.sampled_from([None, *case.staff])), None, maybe(case.courts), maybe(case.courts), None
    )
    person = Person(
        data.draw(st.sampled_from(case.staff)),
        data.draw(st.sampled_from(case.courts)),
        maybe(case.departments),
        data.draw(st.booleans()),
    )
    row = StaffConflict(
        petition_id=case.petition.id,
        staff_id=named.staff_id,
        court_id=named.court_id,
        line_court_id=named.line_court_id,
        ground="accused",
        declared_at=case.petition.registered_at,
    )
    who = Actor(
        name="x",
        roles=frozenset({Role.LEADER if person.leads else Role.HANDLER}),
        via=Via.WEB,
        staff_id=person.staff_id,
        court_id=person.court_id,
        department_id=person.department_id,
    )
    with case.s.begin_nested() as point:
        case.s.connection().execute(StaffConflict.__table__.insert().values(row.model_dump()))
        found = case.s.exec(select(literal(1)).where(barred(who, literal(case.petition.id)))).first()
        point.rollback()
    assert bool(found) == is_barred(person, named)


def test_a_department_led_and_its_leader() -> None:
    one, two, court = (uuid5(SPACE, name) for name in ("a", "b", "c"))
    led = Named(line_court_id=court, line_department_id=one, department_id=one)
    assert is_barred(Person(uuid5(SPACE, "x"), court, one, leads=False), led)
    assert is_barred(Person(uuid5(SPACE, "x"), court, None, leads=True), led)
    assert not is_barred(Person(uuid5(SPACE, "x"), court, two, leads=True), led)
    assert not is_barred(Person(uuid5(SPACE, "x"), court, two, leads=False), led)
