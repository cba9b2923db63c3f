"""Where the heads of a sheet stand: below a title, over one or more rows, or nowhere. Pure."""

import itertools
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import replace

from central.intake import apart, heads, moments
from central.intake.rows import Field, Found, RawRow

#: Heads may stand below titles and remarks; further down nobody puts them.
LOOKED_AT = 20
#: Most rows that the heads themselves take.
STOREYS = 3
#: A head is no sentence.
_LONGEST = 40
_DATA = re.compile(r"^[\d\W]*\d[\d\W]*$")
_SPOKEN = re.compile(r"[:：]|\d{4}\s*年")


def find(rows: Sequence[RawRow], *, given: Collection[str] = (), named: Sequence[str] = ()) -> Found:
    """Return the heads of a sheet: the row with most heads that are known or given, with the storeys above it.

    `named` are further places that may name the year: the sheet, the file. Without known heads the first row whose cells are no
    data is taken; if there is none either, the columns have no heads and are named by letters.
    """
    said = {heads.plain(each) for each in given}
    counted = [(_known(row.cells, said), -at, at) for at, row in enumerate(rows[:LOOKED_AT]) if _may_be(row)]
    known, _, at = max(counted, default=(0, 0, -1))
    if known < 2:
        return _unknown(rows, named)
    lower, upper = _lower(rows, at, said), _upper(rows, at)
    storeys = [row.cells for row in rows[upper : lower + 1]]
    found = _found(rows, upper, rows[lower].number, composed(storeys), named)
    return replace(found, known=known, groups=groups(storeys))


def chosen(rows: Sequence[RawRow], row: int, *, named: Sequence[str] = ()) -> Found:
    """Return the heads that a person says stand in row `row` (0: there are none), with the storeys above it."""
    at = next((at for at, each in enumerate(rows) if each.number == row), None)
    if at is None:
        width = max((len(each.cells) for each in rows), default=0)
        return _found(rows, 0, row, tuple(map(letters, range(width))), named, without=True)
    upper = _upper(rows, at)
    storeys = [each.cells for each in rows[upper : at + 1]]
    names = composed(storeys)
    return replace(_found(rows, upper, row, names, named), known=_known(names, set()), groups=groups(storeys))


def composed(storeys: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the names of columns from the rows of their heads: a name over several columns goes before the name of each."""
    names = ["".join(parts) for parts in _parts(storeys)]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def groups(storeys: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return what stands over the last part of each name, '' over a name of one part."""
    return tuple("".join(parts[:-1]) for parts in _parts(storeys))


def _parts(storeys: Sequence[Sequence[str]]) -> list[list[str]]:
    width = max(map(len, storeys))
    padded = [[_line(cell) for cell in row] + [""] * (width - len(row)) for row in storeys]
    for upper, lower in reversed(list(itertools.pairwise(padded))):
        for place in range(1, width):
            if not upper[place] and lower[place]:
                upper[place] = upper[place - 1] if lower[place - 1] else ""
    return [list(dict.fromkeys(row[place] for row in padded if row[place])) for place in range(width)]


def letters(place: int) -> str:
    """Return the name that spreadsheet programs give the column at a place (from 0): A, B, ... AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def is_data(cell: str) -> bool:
    """Say whether a cell cannot be a head: a number, a date, or too long."""
    return len(cell) > _LONGEST or bool(_DATA.match(cell))


def _line(cell: str) -> str:
    return (
        "".join(unicodedata.normalize("NFKC", cell).split()) if not cell.isascii() else " ".join(cell.split())
    )


def _known(cells: Sequence[str], said: set[str]) -> int:
    """Return how many different things the heads of a row name, less the cells that are data."""
    found: set[str] = set()
    for cell in cells:
        if heads.plain(cell) in said:
            found.add(heads.plain(cell))
        elif what := heads.field_of(cell) or (heads.like(cell) if len(cell) < _LONGEST else None):
            found.add(what)
    data = sum(1 for cell in cells if cell.strip() and is_data(cell.strip()))
    return len(found - {Field.IGNORE, ""}) - data + (Field.IGNORE in found and bool(len(found) > 1))


def _may_be(row: RawRow) -> bool:
    return len({cell.strip() for cell in row.cells if cell.strip()}) > 1


def _lower(rows: Sequence[RawRow], at: int, said: set[str]) -> int:
    """Return the last storey: a row below that fills what this one leaves open, and holds nothing but heads."""
    while at + 1 < len(rows[:LOOKED_AT]) and rows[at + 1].number == rows[at].number + 1:
        row, below = rows[at].cells, rows[at + 1].cells
        cells = [cell.strip() for cell in below if cell.strip()]
        opened = [place for place, cell in enumerate(below) if cell.strip() and not _at(row, place)]
        told = [
            cell for cell in cells if heads.field_of(cell) or heads.plain(cell) in said or apart.is_part(cell)
        ]
        fits = opened and len(told) > 0 and not any(map(is_data, cells)) and len(set(cells)) > 1
        if not fits or any(len(cell) > 15 for cell in cells) or len(cells) < len(opened):
            break
        at += 1
    return at


def _upper(rows: Sequence[RawRow], at: int) -> int:
    """Return the first storey: rows above that name groups of columns, or say the same as below (merged over both)."""
    first = at
    while first and at - first < STOREYS - 1 and rows[first - 1].number == rows[first].number - 1:
        above, below = rows[first - 1].cells, rows[first].cells
        cells = [cell.strip() for cell in above if cell.strip()]
        same = sum(
            1 for place, cell in enumerate(above) if cell.strip() and cell.strip() == _at(below, place)
        )
        told = sum(1 for cell in cells if heads.field_of(cell) or heads.like(cell))
        if (
            len(set(cells)) < 2
            or any(is_data(cell) or _SPOKEN.search(cell) for cell in cells)
            or not (same or told)
        ):
            break
        first -= 1
    return first


def _at(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _unknown(rows: Sequence[RawRow], named: Sequence[str]) -> Found:
    for at, row in enumerate(rows[:LOOKED_AT]):
        cells = [cell.strip() for cell in row.cells if cell.strip()]
        if len(set(cells)) < 2:
            continue
        if any(map(is_data, cells)) or len(set(cells)) < len(cells):
            width = max(len(each.cells) for each in rows)
            return _found(rows, at, row.number - 1, tuple(map(letters, range(width))), named, without=True)
        return _found(rows, at, row.number, composed([row.cells]), named)
    width = max((len(each.cells) for each in rows), default=0)
    return _found(rows, 0, 0, tuple(map(letters, range(width))), named, without=True)


def _found(
    rows: Sequence[RawRow],
    upper: int,
    last: int,
    names: tuple[str, ...],
    named: Sequence[str],
    *,
    without: bool = False,
) -> Found:
    title = " ".join(
        dict.fromkeys(" ".join(cell.split()) for row in rows[:upper] for cell in row.cells if cell.strip())
    )
    year = next((year for text in (title, *named) if (year := moments.year_in(text))), None)
    return Found(0 if without else rows[upper].number, last, names, title[:200], year)
