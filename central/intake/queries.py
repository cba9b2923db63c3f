"""Reading imports: those of a court, what came in by one, and what did not."""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from sqlalchemy import tuple_
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from central.actor import Actor
from central.errors import NotFound
from central.intake import remarks
from central.intake.models import LedgerEntry, LedgerImport, LedgerRefusal, Remark
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


def by_id(s: Session, import_id: UUID) -> LedgerImport:
    """Return an import of any court, for the command; raise `NotFound`."""
    work = s.get(LedgerImport, import_id)
    if work is None:
        raise NotFound("intake.not_found")
    return work


def double_of(s: Session, import_id: UUID, row: int) -> UUID:
    """Return the id of the remark by which a row is held back; raise `NotFound`."""
    query = select(LedgerRefusal.id).where(
        LedgerRefusal.import_id == import_id,
        LedgerRefusal.row == row,
        LedgerRefusal.kind == Remark.DOUBLE,
    )
    found = s.exec(query).first()
    if found is None:
        raise NotFound("intake.no_double", row=row)
    return found


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


def likes(s: Session, petition_ids: Collection[UUID], *, actor: Actor) -> dict[UUID, Petition]:
    """Return the petitions that doubles look like, as far as the actor may see them."""
    query = (
        select(Petition)
        .options(defer(Petition.code_hash))  # type: ignore[arg-type]
        .where(col(Petition.id).in_(petition_ids), petitions.visible_to(actor))
    )
    return {petition.id: petition for petition in s.exec(query).all()} if petition_ids else {}


def refusals(
    s: Session,
    import_id: UUID,
    *,
    kinds: Collection[str] = (),
    limit: int | None = None,
    open_only: bool = False,
) -> Iterator[Refusal]:
    """Yield the remarks on rows, those of `kinds` or all, in the order of the sheet; read in runs, whatever their number.

    `open_only` leaves out doubles that were decided.
    """
    place: tuple[int, UUID] = (0, UUID(int=0))
    while rows := _refusals(s, import_id, place, limit or RUN, kinds, open_only=open_only):
        yield from map(remarks.read, rows)
        place = (rows[-1].row, rows[-1].id)
        if limit:
            return


def _refusals(
    s: Session,
    import_id: UUID,
    after: tuple[int, UUID],
    limit: int,
    kinds: Collection[str],
    *,
    open_only: bool,
) -> Sequence[LedgerRefusal]:
    key = (col(LedgerRefusal.row), col(LedgerRefusal.id))
    query = select(LedgerRefusal).where(LedgerRefusal.import_id == import_id, tuple_(*key) > tuple_(*after))
    if kinds:
        query = query.where(col(LedgerRefusal.kind).in_(kinds))
    if open_only:
        query = query.where(col(LedgerRefusal.decided).is_(None))
    return s.exec(query.order_by(*key).limit(limit)).all()
