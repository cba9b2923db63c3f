"""Rows of a sheet made ready: checked, and told and sealed down to what the driver takes. No database, so a process beside can do it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from central.intake import bulk, checking, doubles, left, tales, writing
from central.intake.checking import Ledger
from central.intake.models import Remark
from central.intake.rows import LedgerRow, RawRow, Refusal
from central.vault.vault import Vault


@dataclass
class Batch:
    """Some rows of the sheet, sorted into those that can be taken and the remarks on others; `cells` of rows as they stand.

    By row: what it is compared by, and what is to be written if it turns out to be new; both may be missing.
    """

    last: int = 0
    rows: list[LedgerRow] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    cells: dict[int, tuple[str, ...]] = field(default_factory=dict)
    marks: dict[int, doubles.Marks] = field(default_factory=dict)
    ready: dict[int, writing.Ready] = field(default_factory=dict)
    #: Whether any of it was new, once that is known.
    news: bool = True


class Terms(NamedTuple):
    """What holds for all rows of an import: how they are read, whose they are, by what they are told, for which engine."""

    ledger: Ledger
    of: bulk.Source
    teller: tales.Teller
    engine: str


def checked(listed: Sequence[RawRow], ledger: Ledger) -> Batch:
    """Return rows of the sheet, checked."""
    batch = Batch(last=listed[-1].number)
    for raw in listed:
        if why := left.reason(raw, ledger.layout):
            batch.refusals.append(left_out(raw, why))
            continue
        found = checking.check(raw, ledger)
        if isinstance(found, Refusal):
            batch.refusals.append(found)
        else:
            batch.rows.append(found)
            batch.cells[raw.number] = raw.cells
    return batch


def left_out(raw: RawRow, why: str) -> Refusal:
    """Return the remark on a row that is no petition, with the beginning of what it says."""
    said = " ".join(" ".join(cell.split()) for cell in raw.cells if cell.strip())
    return Refusal(raw.number, "", said[:200], why, kind=Remark.LEFT)


def prepared(listed: Sequence[RawRow], terms: Terms, vault: Vault) -> Batch:
    """Return rows of the sheet, checked, with what is to be written of those that can be taken, as if all were new."""
    batch = checked(listed, terms.ledger)
    batch.marks = {row.number: doubles.marks(vault, row) for row in batch.rows}
    likeness = {number: marks.likeness for number, marks in batch.marks.items()}
    batch.ready = told(batch.rows, terms._replace(of=terms.of._replace(likeness=likeness)), vault)
    return batch


def told(rows: Iterable[LedgerRow], terms: Terms, vault: Vault) -> dict[int, writing.Ready]:
    """Return by row what is to be written of it."""
    return bulk.ready(vault, list(rows), of=terms.of, teller=terms.teller, engine=terms.engine)
