"""Who must keep away, does, at once and everywhere; others take over; with nobody left the court above does."""

from dataclasses import dataclass, replace

import pytest
from sqlalchemy import text
from sqlmodel import Session

from central.accounts import queries as accounts
from central.actor import Actor, Role, Via
from central.barrier import queries as barrier
from central.casework import queries as casework
from central.courts import queries as court_queries
from central.courts.models import Court, Department
from central.deadlines.levels import Shares
from central.desk import queries as desk
from central.errors import Conflict, Invalid, NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.petitions import queries
from central.petitions.invariants import INVARIANTS
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.petitions.worklists import Measure
from tests.factories import petitions
from tests.factories.accounts import House, house, staff
from tests.factories.courts import MORNING, SEED, tree


@dataclass
class Courts:
    s: Session
    here: House
    above: House
    other_handler: Actor
    other_leader: Actor

    def name(self, petition: Petition, ground: str = "accused", **named: str) -> None:
        values = {"ground": ground, **named}
        petitions.do(self.s, self.here, petition, Act.NAME_CONFLICT, by=self.here.registrar, **values)
        self.s.flush()

    def sees(self, who: Actor, petition: Petition) -> bool:
        try:
            casework.whole(self.s, petition.id, actor=who)
        except NotFound:
            return False
        return True


@pytest.fixture
def courts(s: Session) -> Courts:
    made = tree(s)
    here = house(s, made["辽0102"])
    filing = court_queries.departments(s, here.court.id)[0]
    civil = Department(court_id=here.court.id, code="civil", name="民庭", name_en="Civil division")
    s.add(civil)
    log.record(
        s, kind=Kind.DEPARTMENT_CREATED, stream=stream_name("court", here.court.id), actor=SEED, at=MORNING
    )
    return Courts(
        s,
        replace(here, handler=_in(s, here.court, Role.HANDLER, filing, "handler3.ln0102")),
        house(s, made["辽01"]),
        _in(s, here.court, Role.HANDLER, filing, "handler2.ln0102"),
        _in(s, here.court, Role.LEADER, civil, "leader2.ln0102"),
    )


def _in(s: Session, court: Court, role: Role, department: Department, username: str) -> Actor:
    made = staff(s, court, role, username=username, department=department)
    return accounts.actor_of(made, court, Via.WEB)


def test_the_accused_handler_is_replaced_at_once_and_sees_nothing(courts: Courts) -> None:
    petition = petitions.at(courts.s, courts.here, State.HANDLING)
    assert courts.sees(courts.here.handler, petition)
    courts.name(petition, ground="handled", person="handler3.ln0102")
    assert petition.handler_id not in {None, courts.here.handler.staff_id}
    assert petition.leader_id == courts.other_leader.staff_id
    assert petition.state == State.HANDLING
    assert not courts.sees(courts.here.handler, petition)
    assert courts.sees(courts.other_leader, petition)
    assert queries.worklist(courts.s, actor=courts.here.handler) == []


def test_leaders_in_the_line_of_the_accused_keep_away_too(courts: Courts) -> None:
    petition = petitions.at(courts.s, courts.here, State.REGISTERED)
    courts.name(petition, person="handler3.ln0102")
    assert not courts.sees(courts.here.leader, petition)
    assert courts.sees(courts.other_leader, petition), "leads another department"
    assert courts.sees(courts.here.registrar, petition)


def test_a_department_complained_about_keeps_its_people_away_and_no_others(courts: Courts) -> None:
    petition = petitions.at(courts.s, courts.here, State.REGISTERED)
    courts.name(petition, unit="辽0102 立案庭")
    free = barrier.free(courts.s, petition.id, accounts.active_of(courts.s, courts.here.court.id))
    assert {one.username for one in free} == {"registrar.ln0102", "handler.ln0102", "leader2.ln0102"}


def test_a_court_complained_about_loses_the_petition_to_the_court_above(courts: Courts) -> None:
    petition = petitions.at(courts.s, courts.here, State.HANDLING)
    courts.name(petition, unit="辽0102")
    assert petition.court_id == courts.above.court.id
    assert petition.state == State.TRANSFERRED
    assert petition.handler_id is None
    for who in (courts.here.registrar, courts.here.handler, courts.here.leader, courts.other_handler):
        assert not courts.sees(who, petition)
        assert petition.id not in {
            row.id for row in queries.newest(courts.s, actor=who, filter_=queries.Filter())
        }
    assert courts.sees(courts.above.registrar, petition)
    assert all(queries.count_breaking(courts.s, each) == 0 for each in INVARIANTS)


def test_one_steps_aside_oneself(courts: Courts) -> None:
    petition = petitions.at(courts.s, courts.here, State.HANDLING)
    petitions.do(courts.s, courts.here, petition, Act.RECUSE, by=courts.here.handler, remark="当事人是亲属")
    assert petition.handler_id not in {None, courts.here.handler.staff_id}
    assert not courts.sees(courts.here.handler, petition)


def test_those_who_keep_away_cannot_be_chosen(courts: Courts) -> None:
    petition = petitions.at(courts.s, courts.here, State.ACCEPTED)
    courts.name(petition, ground="handled", person="handler2.ln0102")
    values = {"handler_id": str(courts.other_handler.staff_id), "leader_id": str(petition.leader_id)}
    with pytest.raises(Invalid, match="no_such_handler"):
        petitions.do(courts.s, courts.here, petition, Act.ASSIGN, **values)


def test_named_while_registering_they_never_see_it(courts: Courts) -> None:
    petition = petitions.registered(
        courts.s, courts.here, accused="leader.ln0102\n", handled_by="handler.ln0102"
    )
    courts.s.flush()
    assert not courts.sees(courts.here.leader, petition)
    assert not courts.sees(courts.here.handler, petition)
    assert queries.newest(courts.s, actor=courts.here.leader, filter_=queries.Filter()) == []


def test_a_name_nobody_has_is_told_with_its_field(courts: Courts) -> None:
    with pytest.raises(Invalid) as caught:
        petitions.registered(courts.s, courts.here, accused="没有这个人")
    assert caught.value.field == "accused"


def test_at_the_top_with_nobody_left_somebody_must_be_found_first(courts: Courts) -> None:
    petition = petitions.at(courts.s, courts.above, State.REGISTERED)
    with pytest.raises(Conflict, match="nobody_left"):
        petitions.do(
            courts.s,
            courts.above,
            petition,
            Act.NAME_CONFLICT,
            by=courts.above.registrar,
            ground="accused",
            unit="辽01",
        )


def test_what_one_is_kept_from_is_not_counted(courts: Courts) -> None:
    petition = petitions.at(courts.s, courts.here, State.REGISTERED)
    courts.name(
        petition, person="handler2.ln0102"
    )  # whose line the leader without a department is, the other not
    courts.s.connection().execute(text("UPDATE petition SET next_due_on = NULL"))  # breaks the first rule
    counts = {each.number: each.count for each in desk.tiles(courts.s, courts.here.registrar)}
    assert counts[1] == 1
    assert {each.number: each.count for each in desk.tiles(courts.s, courts.here.leader)}[1] == 0


def test_today_asks_the_barrier_once_for_a_page(courts: Courts) -> None:
    petition = petitions.at(courts.s, courts.here, State.REGISTERED)
    courts.name(petition, person="registrar.ln0102")
    measure = Measure(MORNING.date(), Shares(0.5, 0.8))
    rows = desk.work(courts.s, courts.here.registrar, after=None, measure=measure).listed.rows
    assert rows == []
