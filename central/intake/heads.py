"""Which column holds what: found by its head, or said by the person. Pure, with the shipped table of heads."""

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from central.errors import Invalid
from central.intake import apart
from central.intake.rows import Field, RawRow
from shared.i18n import Key

_SIGNS = re.compile(r"[\s\u3000:：*＊]+")
_NOISE = re.compile(r"[\s\u3000:：*＊]+|[(（\[【].*?[)）\]】]")
_REMARK = re.compile(r"[(（\[【](.*?)[)）\]】]")
_BRACKETS = re.compile(r"[()（）\[\]【】]")


class BadLayout(Invalid):
    """The columns do not give what a petition needs; the sentence says which and what to do."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Row of the heads, the heads in order, and which column (from 0) holds each field."""

    head_row: int
    heads: tuple[str, ...]
    columns: Mapping[Field, int]
    #: Year of dates that name none, and whether days without a format are counted from 1904.
    year: int | None = None
    from_1904: bool = False

    def cell(self, cells: Sequence[str], what: Field) -> str:
        """Return the cell of a field as it stands; '' without such a column."""
        place = self.columns.get(what)
        return apart.whole(self.heads, cells, place) if place is not None else ""

    def head(self, what: Field) -> str:
        """Return the head of the column of a field; '' without one."""
        place = self.columns.get(what)
        return self.heads[place] if place is not None else ""


@cache
def _table() -> dict[str, dict[str, Any]]:
    text = Path(__file__).with_name("data").joinpath("heads.toml").read_text("utf-8")
    return tomllib.loads(text)


def plain(text: str) -> str:
    """Return a head or word as it is compared: width, case, blanks and remarks in brackets do not matter."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold()


@cache
def _words(section: str) -> dict[str, str]:
    return {plain(word): name for name, words in _table()[section].items() for word in words}


@cache
def patterns(section: str) -> dict[str, re.Pattern[str]]:
    """Return the patterns of a section of the shipped table, in its order."""
    return {name: re.compile(text, re.IGNORECASE) for name, text in _table()[section].items()}


@cache
def rank(head: str) -> int:
    """Return the place of a head in the list of its field: of two columns for one field the lower is taken."""
    return (
        list(_words("heads")).index(plain(head)) if plain(head) in _words("heads") else len(_words("heads"))
    )


def field_of(head: str) -> Field | None:
    """Return what a column with this head holds, if it is a common one. What stands in brackets may say more than the rest."""
    whole = _SIGNS.sub("", _BRACKETS.sub("", unicodedata.normalize("NFKC", head))).casefold()
    name = _words("heads").get(whole) or (
        None if any(map(is_other, _REMARK.findall(head))) else _words("heads").get(plain(head))
    )
    return Field(name) if name else None


def like(head: str) -> Field | None:
    """Return what a column holds by the words in its head; None if it is of somebody else (承办人电话)."""
    if patterns("sorts")["not"].search(head) is None:
        for name in ("category_3", "category_2", "category"):
            if patterns("sorts")[name].search(plain(head)):
                return Field(name)
    spaced = " ".join(_BRACKETS.sub("", unicodedata.normalize("NFKC", head)).split()).casefold()
    if is_other(head):
        return None
    for text in (spaced.replace(" ", ""), spaced, plain(head)):
        for name, pattern in patterns("patterns").items():
            if pattern.search(text):
                return Field(name)
    return None


def under(group: str, head: str) -> tuple[Field | None, bool]:
    """Return what a column under the head of a group holds, and whether its own part of the head is a common one.

    Where the group's words alone speak, each of its columns would hold the same: its own part goes before (信访情况 + 当事人).
    """
    what, own = like(head), head.removeprefix(group)
    if not group or what is None:
        return what, False
    said, by_group = field_of(own), what is like(group)
    if said and (by_group or said is what):
        return said, True
    return (None if by_group and patterns("others")["under"].search(own) else what), False


def is_other(head: str) -> bool:
    """Say whether a head is of somebody or something else than the petition."""
    return patterns("others")["pattern"].search(unicodedata.normalize("NFKC", head)) is not None


def channel_of(word: str) -> str | None:
    """Return the channel that a word of a ledger means, or a longer remark holds."""
    found = _words("channels").get(plain(word))
    if found:
        return found
    return next(
        (n for n, pattern in patterns("channel_patterns").items() if pattern.search(plain(word))), None
    )


def channel_told(*texts: str) -> str | None:
    """Return the one channel that titles, names or heads tell (来访登记表, 来访人); None if they tell none, or several."""
    text = unicodedata.normalize("NFKC", " ".join(texts))
    told = [name for name, pattern in patterns("told_channels").items() if pattern.search(text)]
    return told[0] if len(told) == 1 else None


@cache
def surnames() -> frozenset[str]:
    """Return the common beginnings of names."""
    return frozenset(_table()["surnames"]["words"])


def is_name(text: str) -> bool:
    """Say whether a cell can be a person's or body's name: no digits, no word for nobody."""
    return (
        1 < len(text) <= 100
        and not any(sign.isdigit() for sign in text)
        and text[0].isalpha()
        and plain(text) not in _words("no_names")
    )


def is_nobody(text: str) -> bool:
    """Say whether a cell says that there is nobody, or nothing."""
    return plain(text) in _words("no_names")


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


def chosen(
    head_row: int,
    heads: Sequence[str],
    fields: Sequence[Field | None],
    *,
    year: int | None = None,
    from_1904: bool = False,
) -> Layout:
    """Return the layout a person chose, a field or none for each column in order; raise `BadLayout`."""
    places: dict[Field, list[int]] = defaultdict(list)
    for place, what in enumerate(fields[: len(heads)]):
        if what and what is not Field.IGNORE:
            places[what].append(place)
    _check(places, heads)
    columns = {what: found[0] for what, found in places.items()}
    return Layout(head_row, tuple(heads), columns, year, from_1904)


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
