"""Rows that did not go in, as they stood in the file: read again from it, with their reasons."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from central.intake import above, reading
from central.intake.heads import Layout
from central.intake.rows import RawRow, Refusal
from central.settings import Imports


def rows(
    path: Path, limits: Imports, sheet: str, layout: Layout, refusals: Mapping[int, Refusal]
) -> Iterator[tuple[RawRow, Refusal]]:
    """Yield the refused rows in the order of the sheet; raise `BadFile`."""
    with reading.opened(path, limits, sheet=sheet) as found:
        for row in above.with_repeats(found.rows, layout):
            if row.number in refusals:
                yield row, refusals[row.number]
