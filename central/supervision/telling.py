"""Who is told of an order: those who answer, and those who judge. Never the one who acted, nor anybody with a conflict."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.actor import Actor, Role
from central.barrier import queries as barrier
from central.notifications import service as notifications
from central.petitions.models import Petition
from central.supervision.models import SupervisionOrder


def to_answer(
    s: Session, row: SupervisionOrder, petition: Petition, *, what: str, at: datetime, by: Actor
) -> None:
    """Tell the leaders of the supervised court and the handler."""
    people = list(accounts.with_role(s, row.court_id, Role.LEADER))
    handler = accounts.get(s, petition.handler_id) if petition.handler_id else None
    people += [handler] if handler is not None and handler not in people else []
    _tell(s, row, people, side="answers", what=what, at=at, by=by)


def to_judge(
    s: Session, row: SupervisionOrder, petition: Petition, *, what: str, at: datetime, by: Actor
) -> None:
    """Tell the supervisors of the court that judges, and the leader who gave the order."""
    people = list(accounts.with_role(s, row.judge_court_id, Role.SUPERVISOR))
    giver = (
        accounts.get(s, row.issued_by)
        if row.issued_by and row.judge_court_id == row.issuer_court_id
        else None
    )
    people += [giver] if giver is not None and giver not in people else []
    concerned = {petition.handler_id, petition.leader_id}
    _tell(s, row, [one for one in people if one.id not in concerned], side="judges", what=what, at=at, by=by)


def _tell(
    s: Session,
    row: SupervisionOrder,
    people: Iterable[Staff],
    *,
    side: str,
    what: str,
    at: datetime,
    by: Actor,
) -> None:
    for person in barrier.free(s, row.petition_id, people):
        if person.id == by.staff_id:
            continue
        notifications.tell(
            s,
            recipient=person.id,
            court_id=row.court_id,
            kind=f"supervision.told.{what}_{side}",
            key=f"order/{row.id.hex}/{row.round}/{row.escalations}/{what}_{side}",
            at=at,
            petition_id=row.petition_id,
            due_on=row.due_on,
        )
