"""Sentences in Chinese and English, side by side. No user-facing string stands in code or templates.

A catalogue is TOML: `[petitions.accept]` with `zh = "受理"` and `en = "Accept"`; `{name}` marks a place to fill.
A filled-in value of type `Key` is looked up itself: `IllegalStep("...", act=Key("petitions.act.accept"))`.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Lang(StrEnum):
    """Languages of the screens; Chinese is the first."""

    ZH = "zh-CN"
    EN = "en"


class Key(str):
    """A value that is itself a message: it is filled in as its sentence, in the reader's language."""

    __slots__ = ()


class UnknownMessage(LookupError):
    """A key that stands in no catalogue: a programmer's mistake, found by a test over all keys used."""


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
        return sentence.format(**filled)
