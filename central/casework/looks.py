"""Looking at one petition: own work or a reason first, then the record, then the answer."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from central import db
from central.access import queries as access
from central.access import service
from central.access.forms import GiveReason
from central.access.models import AccessReason, Look
from central.access.rules import Standing, own_work, role_of
from central.actor import Actor
from central.petitions import queries as petitions
from central.petitions.models import Petition
from shared.canonical import Json

_NOTHING: Mapping[str, Json] = {}


def opened(
    s: Session,
    petition: Petition,
    *,
    by: Actor,
    now: datetime,
    what: str = "page",
    how: Look = Look.OPENED,
    given: GiveReason | None = None,
    detail: Mapping[str, Json] = _NOTHING,
) -> None:
    """Record that the actor is about to be shown a petition they may see; raise `ReasonNeeded` if it is not their own work.

    An erased one has nothing left to ask a reason for.

    Called when everything was read and nothing was shown: a reading session lets go of its rows here.
    """
    at = standing(petition)
    reason = (
        None
        if petition.erased_at or is_own(s, petition, by=by)
        else _reason(s, petition, by=by, now=now, given=given)
    )
    service.looked(
        s,
        by=by,
        how=how,
        petitions=[petition.id],
        now=now,
        what=what,
        role=role_of(by, at),
        reason=reason,
        detail=detail,
    )


def standing(petition: Petition) -> Standing:
    """Return what the rules of access read of a petition, without those who had it earlier."""
    return Standing(
        court_id=petition.court_id,
        handler_id=petition.handler_id,
        leader_id=petition.leader_id,
        next_role=petition.next_role,
        next_person_id=petition.next_person_id,
        people=frozenset({petition.registered_by} - {None}),  # type: ignore[arg-type]
    )


def is_own(s: Session, petition: Petition, *, by: Actor) -> bool:
    """Say whether a petition is the actor's own work; asks who had it earlier only if nothing else says so."""
    return own_work(by, standing(petition)) or (
        by.staff_id is not None and petitions.had(s, petition.id, by.staff_id)
    )


def opens(s: Session, petition: Petition, *, by: Actor, now: datetime) -> bool:
    """Say whether a petition opens without asking for a reason."""
    if petition.erased_at or is_own(s, petition, by=by):
        return True
    given = by.staff_id and access.running_reason(s, petition_id=petition.id, staff_id=by.staff_id, now=now)
    return given is not None


def _reason(
    s: Session, petition: Petition, *, by: Actor, now: datetime, given: GiveReason | None
) -> AccessReason:
    if by.staff_id is None:
        raise service.ReasonNeeded(petition.id)
    running = access.running_reason(s, petition_id=petition.id, staff_id=by.staff_id, now=now)
    if given is None and running is None:
        raise service.ReasonNeeded(petition.id)
    if running is not None and (given is None or (given.why, given.text) == (running.why, running.text)):
        return running
    assert given is not None  # noqa: S101 the other ways have returned
    with db.beside(s) as own:
        return service.give_reason(own, petition_id=petition.id, form=given, by=by, now=now)
