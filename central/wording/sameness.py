"""Whether an answer is a template with nothing but its placeholders filled: worked out from the words, never noted by hand. Pure.

Words are compared without blanks, punctuation, width and case. A template fits when its fixed words stand in the answer in their order,
from the first to the last, and what was typed between them is no longer than they are: whoever wrote more there wrote an answer.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from central.wording.placeholders import Filling, parts

#: A template with fewer fixed signs would fit anything.
LEAST = 8
#: A date, a name or a number may be longer than the few fixed words around it.
_ALWAYS = 30


@dataclass(frozen=True, slots=True)
class Pattern:
    """A template, or a phrase, to compare with."""

    title: str
    words: str


@dataclass(frozen=True, slots=True)
class _Fixed:
    title: str
    literals: tuple[str, ...]
    given: int

    @property
    def length(self) -> int:
        return sum(map(len, self.literals))


def normal(words: str) -> str:
    """Return the words as they are compared: letters and figures alone, in one width and case."""
    plain = unicodedata.normalize("NFKC", words).casefold()
    return "".join(sign for sign in plain if unicodedata.category(sign)[0] in "LNM")


def template_of(
    words: str, patterns: Iterable[Pattern], filling: Filling, phrases: Sequence[str] = ()
) -> str | None:
    """Return the title of the template that an answer is, or None if somebody wrote it.

    Several templates or phrases below each other are no writing either.
    """
    fixed = [each for pattern in patterns if (each := _fixed(pattern, filling)).length >= LEAST]
    fixed += [line for pattern in patterns for line in _lines_of(pattern, filling)]
    known = sorted(
        {normal(phrase) for phrase in phrases if len(normal(phrase)) >= LEAST}, key=len, reverse=True
    )
    whole = _fits_any(words, fixed, known)
    if whole is not None:
        return whole
    lines = [_fits_any(line, fixed, known) for line in words.splitlines() if normal(line)]
    return next((title for title in lines if title), "") if lines and None not in lines else None


def contains(words: str, phrase: str) -> bool:
    """Say whether a phrase stands in the words, blanks and punctuation aside."""
    sought = normal(phrase)
    return bool(sought) and sought in normal(words)


def fixed_in(text: str, words: str) -> int:
    """Return how many fixed signs of a template stand in a text, all of them in their order, whatever else does; 0 if they do not.

    The text is `normal` already: one reply is held against many templates.
    """
    literals = [each for each in _literals(words) if each]
    at, signs = 0, sum(map(len, literals))
    for literal in literals:
        found = text.find(literal, at)
        if found < 0:
            return 0
        at = found + len(literal)
    return signs if signs >= LEAST else 0


@lru_cache(maxsize=2000)
def _literals(words: str) -> tuple[str, ...]:
    return tuple(map(normal, parts(words)[0]))


def _fixed(pattern: Pattern, filling: Filling) -> _Fixed:
    literals, names = parts(pattern.words)
    given = sum(len(normal(filling.of(name) or "")) for name in names)
    return _Fixed(pattern.title, tuple(map(normal, literals)), given)


def _lines_of(pattern: Pattern, filling: Filling) -> list[_Fixed]:
    lines = [line for line in pattern.words.splitlines() if normal(line)]
    found = [_fixed(Pattern(pattern.title, line), filling) for line in lines] if len(lines) > 1 else []
    return [each for each in found if each.length >= LEAST]


def _fits_any(words: str, fixed: Sequence[_Fixed], phrases: Sequence[str]) -> str | None:
    text = normal(words)
    if not text:
        return None
    bare = text
    for phrase in phrases:
        bare = bare.replace(phrase, "")
    if not bare:
        return ""
    return next((each.title for each in fixed if _fits(text, each) or _fits(bare, each)), None)


def _fits(text: str, template: _Fixed) -> bool:
    """Say whether the fixed words stand in the text in order. Leftmost finds are enough: gaps take any length."""
    first, *middle = template.literals
    last = middle.pop() if middle else None
    if last is None:
        return text == first
    if len(text) - template.length > max(_ALWAYS, template.length) + template.given:
        return False
    if not text.startswith(first) or not text.endswith(last) or len(text) < template.length:
        return False
    at, end = len(first), len(text) - len(last)
    for literal in middle:
        found = text.find(literal, at, end)
        if found < 0:
            return False
        at = found + len(literal)
    return True
