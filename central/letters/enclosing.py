"""Which files a signed letter says go out with it: read from the file itself, so that they can be checked without a network.

The letter prints name, pages and SHA-256 of each; the digests stand once more among the keywords of the PDF, for programs. The
signatures cover both, so an exchanged enclosure shows.
"""

import io
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pikepdf

from central.letters.kinds import Enclosed

_LETTER, _ENCLOSED = "minyi-letter:", "minyi-enclosure:"


class Compared(NamedTuple):
    """What came of laying files beside a letter: the place of each file (0: the letter names no such file), and the places left over."""

    places: Mapping[str, int]
    missing: Sequence[int]


def keywords(letter: str, enclosed: Sequence[Enclosed]) -> list[str]:
    """Return the keywords of a letter's file: its number, and the digest of each enclosure in order."""
    return [f"{_LETTER}{letter}", *(f"{_ENCLOSED}{each.sha256}" for each in enclosed)]


def digests(letter: bytes) -> list[str]:
    """Return the SHA-256 of each enclosure that a letter names, in order. Believe it only of a letter found genuine."""
    with pikepdf.open(io.BytesIO(letter)) as pdf:
        words = str(pdf.docinfo.get("/Keywords", "")).replace(",", " ").split()
    return [each.removeprefix(_ENCLOSED) for each in words if each.startswith(_ENCLOSED)]


def compared(named: Sequence[str], given: Mapping[str, str]) -> Compared:
    """Compare the digests a letter names with those of given files, by their names. Pure."""
    places = {name: named.index(digest) + 1 if digest in named else 0 for name, digest in given.items()}
    missing = [at for at, digest in enumerate(named, 1) if digest not in given.values()]
    return Compared(places, missing)


def pages_of(letter: bytes) -> int:
    """Return how many pages a letter has."""
    with pikepdf.open(io.BytesIO(letter)) as pdf:
        return len(pdf.pages)
