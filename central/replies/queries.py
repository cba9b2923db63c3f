"""Reading replies."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from central.replies.models import Delivery, DeliveryAttempt, DraftVersion, Reply, ReplyItem


def latest(s: Session, petition_id: UUID) -> Reply | None:
    """Return the reply of the present round, or None before the first draft."""
    query = select(Reply).where(Reply.petition_id == petition_id).order_by(col(Reply.round).desc()).limit(1)
    return s.exec(query).first()


def issued(s: Session, petition_id: UUID) -> Sequence[Reply]:
    """Return the replies that left the court, newest first."""
    query = select(Reply).where(Reply.petition_id == petition_id, Reply.status == "issued")
    return s.exec(query.order_by(col(Reply.round).desc())).all()


def items(s: Session, reply_id: UUID) -> dict[UUID, ReplyItem]:
    """Return the answers of a reply by demand."""
    rows = s.exec(select(ReplyItem).where(ReplyItem.reply_id == reply_id)).all()
    return {row.demand_id: row for row in rows}


def versions(s: Session, reply_id: UUID) -> Sequence[DraftVersion]:
    """Return the versions of a reply, newest first."""
    query = select(DraftVersion).where(DraftVersion.reply_id == reply_id)
    return s.exec(query.order_by(col(DraftVersion.number).desc())).all()


def newest_version(s: Session, reply_id: UUID) -> DraftVersion | None:
    """Return the newest version of a reply; None before the first, and of a reply known from a ledger."""
    query = select(DraftVersion).where(DraftVersion.reply_id == reply_id)
    return s.exec(query.order_by(col(DraftVersion.number).desc()).limit(1)).first()


def last_submitted(s: Session, reply_id: UUID) -> DraftVersion | None:
    """Return the version that last went to approval; None if none did."""
    query = select(DraftVersion).where(
        DraftVersion.reply_id == reply_id, col(DraftVersion.submitted_at).is_not(None)
    )
    return s.exec(query.order_by(col(DraftVersion.number).desc()).limit(1)).first()


def deliveries(s: Session, petition_id: UUID) -> Sequence[Delivery]:
    """Return the proofs of delivery, oldest first."""
    query = select(Delivery).where(Delivery.petition_id == petition_id)
    return s.exec(query.order_by(col(Delivery.delivered_on), col(Delivery.id))).all()


def attempts(s: Session, petition_id: UUID) -> Sequence[DeliveryAttempt]:
    """Return the failed attempts, oldest first."""
    query = select(DeliveryAttempt).where(DeliveryAttempt.petition_id == petition_id)
    return s.exec(query.order_by(col(DeliveryAttempt.at), col(DeliveryAttempt.id))).all()
