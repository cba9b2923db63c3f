"""An answer arrives by post, on the phone, at the window, on the tracking page; or it fails, and the failures bear the excuse out."""

import base64
import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from central.deadlines.models import DeadlineClock
from central.delivery import forms, handing, queries, service
from central.delivery.models import Posting, Signing
from central.delivery.rules import PostState, Todo
from central.errors import Conflict, Invalid, NotFound
from central.events.models import Event
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.replies import queries as replies
from tests.factories import petitions
from tests.factories.accounts import House, house
from tests.factories.courts import MORNING

STROKES = json.dumps([[[10, 10], [200, 150], [300, 20]]])
POST = {
    "carrier": "ems",
    "tracking": "EE 123456785 CN",
    "to_name": "王小明",
    "to_address": "沈阳市和平区某路1号",
    "posted_on": "2026-11-23",
}
HAND: dict[str, Any] = {
    "receiver": "王小明",
    "receiver_as": "petitioner",
    "checked": "id_document",
    "pages": 3,
}
CALL = {
    "phone": "13800000000",
    "called_on": "2026-11-23",
    "called_at": "09:00",
    "receiver": "王小明",
    "read_in_full": "true",
    "words": "听明白了",
}


def posted(s: Session, here: House, petition: Petition, **more: Any) -> Posting:
    form = forms.Post.model_validate({**POST, **more})
    return service.post(s, petition_id=petition.id, form=form, by=here.handler, now=MORNING)


def review(s: Session, petition: Petition) -> DeadlineClock | None:
    query = select(DeadlineClock).where(
        DeadlineClock.petition_id == petition.id, DeadlineClock.rule == "review_request"
    )
    return s.exec(query).first()


def test_the_slip_of_a_letter_is_the_proof_and_starts_the_review_period(s: Session) -> None:
    here = house(s)
    petition = petitions.at(s, here, State.REPLIED)
    row = posted(s, here, petition)
    assert (row.tracking, row.flag) == ("EE123456785CN", None)
    assert petition.delivered_on is None
    later = MORNING + timedelta(days=3)
    form = forms.Arrived(delivered_on=date(2026, 11, 25), receiver="王小明")
    service.arrived(s, petition_id=petition.id, posting_id=row.id, form=form, by=here.handler, now=later)
    (proof,) = replies.deliveries(s, petition.id)
    assert (proof.method, proof.delivered_on, proof.receiver) == ("post", date(2026, 11, 25), "王小明")
    clock = review(s, petition)
    assert clock is not None
    assert clock.started_on == date(2026, 11, 25)
    data = s.exec(select(Event.data).where(col(Event.kind) == "reply.posted")).one()
    assert "EE123456785CN" not in data
    assert "王小明" not in data


def test_a_letter_never_arrives_before_it_was_posted_nor_twice(s: Session) -> None:
    here = house(s)
    petition = petitions.at(s, here, State.REPLIED)
    later = MORNING + timedelta(days=4)
    form = forms.Post.model_validate(POST | {"posted_on": "2026-11-26"})
    row = service.post(s, petition_id=petition.id, form=form, by=here.handler, now=later)
    with pytest.raises(Conflict):
        posted(s, here, petition)
    early = forms.Arrived(delivered_on=date(2026, 11, 25), receiver="王小明")
    with pytest.raises(Invalid):
        service.arrived(s, petition_id=petition.id, posting_id=row.id, form=early, by=here.handler, now=later)


def test_an_odd_number_is_flagged_and_taken(s: Session) -> None:
    here = house(s)
    row = posted(s, here, petitions.at(s, here, State.REPLIED), tracking="EE123456786CN")
    assert row.flag == "check_digit"
    with pytest.raises(Invalid):
        forms.Post.model_validate(POST | {"tracking": ""})


def test_returned_mail_is_an_attempt_and_leads_to_the_excuse(s: Session) -> None:
    here = house(s)
    petition = petitions.at(s, here, State.DECLINED)
    row = service.post(
        s, petition_id=petition.id, form=forms.Post.model_validate(POST), by=here.registrar, now=MORNING
    )
    form = forms.Returned(remark="查无此人")
    service.returned(s, petition_id=petition.id, posting_id=row.id, form=form, by=here.registrar, now=MORNING)
    assert (row.state, petition.attempts) == (PostState.RETURNED, 1)
    assert [each.reason for each in replies.attempts(s, petition.id)] == ["returned"]
    with pytest.raises(Invalid):  # one means alone does not bear it out
        petitions.do(s, here, petition, Act.CLOSE_EXCUSED, excuse="wrong_number")
    petitions.do(s, here, petition, Act.LOG_ATTEMPT, by=here.registrar)
    petitions.do(s, here, petition, Act.CLOSE_EXCUSED, excuse="wrong_number")
    assert petition.state == State.CLOSED


def test_a_call_to_the_end_delivers_one_that_was_cut_does_not(s: Session) -> None:
    here = house(s)
    petition = petitions.at(s, here, State.REPLIED)
    now = MORNING + timedelta(hours=2)
    cut = forms.Call.model_validate(CALL | {"read_in_full": "false", "called_at": "10:00", "receiver": ""})
    service.call(s, petition_id=petition.id, form=cut, by=here.handler, now=now)
    assert (petition.delivered_on, [each.reason for each in replies.attempts(s, petition.id)]) == (
        None,
        ["not_heard"],
    )
    whole = forms.Call.model_validate(CALL | {"called_at": "10:30"})
    service.call(s, petition_id=petition.id, form=whole, by=here.handler, now=now)
    (proof,) = replies.deliveries(s, petition.id)
    assert (proof.method, proof.phone, proof.words, proof.recorded_by) == (
        "phone",
        "13800000000",
        "听明白了",
        here.handler.staff_id,
    )
    early = forms.Call.model_validate(CALL | {"called_at": "07:00"})
    other = petitions.at(s, here, State.REPLIED)
    with pytest.raises(Invalid):
        service.call(s, petition_id=other.id, form=early, by=here.handler, now=now)


def test_what_is_drawn_at_the_window_is_kept_as_a_picture_of_that_act(s: Session) -> None:
    here = house(s)
    petition = petitions.at(s, here, State.REPLIED)
    asked = handing.ask(
        s, petition_id=petition.id, form=forms.Hand.model_validate(HAND), by=here.handler, now=MORNING
    )
    found = queries.signing_by_code(s, handing.code_key(f"{asked.code[:4]} {asked.code[4:]}"), MORNING)
    assert found is not None
    assert (found.id, found.pages) == (asked.row.id, 3)
    with pytest.raises(Invalid):
        handing.sign(s, signing_id=found.id, strokes="[]", now=MORNING)
    handing.sign(s, signing_id=found.id, strokes=STROKES, now=MORNING)
    s.flush()
    (proof,) = replies.deliveries(s, petition.id)
    assert (proof.method, proof.receiver, proof.checked, proof.recorded_by) == (
        "in_person",
        "王小明",
        "id_document",
        here.handler.staff_id,
    )
    assert base64.b64decode(proof.picture or "").startswith(b"\x89PNG")
    assert review(s, petition) is not None
    assert s.exec(select(Signing)).all() == []
    data = "".join(s.exec(select(Event.data).where(col(Event.kind) == "reply.delivered")).all())
    assert "iVBOR" not in data


def test_a_request_ends_with_its_time_and_with_the_next(s: Session) -> None:
    here = house(s)
    petition = petitions.at(s, here, State.REPLIED)
    form = forms.Hand.model_validate(HAND)
    first = handing.ask(s, petition_id=petition.id, form=form, by=here.handler, now=MORNING)
    second = handing.ask(s, petition_id=petition.id, form=form, by=here.handler, now=MORNING)
    assert queries.signing_by_code(s, handing.code_key(first.code), MORNING) is None
    with pytest.raises(NotFound):
        handing.sign(s, signing_id=second.row.id, strokes=STROKES, now=MORNING + handing.LIFE)


def test_without_a_signature_the_clerk_answers_for_it_by_name(s: Session) -> None:
    here = house(s)
    petition = petitions.at(s, here, State.TO_LITIGATION)
    form = forms.HandUnsigned.model_validate(
        HAND | {"unsigned": "cannot_write", "words": "按要求念了一遍，本人收下。"}
    )
    handing.hand_unsigned(s, petition_id=petition.id, form=form, by=here.registrar, now=MORNING)
    (proof,) = replies.deliveries(s, petition.id)
    assert (proof.unsigned, proof.picture, proof.recorded_by) == (
        "cannot_write",
        None,
        here.registrar.staff_id,
    )


@pytest.mark.parametrize(
    ("reply_by", "state", "delivered"),
    [
        ("portal", State.REPLIED, True),
        ("portal", State.DECLINED, True),
        ("portal", State.HANDLING, False),
        ("post", State.REPLIED, False),
        ("", State.REPLIED, False),
    ],
)
def test_the_tracking_page_delivers_once_to_those_who_chose_it(
    s: Session, reply_by: str, state: State, delivered: bool
) -> None:
    here = house(s)
    petition = petitions.registered(s, here, reply_by=reply_by)
    for act in petitions.WAY[state]:
        petitions.do(s, here, petition, act)
    assert service.opened(s, petition_id=petition.id, now=MORNING) is delivered
    assert service.opened(s, petition_id=petition.id, now=MORNING + timedelta(days=2)) is False
    proofs = replies.deliveries(s, petition.id)
    assert [(each.method, each.delivered_on) for each in proofs] == (
        [("portal", date(2026, 11, 23))] if delivered else []
    )


def test_the_worklist_says_what_to_do_next_nearest_first(s: Session) -> None:
    here = house(s)
    by_post = petitions.at(s, here, State.REPLIED)
    chosen = petitions.registered(s, here, reply_by="in_person", address="")
    petitions.do(s, here, chosen, Act.DECLINE, now=MORNING - timedelta(days=3))
    petitions.at(s, here, State.HANDLING)
    found = queries.to_deliver(s, here.registrar, today=date(2026, 11, 23))
    assert [(each.petition.id, each.todo) for each in found] == [
        (chosen.id, Todo.HAND_OVER),
        (by_post.id, Todo.SEND_POST),
    ]
    posted(s, here, by_post)
    assert queries.to_deliver(s, here.handler, today=date(2026, 11, 23))[0].todo is Todo.WAIT_POST
    labels = queries.addresses(s, here.registrar, [by_post.id, chosen.id])
    assert [petition.id for petition, _ in labels] == [by_post.id]
