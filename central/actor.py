"""Who acts: a member of staff, a program with a token, a hall box, a petitioner, or the system itself."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a member of staff is there for. One person can have several."""

    REGISTRAR = "registrar"
    HANDLER = "handler"
    LEADER = "leader"
    SUPERVISOR = "supervisor"
    COURT_ADMIN = "court_admin"
    AUDITOR = "auditor"
    HALL_STAFF = "hall_staff"
    #: The programs: ledger import, nightly jobs. Never given to a person.
    SYSTEM = "system"
    #: Somebody on the public pages who showed the receipt number and its code.
    PETITIONER = "petitioner"


class Via(StrEnum):
    """By which door the act came in."""

    WEB = "web"
    API = "api"
    COMMAND = "command"
    IMPORT = "import"
    JOB = "job"
    BOX = "box"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role over a court (`below`: and over all courts under it), or over one department of it."""

    role: Role
    court_id: UUID
    court_path: str
    below: bool = False
    department_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class StandsFor:
    """Somebody in whose place a person may approve today, named by themselves for a period that runs."""

    staff_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts, as the rules need to know them.

    `roles` are those at home; `further` are grants elsewhere or over a department. `court_path` is the materialised path
    of the court, `/辽/辽01/辽0102/`; a court sees below itself by prefix.
    """

    name: str
    roles: frozenset[Role]
    via: Via
    staff_id: UUID | None = None
    username: str = ""
    court_id: UUID | None = None
    court_code: str = ""
    court_name: str = ""
    court_path: str = ""
    department_id: UUID | None = None
    further: tuple[Grant, ...] = ()
    #: Whose stand-in the actor is today.
    stands_for: tuple[StandsFor, ...] = ()
    session_id: str = field(default="", repr=False)
    #: The one petition of a petitioner, whose number and code were shown.
    petition_id: UUID | None = None

    def place_of(self, staff_id: UUID | None) -> StandsFor | None:
        """Return whom the actor stands in for if that is `staff_id`; None for oneself and for everybody else."""
        return next((each for each in self.stands_for if each.staff_id == staff_id), None)

    @property
    def label(self) -> str:
        """Text by which an event names the actor: `staff:<id>`, `system:import`, `box:<id>`."""
        if self.staff_id is not None:
            return f"staff:{self.staff_id}"
        if self.via is Via.BOX:
            return f"box:{self.username}"
        if Role.PETITIONER in self.roles:
            return "petitioner"
        return f"system:{self.via}"

    def has(self, *roles: Role) -> bool:
        """Say whether the actor has any of `roles` at home."""
        return not self.roles.isdisjoint(roles)

    def has_anywhere(self, *roles: Role) -> bool:
        """Say whether the actor has any of `roles`, at home or by a further grant."""
        return self.has(*roles) or any(grant.role in roles for grant in self.further)

    def roles_in(self, court_id: UUID, department_id: UUID | None = None) -> frozenset[Role]:
        """Return the roles in which the actor may act at a court, or at one department of it.

        A grant over the courts below lets see there; acts stay with the court that has custody.
        """
        home = self.roles if self.court_id is None or self.court_id == court_id else frozenset[Role]()
        granted = {
            grant.role
            for grant in self.further
            if grant.court_id == court_id and grant.department_id in {None, department_id}
        }
        return home | granted


def petitioner(petition_id: UUID) -> Actor:
    """Return whoever showed number and code of a petition: they see and act on this one alone. The log says no name."""
    return Actor(name="信访人", roles=frozenset({Role.PETITIONER}), via=Via.PUBLIC, petition_id=petition_id)


def system(via: Via, name: str = "系统") -> Actor:
    """Return the system as an actor: imports, jobs, commands."""
    return Actor(name=name, roles=frozenset({Role.SYSTEM}), via=via)
