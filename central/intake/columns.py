"""Which column holds what: by what was saved, by its head, by its cells. Pure; the person decides."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from central.intake import apart, contents, heads
from central.intake.rows import CATEGORIES, Column, Field, Found, RawRow

#: Rows below the heads that are looked at.
SAMPLE = 60
_NAMED, _LIKE, _TOLD = 0.95, 0.8, 0.6
#: Fields whose cells have a form: a column that never has it does not hold them, whatever its head says.
_FORMED = frozenset(
    {Field.PHONE, Field.ID_NUMBER, Field.CASE_NUMBERS, Field.CHANNEL, Field.COURT, *CATEGORIES}
)
_DATED = frozenset({Field.RECEIVED_AT, Field.REPLIED_AT})
#: Least cells before contents speak against a head.
_ENOUGH = 3
#: Fields that cells alone can tell, the surest first. A date is told apart by its place, a text by its length.
_BY_CELLS = (
    Field.ID_NUMBER,
    Field.PHONE,
    Field.CASE_NUMBERS,
    Field.RECEIVED_AT,
    Field.CHANNEL,
    Field.CATEGORY,
    Field.ADDRESS,
    Field.PETITIONER,
)


def propose(found: Found, below: Sequence[RawRow], saved: Mapping[str, Field] | None = None) -> list[Column]:
    """Return every column with what it seems to hold; each field once, the surest column first."""
    said = {heads.plain(head): what for head, what in (saved or {}).items()}
    rows = list[tuple[str, ...]]()
    for row in below[:SAMPLE]:
        rows.append(apart.year_down(found.names, row.cells, rows[-1] if rows else ()))
    cells = [[apart.whole(found.names, row, at) for row in rows] for at in range(len(found.names))]
    parts = [contents.shares(column, found.year) for column in cells]
    columns = [_by_head(place, found, cells[place], parts[place], said) for place in range(len(found.names))]
    columns = _each_once(_parted(_dates(columns, found.names), cells))
    for what in _BY_CELLS:
        columns = _by_cells(columns, what, cells, parts)
    return _pairs(_text(columns, cells), parts)


def _by_head(
    place: int, found: Found, cells: Sequence[str], parts: Mapping[Field, float], said: Mapping[str, Field]
) -> Column:
    head, headless = found.names[place], not found.first_row
    filled = [cell.strip() for cell in cells if cell.strip()]
    plain = Column(
        place, head, None, 0.0, "unknown", tuple(dict.fromkeys(each[:60] for each in filled))[:3], len(filled)
    )
    if heads.plain(head) in said and not headless:
        return replace(plain, field=said[heads.plain(head)], confidence=1.0, why="saved")
    what, exact = _said(found, place)
    if what is None:
        if contents.is_sequence(cells):
            return replace(plain, field=Field.IGNORE, confidence=_TOLD, why="sequence")
        return replace(plain, why="yes_no") if contents.is_yes_no(cells) else plain
    if what is Field.CATEGORY and parts.get(Field.CHANNEL, 0.0) >= contents.MOST:
        what, exact = Field.CHANNEL, False  # 类别 of many a ledger says letter or visit
    share = parts.get(Field.RECEIVED_AT if what in _DATED else Field.CATEGORY if what in CATEGORIES else what)
    if what in _DATED and not share:
        share = contents.dates_without_year(cells)
    formed = share is not None and (what in _FORMED or what in _DATED)
    if formed and len(filled) >= _ENOUGH and not share:
        # An office may sort by a list of its own: its words are kept, and named as what fits nothing.
        if (exact and what not in _DATED) or what in CATEGORIES:
            return replace(plain, field=what, confidence=0.5, why="doubtful")
        return replace(plain, why="contradicted")
    sure = _NAMED if exact else _LIKE
    return replace(
        plain,
        field=what,
        confidence=round(min(0.99, sure + 0.04 * (share or 0)) if formed else sure, 2),
        why="named" if exact else "like",
    )


def _said(found: Found, place: int) -> tuple[Field | None, bool]:
    """Return what the head of a column says that it holds, and whether it is a common head for it."""
    if not found.first_row:
        return None, False
    head = found.names[place]
    exact = heads.field_of(head)
    return (exact, True) if exact else heads.under("".join(found.groups[place : place + 1]), head)


def _dates(columns: list[Column], names: tuple[str, ...]) -> list[Column]:
    """Leave out the month and the day of a date over several columns: it is read from its first."""
    later = {at + more for at, long in apart.stretches(names).items() for more in range(1, long)}
    return [
        replace(each, field=Field.IGNORE, confidence=_NAMED, why="of_date") if each.place in later else each
        for each in columns
    ]


def _parted(columns: list[Column], cells: Sequence[Sequence[str]]) -> list[Column]:
    """Of two columns whose heads both say text, or both say subject, take the longer for the text and the shorter for the subject."""
    held = {column.field for column in columns}
    if {Field.TEXT, Field.SUBJECT} <= held:
        return columns
    alike = [each for each in columns if each.field in {Field.TEXT, Field.SUBJECT} and each.why != "saved"]
    lengths = {each.place: contents.average(cells[each.place]) for each in alike if each.filled}
    if len(lengths) < 2:
        return columns
    longest, shortest = max(lengths, key=lambda at: lengths[at]), min(lengths, key=lambda at: lengths[at])
    if lengths[longest] < 1.5 * lengths[shortest]:
        return columns
    found = {longest: Field.TEXT, shortest: Field.SUBJECT}
    return [replace(each, field=found[each.place]) if each.place in found else each for each in columns]


def _each_once(columns: Sequence[Column]) -> list[Column]:
    """Leave each field to its surest column: saved before named before like; then the commoner head, the fuller column, the first."""
    best: dict[Field, Column] = {}
    for column in columns:
        what = column.field
        if what and what is not Field.IGNORE and (what not in best or _order(column) < _order(best[what])):
            best[what] = column
    return [
        column
        if column.field in {None, Field.IGNORE} or best[column.field] is column
        else replace(column, field=None, confidence=0.0, why="another")
        for column in columns
    ]


def _order(column: Column) -> tuple[bool, bool, float, int, int]:
    ranks = {"saved": 0, "named": 1}
    return (
        column.filled == 0,
        column.why == "doubtful",
        ranks.get(column.why, 2),
        heads.rank(column.head),
        column.place,
    )


def _free(column: Column) -> bool:
    """Say whether cells may tell what a column holds: nobody named it, and it is not of somebody else."""
    return (
        column.field is None and column.why in {"unknown", "contradicted"} and not heads.is_other(column.head)
    )


def _by_cells(
    columns: list[Column],
    what: Field,
    cells: Sequence[Sequence[str]],
    parts: Sequence[Mapping[Field, float]],
) -> list[Column]:
    if any(column.field is what for column in columns):
        return columns
    for column in columns:
        share = parts[column.place].get(what, 0.0)
        if _free(column) and share >= contents.MOST and column.filled >= min(2, len(cells[column.place])):
            told = replace(column, field=what, confidence=round(_TOLD * share, 2), why="contents")
            return [told if each is column else each for each in columns]
    return columns


def _text(columns: list[Column], cells: Sequence[Sequence[str]]) -> list[Column]:
    """Take the longest of the unnamed columns for the text, if nothing else tells what the petition says."""
    if any(column.field in {Field.TEXT, Field.SUBJECT} for column in columns):
        return columns
    longest = max(
        (column for column in columns if _free(column)),
        key=lambda each: contents.average(cells[each.place]),
        default=None,
    )
    if longest is None or contents.average(cells[longest.place]) < 6:
        return columns
    told = replace(longest, field=Field.TEXT, confidence=0.5, why="longest")
    return [told if each is longest else each for each in columns]


def _pairs(columns: list[Column], parts: Sequence[Mapping[Field, float]]) -> list[Column]:
    """An answer goes in only with its date, and a date only with its answer: look for the other, or leave both out."""
    places = {column.field: column for column in columns}
    if (Field.REPLY in places) == (Field.REPLIED_AT in places):
        return columns
    if Field.REPLY in places:
        later = [
            column
            for column in columns
            if _free(column) and parts[column.place].get(Field.RECEIVED_AT, 0.0) >= contents.MOST
        ]
        if later:
            told = replace(later[-1], field=Field.REPLIED_AT, confidence=0.5, why="contents")
            return [told if each is later[-1] else each for each in columns]
    lone = places.get(Field.REPLY) or places[Field.REPLIED_AT]
    why = "no_date_of_reply" if lone.field is Field.REPLY else "no_reply"
    left = replace(lone, field=None, confidence=0.0, why=why)
    return [left if each is lone else each for each in columns]
