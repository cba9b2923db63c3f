"""A leader takes a matter on: plan, steps, visits, result; who may, who must not, who sees."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from central import db
from central.actor import Actor
from central.context import Context
from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.events.verify import verify
from central.packaged import forms, queries, service
from central.packaged.models import CasePackage, PackageStep
from central.packaged.queries import Tab
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.supervision.today import waiting
from shared.clock import FixedClock, court_day
from tests.central.desk.conftest import Desk
from tests.central.supervision.conftest import Province
from tests.factories import petitions
from tests.factories.accounts import House

Bring = Callable[..., Petition]
At = Callable[..., Desk]
VISIT = {"day": "2026-11-23", "how": "at_home", "words": "说明了执行进展"}
CLOSE = {"result": "settled", "words": "执行款已发放"}


class Office:
    """Carries acts out as people of 辽0102, each in a transaction of its own."""

    def __init__(self, context: Context, province: Province) -> None:
        self.context, self.province = context, province

    @property
    def house(self) -> House:
        return self.province.houses["辽0102"]

    def _do(self, perform: Callable[..., Any], by: Actor, **given: Any) -> Any:
        with db.unit_of_work(self.context.engine) as s:
            return perform(s, by=by, now=self.context.clock.now(), **given)

    def open(self, petition: Petition, by: Actor | None = None, leader: Actor | None = None) -> CasePackage:
        form = forms.Open.model_validate(
            {
                "leader_id": (leader or self.house.leader).staff_id,
                "person_id": self.house.handler.staff_id,
                "plan": "先核实执行款去向",
            }
        )
        row: CasePackage = self._do(
            service.open_package, by or self.house.registrar, petition_id=petition.id, form=form
        )
        return row

    def step(self, row: CasePackage, due_on: str = "2026-11-27", by: Actor | None = None) -> PackageStep:
        form = forms.Step.model_validate({"words": "约谈双方", "due_on": due_on})
        step: PackageStep = self._do(
            service.add_step,
            by or self.house.leader,
            petition_id=row.petition_id,
            package_id=row.id,
            form=form,
        )
        return step

    def end(self, row: CasePackage, step: PackageStep) -> None:
        form = forms.EndStep.model_validate({"state": "done", "note": "已约谈"})
        at = {"petition_id": row.petition_id, "package_id": row.id, "step_id": step.id}
        self._do(service.end_step, self.house.handler, form=form, **at)

    def visit(self, row: CasePackage, **more: Any) -> None:
        form = forms.Visit.model_validate(VISIT | {"staff_id": self.house.leader.staff_id} | more)
        at = {"petition_id": row.petition_id, "package_id": row.id}
        self._do(service.add_visit, self.house.handler, form=form, **at)

    def close(self, row: CasePackage, by: Actor | None = None) -> CasePackage:
        at = {"petition_id": row.petition_id, "package_id": row.id}
        form = forms.Close.model_validate(CLOSE)
        closed: CasePackage = self._do(service.close, by or self.house.leader, form=form, **at)
        return closed

    def tab(self, by: Actor, tab: Tab) -> list[Any]:
        with self.context.read() as s:
            today = court_day(self.context.clock.now())
            found = queries.listed(s, by, tab=tab, today=today)
            assert queries.counts(s, by, today=today)[tab] == len(found)
        return [each.row.id for each in found]


@pytest.fixture
def office(context: Context, province: Province) -> Office:
    return Office(context, province)


def test_a_case_goes_from_the_plan_to_its_result(office: Office, bring: Bring) -> None:
    row = office.open(bring())
    step = office.step(row)
    office.visit(row)
    with pytest.raises(Conflict, match="steps_open"):
        office.close(row)
    office.end(row, step)
    with pytest.raises(Forbidden, match="leader_only"):
        office.close(row, office.house.handler)
    assert office.close(row).result == "settled"
    for perform in (office.step, office.close):
        with pytest.raises(Conflict, match="closed"):
            perform(row)
    assert office.tab(office.house.leader, Tab.MINE) == []
    assert office.tab(office.house.leader, Tab.CLOSED) == [row.id]
    with office.context.read() as s:
        assert verify(s, public_key=None, anchor_folder=office.context.settings.data).findings == []


def test_one_matter_has_one_leader(office: Office, bring: Bring) -> None:
    petition = bring()
    row = office.open(petition)
    with pytest.raises(Conflict, match="open_already"):
        office.open(petition)
    office.close(row)
    office.open(petition)
    with pytest.raises(Conflict, match="merged"):
        office.open(bring(State.MERGED))


def test_only_people_of_the_court_whom_no_conflict_keeps_away_take_it(office: Office, bring: Bring) -> None:
    petition = bring()
    with pytest.raises(Invalid, match="no_leader"):
        office.open(petition, leader=office.province.houses["辽0103"].leader)
    with pytest.raises(Forbidden):
        office.open(petition, by=office.house.handler)
    with pytest.raises(NotFound):
        office.open(petition, by=office.province.houses["辽0103"].registrar)


def test_late_steps_are_seen_by_those_who_see_the_petition(
    office: Office, bring: Bring, clock: FixedClock
) -> None:
    row = office.open(bring())
    office.step(row)
    clock.at += timedelta(days=4)
    assert office.tab(office.house.leader, Tab.OVERDUE) == []
    clock.at += timedelta(days=1)
    assert office.tab(office.house.leader, Tab.OVERDUE) == [row.id]
    assert office.tab(office.province.supervisors["辽01"], Tab.OVERDUE) == [row.id]
    assert office.tab(office.province.supervisors["辽02"], Tab.OVERDUE) == []
    with office.context.read() as s:
        [line] = waiting(s, queries.lines(office.house.handler, today=court_day(clock.at)))
    assert (line.count, line.late) == (1, 1)


def test_a_leader_with_a_conflict_loses_sight_of_it(office: Office, bring: Bring) -> None:
    petition = bring()
    row = office.open(petition)
    step = office.step(row)
    with db.unit_of_work(office.context.engine) as s:
        petitions.do(s, office.house, petition.id, Act.NAME_CONFLICT, person=office.house.leader.username)
    assert all(office.tab(office.house.leader, tab) == [] for tab in Tab)
    with pytest.raises(NotFound):
        office.step(row)
    with office.context.read() as s:
        assert waiting(s, queries.lines(office.house.leader, today=step.due_on)) == []


def test_days_that_cannot_be_are_refused(office: Office, bring: Bring) -> None:
    row = office.open(bring())
    with pytest.raises(Invalid, match="day_past"):
        office.step(row, "2026-11-22")
    with pytest.raises(Invalid, match="day_far"):
        office.step(row, "2999-11-22")
    assert office.step(row).id == office.step(row).id  # the form sent twice
    with pytest.raises(Invalid, match="day_to_come"):
        office.visit(row, day="2026-11-24")
    with pytest.raises(Invalid, match="day_before"):
        office.visit(row, day="2026-11-22")
    with pytest.raises(Invalid, match="no_person"):
        office.visit(row, staff_id=office.province.houses["辽0103"].leader.staff_id)
    with pytest.raises(Forbidden):
        office.step(row, by=office.house.registrar)


def test_the_pages_carry_it_through(office: Office, bring: Bring, desk: At) -> None:
    petition = bring()
    own, at = f"/petitions/{petition.id}/package", desk("registrar")
    people = {
        "leader_id": str(office.house.leader.staff_id),
        "person_id": str(office.house.handler.staff_id),
    }
    assert at.post(own, **people, plan="").status_code == 422
    assert at.post(own, **people, plan="先核实").status_code == 303
    twice = at.post(own, **people, plan="再来一次")
    assert twice.status_code == 409
    assert "再来一次" in twice.text
    assert at.post(f"{own}/{petition.id}/steps", words="约谈", due_on="2026-11-27").status_code == 404
    with office.context.read() as s:
        package = queries.of_petition(s, petition.id)[0].id
    assert at.post(f"{own}/{package}/steps", words="约谈", due_on="2026-11-27").status_code == 403
    at = desk("leader")
    assert at.post(f"{own}/{package}/steps", words="约谈双方", due_on="2026-11-27").status_code == 303
    assert "您的包案步骤" in at.get("/today")
    assert "约谈双方" in at.get(own)
    timeline = at.get(f"/petitions/{petition.id}")
    assert "增加包案步骤" in timeline
    with office.context.read() as s:
        assert queries.steps(s, package)[0].id.hex not in timeline
    assert petition.number in at.get("/packages")
    assert "怎样解决的：请填写这一项" in at.post(f"{own}/{package}/close", result="", words="").text
    refused = at.post(f"{own}/{package}/close", **CLOSE)
    assert refused.status_code == 409
    assert "执行款已发放" in refused.text
