"""What a plan says: who did which act when, with what filled in. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from central.actor import Role
from central.petitions.states import Act

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Who:
    """A person of a court by role and number, from 0."""

    court: str
    role: Role
    number: int = 0


@dataclass(frozen=True, slots=True)
class Deed:
    """One act as somebody carries it out. `values` are those of the act's form, with people as `Who` and demands by number."""

    act: Act
    at: datetime
    by: Who
    values: Values


@dataclass(slots=True)
class Course:
    """A petition: what was registered, and every act after it up to the end of the plan."""

    id: UUID
    court: str
    place: int
    number: str
    received_at: datetime
    registered_at: datetime
    by: Who
    form: Values
    #: Code of the category that was chosen at the desk, None for some.
    category: str | None = None
    deeds: list[Deed] = field(default_factory=list)
    #: Working time at which nothing more is owed; courses behind it are open at the end of the plan.
    ends: float = 1e9
    #: It went to another court on the way.
    moved: bool = False
    #: The petition it was merged into.
    joined: UUID | None = None
