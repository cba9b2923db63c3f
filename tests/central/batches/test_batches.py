"""A batch is assigned, reported on, judged and closed; courts see their own part, and nobody what is kept from them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from central import db
from central.actor import Actor, Via, system
from central.batches import forms, queries, service
from central.batches.models import Batch, BatchItem
from central.batches.queries import Tab
from central.context import Context
from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.events.verify import verify
from central.notifications.models import Notice
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.supervision.today import waiting
from shared.clock import FixedClock, court_day
from tests.central.desk.conftest import Desk
from tests.central.supervision.conftest import Province
from tests.factories import petitions

Bring = Callable[..., Petition]
At = Callable[..., Desk]


class Office:
    """Carries acts out as people of the province, each in a transaction of its own."""

    def __init__(self, context: Context, province: Province) -> None:
        self.context, self.province = context, province

    @property
    def over(self) -> Actor:
        return self.province.supervisors["辽01"]

    def _do(self, perform: Callable[..., Any], by: Actor, **given: Any) -> Any:
        with db.unit_of_work(self.context.engine) as s:
            return perform(s, by=by, now=self.context.clock.now(), **given)

    def assign(self, *found: Petition, by: Actor | None = None) -> Batch:
        numbers = "\n".join(each.number for each in found)
        form = forms.Assign.model_validate({"numbers": numbers, "words": "请报告", "period": "working_10"})
        row: Batch = self._do(service.assign, by or self.over, form=form)
        return row

    def item(self, row: Batch, petition: Petition) -> BatchItem:
        with self.context.read() as s:
            query = select(BatchItem).where(
                BatchItem.batch_id == row.id, BatchItem.petition_id == petition.id
            )
            return s.exec(query).one()

    def report(self, row: Batch, petition: Petition, by: Actor | None = None) -> BatchItem:
        by = by or self.province.houses["辽0102"].leader
        at = {"batch_id": row.id, "item_id": self.item(row, petition).id}
        item: BatchItem = self._do(service.report, by, form=forms.Report(report="已办理"), **at)
        return item

    def judge(self, row: Batch, petition: Petition, by: Actor | None = None, **fields: Any) -> BatchItem:
        form = forms.Judge.model_validate({"accepted": True} | fields)
        at = {"batch_id": row.id, "item_id": self.item(row, petition).id}
        item: BatchItem = self._do(service.judge, by or self.over, form=form, **at)
        return item

    def close(self, row: Batch, by: Actor | None = None) -> Batch:
        closed: Batch = self._do(service.close, by or self.over, batch_id=row.id)
        return closed

    def sweep(self) -> int:
        with db.unit_of_work(self.context.engine) as s:
            return service.sweep(s, by=system(Via.JOB), now=self.context.clock.now())

    def seen(self, by: Actor, row: Batch) -> set[Any]:
        with self.context.read() as s:
            known = [each.row.id for each in queries.listed(s, by, tab=Tab.OPEN)]
            if row.id not in known:
                with pytest.raises(NotFound):
                    queries.get(s, row.id, actor=by)
                return set()
            return {each.petition.id for each in queries.items(s, row.id, actor=by)}


@pytest.fixture
def office(context: Context, province: Province) -> Office:
    return Office(context, province)


def test_a_batch_is_closed_once_every_item_was_accepted(office: Office, bring: Bring) -> None:
    one, two = bring(), bring(State.REGISTERED, at="辽0103")
    row = office.assign(one, two)
    assert row.due_on.isoformat() == "2026-12-07"
    office.report(row, one)
    back = office.judge(row, one, accepted=False, words="没有说明原因")
    assert (back.state, back.returns) == ("returned", 1)
    office.report(row, one)
    office.judge(row, one)
    with pytest.raises(Conflict, match="still_open"):
        office.close(row)
    office.report(row, two, office.province.houses["辽0103"].leader)
    office.judge(row, two)
    assert office.close(row).closed_by == office.over.staff_id
    with pytest.raises(Conflict, match="closed"):
        office.close(row)
    with pytest.raises(Conflict, match="closed"):
        office.report(row, one)
    with office.context.read() as s:
        assert verify(s, public_key=None, anchor_folder=office.context.settings.data).findings == []


def test_each_court_sees_its_own_part(office: Office, bring: Bring) -> None:
    one, two = bring(), bring(at="辽0103")
    row, houses = office.assign(one, two), office.province.houses
    assert office.seen(office.over, row) == {one.id, two.id}
    assert office.seen(office.province.supervisors["辽"], row) == {one.id, two.id}
    assert office.seen(houses["辽0102"].leader, row) == {one.id}
    assert office.seen(houses["辽0103"].registrar, row) == {two.id}
    assert office.seen(office.province.supervisors["辽02"], row) == set()


def test_a_person_with_a_conflict_sees_counts_and_does_nothing(office: Office, bring: Bring) -> None:
    petition, leader = bring(), office.province.houses["辽0102"].leader
    row = office.assign(petition)
    with db.unit_of_work(office.context.engine) as s:
        house = office.province.houses["辽0102"]
        petitions.do(s, house, petition.id, Act.NAME_CONFLICT, person=office.over.username)
        petitions.do(s, house, petition.id, Act.NAME_CONFLICT, person=leader.username)
    assert office.seen(leader, row) == set()
    assert office.seen(office.over, row) == set()
    with pytest.raises(NotFound):
        office.report(row, petition, leader)
    with pytest.raises(NotFound):
        office.judge(row, petition)
    with office.context.read() as s:
        today = court_day(office.context.clock.now())
        assert (
            waiting(s, queries.lines(leader, today=today))
            == waiting(s, queries.lines(office.over, today=today))
            == []
        )
    with pytest.raises(Conflict, match="still_open"):
        office.close(row)


def test_what_does_not_fit_is_refused_whole(office: Office, bring: Bring) -> None:
    below, own, aside = bring(), bring(State.REGISTERED, at="辽01"), bring(State.REGISTERED, at="辽02")
    with pytest.raises(Invalid, match="own_court"):
        office.assign(below, own)
    with pytest.raises(Invalid, match="numbers_unknown"):
        office.assign(below, aside)
    with pytest.raises(Forbidden):
        office.assign(below, by=office.province.houses["辽01"].leader)
    with office.context.read() as s:
        assert s.exec(select(Batch)).all() == []


def test_nobody_judges_their_own_report_nor_reports_for_another_court(office: Office, bring: Bring) -> None:
    petition = bring()
    row, house = office.assign(petition), office.province.houses["辽0102"]
    with pytest.raises(Forbidden, match="reporters_only"):
        office.report(row, petition, house.registrar)
    with pytest.raises(Conflict, match="not_reported"):
        office.judge(row, petition)
    office.report(row, petition, house.handler)
    with pytest.raises(Conflict, match="not_owed"):
        office.report(row, petition)
    with pytest.raises(Forbidden, match="judges_only"):
        office.judge(row, petition, house.leader)


def test_return_dates_are_brought_to_mind_once_and_noted_once(
    office: Office, bring: Bring, clock: FixedClock
) -> None:
    office.assign(bring())
    leader = office.province.houses["辽0102"].leader
    clock.at += timedelta(days=10)
    assert office.sweep() == 0
    clock.at += timedelta(days=1)
    assert (office.sweep(), office.sweep()) == (1, 0)
    clock.at += timedelta(days=4)
    assert (office.sweep(), office.sweep()) == (1, 0)
    with office.context.read() as s:
        told = s.exec(select(Notice.kind).where(Notice.staff_id == leader.staff_id)).all()
        assert sorted(each for each in told if each.startswith("batches.")) == [
            "batches.told.given",
            "batches.told.late",
            "batches.told.near",
        ]
        [line] = waiting(s, queries.lines(leader, today=court_day(clock.at)))
        assert (line.count, line.late) == (1, 1)


def test_the_pages_carry_it_through(office: Office, bring: Bring, desk: At) -> None:
    petition, at = bring(), desk("supervisor", "ln01")
    refused = at.post("/batches", numbers="辽0102-2026-000999", words="请报告", period="working_10")
    assert refused.status_code == 422
    assert "辽0102-2026-000999" in refused.text
    made = at.post("/batches", numbers=petition.number, words="请报告", period="working_10")
    page = made.headers["location"]
    assert "待报告" in at.get(page)
    assert at.post(page + "/close").status_code == 409
    with office.context.read() as s:
        item = s.exec(select(BatchItem.id)).one()
    leader = desk("leader", "ln0102")
    assert "待报告的交办件" in leader.get("/today")
    assert leader.post(f"{page}/items/{item}/judge", accepted="true").status_code == 403
    assert leader.post(f"{page}/items/{item}/report", report="").status_code == 422
    assert leader.post(f"{page}/items/{item}/report", report="已办理").status_code == 303
    twice = leader.post(f"{page}/items/{item}/report", report="再报一次")
    assert (twice.status_code, "再报一次" in twice.text) == (409, True)
    at = desk("supervisor", "ln01")
    assert "已办理" in at.get(f"{page}/items/{item}")
    assert at.post(f"{page}/items/{item}/judge", accepted="false", words="").status_code == 422
    assert at.post(f"{page}/items/{item}/judge", accepted="true").status_code == 303
    assert at.post(page + "/close").status_code == 303
    assert "已办结" in at.get("/batches?tab=closed")
    assert desk("registrar", "ln02").client.get(page).status_code == 404


def test_what_was_ticked_on_a_worklist_stands_in_the_form_of_the_batch(
    bring: Bring, desk: At, clock: FixedClock
) -> None:
    old = bring(State.HANDLING)
    clock.at += timedelta(days=9)
    above = desk("supervisor", "ln01")
    page = above.get("/work?tab=below")
    assert f'name="n" form="assign" value="{old.number}"' in page
    assert old.number not in above.get("/work?tab=below&new=true")
    assert old.number in above.get(f"/batches/new?n={old.number}")
    assert 'name="n"' not in desk("registrar", "ln0102").get("/work?tab=court")
