"""What a row takes from those above it: the same again (同上), a year, the channel of a heading between rows. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from central.intake import apart, contents, heads, left, moments
from central.intake.heads import Layout
from central.intake.rows import Field, RawRow

#: Cells that repeat the one above.
_DITTO = frozenset(
    {"同上", "〃", "″", "”", "“", "同前", '"', "''", "′′", "〃〃", "同上行", "同上格", "ditto"}
)
_AROUND = re.compile(r"[\s\u3000()（）。.]+")
#: Longest heading that a year or a channel is taken from.
_HEADING = 20
#: How headings of one level begin: 一、 or 1. or （一） and so on.
_MARKS = tuple(
    map(
        re.compile,
        (
            r"第?[一二三四五六七八九十]+[、.,\s]|第[一二三四五六七八九十]+部分",
            r"\([一二三四五六七八九十]+\)",
            r"\d{1,2}[、.,\s]",
            r"\(\d{1,2}\)",
        ),
    )
)
#: A year that has every day.
_LEAP = 2000
#: What a date with a year holds, be it a figure of days: a cell without it is looked at more closely.
_WITH_YEAR = re.compile(r"\d{4}|年")


@dataclass
class _Above:
    """What holds at a row: cells of the last one, last dates by place, year and channel of the headings before, and the level of these."""

    cells: tuple[str, ...] = ()
    days: dict[int, str] = field(default_factory=dict)
    year: int | None = None
    channel: str | None = None
    level: int | None = None


def with_repeats(rows: Iterable[RawRow], layout: Layout) -> Iterator[RawRow]:
    """Yield rows with what those above say where they only say «the same» (同上, 〃) or leave something to them.

    A day without a year gets that of the heading between the rows above it (2023年); without one that of the nearest date in the
    row above, which `years_above` then says. A heading that tells a channel (一、来信) tells it for the rows down to the next of its level.
    """
    above = _Above()
    dated = {
        what: layout.columns[what] for what in (Field.RECEIVED_AT, Field.REPLIED_AT) if what in layout.columns
    }
    for row in rows:
        if row.number <= layout.head_row:
            yield row
            continue
        cells = tuple(
            above.cells[place] if _is_ditto(cell) and place < len(above.cells) else cell
            for place, cell in enumerate(row.cells)
        )
        if (heading := _heading(row, layout)) is not None:
            _take(above, heading)
        cells, carried = _with_years(cells, above, layout, dated)
        yield (
            row
            if cells == row.cells and not above.channel
            else RawRow(row.number, cells, above.channel, carried)
        )
        if heading is None:
            above.cells = cells
            above.days |= {at: cells[at] for at in dated.values() if _WITH_YEAR.search(_cell(cells, at))}


def _is_ditto(cell: str) -> bool:
    return len(cell) < 6 and bool(cell) and (cell in _DITTO or _AROUND.sub("", cell).casefold() in _DITTO)


def _heading(row: RawRow, layout: Layout) -> str | None:
    """Return what a heading between rows says, if that is short; None for every other row."""
    said = {cell.strip() for cell in row.cells if cell.strip()}
    if len(said) != 1 or len(only := said.pop()) > _HEADING or left.reason(row, layout) != "section":
        return None
    return unicodedata.normalize("NFKC", only)


def _take(above: _Above, heading: str) -> None:
    if "年" in heading:
        above.year = moments.year_in(heading) or above.year
    level = next((at for at, mark in enumerate(_MARKS) if mark.match(heading)), None)
    if channel := heads.channel_told(heading):
        above.channel, above.level = channel, level
    elif level == above.level:
        above.channel = None


def _with_years(
    cells: tuple[str, ...], above: _Above, layout: Layout, dated: Mapping[Field, int]
) -> tuple[tuple[str, ...], tuple[Field, ...]]:
    """Return the cells with years where dates lack them, and which of these came from the row above."""
    found, carried = list(apart.year_down(layout.heads, cells, above.cells)), list[Field]()
    for what, place in dated.items():
        cell, long = _cell(cells, place), apart.stretches(layout.heads).get(place, 1)
        if not cell.strip() or long == len("年月日") or _WITH_YEAR.search(cell):
            continue
        if long > 1:
            found[place] = f"{above.year}年{cell}" if above.year else cell
        elif above.year is not None:
            found[place] = f"{above.year}年{cell}" if _lacks_year(cell, above.year) else cell
        elif layout.year is None and (year := _nearest(cell, above.days.get(place, ""))):
            found[place] = f"{year}年{cell}"
            carried.append(what)
    return tuple(found), tuple(carried)


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _lacks_year(cell: str, year: int) -> bool:
    return not contents.is_date(cell, None) and contents.is_date(cell, year)


def _nearest(cell: str, before: str) -> int | None:
    """Return the year in which a day that names none lies nearest to the date in the row above; None without one, or for no such day."""
    if not _lacks_year(cell, _LEAP):
        return None
    try:
        last = moments.read(before).at
    except moments.Unreadable:
        return None
    days = dict[int, float]()
    for year in (last.year - 1, last.year, last.year + 1):
        try:
            days[year] = abs((moments.read(cell, year=year).at - last).total_seconds())
        except moments.Unreadable:
            continue
    return min(days, key=lambda year: days[year]) if days else None
