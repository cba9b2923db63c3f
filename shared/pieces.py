"""Pages on their way from a box to the centre, piece by piece: what `wire.PagesSent` announced, sealed, behind every event."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from shared.wire import VERSION, Message, Word

#: Bytes of a piece.
PART_BYTES = 24_000


class PagePart(Message):
    """A piece of a batch's pages: all of them sealed, one behind the other, cut every `PART_BYTES`. `data` is base64."""

    version: Literal[1] = VERSION
    batch_id: UUID
    part: Annotated[int, Field(ge=0)]
    data: Annotated[str, Field(max_length=PART_BYTES * 4 // 3 + 4)]


class PagesHeld(Word):
    """How far the centre has a batch: every part below `next`, committed. Sent after each part.

    `problem`: why the whole could not be used, or never came to be; a person decides. `next` 0 with `done` False: send it again.
    """

    version: Literal[1] = VERSION
    batch_id: UUID
    next: Annotated[int, Field(ge=0)]
    done: bool
    problem: Annotated[str, Field(max_length=20, exclude_if=lambda reason: not reason)] = ""
