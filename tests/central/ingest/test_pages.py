"""Pages of a box's document camera: piece by piece in order, opened, checked, each once, a scan of them whatever is repeated."""

import base64
import hashlib
import io
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from sqlmodel import Session, select

from central import db
from central.actor import Actor, Role
from central.context import Context
from central.errors import NotFound
from central.halls import papers
from central.halls.line_keys import line_keys
from central.halls.models import PaperBatch, PaperPart
from central.ingest import page_files, pages, storing
from central.ingest.page_files import NoPicture, Page, Size
from central.ingest.storing import Message
from central.scanning.models import Scan, Stage
from shared import pieces, sealed, topics, wire
from shared.clock import FixedClock
from shared.ids import new_id
from tests.central.ingest.conftest import Hall
from tests.factories import accounts as people


def jpeg(seed: int = 1, *, grey: bool = False) -> bytes:
    chance = np.random.default_rng(seed)
    made = io.BytesIO()
    shape = (300, 200) if grey else (300, 200, 3)
    Image.fromarray(chance.integers(0, 255, shape, np.uint8)).save(made, "JPEG", quality=85)
    return made.getvalue()


@dataclass
class Sent:
    """A batch as a box sends it."""

    announced: wire.PagesSent
    pieces: list[pieces.PagePart]


def batch(context: Context, hall: Hall, *pictures: bytes, cover: str = "") -> Sent:
    key = line_keys(context.settings.data / "keys").opening.public_key()
    facts, whole = [], b""
    for picture in pictures:
        digest = hashlib.sha256(picture).hexdigest()
        hidden = sealed.seal_bytes(picture, key, bound=sealed.bound_to_page(hall.journal.box, digest))
        facts.append(wire.PageFacts(digest=digest, size=len(hidden), turn=1))
        whole += hidden
    told = wire.PagesSent(batch_id=new_id(), counter=1, by="李四", cover=cover, pages=tuple(facts))
    cuts = range(0, len(whole), pieces.PART_BYTES)
    return Sent(
        told,
        [
            pieces.PagePart(
                batch_id=told.batch_id,
                part=number,
                data=base64.b64encode(whole[at : at + pieces.PART_BYTES]).decode(),
            )
            for number, at in enumerate(cuts)
        ],
    )


def give(context: Context, hall: Hall, *parts: pieces.PagePart, box: str = "") -> list[pieces.PagesHeld]:
    name = box or hall.journal.box
    messages = [Message(topics.pages(name), part.model_dump_json().encode()) for part in parts]
    answers = storing.store(context.engine, messages, now=context.clock.now())
    assert {answer.topic for answer in answers} <= {topics.pages_held(name)}
    return [pieces.PagesHeld.model_validate_json(answer.payload) for answer in answers]


def announce(context: Context, hall: Hall, sent: Sent) -> wire.Ack:
    event = hall.journal.put(sent.announced).model_dump_json().encode()
    [answer] = storing.store(
        context.engine, [Message(topics.events(hall.journal.box), event)], now=context.clock.now()
    )
    return wire.Ack.model_validate_json(answer.payload)


def test_pieces_are_taken_in_order_and_a_scan_is_made_once(context: Context, hall: Hall) -> None:
    sent = batch(context, hall, jpeg(1), jpeg(2), jpeg(1), cover="0102-2026-000001-P1")
    assert give(context, hall, *sent.pieces) == []  # nobody announced them
    assert announce(context, hall, sent).verdict is wire.Verdict.ACCEPTED
    first, second, *rest = sent.pieces
    assert [held.next for held in give(context, hall, first, first, rest[0], second)] == [1, 1, 1, 2]
    assert give(context, hall, second, box=hall.other.box) == []
    assert pages.put_together(context) == 0
    assert give(context, hall, *rest)[-1].done
    assert pages.put_together(context) == 1
    assert give(context, hall, first)[0].done
    assert pages.put_together(context) == 0
    with context.read() as s:
        [scan] = s.exec(select(Scan)).all()
        assert (scan.stage, scan.pages, scan.cover) == (Stage.WAITING, 2, "0102-2026-000001-P1")
        assert (scan.box_id, scan.court_id, scan.staff_id) == (hall.journal.box, hall.court.id, None)
        assert s.exec(select(PaperPart)).all() == []


def test_pages_that_are_not_what_was_announced_become_nothing(context: Context, hall: Hall) -> None:
    sent = batch(context, hall, jpeg(3))
    announce(context, hall, sent)
    changed = [
        part.model_copy(update={"data": base64.b64encode(base64.b64decode(part.data)[::-1]).decode()})
        for part in sent.pieces
    ]
    assert give(context, hall, *changed)[-1].done
    assert pages.put_together(context) == 0
    staff = guard(context, hall)
    with db.unit_of_work(context.engine) as s:
        [found] = papers.spoiled(s, hall.court.id)
        assert (found.problem, found.counter) == ("seal", sent.announced.counter)
        assert s.exec(select(Scan)).all() == []
        assert len(s.exec(select(PaperPart)).all()) == len(sent.pieces)  # kept for a person
        assert [held.problem for held in told(s)] == ["seal"]
        assert told(s) == []
        assert [held.problem for held in told(s, hall.journal.box)] == ["seal"]  # a box that says hello
        papers.send_again(s, batch_id=found.id, by=staff, now=context.clock.now())
        assert [(held.next, held.done, held.problem) for held in told(s)] == [(0, False, "")]
        assert s.exec(select(PaperPart)).all() == []
    assert give(context, hall, *sent.pieces)[-1].done
    assert pages.put_together(context) == 1  # what comes again replaces what spoiled
    with context.read() as s:
        assert papers.spoiled(s, hall.court.id) == []


def guard(context: Context, hall: Hall) -> Actor:
    with db.unit_of_work(context.engine) as s:
        return people.actor(s, hall.court, Role.HALL_STAFF)


def told(s: Session, *anew: str) -> list[pieces.PagesHeld]:
    return [pieces.PagesHeld.model_validate_json(one.payload) for one in papers.told(s, anew=anew)]


def test_a_batch_that_is_never_whole_is_let_go_and_its_box_bounded(
    context: Context, hall: Hall, clock: FixedClock
) -> None:
    sent = batch(context, hall, jpeg(4))
    announce(context, hall, sent)
    give(context, hall, sent.pieces[0])
    with db.unit_of_work(context.engine) as s:
        facts = {"box_id": hall.journal.box, "court_id": hall.court.id, "pages": [], "parts": 3}
        s.add_all(
            PaperBatch(id=new_id(), announced_at=context.clock.now(), **facts)
            for _ in range(papers.MOST_UNFINISHED - 1)
        )
    for _ in range(2):  # their time counts from when they are first seen here
        pages.put_together(context)
    refused = announce(context, hall, batch(context, hall, jpeg(5)))
    assert (refused.verdict, refused.reason) == (wire.Verdict.REFUSED, "too_many_batches")
    clock.at += papers.STALE + timedelta(minutes=1)
    pages.put_together(context)
    pages.put_together(context)
    staff = guard(context, hall)
    with db.unit_of_work(context.engine) as s:
        assert s.exec(select(PaperPart)).all() == []
        waiting = papers.spoiled(s, hall.court.id, limit=200)
        assert {one.problem for one in waiting} == {papers.UNFINISHED}
        assert len(waiting) == papers.MOST_UNFINISHED
        for one in waiting:
            if one.id != sent.announced.batch_id:
                papers.treat(s, batch_id=one.id, note="已重扫", by=staff, now=clock.at)
        done = next(one for one in waiting if one.treated_at)
        with pytest.raises(NotFound):
            papers.treat(s, batch_id=done.id, note="又一次", by=staff, now=clock.at)
    assert announce(context, hall, batch(context, hall, jpeg(6))).verdict is wire.Verdict.ACCEPTED
    assert give(context, hall, *sent.pieces)[-1].done  # the line came back after all
    assert pages.put_together(context) == 1
    with context.read() as s:
        assert papers.spoiled(s, hall.court.id) == []


def test_a_page_keeps_its_picture_and_is_turned() -> None:
    made = page_files.pdf_of([Page(jpeg(), 0), Page(jpeg(grey=True), 1)])
    document = pypdfium2.PdfDocument(made)
    sizes = [document[number].get_size() for number in range(2)]
    assert sizes == [pytest.approx((72, 108)), pytest.approx((108, 72))]
    assert document[0].render().to_numpy().std() > 15
    assert jpeg() in made


@pytest.mark.parametrize("raw", [b"", b"\xff\xd8", b"\x89PNG" + bytes(40), b"\xff\xd8\xff\xe0\x00\x00" * 4])
def test_what_is_no_jpeg_is_told_by_its_head(raw: bytes) -> None:
    assert page_files.size_of(jpeg(grey=True)) == Size(200, 300, 1)
    with pytest.raises(NoPicture):
        page_files.size_of(raw)
