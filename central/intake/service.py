"""Look at a ledger's file, keep it, and note an import to be carried out, stopped, gone on with, or undone."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor
from central.errors import Conflict
from central.intake import columns, finding, heads, reading
from central.intake.heads import Layout
from central.intake.models import LedgerImport, Stage
from central.intake.reading import BadFile, Glance
from central.intake.rows import Alike, Column, Field, Found, Looked, RawRow
from central.settings import Imports

#: Rows shown before an import starts.
SHOWN = 12
#: Stages at which nothing is under way: an import can be undone, its doubles decided.
AT_REST = frozenset({Stage.DONE, Stage.FAILED, Stage.CANCELLED})


def look(
    path: Path,
    limits: Imports,
    *,
    sheet: str | None = None,
    head_row: int | None = None,
    given: Collection[str] = (),
    name: str = "",
) -> Looked:
    """Return the beginning of a file, of the sheet asked for or the first whose heads are known; raise `BadFile`.

    `head_row` is the row of the heads as a person says; `given` are heads known from elsewhere; the file's `name` may tell the year.
    """
    glances, from_1904 = reading.glance(path, limits, rows=finding.LOOKED_AT + columns.SAMPLE)
    seen = _chosen(glances, sheet, given)
    if seen.last_row > limits.max_rows + 1:
        raise BadFile("intake.file.too_many_rows", rows=limits.max_rows)
    if seen.width > reading.MOST_COLUMNS:
        raise BadFile("intake.file.too_many_columns", columns=reading.MOST_COLUMNS)
    found, alike = _heads(seen, head_row, given, name), list[Alike]()
    if found.year is None:
        found = replace(found, year=_year_of(glances, given))
    for each in glances:
        if each.name == seen.name or each.hidden or not found.first_row or not each.last_row:
            continue
        other = _heads(each, head_row, given, name)
        if other.names == found.names and other.last_row < each.last_row <= limits.max_rows:
            alike.append(Alike(each.name, other.last_row, other.year or found.year, each.last_row))
    sheets = [(each.name, each.hidden, each.last_row) for each in glances]
    return Looked(seen.name, sheets, seen.first, seen.last_row, found, from_1904, tuple(alike))


def _heads(glance: Glance, head_row: int | None, given: Collection[str], file_name: str) -> Found:
    named = (glance.name, file_name)
    if head_row is None:
        return finding.find(glance.first, given=given, named=named)
    return finding.chosen(glance.first, head_row, named=named)


def _year_of(glances: Sequence[Glance], given: Collection[str]) -> int | None:
    """Return the one year that the other sheets of a book name: a book of months with the year on its summary alone."""
    shown = [each for each in glances if not each.hidden and each.last_row]
    years = {finding.find(each.first, given=given, named=(each.name,)).year for each in shown} - {None}
    return years.pop() if len(years) == 1 else None


def _chosen(glances: Sequence[Glance], asked: str | None, given: Collection[str]) -> Glance:
    names = [each.name for each in glances]
    if asked is not None and asked not in names:
        raise BadFile("intake.file.no_such_sheet", sheet=asked, sheets="、".join(names))
    filled = [each for each in glances if each.last_row and (asked is None or each.name == asked)]
    if not filled:
        raise BadFile("intake.file.empty_sheet")
    shown = [each for each in filled if not each.hidden] or filled
    for each in shown:
        found = finding.find(each.first, given=given)
        if found.known > 1 and each.last_row > found.last_row:
            return each
    return shown[0]


def propose(looked: Looked, saved: Mapping[str, Field] | None = None) -> list[Column]:
    """Return what each column seems to hold."""
    return columns.propose(looked.found, _below(looked.first, looked.found), saved)


def laid(looked: Looked, fields: Sequence[Field | None]) -> Layout:
    """Return the layout of fields chosen for the columns in order; raise `BadLayout`."""
    found = looked.found
    return heads.chosen(found.last_row, found.names, fields, year=found.year, from_1904=looked.from_1904)


def rows_below(looked: Looked) -> Sequence[RawRow]:
    """Return the first rows below the heads."""
    return _below(looked.first, looked.found)[:SHOWN]


def _below(rows: Sequence[RawRow], found: Found) -> Sequence[RawRow]:
    return [row for row in rows if row.number > found.last_row]


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
    work = _locked(s, import_id)
    if work.stage != Stage.UPLOADED:
        raise Conflict("intake.already_started")
    work.layout, work.stage = layout, Stage.WAITING


def cancel(s: Session, *, import_id: UUID, now: datetime) -> None:
    """Stop an import behind the batch it is at; what is in stays in. Raise `Conflict` if it is not under way."""
    work = _locked(s, import_id)
    if work.stage not in {Stage.WAITING, Stage.RUNNING}:
        raise Conflict("intake.not_running")
    work.stage, work.ended_at = Stage.CANCELLED, now


def go_on(s: Session, *, import_id: UUID) -> None:
    """Go on with a stopped or failed import behind the last row that is settled; raise `Conflict`."""
    work = _locked(s, import_id)
    if work.stage not in {Stage.CANCELLED, Stage.FAILED} or not work.stored_as:
        raise Conflict("intake.cannot_go_on")
    work.stage, work.ended_at, work.problem = Stage.WAITING, None, None


def undo(s: Session, *, import_id: UUID) -> None:
    """Let the job take back all that came in by an import and was not acted on since; raise `Conflict` while it is under way."""
    work = _locked(s, import_id)
    check_at_rest(work)
    work.stage = Stage.UNDOING


def check_at_rest(work: LedgerImport) -> None:
    """Raise `Conflict` for an import that is under way, or taken back."""
    if work.stage == Stage.UNDONE:
        raise Conflict("intake.undone")
    if work.stage not in AT_REST:
        raise Conflict("intake.not_at_rest")


def _locked(s: Session, import_id: UUID) -> LedgerImport:
    return s.get_one(LedgerImport, import_id, with_for_update=True, populate_existing=True)
