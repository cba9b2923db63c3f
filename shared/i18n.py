"""Sentences in Chinese and English, side by side. No user-facing string stands in code or templates.

A catalogue is TOML: `[petitions.accept]` with `zh = "受理"` and `en = "Accept"`; `{name}` marks a place to fill.
A filled-in value of type `Key` is looked up itself: `IllegalStep("...", act=Key("petitions.act.accept"))`.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

#: What is counted in English sentences, right behind its number: {days} days, {count} working days.
_COUNTED = re.compile(
    r"\{(\w+)\}((?: (?:working|calendar|more))? "
    r"(?:day|hour|minute|second|week|month|year|petition|letter|file|page|report|step|row|case|time|court))s\b"
)
#: What is listed by number behind its word: pages {pages}; one number alone is one page.
_LISTED = re.compile(r"\b(page)s \{(\w+)\}")


class Lang(StrEnum):
    """Languages of the screens; Chinese is the first."""

    ZH = "zh-CN"
    EN = "en"


class Key(str):
    """A value that is itself a message: it is filled in as its sentence, in the reader's language."""

    __slots__ = ()


class UnknownMessage(LookupError):
    """A key that stands in no catalogue: a programmer's mistake, found by a test over all keys used."""


def _singular(sentence: str, values: Mapping[str, object]) -> str:
    """Return an English sentence with `day` for `days` and the like where what is filled in is one."""
    sentence = _LISTED.sub(
        lambda found: f"{found[1]} {{{found[2]}}}" if str(values.get(found[2])).isdigit() else found[0],
        sentence,
    )
    if "1" not in {str(value) for value in values.values()}:
        return sentence
    return _COUNTED.sub(
        lambda found: f"{{{found[1]}}}{found[2]}" if str(values.get(found[1])) == "1" else found[0], sentence
    )


class Catalogue:
    """All messages of one process."""

    def __init__(self, tables: Iterable[Mapping[str, object]]) -> None:
        self._messages: dict[str, dict[Lang, str]] = {}
        for table in tables:
            self._take("", table)

    def _take(self, prefix: str, table: Mapping[str, object]) -> None:
        if "zh" in table:
            self._messages[prefix] = {Lang.ZH: str(table["zh"]), Lang.EN: str(table.get("en", ""))}
            return
        for key, value in table.items():
            if isinstance(value, Mapping):
                self._take(f"{prefix}.{key}" if prefix else key, value)

    def keys(self) -> list[str]:
        """Return every key, sorted."""
        return sorted(self._messages)

    def has(self, key: str) -> bool:
        """Say whether `key` stands in the catalogue."""
        return key in self._messages

    def text(self, key: str, lang: Lang, /, **values: object) -> str:
        """Return the sentence `key` in `lang` with `values` filled in; raise `UnknownMessage`."""
        try:
            sentence = self._messages[key][lang]
        except KeyError:
            raise UnknownMessage(key) from None
        if not values:
            return sentence
        filled = {name: self.text(v, lang) if isinstance(v, Key) else v for name, v in values.items()}
        if lang is Lang.EN:
            sentence = _singular(sentence, filled)
        return sentence.format(**filled)
