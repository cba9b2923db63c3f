"""Where the paper is, who has it, why; and that originals go back."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from central.custody import forms, queries, service
from central.custody.models import Paper
from central.custody.rules import PlaceKind
from central.errors import Conflict, Forbidden, Invalid
from central.events.models import Event
from central.events.verify import verify
from central.petitions.models import Petition
from central.petitions.states import State
from shared.ids import new_id
from tests.factories import petitions
from tests.factories.accounts import House, house
from tests.factories.courts import MORNING

LETTER: dict[str, Any] = {
    "pages": "3",
    "envelope": "true",
    "postmark_on": "2026-11-20",
    "postmark_place": "鞍山",
    "originals": "true",
    "what": "房产证一本",
    "place_kind": "shelf",
    "place": "A-3-12",
}


def received(s: Session, here: House, petition: Petition, **more: Any) -> Paper:
    form = forms.Receive.model_validate({**LETTER, **more})
    return service.receive(s, petition_id=petition.id, form=form, by=here.registrar, now=MORNING)


def test_paper_is_followed_from_hand_to_hand_and_back(s: Session, tmp_path: Path) -> None:
    here = house(s)
    petition = petitions.registered(s, here)
    row = received(s, here, petition)
    assert (row.number, row.code, row.arrived_on) == (1, "0102-2026-000001-P1", date(2026, 11, 23))
    later = MORNING + timedelta(days=1)
    assert here.handler.staff_id is not None
    take = forms.Move(place_kind=PlaceKind.PERSON, holder_id=here.handler.staff_id, why="承办人核对原件")
    service.move(s, petition_id=petition.id, paper_id=row.id, form=take, by=here.registrar, now=later)
    with pytest.raises(Conflict):
        service.move(s, petition_id=petition.id, paper_id=row.id, form=take, by=here.registrar, now=later)
    back = forms.GiveBack.model_validate(
        {
            "returned_on": "2026-11-24",
            "returned_by": "in_person",
            "returned_to": "王小明",
            "returned_proof": "收条已归档",
        }
    )
    service.give_back(s, petition_id=petition.id, paper_id=row.id, form=back, by=here.registrar, now=later)
    with pytest.raises(Conflict):
        service.give_back(
            s, petition_id=petition.id, paper_id=row.id, form=back, by=here.registrar, now=later
        )
    assert [
        (each.from_kind, each.from_place, each.to_kind, each.to_holder_id)
        for each in queries.moves(s, petition.id)
    ] == [
        ("shelf", "A-3-12", "person", here.handler.staff_id),
        ("person", None, "returned", None),
    ]
    kinds = select(Event.kind).where(col(Event.kind).startswith("paper.")).order_by(col(Event.id))
    assert s.exec(kinds).all() == ["paper.received", "paper.moved", "paper.returned"]
    assert not any(
        word in data for data in s.exec(select(Event.data)) for word in ("鞍山", "房产证", "收条", "核对原件")
    )
    assert verify(s, public_key=None, anchor_folder=tmp_path).findings == []


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"place": ""}, "place"),
        ({"place_kind": "person"}, "holder_id"),
        ({"place_kind": "returned"}, "place_kind"),
        ({"postmark_on": "2026-11-24"}, "postmark_on"),
        ({"arrived_on": "2026-11-24", "postmark_on": ""}, "arrived_on"),
    ],
)
def test_what_cannot_be_is_refused(s: Session, typed: dict[str, Any], field: str) -> None:
    here = house(s)
    petition = petitions.registered(s, here)
    with pytest.raises(Invalid) as refused:
        received(s, here, petition, **typed)
    assert refused.value.field == field


def test_a_form_sent_twice_enters_the_paper_once_and_only_for_its_own_petition(s: Session) -> None:
    here = house(s)
    petition, other = petitions.registered(s, here), petitions.registered(s, here)
    drawn = str(new_id())
    first = received(s, here, petition, id=drawn)
    assert received(s, here, petition, id=drawn).id == first.id
    assert received(s, here, other, id=drawn).id != first.id
    assert [row.number for row in queries.of_petition(s, petition.id)] == [1]


def test_only_those_who_work_on_it_touch_the_paper(s: Session) -> None:
    here = house(s)
    petition = petitions.at(s, here, State.HANDLING)
    form = forms.Receive.model_validate(LETTER)
    service.receive(s, petition_id=petition.id, form=form, by=here.handler, now=MORNING)
    other = petitions.registered(s, here)
    with pytest.raises(Forbidden):
        service.receive(s, petition_id=other.id, form=form, by=here.leader, now=MORNING)


def test_originals_of_ended_petitions_are_listed_until_they_went_back(s: Session) -> None:
    here = house(s)
    ended, running = petitions.at(s, here, State.CLOSED), petitions.registered(s, here)
    row = received(s, here, ended)
    received(s, here, running)
    received(s, here, ended, originals="false", place_kind="box", place="7")
    assert [paper.id for paper, _ in queries.to_return(s, here.registrar)] == [row.id]
    lying = queries.lying(s, here.registrar, kind=PlaceKind.SHELF)
    assert [(paper.place, petition.id) for paper, petition in lying] == [
        ("A-3-12", ended.id),
        ("A-3-12", running.id),
    ]
    assert (
        queries.lying(
            s, here.registrar, kind=PlaceKind.SHELF, after=queries.AtPlace("A-3-12", lying[1][0].id)
        )
        == []
    )
    assert queries.by_code(s, row.code, actor=here.registrar) == ended.id
