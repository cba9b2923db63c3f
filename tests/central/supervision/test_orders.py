"""From the order to its end: answered, judged, sent back, escalated, withdrawn; who may, who must not, who sees."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from central import db
from central.actor import Actor, Via, system
from central.context import Context
from central.errors import Conflict, Forbidden, Invalid, MinyiError, NotFound
from central.events.models import Event
from central.events.verify import verify
from central.notifications.models import Notice
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.portal.queries import TOLD
from central.supervision import forms, queries, service
from central.supervision.models import SupervisionOrder
from central.supervision.queries import Tab
from central.supervision.states import State as Stage
from central.supervision.today import waiting
from shared.clock import FixedClock, court_day
from tests.central.desk.conftest import Desk
from tests.central.supervision.conftest import Province
from tests.factories import petitions

ORDER = {"reason": "overdue", "words": "请说明超期原因", "period": "working_5"}
ANSWER = {"explanation": "因案卷调阅耽误", "measures": "已于今日答复", "round": 1}
NOT_YET = {"accepted": False, "words": "没有说明责任人", "period": "working_3"}
Bring = Callable[..., Petition]
At = Callable[..., Desk]


class Office:
    """Carries acts out as people of the province, each in a transaction of its own."""

    def __init__(self, context: Context, province: Province) -> None:
        self.context, self.province = context, province

    @property
    def over(self) -> Actor:
        """The supervisor of the court above."""
        return self.province.supervisors["辽01"]

    def order(self, petition: Petition, by: Actor | None = None, **more: Any) -> SupervisionOrder:
        with db.unit_of_work(self.context.engine) as s:
            form = forms.Order.model_validate(ORDER | more)
            now = self.context.clock.now()
            return service.order(s, petition_id=petition.id, form=form, by=by or self.over, now=now)

    def do(self, order: SupervisionOrder, act: str, by: Actor, **fields: Any) -> SupervisionOrder:
        kinds = {"answer": forms.Answer, "judge": forms.Judge, "escalate": forms.Escalate}
        form = kinds.get(act, forms.Because).model_validate(fields)
        perform = getattr(service, act)
        with db.unit_of_work(self.context.engine) as s:
            row: SupervisionOrder = perform(
                s,
                petition_id=order.petition_id,
                order_id=order.id,
                form=form,
                by=by,
                now=self.context.clock.now(),
            )
            return row

    def sweep(self) -> int:
        with db.unit_of_work(self.context.engine) as s:
            return service.sweep(s, by=system(Via.JOB), now=self.context.clock.now())

    def kinds(self, petition: Petition) -> list[str]:
        with self.context.read() as s:
            stream = f"petition/{petition.id.hex}"
            found = s.exec(select(Event.kind).where(Event.stream == stream).order_by(Event.id)).all()  # type: ignore[arg-type]
        return [kind.removeprefix("order.") for kind in found if kind.startswith("order.")]

    def tab(self, by: Actor, tab: Tab) -> list[UUID]:
        with self.context.read() as s:
            found = queries.listed(s, by, tab=tab, today=court_day(self.context.clock.now()))
            counts = queries.counts(s, by, today=court_day(self.context.clock.now()))
        assert counts[tab] == len(found)
        return [each.row.id for each in found]


@pytest.fixture
def office(context: Context, province: Province) -> Office:
    return Office(context, province)


def test_an_order_is_answered_and_accepted(office: Office, bring: Bring) -> None:
    petition, here = bring(), office.province.houses["辽0102"]
    order = office.order(petition)
    assert order.due_on.isoformat() == "2026-11-30"
    assert office.tab(here.leader, Tab.ANSWER) == [order.id]
    assert office.tab(office.over, Tab.JUDGE) == []
    office.do(order, "answer", here.handler, **ANSWER)
    assert office.tab(office.over, Tab.JUDGE) == [order.id]
    ended = office.do(order, "judge", office.over, round=1, accepted=True)
    assert (ended.state, ended.ended_by) == (Stage.ACCEPTED, office.over.staff_id)
    assert office.tab(here.leader, Tab.CLOSED) == [order.id]
    assert office.kinds(petition) == ["given", "answered", "accepted"]


def test_an_answer_sent_back_twice_proposes_the_court_above_which_takes_over(
    office: Office, bring: Bring, clock: FixedClock
) -> None:
    petition, here = bring(), office.province.houses["辽0102"]
    order = office.order(petition)
    for turn in (1, 2):
        office.do(order, "answer", here.leader if turn == 2 else here.handler, **ANSWER | {"round": turn})
        order = office.do(order, "judge", office.over, **NOT_YET, round=turn)
        assert order.state == Stage.ISSUED
        assert (order.proposed_on is not None) == (turn == 2)
    above = office.province.houses["辽"].court
    moved = office.do(order, "escalate", office.over, words="两次答复均未说明责任", period="working_3")
    assert (moved.judge_court_id, moved.round, moved.refusals, moved.proposed_on) == (above.id, 4, 0, None)
    office.do(order, "answer", here.leader, **ANSWER | {"round": 4})
    with pytest.raises(Forbidden):  # the court above judges now
        office.do(order, "judge", office.over, round=4, accepted=True)
    office.do(order, "judge", office.province.supervisors["辽"], round=4, accepted=True)
    assert office.kinds(petition)[-3:] == ["escalated", "answered", "accepted"]
    del clock


def test_a_late_order_is_proposed_once_and_never_moves_by_itself(
    office: Office, bring: Bring, clock: FixedClock
) -> None:
    petition = bring()
    order = office.order(petition)
    assert office.sweep() == 0
    clock.at += timedelta(days=7)  # Monday 30th, the day itself
    assert office.sweep() == 0
    clock.at += timedelta(days=1)
    assert office.sweep() == 1
    assert office.sweep() == 0
    assert office.tab(office.over, Tab.OVERDUE) == [order.id]
    with office.context.read() as s:
        kept = s.get_one(SupervisionOrder, order.id)
    assert (kept.judge_court_id, kept.state) == (order.judge_court_id, Stage.ISSUED)
    assert kept.proposed_on == court_day(clock.at)
    assert office.kinds(petition) == ["given", "escalation_proposed"]


def test_what_is_neither_late_nor_refused_twice_stays_and_the_top_court_has_nobody_above(
    office: Office, bring: Bring, clock: FixedClock
) -> None:
    petition = bring()
    order = office.order(petition)
    more = {"words": "尽快", "period": "working_3"}
    with pytest.raises(Conflict, match="not_ripe"):
        office.do(order, "escalate", office.over, **more)
    clock.at += timedelta(days=30)
    order = office.do(order, "escalate", office.over, **more)
    clock.at += timedelta(days=30)
    with pytest.raises(Conflict, match="nobody_above"):
        office.do(order, "escalate", office.province.supervisors["辽"], **more)


def test_nobody_supervises_or_judges_themselves(office: Office, bring: Bring) -> None:
    here = office.province.houses["辽0102"]
    petition = bring()
    for by in (here.leader, here.handler):  # the responsible leader, and somebody who may not at all
        with pytest.raises(Forbidden):
            office.order(petition, by)
    own = office.province.supervisors["辽0102"]
    order = office.order(petition, own)
    with pytest.raises(Forbidden):
        office.do(order, "answer", own, **ANSWER)
    office.do(order, "answer", here.leader, **ANSWER)
    with pytest.raises(Forbidden):
        office.do(order, "judge", here.leader, round=1, accepted=True)


def test_a_leader_who_ordered_does_not_answer(office: Office, bring: Bring) -> None:
    here, petition = office.province.houses["辽0102"], bring(State.REGISTERED)
    order = office.order(petition, here.leader)
    with pytest.raises(Forbidden, match="own_order"):
        office.do(order, "answer", here.leader, **ANSWER)


def test_an_order_is_given_once_per_court_and_again_after_its_end(office: Office, bring: Bring) -> None:
    petition = bring()
    order = office.order(petition)
    with pytest.raises(Conflict, match="running_already"):
        office.order(petition)
    office.order(petition, office.province.supervisors["辽"])  # another court may ask as well
    office.do(order, "withdraw", office.over, words="已经答复")
    office.order(petition)


@pytest.mark.parametrize("code", ["辽02", "辽0103"])
def test_who_does_not_see_the_petition_finds_no_order(office: Office, bring: Bring, code: str) -> None:
    petition = bring()
    order, stranger = office.order(petition), office.province.supervisors[code]
    with pytest.raises(NotFound):
        office.order(petition, stranger)
    with pytest.raises(NotFound):
        office.do(order, "judge", stranger, round=1, accepted=True)
    for tab in Tab:
        assert office.tab(stranger, tab) == []


def test_a_person_with_a_conflict_sees_counts_and_does_nothing(office: Office, bring: Bring) -> None:
    petition, over = bring(), office.over
    order = office.order(petition)
    with db.unit_of_work(office.context.engine) as s:
        here = office.province.houses["辽0102"]
        petitions.do(s, here, petition.id, Act.NAME_CONFLICT, person=over.username)
    for act, fields in (
        ("judge", {"round": 1, "accepted": True}),
        ("withdraw", {"words": "撤回"}),
        ("escalate", {"words": "提请", "period": "working_3"}),
        ("answer", ANSWER),
    ):
        with pytest.raises(NotFound):
            office.do(order, act, over, **fields)
    assert all(office.tab(over, tab) == [] for tab in Tab)
    with office.context.read() as s:
        assert waiting(s, queries.lines(over, today=court_day(office.context.clock.now()))) == []
    assert office.tab(office.province.supervisors["辽"], Tab.ANSWER) == [order.id]


def test_an_order_follows_the_petition_to_another_court(office: Office, bring: Bring) -> None:
    petition, there = bring(State.REGISTERED), office.province.houses["辽0103"]
    order = office.order(petition)
    with db.unit_of_work(office.context.engine) as s:
        petitions.do(s, office.province.houses["辽0102"], petition.id, Act.TRANSFER, court=there.court.code)
    assert office.sweep() == 1
    assert office.sweep() == 0
    assert office.tab(there.leader, Tab.ANSWER) == [order.id]
    office.do(order, "answer", there.leader, **ANSWER)


@pytest.mark.parametrize(
    ("act", "who", "fields", "error"),
    [
        ("judge", "over", {"round": 1, "accepted": True}, Conflict),
        ("answer", "leader", ANSWER | {"round": 2}, Conflict),
        ("answer", "leader", ANSWER | {"evidence": "0192f0c1-0000-7000-8000-000000000000"}, Invalid),
        ("answer", "registrar", ANSWER, Forbidden),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_changes(
    office: Office, bring: Bring, act: str, who: str, fields: dict[str, Any], error: type[MinyiError]
) -> None:
    petition = bring()
    order = office.order(petition)
    by = office.over if who == "over" else getattr(office.province.houses["辽0102"], who)
    with pytest.raises(error):
        office.do(order, act, by, **fields)
    assert office.kinds(petition) == ["given"]


def test_a_typed_day_is_no_period(office: Office, bring: Bring) -> None:
    with pytest.raises(Invalid) as refused:
        office.order(bring(), period="2027-01-01")
    assert refused.value.field == "period"


def test_words_lie_sealed_and_the_log_can_rebuild_the_rows(office: Office, bring: Bring) -> None:
    petition, here = bring(), office.province.houses["辽0102"]
    office.do(office.order(petition), "answer", here.handler, **ANSWER)
    with office.context.engine.connect() as connection:
        words = connection.exec_driver_sql("SELECT words FROM supervision_order").scalar_one()
        assert "超期".encode() not in bytes(words)
    with office.context.read() as s:
        folder = office.context.settings.data
        assert verify(s, public_key=None, anchor_folder=folder).findings == []


def test_several_petitions_get_one_order_each_or_none(
    office: Office, bring: Bring, desk: At, province: Province
) -> None:
    first, second = bring(), bring(State.REGISTERED)
    at = desk("supervisor", "ln01")
    numbers = f"{first.number}、{second.number}\n{first.number}"
    refused = at.post("/supervision", **ORDER, numbers=f"{first.number}\n辽0102-2026-000999")
    assert refused.status_code == 422
    assert "辽0102-2026-000999" in refused.text
    assert "请说明超期原因" in refused.text, "nothing typed is lost"
    assert office.tab(office.over, Tab.ANSWER) == []
    assert at.post("/supervision", **ORDER, numbers=numbers).status_code == 303
    assert len(office.tab(office.over, Tab.ANSWER)) == 2
    again = at.post("/supervision", **ORDER, numbers=numbers)
    assert again.status_code == 409
    assert at.get("/supervision?tab=answer").count(">辽0102-2026-") == 2


def test_the_pages_lead_from_the_petition_to_the_judgement(office: Office, bring: Bring, desk: At) -> None:
    petition = bring()
    own = f"/petitions/{petition.id}/supervision"
    at = desk("supervisor", "ln01")
    assert own in at.get(f"/petitions/{petition.id}")
    missing = at.post(own, reason="overdue", words="", period="")
    assert missing.status_code == 422
    made = at.post(own, **ORDER)
    assert made.status_code == 303
    page = made.headers["location"]
    leader = desk("leader", "ln0102")
    assert "待答复的督办" in leader.get("/today")
    assert "请说明超期原因" in leader.get(page)
    assert leader.post(page + "/judge", round=1, accepted="true").status_code == 403
    assert leader.post(page + "/answer", **ANSWER).status_code == 303
    twice = leader.post(page + "/answer", **ANSWER | {"measures": "另外写了一段"})
    assert twice.status_code == 409
    assert "另外写了一段" in twice.text
    assert "因案卷调阅耽误" in twice.text
    at = desk("supervisor", "ln01")
    assert "待审核的督办答复" in at.get("/today")
    silent = at.post(page + "/judge", round=1, accepted="false", words="", period="working_3")
    assert silent.status_code == 422
    assert at.post(page + "/judge", round=1, accepted="true").status_code == 303
    assert "答复已认可" in at.get(f"/petitions/{petition.id}")
    assert "认可督办答复" in at.get(f"/petitions/{petition.id}")
    assert "被督办：辽0102" in at.get(f"/petitions/{petition.id}")


def test_pages_go_on_by_key(office: Office, bring: Bring, clock: FixedClock) -> None:
    made = []
    for _ in range(3):
        made.append(office.order(bring(State.REGISTERED)).id)
        clock.at += timedelta(days=1)
    with office.context.read() as s:
        day, found = court_day(clock.at), list[UUID]()
        after = None
        while page := queries.listed(s, office.over, tab=Tab.ANSWER, today=day, after=after, limit=2):
            found += [each.row.id for each in page]
            after = queries.After(page[-1].row.id, due_on=page[-1].row.due_on)
    assert found == made


def test_an_address_that_cannot_be_read_shows_the_first_page(desk: At, province: Province) -> None:
    at = desk("supervisor", "ln01")
    assert "督办" in at.get("/supervision?tab=nonsense&due=yesterday&after=1&at=2026-01-01T00:00:00")


def test_no_petitioner_reads_of_supervision(office: Office, bring: Bring) -> None:
    """The public page names its kinds of events one by one; those of supervision are none of them."""
    assert not any(str(kind).startswith("order.") for kind in TOLD)


def told(office: Office) -> list[tuple[str, UUID | None]]:
    """Return what was told to whom, oldest first."""
    with office.context.read() as s:
        rows = s.exec(select(Notice).where(Notice.kind.startswith("supervision."))).all()  # type: ignore[attr-defined]
        return [(row.kind.removeprefix("supervision.told."), row.staff_id) for row in rows]


def test_those_who_answer_and_those_who_judge_are_told_once(
    office: Office, bring: Bring, clock: FixedClock
) -> None:
    petition, here = bring(), office.province.houses["辽0102"]
    order = office.order(petition)
    answerers = {("given_answers", here.leader.staff_id), ("given_answers", here.handler.staff_id)}
    assert set(told(office)) == answerers
    clock.at += timedelta(days=30)
    office.sweep()
    office.sweep()
    late = [each for each in told(office) if each[0].startswith("late")]
    assert sorted(late) == sorted(
        [
            ("late_answers", here.leader.staff_id),
            ("late_answers", here.handler.staff_id),
            ("late_judges", office.over.staff_id),
        ]
    )
    office.do(order, "answer", here.leader, **ANSWER)
    assert [each for each in told(office) if each[0] == "answered_judges"] == [
        ("answered_judges", office.over.staff_id)
    ]


def test_who_has_a_conflict_is_told_nothing(office: Office, bring: Bring) -> None:
    petition, here = bring(State.REGISTERED), office.province.houses["辽0102"]
    with db.unit_of_work(office.context.engine) as s:
        petitions.do(s, here, petition.id, Act.NAME_CONFLICT, person=here.leader.username)
    office.order(petition, office.province.supervisors["辽"])
    assert here.leader.staff_id not in {who for _, who in told(office)}
