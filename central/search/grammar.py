"""What may be typed into the search box: words, "phrases", -without, field:word. Pure.

A query is words that must all be found; each stands anywhere in the text, exactly as typed but for width and case of letters.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from central.cases import numbers as cases
from central.errors import Invalid
from central.petitions.numbering import parse_number
from central.search.folding import BREAK, fold
from central.search.texts import Field

#: Signs of a query, and words in it.
MOST_SIGNS, MOST_WORDS = 200, 12
_QUOTES = {'"': '"', "“": "”", "„": "”", "＂": "＂", "「": "」", "『": "』"}
_MINUS = "-－−"
_NAMED = re.compile(r"(\w{1,12})[:：](?!//)")
_DAY = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?|年)?")

_FIELDS: dict[str, tuple[Field, ...]] = {
    "subject": (Field.SUBJECT,),
    "title": (Field.SUBJECT,),
    "标题": (Field.SUBJECT,),
    "主题": (Field.SUBJECT,),
    "事由": (Field.SUBJECT,),
    "text": (Field.TEXT,),
    "正文": (Field.TEXT,),
    "内容": (Field.TEXT,),
    "reply": (Field.REPLY,),
    "答复": (Field.REPLY,),
    "paper": (Field.PAPER,),
    "附件": (Field.PAPER,),
    "材料": (Field.PAPER,),
    "number": (Field.NUMBER,),
    "编号": (Field.NUMBER,),
    "信访编号": (Field.NUMBER,),
    "case": (Field.CASE,),
    "案号": (Field.CASE,),
}
_FILTERS = {
    "court": "court",
    "法院": "court",
    "state": "state",
    "stage": "state",
    "状态": "state",
    "阶段": "state",
    "channel": "channel",
    "渠道": "channel",
    "from": "from",
    "自": "from",
    "起": "from",
    "to": "to",
    "至": "to",
    "止": "to",
}
#: The names shown on the page, in order: what is typed in Chinese, in English, and the sentence about it.
SHOWN = (
    ("标题", "subject"),
    ("正文", "text"),
    ("答复", "reply"),
    ("附件", "paper"),
    ("编号", "number"),
    ("案号", "case"),
    ("法院", "court"),
    ("状态", "state"),
    ("渠道", "channel"),
    ("自", "from"),
    ("至", "to"),
)


@dataclass(frozen=True, slots=True)
class Names:
    """What states and channels are called: folded name or code, to code."""

    states: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Word:
    """One word: folded, the fields it must stand in (None: any), other writings of it that count as well."""

    text: str
    fields: tuple[Field, ...] | None = None
    without: bool = False
    also: tuple[tuple[str, Field], ...] = ()

    def writings(self) -> list[tuple[str, tuple[Field, ...] | None]]:
        """Return every writing with its fields."""
        return [(self.text, self.fields), *((text, (one,)) for text, one in self.also)]

    def stands_in(self, parts: Sequence[tuple[int, str]]) -> bool:
        """Say whether the word stands in folded texts of a petition."""
        return any(
            text in part
            for text, fields in self.writings()
            for found, part in parts
            if fields is None or found in fields
        )


@dataclass(frozen=True, slots=True)
class Query:
    """A query as understood. `courts`: of each, a part of its name or its code; all must fit."""

    words: tuple[Word, ...] = ()
    courts: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not (self.words or self.courts or self.states or self.channels or self.since or self.until)


def parse(typed: str, *, names: Names = Names(), province: str = "") -> Query:
    """Return the query that was typed; raise `Invalid` with a sentence that says what to mend."""
    text = typed.replace(BREAK, " ").replace("\0", " ").strip()
    if len(text) > MOST_SIGNS:
        raise Invalid("search.too_long", field="q", most=MOST_SIGNS)
    words: list[Word] = []
    found: dict[str, list[str]] = {}
    for part in _parts(text):
        if part.filter is None:
            words.append(_word(part, province))
            continue
        if part.without:
            raise Invalid("search.no_minus_here", field="q", name=part.name)
        found.setdefault(part.filter, []).append(part.text)
    if len(words) > MOST_WORDS:
        raise Invalid("search.too_many_words", field="q", most=MOST_WORDS)
    since = max((_day(each, last=False) for each in found.get("from", [])), default=None)
    until = min((_day(each, last=True) for each in found.get("to", [])), default=None)
    if since and until and since > until:
        raise Invalid("search.from_after_to", field="q", since=since.isoformat(), until=until.isoformat())
    return Query(
        tuple(words),
        tuple(fold(each) for each in found.get("court", [])),
        tuple(_named(each, names.states, "search.no_such_state") for each in found.get("state", [])),
        tuple(_named(each, names.channels, "search.no_such_channel") for each in found.get("channel", [])),
        since,
        until,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    without: bool = False
    name: str = ""
    filter: str | None = None
    fields: tuple[Field, ...] | None = None


def _parts(text: str) -> list[_Part]:
    found, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        part, at = _part(text, at)
        found.append(part)
    return found


def _part(text: str, at: int) -> tuple[_Part, int]:
    without = text[at] in _MINUS
    if without:
        at += 1
        if at == len(text) or text[at].isspace():
            raise Invalid("search.lone_minus", field="q")
    named = _NAMED.match(text, at)
    name = fold(named[1]) if named else ""
    known = name in _FIELDS or name in _FILTERS
    if named and not known and name.isascii() and name.isalpha():
        raise Invalid("search.no_such_field", field="q", name=named[1])
    if named and known:
        at = named.end()
    value, at = _value(text, at)
    if named and known and not value:
        raise Invalid("search.empty_field", field="q", name=named[1])
    if not value.strip():
        raise Invalid("search.empty_quotes", field="q")
    shown = named[1] if named else ""
    return _Part(value, without, shown, _FILTERS.get(name) if known else None, _FIELDS.get(name)), at


def _value(text: str, at: int) -> tuple[str, int]:
    """Return a quoted phrase, or the signs up to the next blank, and where it ends."""
    if at < len(text) and text[at] in _QUOTES:
        end = text.find(_QUOTES[text[at]], at + 1)
        if end < 0 and text[at] != '"':
            end = text.find('"', at + 1)
        if end < 0:
            raise Invalid("search.open_quote", field="q")
        return text[at + 1 : end], end + 1
    end = at
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[at:end], end


def _word(part: _Part, province: str) -> Word:
    """Return a word; of what reads as a case or receipt number the one form it is kept in counts as well."""
    also: list[tuple[str, Field]] = []
    if part.fields in {None, (Field.CASE,)} and cases.parse(part.text) is not None:
        also.append((fold(cases.key(part.text)), Field.CASE))
    number = parse_number(part.text, province=province) if part.fields in {None, (Field.NUMBER,)} else None
    if number:
        also.append((fold(number), Field.NUMBER))
    return Word(fold(part.text), part.fields, part.without, tuple(also))


def _named(typed: str, names: Mapping[str, str], key: str) -> str:
    wanted = fold(typed)
    found = names.get(wanted)
    if found is None and len(begun := {code for name, code in names.items() if name.startswith(wanted)}) == 1:
        return begun.pop()
    if found is None:
        raise Invalid(key, field="q", name=typed)
    return found


def _day(typed: str, *, last: bool) -> date:
    """Return a day; of a month or year alone its first, or its last."""
    found = _DAY.fullmatch(fold(typed))
    year, month, day = (int(part) if part else 0 for part in found.groups()) if found else (0, 0, 0)
    try:
        if day or not last:
            return date(year, month or 1, day or 1)
        following = date(year + 1, 1, 1) if month in {0, 12} else date(year, month + 1, 1)
        return date.fromordinal(following.toordinal() - 1)
    except (ValueError, OverflowError):
        raise Invalid("search.bad_day", field="q", day=typed) from None
