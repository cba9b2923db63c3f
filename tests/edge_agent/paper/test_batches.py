"""Pages kept at a counter: sealed to the centre before they are shown, changed, sent once, wiped after they arrived."""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import ValidationError

from edge_agent import tray
from edge_agent.box import Box
from edge_agent.desk import Desk
from edge_agent.errors import BoxError, Illegal, NotThere, TooMany
from edge_agent.outbox import Outbox
from edge_agent.paper import batches, vault
from edge_agent.paper.courier import Courier, Speed
from edge_agent.records import Batch
from edge_agent.tickets import call_next, take
from shared import pieces, sealed, wire
from shared.clock import FixedClock
from shared.i18n import Lang
from shared.ids import new_id

CENTRE = X25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
PICTURE = bytes(range(256)) * 300


@pytest.fixture
def box(opened: Callable[[], Box]) -> Box:
    made = opened()
    made.store.centre_key = CENTRE.public_key()
    return made


def kept(box: Box, now: datetime, *pictures: bytes) -> Batch:
    for picture in pictures:
        batch = batches.keep(box, counter=1, picture=picture, thumb=b"small", warnings=(), by="Li", now=now)
    return batch


def test_a_page_is_sealed_to_the_centre_before_it_is_listed(box: Box, now: datetime) -> None:
    [page] = kept(box, now, PICTURE).pages
    [path] = vault.folder_of(box.store).glob("*.page")
    hidden = path.read_bytes()
    assert len(hidden) == page.size
    assert PICTURE[:64] not in hidden
    bound = sealed.bound_to_page(box.store.box, page.digest)
    assert sealed.unseal_bytes(hidden, CENTRE, bound=bound) == PICTURE
    with pytest.raises(sealed.NotSealed):
        sealed.unseal_bytes(hidden, X25519PrivateKey.generate(), bound=bound)


def test_a_box_without_the_centres_key_keeps_nothing(opened: Callable[[], Box], now: datetime) -> None:
    with pytest.raises(BoxError, match="not_enrolled"):
        kept(opened(), now, PICTURE)


def test_a_batch_carries_no_more_than_the_centre_takes(box: Box, now: datetime) -> None:
    [page] = kept(box, now, PICTURE).pages
    given: dict[str, Any] = {"counter": 1, "thumb": b"small", "warnings": (), "by": "Li", "now": now}
    with pytest.raises(TooMany):
        batches.keep(box, picture=PICTURE[::-1], most_bytes=2 * page.size - 1, **given)
    assert len(list(vault.folder_of(box.store).glob("*.page"))) == 1
    assert len(batches.keep(box, picture=PICTURE[::-1], most_bytes=2 * page.size, **given).pages) == 2
    facts = [wire.PageFacts(digest=f"{n:064x}", size=wire.MOST_PAGE_BYTES) for n in range(17)]
    told: dict[str, Any] = {"batch_id": new_id(), "counter": 1, "by": "Li"}
    wire.PagesSent(**told, pages=tuple(facts[:16]))
    with pytest.raises(ValidationError):
        wire.PagesSent(**told, pages=tuple(facts))


def test_a_picture_pressed_twice_is_one_page(box: Box, now: datetime) -> None:
    assert len(kept(box, now, PICTURE, PICTURE, b"other").pages) == 2
    assert len(list(vault.folder_of(box.store).glob("*.page"))) == 2


def test_pages_are_turned_moved_and_taken_out_and_outlive_a_restart(
    opened: Callable[[], Box], box: Box, now: datetime
) -> None:
    first, second, third = kept(box, now, b"1", b"2", b"3").pages
    for page, act in ((first, "turn"), (third, "up"), (second, "remove")):
        batches.change(box, counter=1, page_id=page.id, act=act, now=now)
    later = opened()
    again = batches.open_at(later, 1)
    assert again is not None
    assert [(page.id, page.turn) for page in again.pages] == [(first.id, 1), (third.id, 0)]
    with pytest.raises(NotThere):
        batches.change(later, counter=2, page_id=first.id, act="turn", now=now)


def test_pages_belong_to_the_number_at_the_counter_or_to_the_cover_sheet(box: Box, now: datetime) -> None:
    ticket = take(box, kind=wire.VisitKind.LETTER_DROP, nonce="a", now=now)
    call_next(box, counter=1, now=now)
    assert kept(box, now, b"1").ticket_id == ticket.id
    later = batches.lay_cover(box, counter=1, code="0102-2026-000001-P1", by="Li", now=now)
    assert (later.cover, later.pages) == ("0102-2026-000001-P1", ())
    assert [one.ticket for one in batches.in_state(box, "sent")] == [ticket.label]


def test_nothing_is_sent_without_a_page(box: Box, now: datetime) -> None:
    with pytest.raises(Illegal):
        batches.finish(box, counter=1, by="Li", now=now)


class Centre:
    """Takes pieces in order, as the centre does."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.sent: list[pieces.PagePart] = []

    def send(self, payload: str) -> None:
        self.sent.append(pieces.PagePart.model_validate_json(payload))

    def answers(self, total: int) -> list[pieces.PagesHeld]:
        found = []
        for part in self.sent:
            if part.part == len(self.pieces):
                self.pieces.append(base64.b64decode(part.data))
            done = len(self.pieces) == total
            found.append(pieces.PagesHeld(batch_id=part.batch_id, next=len(self.pieces), done=done))
        self.sent = []
        return found


def test_pages_follow_piece_by_piece_behind_every_event(box: Box, now: datetime, clock: FixedClock) -> None:
    kept(box, now, PICTURE * 2, b"small")
    batch = batches.finish(box, counter=1, by="Li", now=now)
    outbox, centre = Outbox(box.store), Centre()
    speed = Speed(window=3, patience=5.0)
    courier = Courier(box, outbox, clock=clock, send=centre.send, speed=speed)
    courier.tick(0.0)
    assert centre.sent == []  # its own announcement still waits
    outbox.forget([(row.seq, row.event_id) for row in outbox.oldest(9)], now=now)
    total = vault.parts(batch.pages)
    at, most = 0.0, 0
    while batches.in_state(box, "sent"):
        at += 1
        if at == 3:  # the line breaks and comes back: it goes on where the centre is
            courier.start_over()
            centre.sent = []
        courier.tick(at)
        most = max(most, len(centre.sent))
        for held in centre.answers(total):
            courier.take(held, at)
    assert most == speed.window
    whole = b"".join(vault.part(box.store, batch.pages, number) for number in range(total))
    assert b"".join(centre.pieces) == whole
    assert len(whole) == sum(page.size for page in batch.pages)
    take(box, kind=wire.VisitKind.QUERY, nonce="b", now=now)
    courier.tick(at + 1)
    assert centre.sent == []


def test_pages_are_wiped_some_days_after_they_arrived(box: Box, now: datetime) -> None:
    kept(box, now, b"1")
    batch = batches.finish(box, counter=1, by="Li", now=now)
    assert [path.suffix for path in vault.folder_of(box.store).iterdir()] == [".page"]
    batches.settle(box, batch.id, "kept", now=now)
    assert batches.purge(box, now=now + timedelta(days=6), days=7) == 0
    batches.settle(box, batch.id, "sent", now=now)  # a centre come back from a backup asks again
    batches.settle(box, batch.id, "kept", now=now)
    assert batches.purge(box, now=now + timedelta(days=8), days=7) == 1
    assert list(vault.folder_of(box.store).iterdir()) == []


def test_a_batch_that_spoiled_lies_in_the_boxs_tray_until_it_is_dealt_with(
    desk: Desk, box: Box, now: datetime, clock: FixedClock, opened: Callable[[], Box]
) -> None:
    kept(box, now, b"one")
    batch = batches.finish(box, counter=1, by="Li", now=now)
    courier = Courier(box, Outbox(box.store), clock=clock, send=lambda _: None)

    def says(*, done: bool, problem: str = "") -> None:
        courier.take(pieces.PagesHeld(batch_id=batch.id, next=1, done=done, problem=problem), 0.0)

    says(done=True, problem="seal")
    desk.box = opened()
    [row] = tray.papers(desk, Lang.ZH)
    assert ("1 号窗口" in row["what"], row["why"]) == (True, "中心打不开密封，内容已损坏")
    assert "重新扫描" in row["do"]
    courier = Courier(desk.box, Outbox(desk.box.store), clock=clock, send=lambda _: None)
    says(done=True)
    assert tray.papers(desk, Lang.ZH) == []
    assert opened().spoiled == {}
