"""Look at a ledger's file, keep it, and note an import to be carried out."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor
from central.errors import Conflict
from central.intake import heads, reading
from central.intake.heads import Layout
from central.intake.mapping import Said
from central.intake.models import LedgerImport, Stage
from central.intake.rows import Looked, RawRow
from central.settings import Imports

#: Rows shown before an import starts.
SHOWN = 5


def look(path: Path, limits: Imports, *, sheet: str | None = None) -> Looked:
    """Return the beginning of a file; raise `BadFile`."""
    with reading.opened(path, limits, sheet=sheet) as found:
        first = list(islice(found.rows, heads.LOOKED_AT + SHOWN))
        return Looked(found.name, found.names, first, found.last_row)


def lay_out(looked: Looked, said: Said) -> Layout:
    """Return which column holds what; raise `BadLayout`."""
    return heads.lay_out(heads.find_heads(looked.first, said.columns), said.columns)


def rows_below(looked: Looked, layout: Layout) -> Sequence[RawRow]:
    """Return the first rows below the heads."""
    return [row for row in looked.first if row.number > layout.head_row][:SHOWN]


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def create(
    s: Session,
    *,
    court_id: UUID,
    file_name: str,
    file_digest: str,
    by: Actor,
    now: datetime,
    stored_as: str = "",
    layout: dict[str, Any] | None = None,
    import_id: UUID | None = None,
    key_id: UUID | None = None,
) -> LedgerImport:
    """Note an import; with a layout it can be carried out at once."""
    work = LedgerImport(
        court_id=court_id,
        stage=Stage.UPLOADED,
        file_name=file_name[-200:],
        file_digest=file_digest,
        stored_as=stored_as,
        layout=layout or {},
        started_by=by.name,
        staff_id=by.staff_id,
        created_at=now,
    )
    if import_id is not None:
        work.id = import_id
    if key_id is not None:
        work.key_id = key_id
    s.add(work)
    return work


def start(s: Session, *, import_id: UUID, layout: dict[str, Any]) -> None:
    """Let the job carry an uploaded import out; raise `Conflict` if that was asked for before."""
    work = s.get_one(LedgerImport, import_id, with_for_update=True, populate_existing=True)
    if work.stage != Stage.UPLOADED:
        raise Conflict("intake.already_started")
    work.layout, work.stage = layout, Stage.WAITING
