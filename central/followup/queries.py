"""Reading call-backs."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from central.followup.models import FollowUp


def of_petition(s: Session, petition_id: UUID) -> Sequence[FollowUp]:
    """Return the call-backs of a petition, oldest first."""
    query = select(FollowUp).where(FollowUp.petition_id == petition_id)
    return s.exec(query.order_by(col(FollowUp.at), col(FollowUp.id))).all()
