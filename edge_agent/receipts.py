"""Receipts for papers handed in: a number out of a block that the centre gave in advance, on the disk before it is printed."""

from datetime import datetime, timedelta
from enum import StrEnum

from edge_agent import drill
from edge_agent.box import Box
from edge_agent.errors import Illegal, NotThere
from edge_agent.ports import PrintOutcome
from edge_agent.records import Receipt
from edge_agent.store import Store
from edge_agent.tickets import at_counter, counter_of
from shared import receipts
from shared.clock import court_day
from shared.receipts import Handed, ReceiptBlock, ReceiptGiven

PAPER = receipts.NAME
_LOW = "alarm.receipts_few"
_SERIAL = f"serial/{PAPER}"
#: So long a slip without an outcome counts as under way; after a power cut it may be asked for again.
_PRINTING = timedelta(seconds=20)


class Block(StrEnum):
    """What became of a block."""

    TAKEN = "taken"
    KNOWN = "known"
    OLD = "old"


def take_block(box: Box, block: ReceiptBlock, *, now: datetime) -> Block:
    """Keep a block that the centre signed for this box's journal, if it is above the one taken last.

    Numbers of blocks taken before are given out first.
    """
    with box.lock, box.store.transaction() as connection:
        held = int(Store.meta(connection, _SERIAL) or 0)
        if block.serial <= held:
            return Block.KNOWN if block.serial == held else Block.OLD
        connection.execute("delete from receipt_block where upcoming > last")
        connection.execute(
            "insert into receipt_block (first, last, upcoming) values (?, ?, ?)",
            (block.first, block.last, block.first),
        )
        Store.set_meta(connection, _SERIAL, str(block.serial))
    look(box, now=now)
    return Block.TAKEN


def left(box: Box) -> int:
    """Return how many numbers are left."""
    with box.store.reading() as connection:
        (count,) = connection.execute(
            "select coalesce(sum(last - upcoming + 1), 0) from receipt_block"
        ).fetchone()
    return int(count)


def look(box: Box, *, now: datetime) -> int:
    """Raise or clear the warning that few numbers are left; return how many are. A box that never had any says nothing."""
    with box.store.reading() as connection:
        (blocks,) = connection.execute("select count(*) from receipt_block").fetchone()
    count = left(box)
    if blocks and count < receipts.FEW:
        box.raise_alarm(_LOW, now=now, detail=str(count))
    else:
        box.clear_alarm(_LOW)
    return count


def give(
    box: Box, *, counter: int, by: str, handed: Handed, sheets: int, nonce: str, now: datetime
) -> Receipt:
    """Give a receipt out. The same `nonce` gets the same one: taps may double. Raise `Illegal` when no number is left."""
    with box.lock:
        drill.refuse(box, "drill.no_receipts", now=now)
        hall = box.today(now)
        counter_of(box, hall, counter=counter, current=None)
        marked = f"{hall.day}/{nonce}"
        known = next((one for one in of_day(box, hall.day) if one.nonce == marked), None)
        if known is not None:
            return known
        here = at_counter(hall, counter)
        with box.act(now=now) as act:
            number = act.draw_receipt()
            if number is None:
                raise Illegal("receipt.none_left")
            receipt = act.keep_receipt(
                Receipt(
                    number=number,
                    label=receipts.label(box.store.box, number),
                    day=hall.day,
                    nonce=marked,
                    counter=counter,
                    by=by,
                    at=now,
                    handed=handed,
                    sheets=sheets,
                    ticket_id=here.id if here else None,
                    ticket=here.label if here else "",
                )
            )
            act.report(
                ReceiptGiven(
                    number=number,
                    counter=counter,
                    by=by,
                    handed=handed,
                    sheets=sheets,
                    ticket_id=receipt.ticket_id,
                )
            )
        look(box, now=now)
    box.on_receipt(receipt)
    return receipt


def again(box: Box, *, number: int, now: datetime) -> Receipt:
    """Print a receipt of today once more, under its own number, marked as a copy; while it prints nothing more is asked."""
    with box.lock:
        receipt = _of_number(box, number, now=now)
        if receipt.printed is None and abs(now - (receipt.asked_at or receipt.at)) < _PRINTING:
            return receipt
        changed = receipt.model_copy(update={"printed": None, "copies": receipt.copies + 1, "asked_at": now})
        with box.act(now=now) as act:
            act.keep_receipt(changed)
    box.on_receipt(changed)
    return changed


def printed(box: Box, *, number: int, outcome: PrintOutcome, now: datetime) -> None:
    """Note what became of a slip."""
    with box.lock:
        receipt = _of_number(box, number, now=now)
        with box.act(now=now) as act:
            act.keep_receipt(receipt.model_copy(update={"printed": outcome}))


def of_day(box: Box, day: str) -> list[Receipt]:
    """Return the receipts of a hall day, the newest first."""
    with box.store.reading() as connection:
        rows = connection.execute(
            "select number, sealed from receipt where day = ? order by number desc", (day,)
        ).fetchall()
    opened = box.store.sealer.open
    return [Receipt.model_validate_json(opened(sealed, "receipt", str(number))) for number, sealed in rows]


def _of_number(box: Box, number: int, *, now: datetime) -> Receipt:
    day = court_day(now).isoformat()
    found = next((one for one in of_day(box, day) if one.number == number), None)
    if found is None:
        raise NotThere("receipt.no_such")
    return found
