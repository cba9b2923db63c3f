"""Reading replies."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from central.documents.models import Document
from central.replies.models import Delivery, DeliveryAttempt, DraftVersion, Reply, ReplyEnclosure, ReplyItem


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


def enclosures(s: Session, reply_id: UUID) -> list[tuple[ReplyEnclosure, Document]]:
    """Return the enclosures of a reply with their files, in the order in which they are printed."""
    query = select(ReplyEnclosure, Document).join(Document, col(Document.id) == ReplyEnclosure.document_id)
    query = query.where(ReplyEnclosure.reply_id == reply_id).order_by(col(ReplyEnclosure.place))
    return list(s.exec(query).all())


def issued_enclosure(
    s: Session, petition_id: UUID, *, round_: int, place: int
) -> tuple[ReplyEnclosure, Document] | None:
    """Return an enclosure of a reply that left the court; None for one of a draft, and where there is none."""
    query = select(ReplyEnclosure, Document).join(Document, col(Document.id) == ReplyEnclosure.document_id)
    query = query.join(Reply, col(Reply.id) == ReplyEnclosure.reply_id).where(
        Reply.petition_id == petition_id,
        Reply.status == "issued",
        Reply.round == round_,
        ReplyEnclosure.place == place,
    )
    return s.exec(query).first()


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
