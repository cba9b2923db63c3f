"""An instruction is given, read, reported on and done; or taken back; who sees it, and who must not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from central import db
from central.actor import Actor, Via, system
from central.context import Context
from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.events.verify import verify
from central.instructions import forms, queries, service
from central.instructions.models import Instruction, State
from central.instructions.queries import Tab
from central.petitions.models import Petition
from central.petitions.states import Act
from central.petitions.states import State as Stage
from central.supervision.today import waiting
from shared.clock import FixedClock, court_day
from tests.central.desk.conftest import Desk
from tests.central.supervision.conftest import Province
from tests.factories import petitions
from tests.factories.accounts import House

Bring = Callable[..., Petition]
At = Callable[..., Desk]


class Office:
    """Carries acts out as people of 辽0102, each in a transaction of its own."""

    def __init__(self, context: Context, province: Province) -> None:
        self.context, self.province = context, province

    @property
    def house(self) -> House:
        return self.province.houses["辽0102"]

    def _do(self, perform: Callable[..., Instruction], by: Actor, **given: Any) -> Instruction:
        with db.unit_of_work(self.context.engine) as s:
            return perform(s, by=by, now=self.context.clock.now(), **given)

    def give(self, *people: Actor, number: str = "", by: Actor | None = None) -> Instruction:
        fields = {"words": "请在期限内办结", "period": "working_3", "number": number}
        form = forms.Give.model_validate(fields | {"people": [one.staff_id for one in people]})
        return self._do(service.give, by or self.house.leader, form=form)

    def report(self, row: Instruction, by: Actor) -> Instruction:
        form = forms.Report(report="已办结")
        return self._do(service.report, by, instruction_id=row.id, form=form)

    def withdraw(self, row: Instruction, by: Actor) -> Instruction:
        form = forms.Because(words="不再需要")
        return self._do(service.withdraw, by, instruction_id=row.id, form=form)

    def acknowledge(self, row: Instruction, by: Actor) -> Instruction:
        return self._do(service.acknowledge, by, instruction_id=row.id)

    def sweep(self) -> int:
        with db.unit_of_work(self.context.engine) as s:
            return service.sweep(s, by=system(Via.JOB), now=self.context.clock.now())

    def tab(self, by: Actor, tab: Tab) -> list[UUID]:
        with self.context.read() as s:
            found = [row.id for row in queries.listed(s, by, tab=tab)]
            assert queries.counts(s, by)[tab] == len(found)
        return found


@pytest.fixture
def office(context: Context, province: Province) -> Office:
    return Office(context, province)


def test_an_instruction_is_done_with_the_last_report(office: Office, bring: Bring) -> None:
    petition, house = bring(), office.house
    row = office.give(house.handler, house.registrar, number=petition.number)
    assert row.due_on.isoformat() == "2026-11-26"
    assert office.tab(house.handler, Tab.TO_ME) == office.tab(house.leader, Tab.GIVEN) == [row.id]
    office.acknowledge(row, house.handler)
    assert office.report(row, house.handler).state == State.RUNNING
    assert office.tab(house.handler, Tab.TO_ME) == []
    assert office.tab(house.handler, Tab.ENDED) == [row.id]
    with pytest.raises(Conflict, match="reported"):
        office.report(row, house.handler)
    assert office.report(row, house.registrar).state == State.DONE
    assert office.tab(house.leader, Tab.GIVEN) == []
    with office.context.read() as s:
        assert verify(s, public_key=None, anchor_folder=office.context.settings.data).findings == []


def test_nobody_else_sees_it(office: Office) -> None:
    house = office.house
    row = office.give(house.handler)
    for other in (house.registrar, office.province.supervisors["辽0102"], office.province.supervisors["辽"]):
        assert all(office.tab(other, tab) == [] for tab in Tab)
        for act in (office.acknowledge, office.report, office.withdraw):
            with pytest.raises(NotFound):
                act(row, other)


def test_who_has_a_conflict_is_neither_addressed_nor_sees_it(office: Office, bring: Bring) -> None:
    petition, house = bring(Stage.REGISTERED), office.house
    row = office.give(house.handler, number=petition.number)
    with db.unit_of_work(office.context.engine) as s:
        petitions.do(s, house, petition.id, Act.NAME_CONFLICT, person=house.handler.username)
    assert office.tab(house.handler, Tab.TO_ME) == []
    with office.context.read() as s:
        assert waiting(s, queries.lines(house.handler, today=row.due_on)) == []
    with pytest.raises(NotFound):
        office.report(row, house.handler)


@pytest.mark.parametrize("who", ["handler", "registrar"])
def test_leaders_alone_give_them_to_their_own_court(office: Office, who: str) -> None:
    with pytest.raises(Forbidden):
        office.give(office.house.handler, by=getattr(office.house, who))
    with pytest.raises(Invalid, match="no_person"):
        office.give(getattr(office.province.houses["辽0103"], who))
    with pytest.raises(Invalid, match="number_unknown"):
        office.give(getattr(office.house, who), number="辽0103-2026-000001")


def test_the_leader_takes_it_back_and_nobody_reports_then(office: Office) -> None:
    house = office.house
    row = office.give(house.handler)
    with pytest.raises(Forbidden):
        office.withdraw(row, house.handler)
    office.withdraw(row, house.leader)
    for act in (office.report, office.acknowledge):
        with pytest.raises(Conflict, match="ended"):
            act(row, house.handler)
    with pytest.raises(Conflict, match="ended"):
        office.withdraw(row, house.leader)


def test_a_late_one_is_noted_once(office: Office, clock: FixedClock) -> None:
    office.give(office.house.handler)
    clock.at += timedelta(days=3)
    assert office.sweep() == 0
    clock.at += timedelta(days=1)
    assert (office.sweep(), office.sweep()) == (1, 0)
    with office.context.read() as s:
        [line] = waiting(s, queries.lines(office.house.handler, today=court_day(clock.at)))
    assert (line.count, line.late) == (1, 1)


def test_the_pages_carry_it_through(office: Office, desk: At) -> None:
    at, house = desk("leader"), office.house
    fields = {"words": "请核实后报告", "period": "working_5"}
    refused = at.post("/instructions", **fields)
    assert refused.status_code == 422
    assert "请核实后报告" in refused.text
    made = at.post("/instructions", **fields, people=str(house.handler.staff_id))
    assert made.status_code == 303
    page = made.headers["location"]
    assert "未阅" in at.get(page)
    at = desk("handler")
    assert "待办理的批示" in at.get("/today")
    assert at.post(page + "/acknowledge").status_code == 303
    assert at.post(page + "/report", report="").status_code == 422
    assert at.post(page + "/report", report="已核实").status_code == 303
    twice = at.post(page + "/report", report="再报一次")
    assert twice.status_code == 409
    assert "再报一次" in twice.text
    assert desk("registrar").client.get(page).status_code == 404
    assert "已核实" in desk("leader").get(page)
