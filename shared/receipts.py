"""Receipts for papers handed in at a counter: numbers that the centre gives a box in advance, and what the box says of each it gave out."""

import re
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID, uuid5

from pydantic import AwareDatetime, Field, model_validator

from shared.messages import BoxEvent, Message, Short

#: Name of the signed paper that carries a block.
NAME: Literal["receipts"] = "receipts"
#: Numbers in a block. A box has up to two: one it gives out from and the next.
BLOCK = 200
#: With fewer left the counters are told, and a hall without a line should be seen to.
FEW = 40
MOST = 999_999
_SPACE = UUID("5d1c1c8e-2f6b-4a55-9b0e-6f1a3c0d7e21")
_LABEL = re.compile(r"^([A-Z]{1,4}[0-9]{0,4}-[0-9]{1,3})-([0-9]{6})$")


class Handed(StrEnum):
    """What was handed in, as far as a counter can see."""

    PETITION = "petition"
    SUPPLEMENT = "supplement"
    OTHER = "other"


class ReceiptBlock(Message):
    """The numbers `first` to `last` for one box, sent down as a signed paper. No two blocks of a box, of whatever machine, overlap.

    `epoch` is that of the box's journal: a box that was reset, mended or replaced has forgotten what it gave out, and takes no old block.
    """

    name: Literal["receipts"] = NAME
    box: Short
    serial: Annotated[int, Field(ge=1, le=MOST // BLOCK)]
    not_after: AwareDatetime
    epoch: UUID
    first: Annotated[int, Field(ge=1, le=MOST)]
    last: Annotated[int, Field(ge=1, le=MOST)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            msg = "first comes before last"
            raise ValueError(msg)
        return self


class ReceiptGiven(Message):
    """A receipt was given out under a number; whatever became of its slip, the number is never given again.

    `sheets`: how many sheets were handed in; `ticket_id`: the visitor who stood at the counter, if one was called there.
    """

    type: Literal[BoxEvent.RECEIPT_GIVEN] = BoxEvent.RECEIPT_GIVEN
    number: Annotated[int, Field(ge=1, le=MOST)]
    counter: Annotated[int, Field(ge=1, le=99)]
    by: Short
    handed: Handed
    sheets: Annotated[int, Field(ge=1, le=999)]
    ticket_id: UUID | None = None


def label(box: str, number: int) -> str:
    """Return a receipt's number as it is printed: LN0102-1-000123."""
    return f"{box.upper()}-{number:06d}"


def id_of(box: str, number: int) -> UUID:
    """Return the id of the one receipt that can have this number."""
    return uuid5(_SPACE, label(box, number))


def block_id(box: str, serial: int) -> UUID:
    """Return the id of a box's block; blocks are numbered from 1 and each has `BLOCK` numbers."""
    return uuid5(_SPACE, f"{box}/{serial}")


def block_of(number: int) -> int:
    """Return the serial of the block in which a number lies."""
    return (number - 1) // BLOCK + 1


def parsed(text: str) -> tuple[str, int] | None:
    """Return box and number of what somebody typed or scanned, None for what is no receipt's number. Full-width signs count as plain."""
    plain = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in text)
    found = _LABEL.match("".join(plain.split()).upper())
    return (found[1].lower(), int(found[2])) if found else None
