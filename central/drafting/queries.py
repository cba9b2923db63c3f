"""Reading working copies, who has a draft open, and remarks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from central.accounts.models import Staff
from central.drafting.models import DraftPresence, DraftRemark, WorkingDraft
from central.errors import NotFound

#: A page says every `BEAT` that it is open; one that was silent for three beats is closed or cut off.
BEAT = timedelta(seconds=15)
GONE = 3 * BEAT
#: More people than that are not named.
MOST = 10


def working(
    s: Session, petition_id: UUID, staff_id: UUID | None, *, for_update: bool = False
) -> WorkingDraft | None:
    """Return what a person is writing; None if nothing is kept."""
    query = select(WorkingDraft).where(
        WorkingDraft.petition_id == petition_id, WorkingDraft.staff_id == staff_id
    )
    return s.exec(query.with_for_update() if for_update else query).first()


def others(s: Session, petition_id: UUID, staff_id: UUID | None, *, now: datetime) -> list[tuple[str, bool]]:
    """Return the names of the others who have the draft open, and whether they write; writers first."""
    query = select(Staff.name, DraftPresence.writes).join(Staff, col(Staff.id) == DraftPresence.staff_id)
    query = query.where(
        DraftPresence.petition_id == petition_id,
        DraftPresence.staff_id != staff_id,
        col(DraftPresence.seen_at) > now - GONE,
    )
    rows = s.exec(query.order_by(col(DraftPresence.writes).desc(), col(Staff.name)).limit(MOST)).all()
    return [(name, writes) for name, writes in rows]


def remarks(s: Session, reply_id: UUID) -> Sequence[DraftRemark]:
    """Return the remarks on a reply, oldest first."""
    query = select(DraftRemark).where(DraftRemark.reply_id == reply_id)
    return s.exec(query.order_by(col(DraftRemark.at), col(DraftRemark.id))).all()


def remark(s: Session, petition_id: UUID, remark_id: UUID) -> DraftRemark:
    """Return one remark on a petition's reply, locked; raise `NotFound`."""
    query = select(DraftRemark).where(DraftRemark.id == remark_id, DraftRemark.petition_id == petition_id)
    row = s.exec(query.with_for_update()).first()
    if row is None:
        raise NotFound
    return row
