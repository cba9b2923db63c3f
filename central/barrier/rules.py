"""Does a conflict keep this person away? Pure; `queries.barred` says the same in SQL, and a property test compares the two."""

from dataclasses import dataclass
from uuid import UUID

from central.actor import Role


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff as the rule needs to know them. `leads`: has the role of leader at home."""

    staff_id: UUID
    court_id: UUID | None
    department_id: UUID | None
    leads: bool


@dataclass(frozen=True, slots=True)
class Named:
    """What a conflict names: a person, a department or a court, and whose leaders keep away with them."""

    staff_id: UUID | None = None
    department_id: UUID | None = None
    court_id: UUID | None = None
    line_court_id: UUID | None = None
    line_department_id: UUID | None = None


def is_barred(person: Person, named: Named) -> bool:
    """Say whether `person` may not find, count, open, be assigned or approve the petition (arts 28, 30)."""
    return (
        named.staff_id == person.staff_id
        or (named.department_id is not None and named.department_id == person.department_id)
        or (named.court_id is not None and named.court_id == person.court_id)
        or _in_line(person, named)
    )


def _in_line(person: Person, named: Named) -> bool:
    """A leader without a department leads the whole court; somebody without a department is led by every leader of the court."""
    if not person.leads or named.line_court_id is None or named.line_court_id != person.court_id:
        return False
    return (
        person.department_id is None
        or named.line_department_id is None
        or named.line_department_id == person.department_id
    )


def is_leader(roles: str) -> bool:
    """Say whether role codes joined by commas hold that of a leader."""
    return Role.LEADER in roles.split(",")
