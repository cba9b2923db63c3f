"""Text as counted pieces: runs of one to four characters, and words of the topics. Pure.

A piece is known by a number alone, made with a seed that lies in the sealed model: who reads a model finds no word in it.
"""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Codes: TypeAlias = NDArray[np.uint64]
Whole: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

SIZES = (1, 2, 3, 4)
#: Between two texts; no text that was cleaned holds it.
_END = "\x00"
#: Longer texts say nothing new about their category.
MOST_SIGNS = 4_000
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_BLANK = re.compile(r"\s+")
#: Names and numbers were replaced like this where messages were published: `A3区`, `西地省` say nothing.
_MADE_UP = re.compile(r"[a-z]0(?=[省市区县])")


def clean(text: str) -> str:
    """Return the text as it is compared: width and case do not matter, nor which figures stand in it."""
    plain = _DIGITS.sub("0", unicodedata.normalize("NFKC", text).casefold().replace(_END, " "))
    return _BLANK.sub(" ", _MADE_UP.sub("", plain)).strip()[:MOST_SIGNS]


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of several texts: code, text, place in the text and length, one line each."""

    codes: Codes
    rows: Whole
    starts: Whole
    lengths: Whole


def _multipliers(seed: int) -> Codes:
    return np.random.default_rng(seed).integers(1, 2**63, size=3, dtype=np.uint64) | np.uint64(1)


def pieces(texts: Sequence[str], sizes: Sequence[int], seed: int) -> Pieces:
    """Return the runs of `sizes` characters in cleaned texts; none reaches from one text into the next."""
    joined = _END.join(texts) + _END
    signs = np.frombuffer(joined.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    ends = signs == 0
    before = np.concatenate(([0], np.cumsum(ends))).astype(np.int64)
    firsts = np.concatenate(([0], np.flatnonzero(ends) + 1)).astype(np.int64)
    one, two, three = _multipliers(seed)
    codes, places, lengths = [], [], []
    running = np.zeros(len(signs), dtype=np.uint64)
    for size in range(1, max(sizes) + 1):
        many = len(signs) - size + 1
        if many <= 0:
            break
        running = running[:many] * one + (signs[size - 1 :] + np.uint64(1)) * two
        running ^= running >> np.uint64(29)
        if size in sizes:
            whole = np.flatnonzero(before[size:] == before[:many])
            codes.append(running[whole] * three + np.uint64(size))
            places.append(whole)
            lengths.append(np.full(len(whole), size))
    at = np.concatenate(places)
    rows = before[at]
    return Pieces(np.concatenate(codes), rows, at - firsts[rows], np.concatenate(lengths).astype(np.int64))


@dataclass(frozen=True, slots=True)
class Topic:
    """Words of office life that belong together, and what names of categories call them."""

    key: str
    names: tuple[str, ...]
    words: tuple[str, ...]


@cache
def topics() -> tuple[Topic, ...]:
    """Return the topics that come with the program."""
    folder = Path(__file__).with_name("data")
    return tuple(
        Topic(key, tuple(each["names"]), tuple(dict.fromkeys(map(clean, each["words"].split()))))
        for file in ("topics.toml", "finer.toml")
        for key, each in tomllib.loads(folder.joinpath(file).read_text("utf-8"))["topics"].items()
    )


@cache
def words() -> tuple[str, ...]:
    """Return all words of the topics, each once, in order."""
    return tuple(sorted({word for topic in topics() for word in topic.words}))


@cache
def membership() -> Floats:
    """Return how much of each word belongs to each topic (words x topics): a word of several topics is shared out."""
    place = {word: at for at, word in enumerate(words())}
    table = np.zeros((len(place), len(topics())))
    for column, topic in enumerate(topics()):
        table[[place[word] for word in topic.words], column] = 1.0
    # A longer word says more than the two signs that also stand in others.
    sizes = np.array([[min(len(word), 5)] for word in words()])
    shared: Floats = table / np.sqrt(table.sum(axis=1, keepdims=True)) * sizes
    return shared


def word_counts(texts: Sequence[str]) -> tuple[Whole, Whole, Floats]:
    """Return which words of the topics stand in cleaned texts: text, word, how often."""
    lengths = sorted({len(word) for word in words()})
    known = pieces(words(), lengths, 0)
    whole = known.lengths == np.array([len(word) for word in words()])[known.rows]
    codes, owners = known.codes[whole], known.rows[whole]
    order = np.argsort(codes)
    codes, owners = codes[order], owners[order]
    found = pieces(texts, lengths, 0)
    at = np.minimum(np.searchsorted(codes, found.codes), len(codes) - 1)
    hit = codes[at] == found.codes
    keys, counts = np.unique(found.rows[hit] * len(codes) + owners[at[hit]], return_counts=True)
    return keys // len(codes), keys % len(codes), counts.astype(np.float64)


def topic_values(texts: Sequence[str]) -> Floats:
    """Return how much each text is of each topic (texts x topics); each line has length 1, or 0 where no word is known."""
    rows, at, counts = word_counts(texts)
    table = np.zeros((len(texts), len(topics())))
    np.add.at(table, rows, np.minimum(counts, 3)[:, None] * membership()[at])
    table = np.log1p(table)
    size = np.linalg.norm(table, axis=1, keepdims=True)
    unit: Floats = table / np.where(size > 0, size, 1.0)
    return unit


def likely(labels: Sequence[str]) -> Floats:
    """Return what the names of categories say by themselves (topics x labels): which topics a name belongs to."""
    table = np.zeros((len(topics()), len(labels)))
    for column, label in enumerate(labels):
        own = [at for at, topic in enumerate(topics()) if any(name in label for name in topic.names)]
        table[own, column] = 1.0
    return table
