"""Where ledgers of one kind come from: what their columns hold is kept under a name and offered the next time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from central.intake import heads
from central.intake.heads import Layout
from central.intake.models import LedgerSource
from central.intake.rows import Field

#: Which share of a source's heads a ledger must have to be taken for one of it.
ALIKE = 0.8
#: Most sources of a court that are compared, the newest first.
_MOST = 200


def of_court(s: Session, court_id: UUID) -> Sequence[LedgerSource]:
    """Return the sources of a court, the one used last first."""
    query = select(LedgerSource).where(LedgerSource.court_id == court_id)
    return s.exec(query.order_by(col(LedgerSource.used_at).desc()).limit(_MOST)).all()


def named(s: Session, court_id: UUID, name: str) -> LedgerSource | None:
    """Return the source of a court with a name."""
    query = select(LedgerSource).where(LedgerSource.court_id == court_id, LedgerSource.name == name)
    return s.exec(query).first()


def like(sources: Sequence[LedgerSource], names: Sequence[str]) -> LedgerSource | None:
    """Return the source whose heads a ledger has, the most alike; None if none is alike enough. Pure."""
    here = {heads.plain(name) for name in names if name}
    best, most = None, ALIKE
    for source in sources:
        there = {heads.plain(name) for name in source.columns}
        share = len(here & there) / len(here | there) if there else 0.0
        if share > most or (best is None and share == most):
            best, most = source, share
    return best


def fields(source: LedgerSource | None) -> dict[str, Field]:
    """Return what the columns of a source hold, by head; fields of a later version are left out."""
    known = set(Field)
    return {head: Field(what) for head, what in source.columns.items() if what in known} if source else {}


def keep(
    s: Session, *, court_id: UUID, name: str, layout: Layout, channel: str, now: datetime
) -> LedgerSource | None:
    """Keep a layout under a name, in place of an earlier one; without a name or heads nothing is kept."""
    if not name or not layout.head_row:
        return None
    source = named(s, court_id, name)
    if source is None:
        source = LedgerSource(court_id=court_id, name=name, channel=channel, used_at=now)
        s.add(source)
    source.columns, source.channel, source.used_at = columns_of(layout), channel, now
    return source


def columns_of(layout: Layout) -> dict[str, str]:
    """Return the heads of a layout with their fields; a column that holds nothing we take is `ignore`. Pure."""
    held: Mapping[int, Field] = {place: what for what, place in layout.columns.items()}
    return {head: str(held.get(place, Field.IGNORE)) for place, head in enumerate(layout.heads) if head}
