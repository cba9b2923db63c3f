"""What a person may do to a message that did not get through: have it tried again."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor, Role
from central.errors import Conflict, Forbidden, NotFound
from central.messages.models import PetitionerMessage
from central.messages.rules import MessageState
from central.petitions import queries as petitions

WORKERS = frozenset({Role.REGISTRAR, Role.HANDLER})


def try_again(s: Session, *, message_id: UUID, by: Actor, now: datetime) -> PetitionerMessage:
    """Queue a parked message anew; raise `NotFound`, `Forbidden`, `Conflict`."""
    row = s.get(PetitionerMessage, message_id, with_for_update=True)
    if row is None:
        raise NotFound
    petition = petitions.get(s, row.petition_id, actor=by)
    if by.roles_in(petition.court_id, petition.department_id).isdisjoint(WORKERS):
        raise Forbidden("messages.workers_only")
    if row.state != MessageState.PARKED:
        raise Conflict("messages.not_parked")
    row.state, row.why, row.code = MessageState.QUEUED, None, None
    row.attempts, row.next_try_at = 0, now
    return row
