"""Letters sent in as pictures: read by a stand-in, parted, registered beside their picture with nothing taken over unseen."""

import io
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from PIL import Image
from sqlmodel import select

from central import db
from central.barrier.models import StaffConflict
from central.context import Context
from central.documents.models import Document, DocumentText
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.events.models import Event
from central.petitions.models import Petition
from central.scanning import service
from central.scanning.models import Scan, Stage
from central.scanning.reading import ReadPage
from tests.central.custody.test_custody import received
from tests.central.desk.conftest import Desk
from tests.central.scanning.test_fields import lines_of
from tests.factories import petitions
from tests.factories.accounts import House
from tests.factories.courts import MORNING, SEED

At = Callable[..., Desk]
pytestmark = pytest.mark.usefixtures("house")
LETTER = "信访人：张建国\n联系电话：13812345678\n请求事项：\n一、依法执行；\n二、书面答复。"


def picture() -> bytes:
    made = io.BytesIO()
    Image.fromarray(np.full((400, 300), 240, np.uint8)).save(made, "PNG")
    return made.getvalue()


def stand_in(made: Any, kind: str, pages: int, *, first: int) -> Iterator[ReadPage]:
    del made, kind
    packed = io.BytesIO()
    Image.fromarray(np.full((600, 1460), 255, np.uint8)).save(packed, "JPEG")
    for number in range(first, first + pages):
        lines = tuple(lines_of(LETTER, page=number))
        yield ReadPage(number, 1460, 600, packed.getvalue(), lines, (), False, ("blurred",), None, 0.0)


def sent(desk: Desk) -> str:
    parts = [("files", ("来信.png", io.BytesIO(picture()), "image/png"))]
    answer = desk.client.post("/scans", data={"csrf": desk.csrf}, files=parts)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


@pytest.fixture
def scan(desk: At, context: Context) -> tuple[Desk, str]:
    clerk = desk("registrar")
    place = sent(clerk)
    assert "Refresh" in clerk.client.get(place).headers
    assert service.run(context, read=stand_in) == 1
    return clerk, place


def test_a_letter_is_registered_from_its_picture(scan: tuple[Desk, str], context: Context) -> None:
    clerk, place = scan
    page = clerk.client.get(f"{place}/letters/1").text
    assert 'data-target="petitioner_name" data-value="张建国"' in page
    # It waits: no field holds it.
    assert not re.search(r'name="petitioner_name" value="张', page)
    assert clerk.client.get(f"{place}/pages/1").headers["content-type"] == "image/jpeg"
    found = re.search(r'name="petition_id" value="([^"]+)"', page)
    assert found is not None
    form = {
        "csrf": clerk.csrf,
        "petition_id": found[1],
        "channel": "letter",
        "subject": "要求执行",
        "text": "要求执行",
        "demands": "依法执行",
        "group_size": "1",
    }
    answer = clerk.client.post(f"{place}/letters/1", data=form)
    assert answer.status_code == 201, answer.text
    with context.read() as s:
        [petition] = s.exec(select(Petition)).all()
        [document], [text] = s.exec(select(Document)).all(), s.exec(select(DocumentText)).all()
        assert petition.id == UUID(found[1])
        assert (document.petition_id, document.kind) == (petition.id, "pdf")
        assert "张建国" in text.text
        assert s.exec(select(Scan)).one().letters[0]["petition"] == petition.id.hex
    assert clerk.client.get(f"{place}/letters/1").headers["location"] == f"/petitions/{petition.id}"


def test_pages_of_a_letter_follow_the_barrier_and_are_looks(
    scan: tuple[Desk, str], context: Context, house: House
) -> None:
    clerk, place = scan
    assert clerk.client.get(f"{place}/pages/1").status_code == 200
    with db.unit_of_work(context.engine) as s:
        petition = petitions.registered(s, house)
        row = s.exec(select(Scan)).one()
        service.registered(row, 1, petition.id)
    assert clerk.client.get(f"{place}/pages/1").status_code == 200
    with db.unit_of_work(context.engine) as s:
        looks = s.exec(select(Event).where(Event.stream == f"access/{petition.id.hex}")).all()
        assert [each.kind for each in looks] == ["look.opened"]
        conflict = StaffConflict(
            petition_id=petition.id,
            staff_id=house.registrar.staff_id,
            ground="accused",
            declared_at=MORNING,
            declared_by=house.leader.staff_id,
        )
        s.add(conflict)
        stream = stream_name("petition", petition.id)
        log.record(s, kind=Kind.PETITION_CONFLICT_NAMED, stream=stream, actor=SEED, at=MORNING)
    assert clerk.client.get(f"{place}/pages/1").status_code == 404
    page = clerk.client.get(place).text
    assert f"{place}/pages/1" not in page
    assert str(petition.id) not in page


def test_a_refused_form_comes_back_beside_the_picture(scan: tuple[Desk, str]) -> None:
    clerk, place = scan
    answer = clerk.client.post(f"{place}/letters/1", data={"csrf": clerk.csrf, "channel": "letter"})
    assert answer.status_code == 422
    assert 'data-page-picture="1"' in answer.text


def test_a_batch_is_parted_anew(scan: tuple[Desk, str], context: Context) -> None:
    clerk, place = scan
    answer = clerk.client.post(place, data={"csrf": clerk.csrf, "start": "1", "out": "1"})
    assert answer.status_code == 303
    with context.read() as s:
        assert s.exec(select(Scan)).one().letters == []


def test_a_broken_reading_is_said(desk: At, context: Context) -> None:
    clerk = desk("registrar")
    place = sent(clerk)

    def broken(*_: Any, **__: Any) -> Iterator[ReadPage]:
        raise service.reading.Unread("damaged")

    service.run(context, read=broken)
    with context.read() as s:
        assert s.exec(select(Scan)).one().stage == Stage.FAILED
    assert clerk.client.get(place).status_code == 200


def test_handlers_do_not_see_scans(desk: At) -> None:
    assert desk("handler").client.get("/scans").status_code == 403


def test_a_letter_behind_a_cover_sheet_goes_to_its_petition_once(
    scan: tuple[Desk, str], context: Context, house: House
) -> None:
    clerk, place = scan

    def attach() -> Any:
        return clerk.client.post(f"{place}/letters/1/attach", data={"csrf": clerk.csrf})

    def lay(code: str) -> None:
        with db.unit_of_work(context.engine) as s:
            row = s.exec(select(Scan)).one()
            row.letters = [each | {"cover": code} for each in row.letters]

    assert attach().status_code == 404
    lay("0102-2026-999999-P1")
    assert "没有对应的信访件" in attach().text
    with db.unit_of_work(context.engine) as s:
        petition = petitions.registered(s, house)
        code = received(s, house, petition).code
    lay(code)
    assert f"{place}/letters/1/attach" in clerk.client.get(place).text
    for _ in range(2):
        assert attach().headers["location"] == f"/petitions/{petition.id}"
    with context.read() as s:
        [document], [text] = s.exec(select(Document)).all(), s.exec(select(DocumentText)).all()
        assert (document.petition_id, document.kind) == (petition.id, "pdf")
        assert "张建国" in text.text
    assert f"{place}/letters/1/attach" not in clerk.client.get(place).text
