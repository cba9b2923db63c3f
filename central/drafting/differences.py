"""What changed between two texts, sign by sign for Chinese and word by word for what is written with blanks. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from uuid import UUID

from central.replies.versions import Answered, Content

#: Runs of Latin letters and of figures are words; everything else counts sign by sign.
_TOKEN = re.compile(r"[A-Za-z]+|[0-9]+|\s+|.", re.DOTALL)
#: Longer texts are first compared line by line: the time for signs grows with the square.
_MOST_TOKENS = 3000


class How(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text and what became of it."""

    how: How
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """The differences of one field. `number` is the demand's, 0 for the opening of the letter; `part` as in the form."""

    number: int
    part: str
    pieces: tuple[Piece, ...]
    demand_id: UUID | None = None


def between(old: str, new: str) -> tuple[Piece, ...]:
    """Return the pieces that lead from `old` to `new`: same and out give the old text, same and in the new one."""
    one, other = _TOKEN.findall(old), _TOKEN.findall(new)
    if max(len(one), len(other)) > _MOST_TOKENS:
        return tuple(_joined(_by_lines(old, new)))
    return tuple(_joined(_pieces(one, other)))


def of_drafts(old: Content, new: Content, outcomes: Mapping[str, str]) -> list[Change]:
    """Return every field in which two drafts differ, in the order of the letter; `outcomes` gives the words for each outcome."""
    found = [Change(0, "text", between(old.text, new.text))] if old.text != new.text else []
    for key, number in _demands(old, new):
        one, other = old.items.get(key, Answered(number, "")), new.items.get(key, Answered(number, ""))
        for part in ("outcome", "facts", "basis"):
            before, after = getattr(one, part), getattr(other, part)
            if before == after:
                continue
            if part == "outcome":
                before, after = outcomes.get(before, ""), outcomes.get(after, "")
                pieces = tuple(Piece(how, text) for how, text in ((How.OUT, before), (How.IN, after)) if text)
            else:
                pieces = between(before, after)
            found.append(Change(number, part, pieces, key))
    return found


def _demands(old: Content, new: Content) -> list[tuple[UUID, int]]:
    numbers = {key: each.number for content in (old, new) for key, each in content.items.items()}
    return sorted(numbers.items(), key=lambda pair: pair[1])


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for how, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if how == "equal":
            yield Piece(How.SAME, "".join(old[a:b]))
            continue
        if b > a:
            yield Piece(How.OUT, "".join(old[a:b]))
        if d > c:
            yield Piece(How.IN, "".join(new[c:d]))


def _by_lines(old: str, new: str) -> Iterator[Piece]:
    """Compare line by line, and sign by sign within lines that took each other's place."""
    one, other = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for how, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        before, after = "".join(one[a:b]), "".join(other[c:d])
        if how == "equal":
            yield Piece(How.SAME, before)
            continue
        fine = max(len(before), len(after)) <= _MOST_TOKENS
        if how == "replace" and fine:
            yield from _pieces(_TOKEN.findall(before), _TOKEN.findall(after))
            continue
        yield from (Piece(kind, text) for kind, text in ((How.OUT, before), (How.IN, after)) if text)


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Join a single sign that happens to be the same between two changes with them: whole words read better than confetti."""
    out, into, same = "", "", ""
    for piece in pieces:
        if piece.how is How.SAME:
            if (out or into) and len(piece.text) < 2 and not piece.text.isspace():
                same = piece.text
                continue
            yield from _flushed(out, into, same)
            out = into = same = ""
            yield piece
            continue
        if same:
            out, into, same = out + same, into + same, ""
        if piece.how is How.OUT:
            out += piece.text
        else:
            into += piece.text
    yield from _flushed(out, into, same)


def _flushed(out: str, into: str, same: str) -> Iterator[Piece]:
    if out:
        yield Piece(How.OUT, out)
    if into:
        yield Piece(How.IN, into)
    if same:
        yield Piece(How.SAME, same)
