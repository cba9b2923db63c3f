"""Exports from the list to the file: asked, agreed to, written, fetched, gone."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from central import db, jobs
from central.access import queries as access
from central.access.models import AccessEntry
from central.accounts import grants
from central.accounts.models import Staff
from central.actor import Role, Via, system
from central.context import Context
from central.events.models import Event
from central.events.verify import verify
from central.exports import files, queries, work
from central.exports.models import Export
from central.exports.rules import State as Stage
from central.petitions.models import Petition
from central.petitions.queries import Filter
from central.petitions.states import Act, State
from central.settings import Exports
from central.vault.errors import KeyGone
from shared.clock import FixedClock
from tests.central.desk.conftest import Desk
from tests.factories import petitions
from tests.factories.accounts import House, staff
from tests.factories.accounts import house as make_house

At = Callable[..., Desk]
Bring = Callable[..., Petition]
WHY = {"why": "supervision", "text": "季度检查"}


@pytest.fixture
def context(context: Context) -> Context:
    """Three petitions may be exported alone."""
    limits = Exports(free_rows=3, max_rows=6, per_day=4, downloads=2)
    return replace(context, settings=context.settings.model_copy(update={"exports": limits}))


def _say(key: str) -> str:
    return key


def _asked(at: Desk, **fields: str) -> str:
    answer = at.post("/exports", **{"format": "csv", **WHY, **fields})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def _file(at: Desk, path: str) -> list[list[str]]:
    answer = at.post(path + "/file")
    assert answer.status_code == 200, answer.headers.get("location", answer.text)
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def _row(context: Context) -> Export:
    with context.read() as s:
        return s.exec(select(Export)).one()


def _kinds(context: Context) -> list[str]:
    with context.read() as s:
        found = s.exec(select(Event.kind).where(Event.kind.like("export.%")).order_by(Event.id)).all()  # type: ignore[attr-defined, arg-type]
    return [kind.removeprefix("export.") for kind in found]


def test_a_list_becomes_a_file_that_says_who_took_it(
    desk: At, bring: Bring, context: Context, clock: FixedClock
) -> None:
    petition, other = bring(State.HANDLING), bring()
    at = desk("registrar")
    assert "/exports/new?channel=letter" in at.get("/petitions?channel=letter")
    assert "共 2 件" in at.get("/exports/new?channel=letter")
    path = _asked(at, channel="letter")
    assert "正在生成" in at.get(path)
    jobs.write_exports(context)
    assert "可以下载" in at.get(path)
    head, *rows = _file(at, path)
    assert (head[0], head[-1]) == ("编号", "导出标记")
    assert [row[0] for row in rows] == [other.number, petition.number]
    assert all(
        re.search(r"（registrar\.ln0102） 2026-\d\d-\d\d \d\d:\d\d DC-[0-9A-F]{8}$", row[-1]) for row in rows
    )
    assert _kinds(context) == ["asked", "made", "fetched"]
    del clock


def test_every_petition_in_a_file_says_so(desk: At, bring: Bring, context: Context) -> None:
    petition = bring(State.HANDLING)
    bring()
    at = desk("registrar")
    path = _asked(at)
    work.run(context, _say)
    _file(at, path)
    with context.read() as s:
        taken = s.exec(select(AccessEntry).where(AccessEntry.look == "exported")).all()
        assert {each.what for each in taken} == {"export"}
        assert len({each.petition_id for each in taken}) == 2
        assert [each.look for each in access.of_petition(s, petition.id)] == ["exported"]
        assert "exported" in access.told(s, petition.id)[0].looks
        assert not verify(s, public_key=None, anchor_folder=context.settings.data).findings


def test_many_petitions_wait_for_a_second_person(desk: At, bring: Bring, context: Context) -> None:
    for _ in range(4):
        bring()
    at = desk("registrar")
    path = _asked(at)
    work.run(context, _say)
    assert _row(context).state == Stage.ASKED
    assert at.post(path + "/file").status_code == 409
    assert at.post(path + "/approve").status_code == 403
    leader = desk("leader")
    assert path in leader.get("/exports")
    assert "季度检查" in leader.get(path)
    assert leader.post(path + "/approve", text="同意").status_code == 303
    assert leader.post(path + "/approve").status_code == 409
    work.run(context, _say)
    assert len(_file(desk("registrar"), path)) == 5
    assert desk("leader").post(path + "/file").status_code == 404
    assert _kinds(context) == ["asked", "approved", "made", "fetched"]


def test_names_and_phones_need_a_second_person_however_few(desk: At, bring: Bring, context: Context) -> None:
    bring()
    at = desk("registrar")
    path = _asked(at, with_people="true")
    assert _row(context).state == Stage.ASKED
    desk("leader").post(path + "/approve")
    work.run(context, _say)
    head, row = _file(desk("registrar"), path)
    assert dict(zip(head, row, strict=True))["exports.column.phone"] == "13800000000"


def test_a_refusal_needs_words_and_ends_it(desk: At, bring: Bring, context: Context) -> None:
    for _ in range(4):
        bring()
    path = _asked(desk("registrar"))
    leader = desk("leader")
    assert leader.post(path + "/refuse").status_code == 422
    assert leader.post(path + "/refuse", text="用途不清").status_code == 303
    work.run(context, _say)
    page = desk("registrar").get(path)
    assert "未同意" in page
    assert "用途不清" in page
    assert _kinds(context) == ["asked", "refused"]


def test_nobody_of_another_court_knows_of_it(desk: At, bring: Bring, context: Context) -> None:
    with db.unit_of_work(context.engine) as s:
        make_house(s, "辽0103")
    for _ in range(4):
        bring()
    path = _asked(desk("registrar"))
    for role in ("leader", "registrar"):
        elsewhere = desk(role, "ln0103")
        assert path not in elsewhere.get("/exports")
        for rest in ("/approve", "/refuse", "/file", "/discard"):
            assert elsewhere.post(path + rest).status_code == 404
        assert elsewhere.client.get(path).status_code == 404
    assert _row(context).state == Stage.ASKED


def test_what_cannot_be_asked_for(desk: At, bring: Bring, context: Context) -> None:
    at = desk("registrar")
    assert at.post("/exports", **WHY).status_code == 422
    petition = bring()
    assert at.post("/exports", why="supervision").status_code == 422
    assert at.post("/exports", text="季度检查").status_code == 422
    assert at.post("/exports", **WHY, format="exe").status_code == 422
    answer = at.post("/exports", why="", text="写了半天的用途", channel="letter")
    assert "写了半天的用途" in answer.text
    assert at.post("/exports", **WHY, court="辽99").status_code == 404
    for _ in range(6):
        bring()
    assert "超过 6 件" in at.get("/exports/new")
    assert at.post("/exports", **WHY).status_code == 422
    assert _kinds(context) == []
    del petition


def test_a_person_asks_for_so_many_a_day(desk: At, bring: Bring, clock: FixedClock) -> None:
    bring()
    at = desk("registrar")
    for _ in range(4):
        _asked(at)
    assert "一天最多" in at.post("/exports", **WHY).text
    clock.at += timedelta(days=1, minutes=1)
    _asked(desk("registrar"))


def test_a_file_can_be_fetched_so_often_and_so_long(
    desk: At, bring: Bring, context: Context, clock: FixedClock
) -> None:
    bring()
    at = desk("registrar")
    path = _asked(at)
    work.run(context, _say)
    row = _row(context)
    sealed = files.path_of(context.settings.data, row.id)
    assert sealed.stat().st_mode & 0o777 == 0o600
    assert "辽0102-2026".encode() not in sealed.read_bytes()
    _file(at, path)
    _file(at, path)
    assert at.post(path + "/file").status_code == 409
    clock.at += timedelta(hours=25)
    work.run(context, _say)
    assert not sealed.exists()
    assert row.file_key is not None
    with pytest.raises(KeyGone):
        context.vault.key(row.file_key)
    assert _row(context).state == Stage.GONE
    assert "已销毁" in desk("registrar").get(path)
    assert _row(context).reason == "季度检查"


def test_an_unanswered_request_lapses(desk: At, bring: Bring, context: Context, clock: FixedClock) -> None:
    for _ in range(4):
        bring()
    _asked(desk("registrar"))
    clock.at += timedelta(hours=73)
    work.run(context, _say)
    assert _row(context).state == Stage.GONE


def test_one_lets_ones_own_file_go(desk: At, bring: Bring, context: Context) -> None:
    bring()
    at = desk("registrar")
    path = _asked(at)
    work.run(context, _say)
    assert at.post(path + "/discard").status_code == 303
    assert not files.path_of(context.settings.data, _row(context).id).exists()
    assert at.post(path + "/file").status_code == 409


def test_what_was_kept_from_its_owner_since_is_not_given(
    desk: At, bring: Bring, context: Context, house: House
) -> None:
    with db.unit_of_work(context.engine) as s:
        staff(s, house.court, Role.HANDLER, username="another")
    petition = bring(State.HANDLING)
    at = desk("handler")
    path = _asked(at)
    work.run(context, _say)
    with db.unit_of_work(context.engine) as s:
        petitions.do(s, house, s.get_one(Petition, petition.id), Act.RECUSE)
    answer = desk("handler").post(path + "/file")
    assert answer.status_code == 303
    assert "已销毁" in desk("handler").get(path)
    assert _row(context).state == Stage.GONE


def test_a_closed_account_gets_no_file(desk: At, bring: Bring, context: Context) -> None:
    bring()
    _asked(desk("registrar"))
    with db.unit_of_work(context.engine) as s:
        owner = s.exec(select(Staff).where(Staff.username == "registrar.ln0102")).one()
        now = context.clock.now()
        grants.set_active(s, staff=owner, active=False, reason="离职", by=system(Via.COMMAND), now=now)
    work.run(context, _say)
    assert _row(context).state == Stage.FAILED


def test_a_fault_while_writing_leaves_it_to_be_written(desk: At, bring: Bring, context: Context) -> None:
    bring()
    at = desk("registrar")
    path = _asked(at)
    folder = context.settings.data / files.FOLDER
    folder.write_text("in the way")
    with pytest.raises(OSError, match="exports"):
        work.run(context, _say)
    assert _kinds(context) == ["asked"]
    folder.unlink()
    work.run(context, _say)
    assert len(_file(at, path)) == 2


def test_a_lost_or_changed_file_is_not_given(desk: At, bring: Bring, context: Context) -> None:
    bring()
    at = desk("registrar")
    path = _asked(at)
    work.run(context, _say)
    where: Path = files.path_of(context.settings.data, _row(context).id)
    content = bytearray(where.read_bytes())
    content[-1] ^= 1
    where.write_bytes(bytes(content))
    assert at.post(path + "/file").status_code == 303
    assert _row(context).state == Stage.GONE


def test_lots_make_the_whole_list_once(bring: Bring, context: Context, house: House) -> None:
    made = [bring().id for _ in range(5)]
    with context.read() as s:
        found = queries.lots(s, house.registrar, Filter(), most=4, size=2)
        assert [[row.id for row in lot] for lot in found] == [made[:2:-1], made[2:0:-1]]
