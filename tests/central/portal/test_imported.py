"""A petition taken over from a ledger: dates and reply as recorded there, and a code only after a clerk gave one."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from starlette.testclient import TestClient

from central import db
from central.actor import Via, system
from central.context import Context
from central.events import log
from central.events.kinds import Kind
from central.petitions import moves
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.replies.models import Delivery, Reply
from shared.clock import COURT_ZONE
from tests.central.portal.conftest import Receipt
from tests.factories import petitions
from tests.factories.accounts import House

ANSWERED = datetime(2024, 3, 12, tzinfo=COURT_ZONE)


def taken_over(context: Context, house: House) -> UUID:
    """Write down a petition and its answer as a ledger import does, without demands answered one by one."""
    with db.unit_of_work(context.engine) as s:
        petition = petitions.registered(s, house)
        petition.state, petition.is_open, petition.imported = State.CLOSED, False, True
        petition.issued_at, petition.delivered_on = ANSWERED, date(2024, 3, 12)
        s.add(
            Reply(
                petition_id=petition.id, status="issued", issued_at=ANSWERED, text="您好，案件已于三月办结。"
            )
        )
        s.add(Delivery(petition_id=petition.id, method="ledger", delivered_on=date(2024, 3, 12)))
        log.record(
            s,
            kind=Kind.PETITION_IMPORTED,
            stream=moves.stream_of(petition.id),
            actor=system(Via.IMPORT),
            at=ANSWERED,
            now=context.clock.now(),
        )
        return petition.id


def test_its_answer_its_dates_and_where_they_come_from_are_told(
    context: Context, house: House, look_up: Callable[[Receipt], str]
) -> None:
    ident = taken_over(context, house)
    with db.unit_of_work(context.engine) as s:
        held = Receipt(s.get_one(Petition, ident), petitions.do(s, house, ident, Act.REISSUE_CODE))
    page = look_up(held)
    for words in (
        "您好，案件已于三月办结。",
        "2024年3月12日 周二 送达（依据以往台账）",
        "以前的台账转入",
        "记入系统",
    ):
        assert words in page


def test_without_a_code_nothing_opens_it(context: Context, house: House, client: TestClient) -> None:
    ident = taken_over(context, house)
    with db.unit_of_work(context.engine) as s:
        petition = s.get_one(Petition, ident)
        petition.code_hash = None
        log.record(
            s,
            kind=Kind.PETITION_IMPORTED,
            stream=moves.stream_of(ident),
            actor=system(Via.IMPORT),
            at=ANSWERED,
            now=context.clock.now(),
        )
    answer = client.post("/track", data={"number": petition.number, "code": "0" * 16})
    assert answer.status_code == 404
