"""May this person take this step now? Pure."""

from dataclasses import dataclass

from central.actor import Role
from central.petitions.states import Facts, Need, NotReady, NotYours, Step, Who

#: Steps of approval, for which a name is enough.
_APPROVING = frozenset({Who.THE_APPROVER, Who.APPROVER_OR_LEADER})


@dataclass(frozen=True, slots=True)
class Standing:
    """How the actor stands to the petition."""

    roles: frozenset[Role]
    is_handler: bool = False
    is_leader: bool = False
    #: The step of the approval is theirs, by name or as a stand-in.
    is_approver: bool = False
    #: They act in the leader's place, who named them: the leader's role is not asked for.
    in_place: bool = False
    #: Named as the third person who decides; by name, whatever court they sit at.
    is_decider: bool = False


def check(step: Step, standing: Standing, facts: Facts) -> None:
    """Raise `NotYours` or `NotReady` unless the actor may take `step` now."""
    if not may(step, standing):
        key = "petitions.not_yours" if step.who is Who.ANYONE else f"petitions.not_yours_{step.who}"
        raise NotYours(key)
    for need in step.needs:
        if not met(need, facts):
            raise NotReady(f"petitions.need.{need}")


def may(step: Step, standing: Standing) -> bool:
    """Say whether role and person fit."""
    if Role.SYSTEM in standing.roles:
        return Role.SYSTEM in step.roles
    if step.who is Who.THE_DECIDER:
        return standing.is_decider
    if (standing.is_approver and step.who in _APPROVING) or (
        standing.in_place and step.who in {Who.THE_LEADER, Who.APPROVER_OR_LEADER}
    ):
        return True
    if standing.roles.isdisjoint(step.roles):
        return False
    return {
        Who.THE_HANDLER: standing.is_handler,
        Who.THE_LEADER: standing.is_leader,
        Who.THE_APPROVER: False,
        Who.APPROVER_OR_LEADER: standing.is_leader,
        Who.NOT_THE_HANDLER: not standing.is_handler,
    }.get(step.who, True)


def met(need: Need, facts: Facts) -> bool:
    """Say whether a need is met."""
    return {
        Need.HANDLER_AND_LEADER: facts.has_handler and facts.has_leader,
        Need.EVERY_DEMAND_ANSWERED: facts.demands > 0 and facts.demands_answered == facts.demands,
        Need.DELIVERED: facts.delivered,
        Need.UNDELIVERED: not facts.delivered,
        Need.LOGGED_ATTEMPTS: facts.attempts > 0,
        Need.UNDECIDED: facts.undecided,
        Need.DECIDED: not facts.undecided,
        Need.EXTENDABLE: facts.extendable and not facts.extension_asked,
        Need.EXTENSION_ASKED: facts.extension_asked,
        Need.STOPPABLE: facts.stoppable,
        Need.STOPPED: facts.stopped,
    }[need]
