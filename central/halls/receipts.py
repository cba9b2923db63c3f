"""Receipts given at counters: blocks of numbers sent down in advance, receipts that come up, and the petition each is of."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session, col, func, select

from central.actor import Actor, Via, system
from central.errors import Invalid
from central.events.kinds import Kind
from central.halls import writing
from central.halls.line_keys import paper
from central.halls.models import BoxPosition, HallBox, PaperReceipt, ReceiptBlock
from central.halls.queries import Sending
from shared import receipts, topics
from shared.canonical import Json

#: A signed block is taken by its box within this time; it is signed anew whenever it is sent.
GOOD = timedelta(days=400)
#: A box gets its next block when so many numbers of the last one are used.
_NEXT_AT = receipts.BLOCK // 2


class _Standing(NamedTuple):
    """A box, the journal it writes now, its last block, and how many numbers of that are used."""

    box: HallBox
    epoch: UUID
    block: ReceiptBlock | None
    used: int

    @property
    def wants_more(self) -> bool:
        """Whether it needs a block: it has none, forgot what it had, or has used much of it."""
        return self.block is None or self.block.epoch != self.epoch or self.used >= _NEXT_AT


def issue(
    s: Session, *, key: Ed25519PrivateKey, now: datetime, anew: Collection[str] | None = ()
) -> list[Sending]:
    """Give a block to every box that needs one, and return what goes down: those, and what the boxes `anew` (None: all) have.

    A box that never said anything gets none: it is the journal that a block is good for.
    """
    found = []
    for each in _standing(s):
        block = each.block
        if each.wants_more and (block is None or block.last + receipts.BLOCK <= receipts.MOST):
            block = _next(s, each, now=now)
        elif anew is not None and each.box.id not in anew:
            continue
        if block is None:
            continue
        found.append(Sending(topics.document(each.box.id, receipts.NAME), _paper(block, key, now=now)))
    return found


def due(s: Session) -> bool:
    """Say whether any box needs a block."""
    return any(each.wants_more for each in _standing(s))


def _next(s: Session, standing: _Standing, *, now: datetime) -> ReceiptBlock:
    box = standing.box
    writing.enter(s, box.court_id)
    serial = standing.block.serial + 1 if standing.block else 1
    first = (serial - 1) * receipts.BLOCK + 1
    block = ReceiptBlock(
        id=receipts.block_id(box.id, serial),
        court_id=box.court_id,
        box_id=box.id,
        epoch=standing.epoch,
        serial=serial,
        first=first,
        last=first + receipts.BLOCK - 1,
        issued_at=now,
    )
    s.add(block)
    facts: dict[str, Json] = {"box": box.id, "first": block.first, "last": block.last}
    writing.record(
        s, kind=Kind.RECEIPT_NUMBERS, court_id=box.court_id, by=system(Via.JOB), at=now, facts=facts
    )
    return block


def _paper(block: ReceiptBlock, key: Ed25519PrivateKey, *, now: datetime) -> str:
    content = receipts.ReceiptBlock(
        box=block.box_id,
        serial=block.serial,
        not_after=now + GOOD,
        epoch=block.epoch,
        first=block.first,
        last=block.last,
    )
    return paper(content, key)


def _standing(s: Session) -> list[_Standing]:
    """Return the boxes that have spoken, in three statements however many there are."""
    last = select(col(ReceiptBlock.box_id), func.max(ReceiptBlock.serial).label("serial"))
    newest = last.group_by(col(ReceiptBlock.box_id)).subquery()
    query = select(ReceiptBlock).join(
        newest,
        (col(ReceiptBlock.box_id) == newest.c.box_id) & (col(ReceiptBlock.serial) == newest.c.serial),
    )
    blocks = {block.box_id: block for block in s.exec(query).all()}
    counted = (
        select(col(PaperReceipt.box_id), func.count())
        .join(
            ReceiptBlock,
            (col(ReceiptBlock.box_id) == PaperReceipt.box_id)
            & col(PaperReceipt.number).between(ReceiptBlock.first, ReceiptBlock.last),
        )
        .join(
            newest,
            (newest.c.box_id == ReceiptBlock.box_id) & (newest.c.serial == ReceiptBlock.serial),
        )
        .group_by(col(PaperReceipt.box_id))
    )
    used = {name: int(count) for name, count in s.exec(counted).all()}
    spoke = select(HallBox, BoxPosition).join(BoxPosition, col(BoxPosition.box_id) == HallBox.id)
    spoke = spoke.where(col(HallBox.revoked_at).is_(None)).order_by(HallBox.id, col(BoxPosition.last_at))
    newest_of = {box.id: (box, position.epoch) for box, position in s.exec(spoke).all()}
    return [
        _Standing(box, epoch, blocks.get(name), used.get(name, 0)) for name, (box, epoch) in newest_of.items()
    ]


def tie(
    s: Session, *, number: str, petition_id: UUID, court_id: UUID, by: Actor, now: datetime
) -> PaperReceipt:
    """Note of which petition the papers behind a receipt are; twice the same changes nothing. Raise `Invalid` with field `receipt`."""
    row = by_number(s, number, court_id=court_id)
    if row is None:
        raise Invalid(_missing(s, number, court_id), field="receipt", number=number)
    writing.enter(s, court_id)
    s.refresh(row)
    if row.petition_id == petition_id:
        return row
    if row.petition_id is not None:
        raise Invalid("halls.receipts.tied_already", field="receipt", number=row.label)
    row.petition_id, row.tied_at, row.tied_by_id = petition_id, now, by.staff_id
    facts = {"receipt": row.label, "petition": petition_id.hex}
    writing.record(s, kind=Kind.RECEIPT_TIED, court_id=court_id, by=by, at=now, facts=facts)
    return row


def _missing(s: Session, number: str, court_id: UUID) -> str:
    """Return why a number leads nowhere: none of ours, or its box has not told of it yet."""
    read = receipts.parsed(number)
    block = s.get(ReceiptBlock, receipts.block_id(read[0], receipts.block_of(read[1]))) if read else None
    ours = block is not None and block.court_id == court_id
    return "halls.receipts.not_here_yet" if ours else "halls.receipts.unknown"


def by_number(s: Session, number: str, *, court_id: UUID) -> PaperReceipt | None:
    """Return a court's receipt by its number as typed or scanned."""
    read = receipts.parsed(number)
    row = s.get(PaperReceipt, receipts.id_of(*read)) if read else None
    return row if row is not None and row.court_id == court_id else None


def of_petition(s: Session, petition_id: UUID) -> Sequence[PaperReceipt]:
    """Return the receipts behind a petition's papers, the first first."""
    query = select(PaperReceipt).where(PaperReceipt.petition_id == petition_id)
    return s.exec(query.order_by(col(PaperReceipt.given_at), col(PaperReceipt.id)).limit(50)).all()


def of_court(
    s: Session, court_id: UUID, *, before: tuple[datetime, UUID] | None = None, limit: int = 50
) -> Sequence[PaperReceipt]:
    """Return a court's receipts, the newest first, from behind `before`."""
    query = select(PaperReceipt).where(PaperReceipt.court_id == court_id)
    if before is not None:
        at, last = before
        same = (col(PaperReceipt.given_at) == at) & (col(PaperReceipt.id) < last)
        query = query.where((col(PaperReceipt.given_at) < at) | same)
    newest = query.order_by(col(PaperReceipt.given_at).desc(), col(PaperReceipt.id).desc())
    return s.exec(newest.limit(limit)).all()
