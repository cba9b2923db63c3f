"""From the end of a petition to the end of its keeping: due, proposed, agreed to, held, erased."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import select
from starlette.testclient import TestClient

from central import db
from central.actor import Via, system
from central.context import Context
from central.documents import service as documents
from central.documents.service import Store
from central.errors import Conflict
from central.events.models import Event
from central.events.verify import verify
from central.keeping import queries, service, work
from central.keeping.models import Appraisal
from central.keeping.rules import Kind, fits, rule_of, schedule
from central.keeping.rules import State as Stage
from central.petitions import queries as petitions_queries
from central.petitions.models import Petition, Petitioner
from central.petitions.states import Act, State
from central.portal import passes
from central.portal.service import code_version
from central.settings import Documents
from central.vault import rows
from central.vault.errors import KeyGone
from shared.clock import FixedClock
from tests.central.desk.conftest import Desk
from tests.central.documents import corpus
from tests.factories import petitions
from tests.factories.accounts import House
from tests.factories.accounts import house as make_house
from tests.factories.petitions import FORM

At = Callable[..., Desk]
Bring = Callable[..., Petition]
YEARS = timedelta(days=365.25 * 10 + 2)
ERASE = {"decision": "erase", "years": "", "words": "期满，无保留价值"}


def _row(context: Context) -> Appraisal:
    with context.read() as s:
        return s.exec(select(Appraisal).order_by(Appraisal.id.desc())).first() or pytest.fail(
            "nothing is due"
        )  # type: ignore[attr-defined]


def _petition(context: Context, petition_id: UUID) -> Petition:
    with context.read() as s:
        return s.get_one(Petition, petition_id)


def _kinds(context: Context, petition: Petition) -> list[str]:
    with context.read() as s:
        query = select(Event.kind).where(Event.stream == f"petition/{petition.id.hex}").order_by(Event.id)  # type: ignore[arg-type]
        found = s.exec(query).all()
    return [kind.removeprefix("petition.") for kind in found]


def _due(context: Context, clock: FixedClock, bring: Bring, *more: Act) -> Petition:
    petition = bring(State.CLOSED, *more)
    clock.at += YEARS
    assert work.run(context) == {"due": 1}
    return petition


def _erased(context: Context, clock: FixedClock, bring: Bring, desk: At) -> Petition:
    petition = _due(context, clock, bring)
    row = str(_row(context).id)
    assert desk("registrar").post("/keeping/propose", ids=row, **ERASE).status_code == 303
    assert desk("leader").post("/keeping/agree", ids=row).status_code == 303
    assert work.run(context) == {"erased": 1}
    return petition


def test_nothing_is_due_before_its_time(context: Context, clock: FixedClock, bring: Bring) -> None:
    bring(State.CLOSED)
    bring(State.HANDLING)
    assert work.run(context) == {}
    clock.at += timedelta(days=365 * 10)
    assert work.run(context) == {}
    clock.at += timedelta(days=4)
    assert work.run(context) == {"due": 1}
    assert work.run(context) == {}


def test_two_people_erase_what_is_due(desk: At, bring: Bring, context: Context, clock: FixedClock) -> None:
    petition = _due(context, clock, bring)
    at = desk("registrar")
    assert petition.number in at.get("/keeping")
    row = str(_row(context).id)
    assert at.post("/keeping/propose", ids=row, **ERASE).status_code == 303
    assert at.post("/keeping/agree", ids=row).status_code == 403
    leader = desk("leader")
    page = leader.get("/keeping?state=proposed")
    assert petition.number in page
    assert "期满，无保留价值" in page
    assert leader.post("/keeping/agree", ids=row, words="同意").status_code == 303
    assert _row(context).state == Stage.ERASING
    assert work.run(context) == {"erased": 1}
    assert _row(context).state == Stage.ERASED
    assert _kinds(context, petition)[-4:] == ["time_over", "disposal_proposed", "erased", "key_destroyed"]
    assert petition.number in leader.get("/keeping?state=erased")


def test_nobody_agrees_to_their_own_proposal(
    desk: At, bring: Bring, context: Context, clock: FixedClock
) -> None:
    _due(context, clock, bring)
    leader, row = desk("leader"), str(_row(context).id)
    leader.post("/keeping/propose", ids=row, **ERASE)
    assert leader.post("/keeping/agree", ids=row).status_code == 403
    assert leader.post("/keeping/refuse", ids=row).status_code == 403
    assert _row(context).state == Stage.PROPOSED


def test_what_was_not_agreed_to_can_be_proposed_again(
    desk: At, bring: Bring, context: Context, clock: FixedClock
) -> None:
    petition = _due(context, clock, bring)
    row = str(_row(context).id)
    desk("registrar").post("/keeping/propose", ids=row, **ERASE)
    leader = desk("leader")
    assert leader.post("/keeping/refuse", ids=row, words="尚有诉讼").status_code == 303
    assert leader.post("/keeping/agree", ids=row).status_code == 422  # it is no proposal any more
    at = desk("registrar")
    assert "尚有诉讼" in at.get("/keeping")
    assert (
        at.post("/keeping/propose", ids=row, decision="keep", years="5", words="有保留价值").status_code
        == 303
    )
    desk("leader").post("/keeping/agree", ids=row)
    assert _row(context).state == Stage.KEPT
    assert _kinds(context, petition)[-1] == "kept"
    assert work.run(context) == {}
    clock.at += timedelta(days=5 * 365 + 3)
    assert work.run(context) == {"due": 1}


def test_an_incomplete_proposal_comes_back_with_what_was_typed(
    desk: At, bring: Bring, context: Context, clock: FixedClock
) -> None:
    _due(context, clock, bring)
    at, row = desk("registrar"), str(_row(context).id)
    answer = at.post("/keeping/propose", ids=row, decision="keep", words="写了半天的理由")
    assert answer.status_code == 422
    assert "写了半天的理由" in answer.text
    assert "再保管几年，1 到 100" in answer.text
    assert "checked" in answer.text
    for wrong in (
        {"decision": "erase", "words": "期满"},
        {"ids": row, "decision": "erase", "words": " "},
        {"ids": row, "decision": "burn", "words": "期满"},
        {"ids": row, "decision": "keep", "years": "900", "words": "期满"},
        {"ids": "x", "decision": "erase", "words": "期满"},
        {"decision": "", "years": "", "words": ""},
        {"ids": row, "decision": "keep", "years": "", "words": "期满"},
        {"ids": row, "decision": "keep", "years": "一", "words": "期满"},
    ):
        assert at.post("/keeping/propose", **wrong).status_code == 422
    assert _row(context).state == Stage.DUE


def test_one_wrong_row_leaves_the_whole_lot_as_it_was(
    desk: At, bring: Bring, context: Context, clock: FixedClock
) -> None:
    other = bring(State.CLOSED)
    _due_both = bring(State.CLOSED)
    clock.at += YEARS
    assert work.run(context) == {"due": 2}
    with context.read() as s:
        first, second = (str(each.id) for each in s.exec(select(Appraisal)).all())
    at = desk("registrar")
    at.post("/keeping/propose", ids=[first, second], **ERASE)
    with db.unit_of_work(context.engine) as s:
        held = s.get_one(Appraisal, UUID(second)).petition_id
    leader = desk("leader")
    assert leader.post(f"/petitions/{held}/keeping/hold", words="诉讼需要").status_code == 303
    answer = leader.post("/keeping/agree", ids=[first, second], state="proposed")
    assert answer.status_code == 422
    assert "已设定暂停销毁" in answer.text
    assert all(_petition(context, each.id).erased_at is None for each in (other, _due_both))


def test_an_erased_petition_is_gone_and_its_course_stays(
    desk: At, bring: Bring, context: Context, clock: FixedClock, house: House
) -> None:
    petition = bring(State.CLOSED)
    store = Store(context.settings.data, Documents(), context.vault)
    with db.unit_of_work(context.engine) as s:
        documents.take_in(
            s,
            store=store,
            petition_id=petition.id,
            key_id=petition.key_id,
            name="判决书.png",
            content=BytesIO(corpus.png()),
            by=house.handler,
            now=clock.now(),
        )
    folder = context.settings.data / "attachments" / petition.id.hex
    assert len(list(folder.iterdir())) == 2
    before = desk("registrar").get(f"/petitions/{petition.id}")
    assert FORM["subject"] in before
    clock.at += YEARS
    work.run(context)
    row = str(_row(context).id)
    desk("registrar").post("/keeping/propose", ids=row, **ERASE)
    desk("leader").post("/keeping/agree", ids=row)
    work.run(context)
    assert not folder.exists()
    with pytest.raises(KeyGone):
        context.vault.key(petition.key_id)
    at = desk("registrar")
    for page in (f"/petitions/{petition.id}", "/petitions", f"/petitions/{petition.id}/keeping"):
        found = at.get(page)
        assert "（内容已按期销毁）" in found
        for word in (FORM["subject"], "王小明", "13800000000", "尽快执行", "判决书"):
            assert word not in found, (page, word)
    found = at.get(f"/petitions/{petition.id}")
    assert "按保管期限销毁内容" in found
    assert "发出答复" in found
    with context.read() as s:
        people = s.get_one(Petitioner, petition.id)
        assert (people.phone_index, people.id_number_index) == (None, None)
    assert petition.number not in at.post("/petitions/contact", contact="13800000000").text
    with context.read() as s:
        assert verify(s, public_key=None, anchor_folder=context.settings.data).findings == []


def test_nothing_can_be_done_to_an_erased_petition(
    desk: At, bring: Bring, context: Context, clock: FixedClock, house: House
) -> None:
    petition = _erased(context, clock, bring, desk)
    page = desk("leader").get(f"/petitions/{petition.id}")
    assert "/acts/" not in page
    with pytest.raises(Conflict) as refused, db.unit_of_work(context.engine) as s:
        petitions.do(s, house, petition, Act.REOPEN)
    assert refused.value.key == "petitions.erased"
    at = desk("registrar")
    assert at.post(f"/petitions/{petition.id}/keeping/hold", words="诉讼需要").status_code == 409
    assert at.client.get(f"/petitions/{petition.id}/draft").status_code == 409
    picture = {"files": ("a.png", corpus.png(), "image/png")}
    sent = at.client.post(f"/petitions/{petition.id}/documents", data={"csrf": at.csrf}, files=picture)
    assert sent.status_code in {403, 409}


def test_nobody_is_asked_why_they_look_at_an_erased_one(
    desk: At, bring: Bring, context: Context, clock: FixedClock
) -> None:
    petition = _erased(context, clock, bring, desk)
    answer = desk("leader").client.get(f"/petitions/{petition.id}/keeping")
    assert answer.status_code == 200


def test_a_hold_stops_what_was_agreed_and_what_was_announced(
    desk: At, bring: Bring, context: Context, clock: FixedClock
) -> None:
    petition = bring(State.WITHDRAWN)
    path = f"/petitions/{petition.id}/keeping"
    clock.at += timedelta(days=5 * 366)
    assert work.run(context) == {"due": 1}
    assert petition.number in desk("registrar").get("/keeping?state=announced")
    assert "暂停销毁" in desk("leader").get(path)
    assert desk("leader").post(path + "/hold", words=" ").status_code == 422
    assert desk("leader").post(path + "/hold", words="诉讼需要").status_code == 303
    assert desk("leader").post(path + "/hold", words="诉讼需要").status_code == 409
    clock.at += timedelta(days=40)
    assert work.run(context) == {}
    at = desk("registrar")
    assert "诉讼需要" in at.get(path)
    assert at.post(path + "/lift", words="已结案").status_code == 303
    assert at.post(path + "/lift", words="已结案").status_code == 409
    assert work.run(context) == {"decided": 1, "erased": 1}
    assert _kinds(context, petition)[-5:] == ["time_over", "held", "hold_lifted", "erased", "key_destroyed"]


def test_what_was_announced_is_erased_on_its_day_and_not_before(
    bring: Bring, context: Context, clock: FixedClock
) -> None:
    petition = bring(State.WITHDRAWN)
    clock.at += timedelta(days=5 * 366)
    work.run(context)
    clock.at += timedelta(days=29)
    assert work.run(context) == {}
    clock.at += timedelta(days=1)
    assert work.run(context) == {"decided": 1, "erased": 1}
    assert _petition(context, petition.id).erased_at == clock.now()


def test_one_that_was_opened_again_is_let_go(
    bring: Bring, context: Context, clock: FixedClock, house: House
) -> None:
    petition = _due(context, clock, bring)
    with db.unit_of_work(context.engine) as s:
        petitions.do(s, house, petition, Act.REOPEN, now=clock.now())
    assert work.run(context) == {"let_go": 1}
    with context.read() as s:
        assert queries.of_petition(s, petition.id) == []
        assert verify(s, public_key=None, anchor_folder=context.settings.data).findings == []


def test_a_crash_between_the_two_steps_is_made_up_for(
    bring: Bring, context: Context, clock: FixedClock, desk: At
) -> None:
    petition = _due(context, clock, bring)
    with db.unit_of_work(context.engine) as s:
        row = s.get_one(Appraisal, _row(context).id)
        service.decide_erasure(s, row=row, by=system(Via.JOB), now=clock.now())
    page = desk("registrar").get(f"/petitions/{petition.id}")
    for word in ("至今没有执行", "王小明", "书面说明理由", "/acts/"):
        assert word not in page
    # As if the process had ended right after the key was destroyed.
    context.vault.destroy(petition.key_id)
    assert work.run(context) == {"erased": 1}
    assert work.run(context) == {}
    assert _kinds(context, petition)[-2:] == ["erased", "key_destroyed"]


def test_the_petitioner_is_told(
    context: Context, clock: FixedClock, house: House, client: TestClient
) -> None:
    with db.unit_of_work(context.engine) as s:
        petition = petitions.at(s, house, State.WITHDRAWN)
    clock.at += timedelta(days=5 * 366)
    work.run(context)

    def told() -> str:
        with context.read() as s:
            pass_ = passes.issue(
                context.settings.data / "keys",
                petition.id,
                code_version(s.get_one(Petition, petition.id)),
                now=clock.now(),
            )
        client.cookies.set(passes.COOKIE, pass_)
        return client.get("/track/petition").text

    page = told()
    assert FORM["subject"] in page
    assert "保管期限已满，内容和材料将于" in page
    clock.at += timedelta(days=31)
    work.run(context)
    page = told()
    assert FORM["subject"] not in page
    assert "内容已按保管期限销毁" in page
    assert "撤回" in page
    for word in ("至今没有执行", "尽快执行", "书面说明理由"):
        assert word not in page


def test_the_rules_and_the_query_say_the_same(
    bring: Bring, context: Context, clock: FixedClock, house: House
) -> None:
    found = [bring(state) for state in (State.CLOSED, State.WITHDRAWN, State.MERGED, State.HANDLING)]
    with db.unit_of_work(context.engine) as s:
        big = petitions.registered(s, house, group_size=5)
        petitions.do(s, house, big, Act.WITHDRAW)
        excused = petitions.at(s, house, State.REPLIED)
        petitions.excused(s, house, excused, Act.CLOSE_EXCUSED)
    for kind in Kind:
        if kind is Kind.LEDGER_FILE:
            continue
        with context.read() as s:
            by_query = set(s.exec(select(Petition.id).where(queries.is_of(kind))).all())
            by_rule = {
                row.id
                for row in s.exec(select(Petition)).all()
                if fits(
                    kind,
                    state=row.state,
                    excused=row.excuse is not None,
                    group=queries.group_size(s, row.id) >= queries.GROUP,
                )
            }
        assert by_query == by_rule, kind
    del found, clock


def test_what_is_kept_for_good_never_comes_due(
    bring: Bring, context: Context, clock: FixedClock, house: House
) -> None:
    del bring
    with db.unit_of_work(context.engine) as s:
        petition = petitions.registered(s, house, group_size=5)
        petitions.do(s, house, petition, Act.WITHDRAW)
    clock.at += timedelta(days=365 * 90)
    assert work.run(context) == {}
    rule = rule_of(schedule(), Kind.GROUP)
    assert rule is not None
    assert rule.years is None


def test_another_court_neither_sees_nor_acts(
    desk: At, bring: Bring, context: Context, clock: FixedClock
) -> None:
    with db.unit_of_work(context.engine) as s:
        make_house(s, "辽0103")
    petition = _due(context, clock, bring)
    row = str(_row(context).id)
    for role in ("registrar", "leader"):
        elsewhere = desk(role, "ln0103")
        assert petition.number not in elsewhere.get("/keeping")
        assert petition.number not in elsewhere.get("/keeping?court=辽0102")
        assert elsewhere.post("/keeping/propose", ids=row, **ERASE).status_code == 404
        assert elsewhere.client.get(f"/petitions/{petition.id}/keeping").status_code == 404
    assert _row(context).state == Stage.DUE


def test_no_sealed_word_of_it_can_be_opened_from_the_database(
    desk: At, bring: Bring, context: Context, clock: FixedClock
) -> None:
    """Whoever has the whole database and the whole key store of today finds nothing of it."""
    petition = _erased(context, clock, bring, desk)
    with context.read() as s:
        connection = s.connection()
        sealed = connection.execute(
            text("SELECT subject, text FROM petition WHERE id = :id"), {"id": petition.id.hex}
        ).first()
        if sealed is None:
            sealed = connection.execute(
                text("SELECT subject, text FROM petition WHERE id = CAST(:id AS uuid)"),
                {"id": str(petition.id)},
            ).one()
        for value in sealed:
            with pytest.raises(KeyGone):
                rows.vault_of(s).open(bytes(value), aad="petition")
        assert petitions_queries.by_number(s, petition.number) is not None
