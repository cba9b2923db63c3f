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
class Actor:
    """The one who acts, as the rules need to know them.

    `court_path` is the materialised path of the court, `/辽/辽01/辽0102/`; a court sees below itself by prefix.
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
    session_id: str = field(default="", repr=False)

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
        """Say whether the actor has any of `roles`."""
        return not self.roles.isdisjoint(roles)


def system(via: Via, name: str = "系统") -> Actor:
    """Return the system as an actor: imports, jobs, commands."""
    return Actor(name=name, roles=frozenset({Role.SYSTEM}), via=via)
