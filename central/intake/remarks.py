"""Remarks on rows, kept sealed with the import: written in bulk, read in runs."""

import json
from collections.abc import Sequence

from sqlmodel import Session

from central.events import bulk
from central.intake.blanks import new_row, table_of
from central.intake.models import LedgerImport, LedgerRefusal
from central.intake.rows import Refusal
from central.vault.columns import seal_row
from central.vault.rows import vault_of


def add(s: Session, work: LedgerImport, remarks: Sequence[Refusal]) -> None:
    """Write remarks on rows of an import."""
    vault, table = vault_of(s), table_of(LedgerRefusal)
    rows = [
        new_row(
            LedgerRefusal,
            import_id=work.id,
            row=each.number,
            kind=str(each.kind),
            column=each.column[:100],
            reason=each.reason,
            cell=json.dumps(
                [each.value[:200], each.values, *([each.cells] if each.cells else [])], ensure_ascii=False
            ),
            like_id=each.like_id,
            decided=each.decided,
        )
        for each in remarks
    ]
    for row in rows:
        seal_row(vault, table, row, work.key_id)
    bulk.insert(s, LedgerRefusal, rows)


def read(row: LedgerRefusal) -> Refusal:
    """Return a remark as it was made."""
    value, values, *cells = json.loads(row.cell)
    return Refusal(
        row.row,
        row.column,
        value,
        row.reason,
        values,
        row.kind,
        tuple(cells[0]) if cells else (),
        row.like_id,
        row.decided,
        row.id,
    )
