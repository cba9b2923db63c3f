"""How texts are compared: sign by sign in their compatibility form (NFKC), letters without case. Pure.

Each sign is folded by itself, so folding a text keeps its parts: whatever stands in a text as typed is found in its folded form.
Full-width signs become half-width, ligatures and circled numbers what they stand for; nothing is left out, blanks stay.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

#: Stands between the fields of a petition; no text and no query holds it.
BREAK = "\uffff"
_INSTEAD = "\ufffd"
_HAN_LINE = re.compile(
    r"(?<=[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U000323af])[^\S\n]*\n[^\S\n]*"
    r"(?=[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U000323af])"
)


class _Folds(dict[int, str]):
    """Remembers what each sign becomes."""

    def __missing__(self, sign: int) -> str:
        made = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", chr(sign)).casefold())
        self[sign] = made
        return made


_FOLDS = _Folds({0: _INSTEAD, ord(BREAK): _INSTEAD})


def fold(text: str) -> str:
    """Return the form in which texts and queries are compared."""
    return text.translate(_FOLDS)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text for a page: plain, or a hit."""

    text: str
    hit: bool = False


def joined(text: str) -> str:
    """Return a recognised text without the line ends between Chinese signs: the paper's edge parts no word."""
    return _HAN_LINE.sub("", text)


def hits(text: str, words: list[str]) -> list[tuple[int, int]]:
    """Return where folded `words` stand in `text` as typed: start and end of each, in order, run together where they overlap."""
    whole = fold(text)
    origin: Sequence[int] = range(len(text))
    if len(whole) != len(text):  # a sign stands for several, as ㎡ does; none for nothing
        origin = [at for at, sign in enumerate(text) for _ in fold(sign)]
    found: list[tuple[int, int]] = []
    for word in words:
        at = whole.find(word) if word else -1
        while at >= 0:
            found.append((origin[at], origin[at + len(word) - 1] + 1))
            at = whole.find(word, at + len(word))
    return _run_together(sorted(found))


def _run_together(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for start, end in places:
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made


def snippet(text: str, words: list[str], *, width: int = 90) -> list[Piece]:
    """Return about `width` signs of `text` around its first hit, hits marked; its beginning if there is none."""
    places = hits(text, words)
    first = places[0][0] if places else 0
    start = 0 if first < width // 2 else first - width // 3
    end = min(len(text), start + width)
    start = max(0, min(start, end - width))
    pieces = [Piece("…")] if start else []
    at = start
    for begin, stop in places:
        if stop <= start or begin >= end:
            continue
        left, right = max(begin, start), min(stop, end)
        if left > at:
            pieces.append(Piece(text[at:left]))
        pieces.append(Piece(text[left:right], hit=True))
        at = right
    if at < end:
        pieces.append(Piece(text[at:end]))
    return pieces + ([Piece("…")] if end < len(text) else [])
