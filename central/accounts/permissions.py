"""Who sees and does what: one pure table. Which act a role may do on a petition stands in `petitions.states`."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from central.actor import Actor, Grant, Role


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
    MANAGE_STAFF = "manage_staff"
    EXPORT = "export"
    APPROVE_EXPORT = "approve_export"
    SEE_KEEPING = "see_keeping"
    APPRAISE = "appraise"
    AGREE_TO_DISPOSAL = "agree_to_disposal"
    HOLD = "hold"
    SEE_SUPERVISION = "see_supervision"
    SUPERVISE = "supervise"
    ANSWER_SUPERVISION = "answer_supervision"
    KEEP_CALENDAR = "keep_calendar"
    SEE_OBLIGATIONS = "see_obligations"
    SEE_NOTICES = "see_notices"
    SEE_RECEPTION = "see_reception"
    PLAN_RECEPTION = "plan_reception"
    RECORD_RECEPTION = "record_reception"
    PACKAGE = "package"
    INSTRUCT = "instruct"
    ASSIGN_BATCH = "assign_batch"
    SEE_NEGLECT = "see_neglect"
    SEE_DELIVERIES = "see_deliveries"
    SEE_ASKS = "see_asks"
    KEEP_WORDING = "keep_wording"
    KEEP_CHAINS = "keep_chains"
    NAME_STAND_IN = "name_stand_in"
    SEE_CUSTODY = "see_custody"
    SEE_FOLLOW_UPS = "see_follow_ups"
    JOIN_MATTERS = "join_matters"
    SEE_HOT = "see_hot"
    MERGE_LETTERS = "merge_letters"
    SORT = "sort"
    SEE_SORTING = "see_sorting"
    KEEP_BOXES = "keep_boxes"
    READ_BOX_LOGS = "read_box_logs"
    ORDER_DRILL = "order_drill"


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
    Right.MANAGE_STAFF: frozenset({Role.COURT_ADMIN}),
    Right.EXPORT: frozenset({Role.REGISTRAR, Role.HANDLER, Role.LEADER, Role.SUPERVISOR, Role.AUDITOR}),
    Right.APPROVE_EXPORT: frozenset({Role.LEADER, Role.SUPERVISOR}),
    Right.SEE_KEEPING: frozenset({Role.REGISTRAR, Role.LEADER, Role.SUPERVISOR, Role.AUDITOR}),
    Right.APPRAISE: frozenset({Role.REGISTRAR, Role.LEADER}),
    Right.AGREE_TO_DISPOSAL: frozenset({Role.LEADER}),
    Right.HOLD: frozenset({Role.REGISTRAR, Role.LEADER, Role.SUPERVISOR}),
    Right.SEE_SUPERVISION: frozenset(
        {Role.REGISTRAR, Role.HANDLER, Role.LEADER, Role.SUPERVISOR, Role.AUDITOR}
    ),
    Right.SUPERVISE: frozenset({Role.LEADER, Role.SUPERVISOR}),
    Right.ANSWER_SUPERVISION: frozenset({Role.LEADER, Role.HANDLER}),
    #: Of the province's high court alone, see `keeps_calendar`.
    Right.KEEP_CALENDAR: frozenset({Role.COURT_ADMIN}),
    Right.SEE_OBLIGATIONS: frozenset({Role.REGISTRAR, Role.LEADER, Role.SUPERVISOR, Role.AUDITOR}),
    Right.SEE_NOTICES: frozenset({Role.LEADER, Role.COURT_ADMIN}),
    Right.SEE_RECEPTION: frozenset(
        {
            Role.REGISTRAR,
            Role.HANDLER,
            Role.LEADER,
            Role.SUPERVISOR,
            Role.COURT_ADMIN,
            Role.AUDITOR,
            Role.HALL_STAFF,
        }
    ),
    Right.PLAN_RECEPTION: frozenset({Role.REGISTRAR, Role.LEADER, Role.COURT_ADMIN}),
    Right.RECORD_RECEPTION: frozenset({Role.REGISTRAR, Role.LEADER}),
    Right.PACKAGE: frozenset({Role.REGISTRAR, Role.LEADER}),
    Right.INSTRUCT: frozenset({Role.LEADER}),
    Right.ASSIGN_BATCH: frozenset({Role.SUPERVISOR}),
    Right.SEE_NEGLECT: frozenset({Role.HANDLER, Role.LEADER, Role.SUPERVISOR}),
    Right.SEE_CUSTODY: frozenset({Role.REGISTRAR, Role.HANDLER, Role.LEADER}),
    Right.SEE_DELIVERIES: frozenset({Role.REGISTRAR, Role.HANDLER, Role.LEADER}),
    #: What petitioners sent later; who deals with it stands in `asks.rules.owner_of`.
    Right.SEE_ASKS: frozenset({Role.REGISTRAR, Role.HANDLER, Role.LEADER, Role.SUPERVISOR, Role.AUDITOR}),
    Right.KEEP_WORDING: frozenset({Role.LEADER, Role.SUPERVISOR, Role.COURT_ADMIN}),
    #: Who approves answers of the own court, step by step.
    Right.KEEP_CHAINS: frozenset({Role.LEADER, Role.COURT_ADMIN}),
    #: Those who may be a step of a chain, and those who may stand in for one: they see the petitions of their court.
    Right.NAME_STAND_IN: frozenset({Role.REGISTRAR, Role.LEADER, Role.SUPERVISOR}),
    Right.SEE_FOLLOW_UPS: frozenset({Role.REGISTRAR, Role.LEADER, Role.SUPERVISOR, Role.AUDITOR}),
    #: Say whether two petitions one may see are of one matter.
    Right.JOIN_MATTERS: frozenset({Role.REGISTRAR, Role.HANDLER, Role.LEADER}),
    Right.SEE_HOT: frozenset({Role.REGISTRAR, Role.LEADER, Role.SUPERVISOR, Role.AUDITOR}),
    #: Write one text for many petitions, and approve or issue what was written so; each petition asks for its own right besides.
    Right.MERGE_LETTERS: frozenset({Role.REGISTRAR, Role.HANDLER, Role.LEADER, Role.SUPERVISOR}),
    #: Set the category of a petition one may see.
    Right.SORT: frozenset({Role.REGISTRAR, Role.HANDLER, Role.LEADER}),
    #: How well proposals do; an admin sees the versions, and no petitions behind the numbers.
    Right.SEE_SORTING: frozenset({Role.LEADER, Role.SUPERVISOR, Role.AUDITOR, Role.COURT_ADMIN}),
    #: Settings of all boxes: of the province's high court alone, see `keeps_boxes`.
    Right.KEEP_BOXES: frozenset({Role.COURT_ADMIN}),
    #: The last log lines of boxes of the own court and those below, which speak of machines alone.
    Right.READ_BOX_LOGS: frozenset({Role.COURT_ADMIN}),
    #: A drill of a hall of the own court or one below.
    Right.ORDER_DRILL: frozenset({Role.LEADER, Role.COURT_ADMIN}),
}

#: Roles that an admin of courts gives; the others belong to programs and to petitioners.
GIVEN = tuple(role for role in Role if role not in {Role.SYSTEM, Role.PETITIONER})


@dataclass(frozen=True, slots=True)
class Sight:
    """How far an actor sees, grants at home and further ones taken together. Empty sets see nothing.

    `roots` are paths of courts seen with all below, `courts` single courts, `departments` single departments; `own_work`
    adds what is or was assigned. `everything` is the system's.
    """

    roots: tuple[str, ...] = ()
    courts: tuple[UUID, ...] = ()
    departments: tuple[UUID, ...] = ()
    own_work: bool = False
    everything: bool = False


def grants_of(actor: Actor) -> tuple[Grant, ...]:
    """Return all grants: the roles at home as grants over the home court, and the further ones."""
    if actor.court_id is None:
        return actor.further
    at, path = actor.court_id, actor.court_path
    home = (Grant(role, at, path, below=SCOPES[role] is Scope.SUBTREE) for role in sorted(actor.roles))
    return (*home, *actor.further)


def sight_of(actor: Actor) -> Sight:
    """Return what the actor sees: scopes are inherited downwards, a handler sees what is or was assigned."""
    if Role.SYSTEM in actor.roles and actor.court_id is None:
        return Sight(everything=True)
    roots, courts, departments, own_work = set[str](), set[UUID](), set[UUID](), False
    for grant in grants_of(actor):
        match SCOPES[grant.role]:
            case Scope.OWN_WORK:
                own_work = True
            case Scope.OWN_COURT | Scope.SUBTREE if grant.department_id is not None:
                departments.add(grant.department_id)
            case Scope.OWN_COURT | Scope.SUBTREE if grant.below:
                roots.add(grant.court_path)
            case Scope.OWN_COURT | Scope.SUBTREE:
                courts.add(grant.court_id)
            case Scope.NOTHING:
                pass
    kept = [root for root in roots if not any(root != other and root.startswith(other) for other in roots)]
    return Sight(tuple(sorted(kept)), tuple(sorted(courts)), tuple(sorted(departments)), own_work)


def may(actor: Actor, right: Right) -> bool:
    """Say whether the actor has `right` in their own court."""
    return actor.has(*RIGHTS[right])


def keeps_calendar(actor: Actor) -> bool:
    """Say whether the actor enters holidays: an admin of the court at the top of the province, or the system."""
    return _at_the_top(actor, Right.KEEP_CALENDAR)


def keeps_boxes(actor: Actor) -> bool:
    """Say whether the actor sets all hall boxes: an admin of the court at the top of the province, or the system."""
    return _at_the_top(actor, Right.KEEP_BOXES)


def _at_the_top(actor: Actor, right: Right) -> bool:
    return sight_of(actor).everything or (may(actor, right) and actor.court_path.count("/") == 2)


def governs_sorting(actor: Actor) -> bool:
    """Say whether the actor says which version proposes categories in the whole province: those who keep its calendar."""
    return keeps_calendar(actor)


def administered(actor: Actor) -> tuple[str, ...]:
    """Return the paths of the courts whose staff the actor manages, all below each included."""
    paths = {
        grant.court_path
        for grant in grants_of(actor)
        if grant.role in RIGHTS[Right.MANAGE_STAFF] and grant.department_id is None
    }
    return tuple(sorted(paths))


def administers(actor: Actor, court_path: str) -> bool:
    """Say whether the actor manages the staff of the court at `court_path`: an admin does for the own court and all below.

    The command line and the system do everywhere.
    """
    return sight_of(actor).everything or court_path.startswith(administered(actor) or ("//",))


def approves(actor: Actor, court_id: UUID, court_path: str) -> bool:
    """Say whether the actor may agree to an export asked for at a court: its leaders, and supervisors of it and the courts above.

    Nobody agrees to their own; the service sees to that.
    """
    return any(
        grant.court_id == court_id or (grant.below and court_path.startswith(grant.court_path))
        for grant in grants_of(actor)
        if grant.role in RIGHTS[Right.APPROVE_EXPORT] and grant.department_id is None
    )


def supervises(actor: Actor, court_id: UUID, court_path: str) -> Grant | None:
    """Return the grant by which the actor supervises a court, that of their own court first: leaders their own, supervisors all below."""
    found = [
        grant
        for grant in grants_of(actor)
        if grant.role in RIGHTS[Right.SUPERVISE]
        and grant.department_id is None
        and (grant.court_id == court_id or (grant.below and court_path.startswith(grant.court_path)))
    ]
    return min(
        found, key=lambda grant: (grant.court_id != actor.court_id, -len(grant.court_path)), default=None
    )
