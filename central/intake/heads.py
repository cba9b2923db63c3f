"""Which column holds what: found by its head, or said by the person. Pure, with the shipped table of heads."""

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from central.errors import Invalid
from central.intake.rows import Field, RawRow
from shared.i18n import Key

#: Heads may stand below a title; further down nobody puts them.
LOOKED_AT = 10
_NOISE = re.compile(r"[\s\u3000:：*＊]+|[(（\[【].*?[)）\]】]")


class BadLayout(Invalid):
    """The columns do not give what a petition needs; the sentence says which and what to do."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Row of the heads, the heads in order, and which column (from 0) holds each field."""

    head_row: int
    heads: tuple[str, ...]
    columns: Mapping[Field, int]

    def cell(self, cells: Sequence[str], what: Field) -> str:
        """Return the cell of a field as it stands; '' without such a column."""
        place = self.columns.get(what)
        return cells[place] if place is not None and place < len(cells) else ""

    def head(self, what: Field) -> str:
        """Return the head of the column of a field; '' without one."""
        place = self.columns.get(what)
        return self.heads[place] if place is not None else ""


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    text = Path(__file__).with_name("data").joinpath("heads.toml").read_text("utf-8")
    return tomllib.loads(text)


def plain(text: str) -> str:
    """Return a head or word as it is compared: width, case, blanks and remarks in brackets do not matter."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold()


@cache
def _words(section: str) -> dict[str, str]:
    return {plain(word): name for name, words in _table()[section].items() for word in words}


def field_of(head: str) -> Field | None:
    """Return what a column with this head holds, if it is a common one."""
    name = _words("heads").get(plain(head))
    return Field(name) if name else None


def channel_of(word: str) -> str | None:
    """Return the channel that a word of a ledger means, if it is a common one."""
    return _words("channels").get(plain(word))


def is_name(text: str) -> bool:
    """Say whether a cell can be a person's or body's name: no digits, no word for nobody."""
    return (
        1 < len(text) <= 100
        and not any(sign.isdigit() for sign in text)
        and text[0].isalpha()
        and plain(text) not in _words("no_names")
    )


def find_heads(rows: Sequence[RawRow], given: Mapping[str, Field] | None = None) -> RawRow:
    """Return the row of the heads among the first rows: the first with two heads that are known or given."""
    said = {plain(head) for head in given or {}}
    for row in rows[:LOOKED_AT]:
        known = {plain(cell) for cell in row.cells if field_of(cell) or plain(cell) in said}
        if len(known - {""}) > 1:
            return row
    seen = "、".join(cell.strip()[:20] for cell in (rows[0].cells if rows else ()) if cell.strip())
    raise BadLayout("intake.layout.no_heads", seen=seen[:200])


def lay_out(heads: RawRow, given: Mapping[str, Field] | None = None) -> Layout:
    """Return where each field stands; `given` heads win over the common ones. Raise `BadLayout`."""
    said = {plain(head): (head, what) for head, what in (given or {}).items()}
    names = tuple(cell.strip() for cell in heads.cells)
    present = {plain(name) for name in names}
    for key, (head, _) in said.items():
        if key not in present:
            raise BadLayout("intake.layout.no_such_head", head=head, heads="、".join(filter(None, names)))
    places: dict[Field, list[int]] = defaultdict(list)
    for place, name in enumerate(names):
        what = said[plain(name)][1] if plain(name) in said else field_of(name)
        if name and what and what is not Field.IGNORE:
            places[what].append(place)
    _check(places, names)
    return Layout(heads.number, names, {what: found[0] for what, found in places.items()})


def chosen(head_row: int, heads: Sequence[str], fields: Sequence[Field | None]) -> Layout:
    """Return the layout a person chose, a field or none for each column in order; raise `BadLayout`."""
    places: dict[Field, list[int]] = defaultdict(list)
    for place, what in enumerate(fields[: len(heads)]):
        if what and what is not Field.IGNORE:
            places[what].append(place)
    _check(places, heads)
    return Layout(head_row, tuple(heads), {what: found[0] for what, found in places.items()})


def guessed(heads: Sequence[str], given: Mapping[str, Field] | None = None) -> list[Field | None]:
    """Return what each column seems to hold; a field that an earlier column has is left to the person."""
    said = {plain(head): what for head, what in (given or {}).items()}
    found: list[Field | None] = []
    for head in heads:
        what = said.get(plain(head)) or field_of(head)
        found.append(None if what in found else what)
    return found


def _check(places: Mapping[Field, list[int]], names: Sequence[str]) -> None:
    for what, found in places.items():
        if len(found) > 1:
            two = "、".join(names[place] for place in found)
            raise BadLayout("intake.layout.two_columns", what=_key(what), heads=two)
    heads = "、".join(filter(None, names))
    if Field.RECEIVED_AT not in places:
        raise BadLayout("intake.layout.missing", what=_key(Field.RECEIVED_AT), heads=heads)
    if Field.TEXT not in places and Field.SUBJECT not in places:
        raise BadLayout("intake.layout.missing", what=_key(Field.TEXT), heads=heads)
    if (Field.REPLY in places) != (Field.REPLIED_AT in places):
        lacking = Field.REPLIED_AT if Field.REPLY in places else Field.REPLY
        raise BadLayout("intake.layout.missing", what=_key(lacking), heads=heads)


def _key(what: Field) -> Key:
    return Key(f"intake.field.{what}")
