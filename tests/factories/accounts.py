"""Staff and the actors they are, each with its event."""

from dataclasses import dataclass
from functools import cache

from sqlmodel import Session

from central.accounts import passwords, queries
from central.accounts.models import Staff
from central.actor import Actor, Role, Via
from central.courts.models import Court, Department
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from tests.factories.courts import MORNING, SEED, court

PASSWORD = "a long enough password"


@cache
def _hash() -> str:
    return passwords.hash_password(PASSWORD)


def staff(
    s: Session,
    at: Court,
    *roles: Role,
    username: str = "",
    active: bool = True,
    department: Department | None = None,
) -> Staff:
    """Return a new member of staff of court `at`, with `PASSWORD`."""
    made = Staff(
        username=username or f"{roles[0]}.{at.latin}",
        name=f"{at.code}的{roles[0]}",
        court_id=at.id,
        roles=",".join(sorted(roles)),
        active=active,
        department_id=department.id if department else None,
        password_hash=_hash(),
    )
    s.add(made)
    log.record(s, kind=Kind.STAFF_CREATED, stream=stream_name("staff", made.id), actor=SEED, at=MORNING)
    return made


def actor(s: Session, at: Court, *roles: Role, username: str = "") -> Actor:
    """Return a new member of staff as the actor a web request has."""
    return queries.actor_of(staff(s, at, *roles, username=username), at, Via.WEB)


@dataclass(frozen=True)
class House:
    """One court with the people a petition meets there."""

    court: Court
    registrar: Actor
    handler: Actor
    leader: Actor

    def by_role(self, role: Role) -> Actor:
        """Return the one with `role`."""
        return {Role.REGISTRAR: self.registrar, Role.HANDLER: self.handler, Role.LEADER: self.leader}[role]


def house(s: Session, at: Court | str = "辽0102") -> House:
    """Return a court (made anew for a code) with registrar, handler and leader."""
    place = court(s, at) if isinstance(at, str) else at
    return House(place, *(actor(s, place, role) for role in (Role.REGISTRAR, Role.HANDLER, Role.LEADER)))
