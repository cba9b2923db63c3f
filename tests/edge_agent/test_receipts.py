"""Receipts for papers handed in: numbers of the centre's block, each once, on the disk before anybody sees it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.testclient import TestClient

from edge_agent import documents, receipts, slips, tickets
from edge_agent.box import Box
from edge_agent.desk import Desk
from edge_agent.documents import Answer
from edge_agent.errors import Illegal
from edge_agent.ports import Printer, PrintOutcome, Slip
from edge_agent.printing import Job, Printing
from edge_agent.records import Receipt
from edge_agent.web.app import build
from shared import wire
from shared.receipts import BLOCK, FEW, Handed, ReceiptBlock, parsed
from tests.edge_agent import papers
from tests.edge_agent.conftest import PIN


def block(
    box: Box, now: datetime, serial: int = 1, *, size: int = BLOCK, epoch: UUID | None = None
) -> ReceiptBlock:
    first = (serial - 1) * BLOCK + 1
    return ReceiptBlock(
        box=box.store.box,
        serial=serial,
        not_after=now + timedelta(days=400),
        epoch=epoch or box.store.epoch,
        first=first,
        last=first + size - 1,
    )


def give(box: Box, nonce: str, now: datetime) -> Receipt:
    return receipts.give(
        box, counter=2, by="李书记员", handed=Handed.PETITION, sheets=3, nonce=nonce, now=now
    )


def test_a_block_is_taken_by_its_signature_for_this_journal_alone_and_once(
    box: Box, centre_key: Ed25519PrivateKey, now: datetime
) -> None:
    def play(content: ReceiptBlock, key: Ed25519PrivateKey = centre_key, name: str = "receipts") -> Answer:
        payload = papers.signed(content, key)
        return documents.take(box, payload, name=name, keys=[centre_key.public_key()], now=now)

    assert play(block(box, now), Ed25519PrivateKey.generate()) is Answer.WRONG_KEY
    assert play(block(box, now, epoch=uuid4())) is Answer.OTHER_JOURNAL
    assert play(block(box, now).model_copy(update={"box": "ln0103-1"})) is Answer.OTHER_BOX
    assert play(block(box, now).model_copy(update={"not_after": now - timedelta(days=1)})) is Answer.EXPIRED
    assert receipts.left(box) == 0
    assert [play(block(box, now, serial)) for serial in (2, 2, 1)] == [Answer.TAKEN, Answer.KNOWN, Answer.OLD]
    assert play(block(box, now, 3)) is Answer.TAKEN
    assert receipts.left(box) == 2 * BLOCK


def test_no_number_is_given_twice_whatever_is_tapped_or_restarted(
    opened: Callable[[], Box], now: datetime
) -> None:
    box = opened()
    receipts.take_block(box, block(box, now, size=4), now=now)
    assert give(box, "a", now) == give(box, "a", now)
    box = opened()
    assert [give(box, "a", now).number, give(box, "b", now).number] == [1, 2]

    def cut_off() -> None:
        with box.act(now=now) as act:
            assert act.draw_receipt() == 3
            raise RuntimeError  # the disk or the power goes: nobody saw the number

    with pytest.raises(RuntimeError):
        cut_off()
    assert give(box, "c", now).number == 3
    box.purge(now=now + timedelta(days=30), days=7)
    assert [give(opened(), "d", now + timedelta(days=30)).number, receipts.left(opened())] == [4, 0]


def test_a_receipt_names_who_stood_at_the_counter_by_ticket_and_is_told_to_the_centre(
    box: Box, now: datetime, reported: Callable[[], list[wire.Body]]
) -> None:
    receipts.take_block(box, block(box, now), now=now)
    tickets.walk_in(box, kind=wire.VisitKind.LETTER_DROP, nonce="n", now=now)
    ticket = tickets.call_next(box, counter=2, now=now)
    given = give(box, "a", now)
    assert ticket is not None
    assert (given.label, given.ticket) == ("LN0102-1-000001", "A001")
    told = reported()[-1]
    assert isinstance(told, wire.ReceiptGiven)
    assert (told.number, told.sheets, told.ticket_id) == (1, 3, ticket.id)


def test_few_numbers_are_said_and_none_is_a_sentence(box: Box, now: datetime) -> None:
    with pytest.raises(Illegal) as caught:
        give(box, "early", now)
    assert caught.value.key == "receipt.none_left"
    receipts.take_block(box, block(box, now, size=FEW), now=now)
    give(box, "a", now)
    assert box.alarms["alarm.receipts_few"].detail == str(FEW - 1)
    receipts.take_block(box, block(box, now, 2), now=now)
    assert "alarm.receipts_few" not in box.alarms


class Recorder(Printer):
    def __init__(self) -> None:
        self.slips: list[Slip] = []

    def print_slip(self, slip: Slip) -> PrintOutcome:
        self.slips.append(slip)
        return PrintOutcome.NO_PAPER if len(self.slips) == 1 else PrintOutcome.PRINTED


def test_a_slip_that_did_not_come_out_is_printed_again_as_a_copy_under_its_number(
    desk: Desk, now: datetime
) -> None:
    printer = Recorder()
    printing = Printing(printer)
    box = desk.box
    receipts.take_block(box, block(box, now), now=now)
    box.on_receipt = lambda one: printing.ask(
        Job(one.label, lambda: slips.receipt(desk, one), lambda outcome: desk.receipt_done(one, outcome))
    )
    printing.start()
    given = give(box, "a", now)
    printing.stop()
    assert receipts.of_day(box, given.day)[0].printed is PrintOutcome.NO_PAPER
    printing = Printing(printer)
    printing.start()
    receipts.again(box, number=given.number, now=now)
    printing.stop()
    assert receipts.of_day(box, given.day)[0].printed is PrintOutcome.PRINTED
    first, copy = printer.slips
    assert first.lines[0] == copy.lines[0] == first.qr == "LN0102-1-000001"
    assert ["（补打）" in "".join(slip.lines) for slip in (first, copy)] == [False, True]
    assert "李书记员" in "".join(first.lines)


@pytest.fixture
def staff(desk: Desk) -> Iterator[TestClient]:
    with TestClient(build(desk), base_url="http://127.0.0.1:8081", follow_redirects=True) as web:
        web.post("/counter/sign-in", data={"pin": PIN, "by": "李书记员"})
        yield web


def test_a_counter_gives_receipts_without_a_script_and_says_when_none_is_left(
    staff: TestClient, desk: Desk, now: datetime
) -> None:
    here = "/counter/1/receipts"
    assert "已用完" in staff.get(here).text
    receipts.take_block(desk.box, block(desk.box, now, size=1), now=now)
    form = {"handed": "supplement", "sheets": "12", "nonce": "tap"}
    for _ in range(2):  # a double tap
        assert "LN0102-1-000001" in staff.post(here, data=form).text
    assert "补充材料，12 张" in staff.get(here).text
    assert staff.post(here, data=form | {"nonce": "next"}).status_code == 409
    for wrong in ({"sheets": "0"}, {"sheets": "x"}, {"handed": "a name"}):
        assert staff.post(here, data=form | wrong).status_code == 400
    assert staff.get("/counter/99/receipts").status_code == 404
    staff.cookies.clear()
    assert "counter/sign-in" in str(staff.get(here).url)


@pytest.mark.parametrize("text", ["LN0102-1-000123", " ln0102-1-000123", "ＬＮ0102－1－000123"])
def test_a_number_is_read_as_people_and_scanners_write_it(text: str) -> None:
    assert parsed(text) == ("ln0102-1", 123)
    assert parsed(text + "4") is None
