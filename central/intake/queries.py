"""Reading imports: those of a court, what came in by one, and what did not."""

import json
from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import tuple_
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from central.actor import Actor
from central.errors import NotFound
from central.intake.models import LedgerEntry, LedgerImport, LedgerRefusal
from central.intake.rows import Refusal
from central.petitions import queries as petitions
from central.petitions.models import Petition

PAGE = 50
NEWEST = 20
#: Rows read at a time for a report.
RUN = 1000


def of_court(s: Session, court_id: UUID | None) -> Sequence[LedgerImport]:
    """Return the newest imports of a court."""
    query = select(LedgerImport).where(LedgerImport.court_id == court_id)
    return s.exec(query.order_by(col(LedgerImport.created_at).desc()).limit(NEWEST)).all()


def get(s: Session, import_id: UUID, *, actor: Actor) -> LedgerImport:
    """Return an import of the actor's court; raise `NotFound`."""
    work = s.get(LedgerImport, import_id)
    if work is None or work.court_id != actor.court_id:
        raise NotFound("intake.not_found")
    return work


def taken(
    s: Session, import_id: UUID, *, actor: Actor, after: int = 0, limit: int = PAGE
) -> Sequence[tuple[int, Petition]]:
    """Return row and petition for what came in by an import behind row `after`, in the order of the sheet."""
    query = (
        select(LedgerEntry.row, Petition)
        .join(Petition, col(Petition.id) == col(LedgerEntry.petition_id))
        .options(defer(Petition.text), defer(Petition.code_hash))  # type: ignore[arg-type]
        .where(LedgerEntry.import_id == import_id, LedgerEntry.row > after, petitions.visible_to(actor))
        .order_by(col(LedgerEntry.row))
        .limit(limit)
    )
    return s.exec(query).all()


def refusals(s: Session, import_id: UUID, *, limit: int | None = None) -> Iterator[Refusal]:
    """Yield the rows that did not go in, in the order of the sheet; read in runs, whatever their number."""
    place: tuple[int, UUID] = (0, UUID(int=0))
    while rows := _refusals(s, import_id, place, limit or RUN):
        for row in rows:
            value, values = json.loads(row.cell)
            yield Refusal(row.row, row.column, value, row.reason, values)
        place = (rows[-1].row, rows[-1].id)
        if limit:
            return


def _refusals(s: Session, import_id: UUID, after: tuple[int, UUID], limit: int) -> Sequence[LedgerRefusal]:
    key = (col(LedgerRefusal.row), col(LedgerRefusal.id))
    query = select(LedgerRefusal).where(LedgerRefusal.import_id == import_id, tuple_(*key) > tuple_(*after))
    return s.exec(query.order_by(*key).limit(limit)).all()
