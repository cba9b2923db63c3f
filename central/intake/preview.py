"""What a person sees of a ledger before it goes in: its columns, and the first rows as they would go in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from central.intake import checking, forms, heads, service
from central.intake.checking import Ledger
from central.intake.heads import BadLayout, Layout
from central.intake.rows import Field, LedgerRow, Refusal
from central.settings import Imports


@dataclass(frozen=True)
class Preview:
    """Columns with their fields; the layout, or the problem with it; the first rows, taken or refused."""

    sheet: str
    sheets: list[str]
    last_row: int
    head_row: int
    columns: list[tuple[str, Field | None]]
    channel: str
    layout: Layout | None
    problem: BadLayout | None
    rows: list[LedgerRow | Refusal]


def preview(
    path: Path, limits: Imports, *, posted: Mapping[str, Any] | None, court_code: str, now: datetime
) -> Preview:
    """Look at a file as its heads say, or as `posted` says; raise `BadFile`."""
    looked = service.look(path, limits, sheet=str((posted or {}).get("sheet") or "") or None)
    place = forms.head_row(looked.first)
    names = [cell.strip() for cell in looked.first[place].cells] if looked.first else []
    fields = forms.fields_of(posted, len(names)) if posted else heads.guessed(names)
    channel = forms.channel_of(posted or {})
    layout: Layout | None = None
    problem: BadLayout | None = None
    try:
        layout = heads.chosen(looked.first[place].number, names, fields)
    except BadLayout as error:
        problem = error
    below = service.rows_below(looked, layout) if layout else []
    ledger = Ledger(layout, court_code, channel, now) if layout else None
    return Preview(
        sheet=looked.sheet,
        sheets=looked.sheets,
        last_row=looked.last_row,
        head_row=looked.first[place].number,
        columns=list(zip(names, fields, strict=True)),
        channel=channel,
        layout=layout,
        problem=problem,
        rows=[checking.check(row, ledger) for row in below] if ledger else [],
    )
