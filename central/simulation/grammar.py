"""Sentences out of a small grammar: symbols with alternatives that refer to further symbols. Pure."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random

_SYMBOL = re.compile(r"\{([a-z_]+)\}")
Part = tuple[str, bool]


class Grammar:
    """Alternatives by symbol, taken apart once. `{name}` in an alternative stands for one of that symbol's."""

    def __init__(self, symbols: Mapping[str, Sequence[str]]) -> None:
        self._parts: dict[str, list[list[Part]]] = {
            name: [_parts(text) for text in texts] for name, texts in symbols.items()
        }
        for name, alternatives in self._parts.items():
            for text, is_symbol in (part for each in alternatives for part in each):
                if is_symbol and text not in self._parts:
                    msg = f"{name}: there is no symbol {text}"
                    raise ValueError(msg)

    def say(self, rng: Random, symbol: str, given: Mapping[str, str] | None = None) -> str:
        """Return one text of a symbol; `given` settles symbols beforehand."""
        if given is not None and symbol in given:
            return given[symbol]
        alternatives = self._parts[symbol]
        chosen = alternatives[int(rng.random() * len(alternatives))]
        return "".join([self.say(rng, text, given) if is_symbol else text for text, is_symbol in chosen])


@cache
def words() -> Grammar:
    """Return the grammar of the made-up petitions, answers and remarks."""
    return Grammar(_file("words"))


@cache
def sorted_as() -> tuple[tuple[str, str], ...]:
    """Return words of the made-up texts with the category they mean, the more telling first."""
    return tuple((words, code) for code, all_ in _file("categories").items() for words in all_)


def _file(name: str) -> dict[str, list[str]]:
    return tomllib.loads(Path(__file__).with_name("data").joinpath(f"{name}.toml").read_text("utf-8"))


def _parts(text: str) -> list[Part]:
    pieces = _SYMBOL.split(text)
    return [(piece, place % 2 == 1) for place, piece in enumerate(pieces) if piece]
