"""Which signs and pairs of signs stand in which petition: built from folded texts, laid out in pages, read back. Pure.

A term is a sign or a pair and the field it stands in, 46 bits: first sign (21), second sign or 0 (21), field (4). A segment holds
at most 65,536 petitions; a posting is the place of one in its segment, 16 bits. Pages follow the order of the terms, so that all
fields of a pair lie together; a term that fills more than a page goes on in the next.
Layout of a page: count of terms (u32), terms (u64 each), ends of their postings (u32 each), postings (u16 each).
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Terms = NDArray[np.uint64]
Places = NDArray[np.uint16]
#: Petitions a segment holds at most.
MOST = 1 << 16
#: Postings in one page: 32 KiB of them.
PAGE = 1 << 14
_FIELD_BITS, _SIGN_BITS = 4, 21
_FIELDS = 1 << _FIELD_BITS


def gram_of(signs: str) -> int:
    """Return the number of one sign or a pair, without field."""
    second = ord(signs[1]) if len(signs) > 1 else 0
    return (ord(signs[0]) << _SIGN_BITS) | second


def range_of(gram: int) -> tuple[int, int]:
    """Return the first term of a gram and the one behind its last: all fields."""
    return gram << _FIELD_BITS, (gram + 1) << _FIELD_BITS


def keys(texts: Iterable[tuple[int, int, str]]) -> Terms:
    """Return (term, place) of every sign and pair in `texts` (place, field, folded text), sorted, each once."""
    parts = [(place, field, text) for place, field, text in texts if text]
    if not parts:
        return np.empty(0, np.uint64)
    lengths = np.fromiter((len(text) for _, _, text in parts), np.int64, len(parts))
    signs = np.frombuffer("".join(text for _, _, text in parts).encode("utf-32-le"), np.uint32)
    low = np.fromiter(((field << 16) | place for place, field, _ in parts), np.uint64, len(parts))
    low = np.repeat(low, lengths)
    first = (signs.astype(np.uint64) << np.uint64(_SIGN_BITS + _FIELD_BITS + 16)) | low
    pair = first[:-1] | (signs[1:].astype(np.uint64) << np.uint64(_FIELD_BITS + 16))
    ends = np.cumsum(lengths)[:-1] - 1
    inside = np.ones(len(pair), np.bool_)
    inside[ends] = False
    del low
    return _once(np.concatenate((_once(first), _once(pair[inside]))))


def _once(found: Terms) -> Terms:
    found = np.sort(found)
    keep = np.ones(len(found), np.bool_)
    np.not_equal(found[1:], found[:-1], out=keep[1:])
    return found[keep]


def pages(found: Terms) -> Iterator[tuple[int, bytes]]:
    """Return the pages of sorted keys, each with its first term."""
    terms, places = found >> np.uint64(16), found.astype(np.uint16)
    for start in range(0, len(found), PAGE):
        part = terms[start : start + PAGE]
        last = np.flatnonzero(np.append(part[1:] != part[:-1], True))
        head = np.uint32(len(last)).tobytes() + part[last].tobytes() + (last + 1).astype(np.uint32).tobytes()
        yield int(part[0]), head + places[start : start + PAGE].tobytes()


def in_page(page: bytes, low: int, high: int) -> list[tuple[int, Places]]:
    """Return the terms of a page from `low` to below `high` with their places."""
    count = int(np.frombuffer(page, np.uint32, 1)[0])
    terms = np.frombuffer(page, np.uint64, count, 4)
    ends = np.frombuffer(page, np.uint32, count, 4 + 8 * count)
    places = np.frombuffer(page, np.uint16, -1, 4 + 12 * count)
    begin, stop = np.searchsorted(terms, np.array((low, high), np.uint64))
    return [
        (int(terms[at]), places[(ends[at - 1] if at else 0) : ends[at]])
        for at in range(int(begin), int(stop))
    ]


def pages_of(firsts: Terms, low: int, high: int) -> range:
    """Return which pages hold terms from `low` to below `high`, by the first term of each page."""
    begin = int(np.searchsorted(firsts, np.uint64(low), "left")) - 1
    return range(max(begin, 0), int(np.searchsorted(firsts, np.uint64(high), "left")))


def grams_of(word: str, most: int = 6) -> list[int]:
    """Return the grams a folded word is looked up by: itself if it has one or two signs, else at most `most` of its pairs."""
    if len(word) <= 2:
        return [gram_of(word)]
    starts = range(len(word) - 1)
    if len(starts) > most:
        starts_wanted: Sequence[int] = sorted({round(n * (len(word) - 2) / (most - 1)) for n in range(most)})
    else:
        starts_wanted = starts
    return sorted({gram_of(word[at : at + 2]) for at in starts_wanted})
