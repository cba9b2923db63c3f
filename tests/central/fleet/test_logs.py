"""Log lines of a box on demand: who may ask, what is taken of a box, what a page says while it waits."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from central import db
from central.actor import Role
from central.context import Context
from central.courts.models import Court
from central.errors import Forbidden, NotFound
from central.events.models import Event
from central.fleet import forms, logs, service
from central.fleet.models import BoxLog
from central.halls import service as halls_service
from shared import logtail, topics, wire
from shared.ids import new_id
from shared.logtail import Tail, TailAsked
from tests.central.fleet.conftest import Province
from tests.factories import accounts as people
from tests.factories import halls
from tests.factories.courts import MORNING, court

SignIn = Callable[[TestClient, str], str]
BOX = "ln0102-1"
KEY = Ed25519PrivateKey.generate()
OPENING = X25519PrivateKey.generate()


def ask(s: Session, province: Province, lines: int = 3) -> BoxLog:
    return service.ask_log(s, forms.LogAsked(lines=lines), box_id=BOX, by=province.admin, now=MORNING)


def tail(ask_id: UUID, *lines: str, box: str = BOX, at: datetime = MORNING) -> Tail:
    data = logtail.packed(lines, box=box, ask_id=ask_id, key=OPENING.public_key())
    return Tail(box=box, ask_id=ask_id, at=at, since=at - timedelta(hours=1), hidden=True, data=data)


def note(s: Session, said: Tail, now: datetime = MORNING) -> bool:
    return service.note_tail(s, tail=said, opening=OPENING, now=now)


def test_a_question_goes_down_signed_is_answered_once_and_taken_away(s: Session, province: Province) -> None:
    row = ask(s, province)
    (sent,) = logs.issue(s, key=KEY, now=MORNING)
    assert (sent.topic, sent.retain) == (topics.document(BOX, "logs"), True)
    paper = TailAsked.model_validate_json(wire.SignedDocument.model_validate_json(sent.payload).body)
    assert (paper.box, paper.ask_id, paper.lines) == (BOX, row.ask_id, 3)
    assert logs.issue(s, key=KEY, now=MORNING) == []
    assert len(logs.issue(s, key=KEY, now=MORNING, anew=None)) == 1  # a broker that lost it
    assert ask(s, province).ask_id == row.ask_id  # while it waits, the same question
    assert note(s, tail(row.ask_id, '{"event": "link_up"}', '{"event": "求助 13800138000"}'))
    assert [one.payload for one in logs.issue(s, key=KEY, now=MORNING)] == [""]
    assert not logs.due(s, now=MORNING)
    _, lines = service.read_log(s, box_id=BOX, by=province.local, now=MORNING)
    assert lines == ['{"event": "link_up"}', '{"event": "*** ***"}']  # covered here as well
    assert not note(s, tail(row.ask_id, "another"))
    kinds = s.exec(
        select(Event.kind).where(col(Event.kind).startswith("box.log")).order_by(col(Event.id))
    ).all()
    assert kinds == ["box.log_asked", "box.log_sent", "box.log_read"]
    assert ask(s, province).serial > paper.serial


def test_nothing_unasked_and_no_more_than_asked_is_taken(s: Session, province: Province) -> None:
    assert not note(s, tail(new_id(), "unasked"))
    row = ask(s, province)
    assert not note(s, tail(new_id(), "another question"))
    assert not note(s, tail(row.ask_id, "of another box", box="ln0102-2"))
    assert not note(s, tail(row.ask_id, "1", "2", "3", "4"))
    assert not note(s, tail(row.ask_id, "x" * (logtail.MOST_BYTES + 1)))
    assert not note(s, tail(row.ask_id).model_copy(update={"data": "AAAA" * 30}))
    assert not note(s, tail(row.ask_id, "late"), now=MORNING + timedelta(hours=25))
    with pytest.raises(ValueError, match="at most"):
        Tail.model_validate({**tail(row.ask_id).model_dump(), "data": "A" * 200_000})
    assert row.answered_at is None


def test_after_a_day_question_and_answer_are_gone(s: Session, province: Province) -> None:
    row, later = ask(s, province), MORNING + timedelta(hours=25)
    logs.issue(s, key=KEY, now=MORNING)
    note(s, tail(row.ask_id, "one"))
    assert [one.payload for one in logs.issue(s, key=KEY, now=later)] == [""]
    assert (row.content, logs.due(s, now=later)) == ("", False)
    with pytest.raises(NotFound):
        service.read_log(s, box_id=BOX, by=province.admin, now=later)


def test_admins_ask_boxes_of_their_own_court_and_below_alone(s: Session, province: Province) -> None:
    beside = people.actor(s, court(s, "辽0103"), Role.COURT_ADMIN)
    staff = people.actor(s, s.exec(select(Court).where(Court.code == "辽0102")).one(), Role.HALL_STAFF)
    form = forms.LogAsked(lines=3)
    with pytest.raises(NotFound):
        service.ask_log(s, form, box_id=BOX, by=beside, now=MORNING)
    with pytest.raises(NotFound):
        service.ask_log(s, form, box_id="ln0102-9", by=province.admin, now=MORNING)
    with pytest.raises(Forbidden):
        service.ask_log(s, form, box_id=BOX, by=staff, now=MORNING)
    assert (
        service.ask_log(s, form, box_id=BOX, by=province.local, now=MORNING).asked_by == province.local.name
    )


def test_the_page_says_how_it_stands(client: TestClient, context: Context, sign_in: SignIn) -> None:
    with db.unit_of_work(context.engine) as s:
        at = court(s, "辽0102")
        people.actor(s, at, Role.COURT_ADMIN)
        halls.box(s, at, 1)
    csrf, page = sign_in(client, "court_admin.ln0102"), f"/hall/boxes/{BOX}"
    assert "还没有调取过日志" in client.get(page).text
    assert client.get(f"{page}/log").status_code == 404
    assert client.post(f"{page}/log", data={"csrf": csrf, "lines": "900"}).status_code == 422
    assert client.post(f"{page}/log", data={"csrf": csrf, "lines": "50"}).status_code == 303
    assert "从未连接" in client.get(page).text
    now = context.clock.now()
    with db.unit_of_work(context.engine) as s:
        said = wire.Presence(box=BOX, online=False, at=now)
        halls_service.note_presence(s, presence=said, now=now)
    waiting = client.get(f"{page}?lang=en").text
    assert "the box has not answered (off the line since" in waiting
    assert "data-waits" in waiting
    with db.unit_of_work(context.engine) as s:
        service.note_tail(s, tail=tail(s.get_one(BoxLog, BOX).ask_id, "{}"), opening=OPENING, now=now)
    assert "The box answered at" in client.get(page).text
    assert "<pre" in client.get(f"{page}/log").text
