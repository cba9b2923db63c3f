"""The last lines of a box's own log, on demand: the signed paper that asks for them, the bounded answer, and what never stands in a line.

A box's log speaks of the machine and names nobody. The rule here is the second fence, applied by the box before a line is kept and by
the centre before one is shown: what looks like a name, a number of a person, a code or a key is covered, whoever wrote it.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from pydantic import AwareDatetime, Field

from shared import sealed
from shared.messages import VERSION, Message, Short

#: Name of the signed paper that asks.
NAME: Literal["logs"] = "logs"
#: Most lines and bytes in one answer, and signs of one line.
MOST_LINES, MOST_BYTES, MOST_SIGNS = 500, 64 * 1024, 2000
#: A question that no box answered ends after this time, and so does an answer: what is asked for is the present.
GOOD = timedelta(hours=24)
COVER = "***"
#: What a seal adds: a key, a nonce and a tag.
_SEAL_BYTES = 32 + 12 + 16
_MOST_DATA = -(-(MOST_BYTES + _SEAL_BYTES) // 3) * 4
_BOUND = b"minyi log tail 1\n"

_UUID = re.compile(r"\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE)
_COVERED = (
    # Nothing outside ASCII: names and petitions are written in Chinese, the box's own lines in English.
    re.compile(r"[^\x20-\x7e]+"),
    # Keys, signatures, digests, tokens.
    re.compile(r"\b(?:[0-9a-fA-F]{32,}|MY1\.[A-Z2-7]+)"),
    re.compile(r"(?=[\w+/=-]*[0-9])(?=[\w+/=-]*[a-z])(?=[\w+/=-]*[A-Z])[A-Za-z0-9+/=_-]{20,}"),
    # Codes that somebody types: appointment codes of ten signs, query codes in groups of four.
    re.compile(r"\b(?=[0-9A-Z]*[0-9])(?=[0-9A-Z]*[A-Z])[0-9A-Z]{10}\b|\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2,}\b"),
    # Numbers of persons: identity cards, phones, landlines, bank cards; an address of mail.
    re.compile(r"(?<![\d.])\d{7,}[Xx]?|\b1\d{2}[ -]\d{4}[ -]\d{4}\b|\b\d{6}[ -]\d{8}[ -]\d{3}[\dXx]\b"),
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
)


class TailAsked(Message):
    """The centre asks a box for up to `lines` of its last log lines, in a signed paper named `logs`."""

    name: Literal["logs"] = NAME
    box: Short
    serial: Annotated[int, Field(ge=1, lt=2**53)]
    not_after: AwareDatetime
    ask_id: UUID
    lines: Annotated[int, Field(ge=1, le=MOST_LINES)]


class Tail(Message):
    """A box's answer to the question `ask_id`. `since`: its oldest kept line cannot be older, for it keeps them from its start on.

    `data` is base64 of the lines, each ended by a line feed; `hidden`: sealed to the centre, as a box does that knows its key.
    """

    version: Literal[1] = VERSION
    box: Short
    ask_id: UUID
    at: AwareDatetime
    since: AwareDatetime
    hidden: bool
    data: Annotated[str, Field(max_length=_MOST_DATA)]


class TooMuch(ValueError):
    """What a box sent is not within what it was asked for."""


def masked(text: str) -> str:
    """Return a line with everything covered that could say who somebody is or open something; of an id its beginning stays."""
    text = _UUID.sub(r"\1-" + COVER, text[: 2 * MOST_SIGNS])
    for pattern in _COVERED:
        text = pattern.sub(COVER, text)
    return text[:MOST_SIGNS]


def last(lines: Sequence[str], count: int) -> list[str]:
    """Return the newest of `lines`, oldest first: at most `count` of them and within `MOST_BYTES`."""
    found, size = list[str](), 0
    for line in reversed(lines[-min(count, MOST_LINES) :]):
        size += len(line.encode()) + 1
        if size > MOST_BYTES:
            break
        found.append(line)
    return found[::-1]


def packed(lines: Sequence[str], *, box: str, ask_id: UUID, key: X25519PublicKey | None) -> str:
    """Return `Tail.data` of lines, sealed to `key` if there is one."""
    content = "".join(f"{line}\n" for line in lines).encode()
    if key is not None:
        content = sealed.seal_bytes(content, key, bound=_bound(box, ask_id))
    return base64.b64encode(content).decode()


def opened(tail: Tail, *, lines: int, opening: X25519PrivateKey | None) -> list[str]:
    """Return the lines of an answer to a question for `lines`, covered once more; raise `TooMuch` or `sealed.NotSealed`."""
    try:
        content = base64.b64decode(tail.data, validate=True)
    except binascii.Error as error:
        raise TooMuch from error
    if tail.hidden:
        if opening is None:
            raise sealed.NotSealed
        content = sealed.unseal_bytes(content, opening, bound=_bound(tail.box, tail.ask_id))
    found = content.decode(errors="replace").split("\n")[:-1]
    if len(content) > MOST_BYTES or len(found) > lines:
        raise TooMuch
    return [masked(line) for line in found]


def _bound(box: str, ask_id: UUID) -> bytes:
    return _BOUND + f"{box}\n{ask_id}".encode()
