"""Reading litigation routes."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from central.cases import codes
from central.cases import queries as cases
from central.cases.numbers import parse
from central.courts.models import Court
from central.litigation.models import LitigationRoute
from central.litigation.rules import Where


def latest(s: Session, petition_id: UUID) -> LitigationRoute | None:
    """Return the newest guidance letter of a petition."""
    query = select(LitigationRoute).where(LitigationRoute.petition_id == petition_id)
    return s.exec(query.order_by(col(LitigationRoute.at).desc(), col(LitigationRoute.id).desc())).first()


def of_petition(s: Session, petition_id: UUID) -> Sequence[LitigationRoute]:
    """Return the guidance letters of a petition, oldest first."""
    query = select(LitigationRoute).where(LitigationRoute.petition_id == petition_id)
    return s.exec(query.order_by(col(LitigationRoute.at), col(LitigationRoute.id))).all()


def court_named(s: Session, petition_id: UUID) -> Court | None:
    """Return the court of the first case number of a petition, if it is one of this province."""
    for row in cases.of_petition(s, petition_id):
        code = codes.courts_in(parse(row.typed))
        court = s.exec(select(Court).where(Court.code == code)).first() if code else None
        if court is not None:
            return court
    return None


def applied_to(s: Session, where: Where, decided: Court | None) -> Court | None:
    """Return the court that is applied to, where it follows from the court that decided."""
    if decided is None or where in {Where.PLACE, Where.PROSECUTOR}:
        return None
    if where is Where.OWN:
        return decided
    return s.get(Court, decided.parent_id) if decided.parent_id else None
