"""Receipts at the centre: blocks go down in time, each number counts once, and leads to its petition."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session
from starlette.testclient import TestClient

from central import db
from central.context import Context
from central.custody import forms as custody_forms
from central.custody import service as custody
from central.errors import Invalid
from central.events.verify import verify
from central.halls import receipts, service
from central.halls.models import PaperReceipt
from shared import wire
from shared.ids import new_id
from shared.receipts import BLOCK, Handed, ReceiptBlock
from tests.factories import halls, petitions
from tests.factories.accounts import House, house
from tests.factories.courts import MORNING
from tests.factories.halls import Journal

KEY = Ed25519PrivateKey.generate()
PAPER = {"pages": "3", "place_kind": "shelf", "place": "A-3-12"}


def blocks(s: Session, anew: set[str] | None = frozenset()) -> list[ReceiptBlock]:  # type: ignore[assignment]
    found = receipts.issue(s, key=KEY, now=MORNING, anew=anew)
    papers = [wire.SignedDocument.model_validate_json(each.payload) for each in found]
    return [ReceiptBlock.model_validate_json(paper.body) for paper in papers]


def given(journal: Journal, number: int) -> wire.Envelope:
    return journal.put(
        wire.ReceiptGiven(number=number, counter=2, by="李四", handed=Handed.PETITION, sheets=3)
    )


def receive(s: Session, journal: Journal, number: int) -> wire.Ack:
    return halls.receive(s, given(journal, number))


def spoken(s: Session, here: House) -> Journal:
    journal = halls.box(s, here.court)
    halls.receive(s, journal.ticket())
    return journal


def test_a_box_gets_its_first_block_when_it_speaks_and_the_next_in_time(s: Session) -> None:
    here = house(s)
    silent = halls.box(s, here.court, 2)
    journal = spoken(s, here)
    assert [(one.box, one.first, one.last) for one in blocks(s)] == [(journal.box, 1, BLOCK)]
    assert not receipts.due(s)
    hello = wire.Presence(box=silent.box, online=True, at=MORNING, epoch=silent.epoch)
    service.note_presence(s, presence=hello, now=MORNING)
    assert [one.box for one in blocks(s)] == [silent.box]
    assert blocks(s) == []
    assert [one.serial for one in blocks(s, anew={journal.box, silent.box})] == [1, 1]
    for number in range(1, BLOCK // 2 + 1):
        assert receive(s, journal, number).verdict is wire.Verdict.ACCEPTED
    assert [(one.first, one.last) for one in blocks(s)] == [(BLOCK + 1, 2 * BLOCK)]
    assert blocks(s) == []


def test_a_box_that_was_reset_gets_numbers_that_no_machine_had(s: Session) -> None:
    here = house(s)
    journal = spoken(s, here)
    [first] = blocks(s)
    fresh = Journal(journal.box)
    halls.receive(s, fresh.ticket(2), now=MORNING + timedelta(minutes=1))
    [second] = blocks(s)
    assert (second.epoch, second.first) == (fresh.epoch, first.last + 1)


def test_a_number_counts_once_and_only_out_of_a_block_of_its_box(s: Session) -> None:
    here = house(s)
    journal = spoken(s, here)
    blocks(s)
    assert receive(s, journal, 7).verdict is wire.Verdict.ACCEPTED
    again, foreign = receive(s, journal, 7), receive(s, journal, BLOCK + 1)
    assert (again.reason, foreign.reason) == ("receipt_known", "receipt_unknown")


def test_the_number_on_the_slip_ties_the_paper_to_its_petition(s: Session, tmp_path: Path) -> None:
    here = house(s)
    journal = spoken(s, here)
    blocks(s)
    receive(s, journal, 1)
    petition, other = petitions.registered(s, here), petitions.registered(s, here)

    def record(number: str, petition_id: object = petition.id) -> None:
        form = custody_forms.Receive.model_validate(PAPER | {"receipt": number})
        custody.receive(s, petition_id=petition_id, form=form, by=here.registrar, now=MORNING)  # type: ignore[arg-type]

    label = f"{journal.box}-000001".upper()
    record(label.lower())
    record(label)
    assert [row.label for row in receipts.of_petition(s, petition.id)] == [label]
    for number, petition_id, key in (
        (label, other.id, "halls.receipts.tied_already"),
        (f"{journal.box}-000002", petition.id, "halls.receipts.not_here_yet"),
        ("LN0999-1-000001", petition.id, "halls.receipts.unknown"),
        ("随便写的", petition.id, "halls.receipts.unknown"),
    ):
        with pytest.raises(Invalid) as caught:
            record(number, petition_id)
        assert (caught.value.key, caught.value.field) == (key, "receipt")
    s.flush()
    unsealed = Ed25519PrivateKey.generate().public_key()
    assert verify(s, public_key=unsealed, anchor_folder=tmp_path).findings == []


def test_a_number_leads_to_its_petition_and_what_is_hidden_looks_absent(
    client: TestClient, context: Context, house: House, sign_in: Callable[[TestClient, str], str]
) -> None:
    with db.unit_of_work(context.engine) as s:
        journal = spoken(s, house)
        blocks(s)
        for number in (1, 2):
            receive(s, journal, number)
        petition_id = petitions.registered(s, house).id
        row = s.get_one(PaperReceipt, receipts.receipts.id_of(journal.box, 1))
        receipts.tie(
            s,
            number=row.label,
            petition_id=petition_id,
            court_id=house.court.id,
            by=house.registrar,
            now=MORNING,
        )
        tied, loose = row.label, f"{journal.box}-000002".upper()
    sign_in(client, f"registrar.{house.court.latin}")
    assert client.get(f"/hall/receipts?number={tied}").headers["location"] == f"/petitions/{petition_id}"
    page = client.get(f"/petitions/{petition_id}/paper").text
    assert tied in page
    listed = client.get("/hall/receipts").text
    assert tied in listed
    assert loose in listed
    found = client.get(f"/hall/receipts?number={loose}")
    assert (found.status_code, "尚未登记" in found.text) == (200, True)
    assert "没有回执号" in client.get(f"/hall/receipts?number={new_id()}").text
