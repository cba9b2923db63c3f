"""Whether a petition is a person's own work, and as what they look at it: pure.

Whoever opens a petition outside their own work says why first. What is own work follows from the petition, never from the person's rank.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from central.actor import Actor, Role

#: For so long a reason holds for one petition and one person: a working day.
REASON_HOLDS = timedelta(hours=8)
#: Roles in the order in which one is named where a person has several and the petition names them in none.
_NAMED = (
    Role.REGISTRAR,
    Role.LEADER,
    Role.SUPERVISOR,
    Role.AUDITOR,
    Role.HANDLER,
    Role.HALL_STAFF,
    Role.COURT_ADMIN,
    Role.SYSTEM,
)


class Why(StrEnum):
    """Why somebody looks outside their own work."""

    SUPERVISION = "supervision"
    AUDIT = "audit"
    ASKED = "asked"
    STANDING_IN = "standing_in"
    SAME_MATTER = "same_matter"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rule reads of a petition: who has it, whose step is next, and everybody who has or had it."""

    court_id: UUID
    handler_id: UUID | None
    leader_id: UUID | None
    next_role: str | None
    next_person_id: UUID | None
    people: frozenset[UUID] = frozenset()


def own_work(actor: Actor, at: Standing) -> bool:
    """Say whether the petition is the actor's own work: theirs now or earlier, or waiting at a desk they serve.

    A stand-in has what waits for approval by the one away, and nothing else of theirs.
    Registrars serve the desk of their court, whatever the stage; others a desk only while its step is next and nobody is named for it.
    """
    if actor.staff_id is None:
        return True
    if actor.staff_id in {at.handler_id, at.leader_id, at.next_person_id, *at.people}:
        return True
    if at.next_role == Role.LEADER and actor.place_of(at.next_person_id) is not None:
        return True
    if actor.court_id != at.court_id:
        return False
    return actor.has(Role.REGISTRAR) or (at.next_person_id is None and at.next_role in actor.roles)


def role_of(actor: Actor, at: Standing | None = None) -> Role:
    """Return the role in which the actor looks: the one the petition names them in, else the first they have."""
    if at is not None and actor.staff_id is not None:
        if actor.staff_id == at.handler_id:
            return Role.HANDLER
        if actor.staff_id == at.leader_id:
            return Role.LEADER
    return next((role for role in _NAMED if role in actor.roles), Role.SYSTEM)
