"""Who sees and does what: one pure table. Which act a role may do on a petition stands in `petitions.states`."""

from enum import StrEnum

from central.actor import Actor, Role


class Scope(StrEnum):
    """How far a role's sight reaches."""

    #: Petitions assigned to the person, now or earlier.
    OWN_WORK = "own_work"
    #: Petitions in the custody of the person's court.
    OWN_COURT = "own_court"
    #: The person's court and every court below it.
    SUBTREE = "subtree"
    #: No petitions at all.
    NOTHING = "nothing"


class Right(StrEnum):
    """What is not an act on a petition."""

    IMPORT_LEDGER = "import_ledger"
    MANAGE_APPOINTMENTS = "manage_appointments"
    ANSWER_ASSISTANCE = "answer_assistance"
    SEE_HALL = "see_hall"
    SEE_INVARIANTS = "see_invariants"
    SEE_ACCESS_LOG = "see_access_log"


SCOPES: dict[Role, Scope] = {
    Role.REGISTRAR: Scope.OWN_COURT,
    Role.HANDLER: Scope.OWN_WORK,
    Role.LEADER: Scope.OWN_COURT,
    Role.SUPERVISOR: Scope.SUBTREE,
    Role.COURT_ADMIN: Scope.NOTHING,
    Role.AUDITOR: Scope.SUBTREE,
    Role.HALL_STAFF: Scope.NOTHING,
    Role.SYSTEM: Scope.SUBTREE,
    Role.PETITIONER: Scope.NOTHING,
}

RIGHTS: dict[Right, frozenset[Role]] = {
    Right.IMPORT_LEDGER: frozenset({Role.REGISTRAR, Role.COURT_ADMIN, Role.SYSTEM}),
    Right.MANAGE_APPOINTMENTS: frozenset({Role.REGISTRAR, Role.HALL_STAFF}),
    Right.ANSWER_ASSISTANCE: frozenset({Role.REGISTRAR, Role.HALL_STAFF, Role.LEADER, Role.COURT_ADMIN}),
    Right.SEE_HALL: frozenset(
        {Role.REGISTRAR, Role.HALL_STAFF, Role.LEADER, Role.COURT_ADMIN, Role.SUPERVISOR}
    ),
    Right.SEE_INVARIANTS: frozenset(
        {Role.REGISTRAR, Role.LEADER, Role.SUPERVISOR, Role.COURT_ADMIN, Role.AUDITOR, Role.HANDLER}
    ),
    Right.SEE_ACCESS_LOG: frozenset({Role.AUDITOR}),
}

_WIDTH = [Scope.SUBTREE, Scope.OWN_COURT, Scope.OWN_WORK, Scope.NOTHING]


def scope_of(actor: Actor) -> Scope:
    """Return the widest scope of the actor's roles."""
    return min((SCOPES[role] for role in actor.roles), key=_WIDTH.index, default=Scope.NOTHING)


def may(actor: Actor, right: Right) -> bool:
    """Say whether the actor has `right` in their own court."""
    return actor.has(*RIGHTS[right])
