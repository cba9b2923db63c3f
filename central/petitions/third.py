"""The third person: who decides where the petitioner is not satisfied, neither the handler nor whoever took the call."""

from uuid import UUID

from sqlmodel import Session, col, func, select

from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.actor import Role
from central.barrier import queries as barrier
from central.courts import queries as courts
from central.petitions.models import Petition


def person(s: Session, petition: Petition) -> UUID | None:
    """Return who is to decide: a leader of the court, best not the one who approved the answer; else a supervisor, here or above.

    One who was named already stays as long as no conflict stands against it. None: there is nobody.
    """
    out = {petition.handler_id, petition.caller_id}
    leaders = [one for one in _free(s, petition, petition.court_id, Role.LEADER) if one.id not in out]
    if petition.decider_id in {one.id for one in leaders}:
        return petition.decider_id
    others = [one for one in leaders if one.id != petition.leader_id]
    found = least_busy(s, others or leaders)
    court = courts.get(s, petition.court_id)
    while found is None:
        supervisors = [one for one in _free(s, petition, court.id, Role.SUPERVISOR) if one.id not in out]
        found = least_busy(s, supervisors)
        if court.parent_id is None:
            break
        court = courts.get(s, court.parent_id)
    return found


def _free(s: Session, petition: Petition, court_id: UUID, role: Role) -> list[Staff]:
    return barrier.free(s, petition.id, accounts.with_role(s, court_id, role))


def settle(petition: Petition) -> None:
    """Note that nothing waits for a decision any more."""
    petition.undecided, petition.caller_id, petition.decider_id = False, None, None


def _at_the_desk(one: Staff) -> bool:
    return Role.REGISTRAR in one.roles.split(",")


def least_busy(s: Session, people: list[Staff]) -> UUID | None:
    """Return who has the fewest open petitions as next step, those at the desk last; the first by user name among equals."""
    if not people:
        return None
    ids = [one.id for one in people]
    query = select(Petition.next_person_id, func.count()).where(col(Petition.next_person_id).in_(ids))
    waiting = dict(s.exec(query.where(col(Petition.is_open)).group_by(col(Petition.next_person_id))).all())
    return min(people, key=lambda one: (_at_the_desk(one), waiting.get(one.id, 0), one.username)).id
