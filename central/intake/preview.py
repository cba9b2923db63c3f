"""What a person sees of a ledger before it goes in: sheets, columns, and the first rows as they would go in, cell by cell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from central.courts.models import Court
from central.intake import above, checking, finding, forms, heads, left, service, sources
from central.intake.checking import Ledger
from central.intake.heads import BadLayout, Layout
from central.intake.mapping import Said
from central.intake.models import LedgerSource
from central.intake.preparing import left_out
from central.intake.rows import CATEGORIES, Column, Field, LedgerRow, Looked, RawRow, Refusal
from central.settings import Imports
from central.sorting import scheme

#: What a column that holds no field of ours is called in a kept layout.
_NONE = {None, Field.IGNORE}


@dataclass(frozen=True)
class Cell:
    """One cell of a row: as it stands, as it would go in, and the remark on it."""

    what: Field
    raw: str
    read: Any
    problem: Refusal | None = None


@dataclass(frozen=True)
class Shown:
    """One row of the sheet: what would become of it (`taken`, `refused`, `left`), why, and its cells."""

    number: int
    fate: str
    why: Refusal | None
    cells: list[Cell]


@dataclass(frozen=True)
class Preview:
    """Columns with what they seem to hold; the layout, or the problem with it; the first rows."""

    looked: Looked
    columns: list[Column]
    channel: str
    doubles: str
    layout: Layout | None
    problem: BadLayout | None
    rows: list[Shown]
    source: LedgerSource | None
    name: str

    @property
    def fields(self) -> list[Field]:
        """What the cells of its rows are, in order."""
        told = next((row.cells for row in self.rows if row.cells), [])
        return [cell.what for cell in told] or list(self.layout.columns if self.layout else ())


def preview(
    path: Path,
    limits: Imports,
    *,
    posted: Mapping[str, Any] | None,
    court: Court,
    now: datetime,
    known: Sequence[LedgerSource] = (),
    file_name: str = "",
    given: Mapping[str, Field] | None = None,
) -> Preview:
    """Look at a file as its heads say, or as `posted` says; raise `BadFile`.

    Another sheet or another row of heads than the page showed begins anew: what was chosen for the columns was for others.
    """
    said = posted or {}
    by_mapping = dict(given or {})
    heads_known = {head for source in known for head in source.columns} | set(by_mapping)
    looked = service.look(
        path,
        limits,
        sheet=str(said.get("sheet") or "") or None,
        head_row=forms.head_row(said),
        given=heads_known,
        name=file_name,
    )
    source = _source(said, known, looked)
    proposed = service.propose(looked, sources.fields(source) | by_mapping)
    if any(name.startswith("column-") for name in said) and not _is_new(said, looked):
        proposed = _as_chosen(proposed, forms.fields_of(said, len(proposed)))
    layout, problem = None, None
    try:
        layout = service.laid(looked, [column.field for column in proposed])
    except BadLayout as error:
        problem = error
    channel = _channel(said, looked, source, file_name)
    ledger = Ledger(layout, court.code, channel, now, court.name) if layout else None
    return Preview(
        looked=looked,
        columns=proposed,
        channel=channel,
        doubles=forms.doubles_of(said),
        layout=layout,
        problem=problem,
        rows=shown(service.rows_below(looked), ledger) if ledger else [],
        source=source,
        name=forms.source_of(said) or (source.name if source else ""),
    )


def of_file(
    path: Path,
    limits: Imports,
    *,
    said: Mapping[str, Any],
    columns: Mapping[str, Field],
    court: Court,
    now: datetime,
    known: Sequence[LedgerSource],
) -> Preview:
    """Look at a file for the command: `columns` of its mapping file go before what is kept. Raise `BadFile` or `BadLayout`."""
    seen = preview(
        path, limits, posted=said, court=court, now=now, known=known, file_name=path.name, given=columns
    )
    present = {heads.plain(name) for name in seen.looked.found.names}
    for head in columns:
        if heads.plain(head) not in present:
            names = "、".join(filter(None, seen.looked.found.names))
            raise BadLayout("intake.layout.no_such_head", head=head, heads=names)
    return seen


def layout_of(seen: Preview, said: Said) -> Layout:
    """Return the layout that was found; raise `BadLayout` with what is missing, or because no heads are known at all."""
    if seen.layout is not None:
        return seen.layout
    if seen.problem is None or seen.looked.found.known > 1 or said.columns:
        raise seen.problem or BadLayout("intake.layout.no_heads", seen="")
    first = "、".join(cell.strip()[:20] for cell in seen.looked.first[0].cells if cell.strip())
    raise BadLayout("intake.layout.no_heads", seen=first[:200])


def as_data(seen: Preview, reason: Callable[[Refusal], str]) -> dict[str, Any]:
    """Return a preview as plain data: sheets, heads, columns with field and confidence, rows cell by cell."""
    looked = seen.looked
    return {
        "sheet": looked.sheet,
        "sheets": [{"name": name, "hidden": hidden, "rows": last} for name, hidden, last in looked.sheets],
        "last_row": looked.last_row,
        "head_row": looked.found.last_row if looked.found.first_row else 0,
        "title": looked.found.title,
        "year": looked.found.year,
        "source": seen.source.name if seen.source else None,
        "columns": [
            {
                "column": finding.letters(each.place),
                "head": each.head,
                "field": str(each.field) if each.field else None,
                "confidence": each.confidence,
                "why": each.why,
            }
            for each in seen.columns
        ],
        "problem": seen.problem.key if seen.problem else None,
        "rows": [_row_data(row, reason) for row in seen.rows],
    }


def _row_data(row: Shown, reason: Callable[[Refusal], str]) -> dict[str, Any]:
    cells = {
        str(cell.what): {
            "cell": cell.raw,
            "read": cell.read.isoformat() if isinstance(cell.read, datetime) else cell.read,
            "problem": reason(cell.problem) if cell.problem else None,
        }
        for cell in row.cells
    }
    return {"row": row.number, "fate": row.fate, "why": reason(row.why) if row.why else None, "cells": cells}


def shown(rows: Sequence[RawRow], ledger: Ledger) -> list[Shown]:
    """Return rows with the reading of every cell that goes into a field."""
    listed, fields = list(above.with_repeats(rows, ledger.layout)), list(ledger.layout.columns)
    if Field.CHANNEL not in fields and any(row.channel for row in listed):
        fields.append(Field.CHANNEL)
    return [_shown(row, ledger, fields) for row in listed]


def _shown(row: RawRow, ledger: Ledger, fields: Sequence[Field]) -> Shown:
    if why := left.reason(row, ledger.layout):
        return Shown(row.number, "left", left_out(row, why), [])
    found = checking.check(row, ledger)
    refused = found if isinstance(found, Refusal) else None
    remarks = () if isinstance(found, Refusal) else found.remarks
    said = {each.column: each for each in remarks} | ({refused.column: refused} if refused else {})
    cells = [
        Cell(
            what,
            ledger.layout.cell(row.cells, what),
            None if isinstance(found, Refusal) else reading(found, what),
            said.get(ledger.layout.head(what)) if what in ledger.layout.columns else None,
        )
        for what in fields
    ]
    return Shown(row.number, "refused" if refused else "taken", refused, cells)


def reading(row: LedgerRow, what: Field) -> Any:
    """Return what a row says of a field, as it would go in."""
    match what:
        case Field.NUMBER:
            return row.source_number
        case Field.CASE_NUMBERS:
            return "、".join(row.case_numbers)
        case Field.COURT | Field.IGNORE:
            return None
        case Field.CATEGORY | Field.CATEGORY_2 | Field.CATEGORY_3:
            return _level(row.category, CATEGORIES.index(what))
        case _:
            return getattr(row, what)


def _level(code: str | None, at: int) -> str | None:
    """Return the name of a row's category at a level; the first column also says the code."""
    found = scheme.current().get(code)
    if found is None:
        return None
    name = found.path_zh[at] if at < len(found.path_zh) else None
    return f"{found.code} {'/'.join(found.path_zh)}" if at == 0 else name


def _channel(said: Mapping[str, Any], looked: Looked, source: LedgerSource | None, file_name: str) -> str:
    """Return the channel of rows that name none: as a person says of this table, as was kept, or as the ledger tells of all its rows."""
    told = heads.channel_told(looked.sheet, looked.found.title, file_name, *looked.found.names) or ""
    chosen = {} if told and _is_new(said, looked) else said
    return forms.channel_of(chosen, source.channel if source else told)


def _source(said: Mapping[str, Any], known: Sequence[LedgerSource], looked: Looked) -> LedgerSource | None:
    asked = said.get("saved")
    if asked is not None:
        return next((source for source in known if str(source.id) == asked), None)
    return sources.like(known, looked.found.names)


def _is_new(posted: Mapping[str, Any], looked: Looked) -> bool:
    """Say whether the columns that were posted belong to another table than the one that is looked at now."""
    before = (posted.get("shown_sheet"), posted.get("shown_row"), posted.get("shown_saved"))
    now = (looked.sheet, str(looked.found.last_row), posted.get("saved"))
    return any(old is not None and old != new for old, new in zip(before, now, strict=True))


def _as_chosen(proposed: Sequence[Column], fields: Sequence[Field | None]) -> list[Column]:
    """Return the columns as the person chose; what they left as it was keeps its reason."""
    return [
        column
        if column.field == what or (column.field in _NONE and what in _NONE)
        else replace(column, field=what, confidence=1.0, why="chosen")
        for column, what in zip(proposed, fields, strict=True)
    ]
