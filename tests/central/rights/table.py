"""Who gets through where: one row for every route of the application. A route without a row fails the test.

To add a route, write `"METHOD /path": row` below. `row` is one of

- `public()`: the same for everybody; `signed()`: whoever is signed in; `roles(...)`, `right(...)`: the others get 403;
- `petition(...)`: about one petition, which whoever may not see it cannot tell from one that does not exist;
- `thing("call", ...)`: about another thing of a court, likewise.

Who sees which petition follows from `permissions.SCOPES`, who acts from `petitions.steps.STEPS`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from central.accounts.permissions import RIGHTS, SCOPES, Right, Scope
from central.actor import Role
from central.casework.documents import WORKERS
from central.petitions.states import Act, State, Who
from central.petitions.steps import STEPS
from tests.central.rights.world import Person, Place


class Verdict(StrEnum):
    """What an answer comes to."""

    ANSWERS = "answers"
    #: A reason is asked for first: not one's own work.
    REASON = "reason"
    FORBIDDEN = "forbidden"
    ABSENT = "absent"
    SIGN_IN = "sign in"


Rule = Callable[[Person, Place, State | None], Verdict]

_SEES: dict[Scope, frozenset[Place]] = {
    Scope.OWN_WORK: frozenset({Place.MINE}),
    Scope.OWN_COURT: frozenset({Place.MINE, Place.OWN}),
    Scope.SUBTREE: frozenset({Place.MINE, Place.OWN, Place.CHILD}),
    Scope.NOTHING: frozenset(),
}
#: Whose own work a petition being handled is: the registrars' of its court, and that of handler and leader.
_OWN_WORK: dict[Role, frozenset[Place]] = {
    Role.REGISTRAR: frozenset({Place.MINE, Place.OWN}),
    Role.HANDLER: frozenset({Place.MINE}),
    Role.LEADER: frozenset({Place.MINE}),
}
PLACES = tuple(Place)
#: Other things than petitions know neither handler nor barrier.
COURT_PLACES = (Place.OWN, Place.CHILD, Place.PARENT, Place.SIBLING, Place.NONE)
_AT_COURT = frozenset({Place.OWN})
_AT_COURT_AND_BELOW = frozenset({Place.OWN, Place.CHILD})


@dataclass(frozen=True, slots=True)
class Row:
    """One route: who gets through, at which places it is tried, and what is sent."""

    rule: Rule
    places: tuple[Place, ...] = (Place.NONE,)
    #: Fields of the form or of the JSON body; `{kind}` stands for the id of that thing.
    body: Mapping[str, Any] = field(default_factory=dict)
    #: Parts of the address that are no ids.
    ids: Mapping[str, str] = field(default_factory=dict)
    files: bool = False
    query: str = ""
    #: The answer has no end, or is tried elsewhere: only those who do not get through are tried.
    refused_only: bool = False


def sees(role: Role | None, place: Place) -> bool:
    """Say whether a role sees petitions of a place."""
    return role is not None and place in _SEES[SCOPES[role]]


def is_own(role: Role | None, place: Place) -> bool:
    """Say whether a petition of a place is the role's own work."""
    return role is not None and place in _OWN_WORK.get(role, frozenset())


def public(verdict: Verdict = Verdict.ANSWERS, **more: Any) -> Row:
    """Return the row of a page for everybody."""
    return Row(lambda *_: verdict, **more)


def signed(verdict: Verdict = Verdict.ANSWERS, **more: Any) -> Row:
    """Return the row of a page for whoever is signed in."""
    return Row(lambda who, *_: verdict if who.role else Verdict.SIGN_IN, **more)


def roles(
    *allowed: Role, refused: Verdict = Verdict.FORBIDDEN, passed: Verdict = Verdict.ANSWERS, **more: Any
) -> Row:
    """Return the row of a page for some roles; `passed` is what they get for a thing of somebody else."""

    def rule(who: Person, *_: object) -> Verdict:
        if who.role is None:
            return Verdict.SIGN_IN
        return passed if who.role in allowed else refused

    return Row(rule, **more)


def right(wanted: Right, **more: Any) -> Row:
    """Return the row of a page for those who have a right."""
    return roles(*RIGHTS[wanted], **more)


def thing(*allowed: Role, below: bool = False, refused: Verdict = Verdict.FORBIDDEN, **more: Any) -> Row:
    """Return the row of a thing of a court: to be reached at one's own court, with `below` under it as well."""
    reached = _AT_COURT_AND_BELOW if below else _AT_COURT

    def rule(who: Person, place: Place, _: State | None) -> Verdict:
        if who.role is None:
            return Verdict.SIGN_IN
        if who.role not in allowed:
            return refused
        return Verdict.ANSWERS if place in reached else Verdict.ABSENT

    return Row(rule, **{"places": COURT_PLACES, **more})


def petition(
    *,
    workers: bool = False,
    asks: bool = True,
    wanted: Right | None = None,
    home: bool = False,
    delivers: bool = False,
    **more: Any,
) -> Row:
    """Return the row of a page of one petition.

    `delivers`: for registrar and handler where they may act, as the table of acts has it for delivery.

    `workers`: for those alone who work on it; `wanted`: for those who have a right; `asks`: others give a reason first;
    `home`: at one's own court alone.
    """

    def rule(who: Person, place: Place, _: State | None) -> Verdict:
        if who.role is None:
            return Verdict.SIGN_IN
        if not sees(who.role, place):
            return Verdict.ABSENT
        if workers and not (who.role in WORKERS and is_own(who.role, place)):
            return Verdict.FORBIDDEN
        kept_out = (
            (delivers and not _delivers(who.role, place))
            or (wanted is not None and who.role not in RIGHTS[wanted])
            or (home and place is Place.CHILD)
        )
        if kept_out:
            return Verdict.FORBIDDEN
        return Verdict.ANSWERS if is_own(who.role, place) or not asks else Verdict.REASON

    return Row(rule, **{"places": PLACES, **more})


def _delivers(role: Role | None, place: Place) -> bool:
    return role in {Role.REGISTRAR, Role.HANDLER} and place in {Place.MINE, Place.OWN}


def day(*allowed: Role, own: bool = True, **more: Any) -> Row:
    """Return the row of a reception day: read by whoever is of the court or sees it from above, acted on (`own`) at one's own court."""

    def rule(who: Person, place: Place, _: State | None) -> Verdict:
        if who.role is None:
            return Verdict.SIGN_IN
        if who.role not in allowed:
            return Verdict.FORBIDDEN
        above = SCOPES[who.role] is Scope.SUBTREE and not own
        reached = _AT_COURT_AND_BELOW if above else _AT_COURT
        return Verdict.ANSWERS if place in reached else Verdict.ABSENT

    return Row(rule, **{"places": COURT_PLACES, **more})


def order(*, judges: bool, shown: bool = False, **more: Any) -> Row:
    """Return the row of an act on a supervision order that the court of those who ask gave.

    `shown`: what does not fit comes back with the page, for which whoever does not work on the petition gives a reason.
    """

    def rule(who: Person, place: Place, _: State | None) -> Verdict:
        if who.role is None:
            return Verdict.SIGN_IN
        if not sees(who.role, place):
            return Verdict.ABSENT
        if judges:
            may = who.role is Role.SUPERVISOR or (who.role is Role.LEADER and place is Place.OWN)
        else:
            may = who.role is Role.LEADER or (who.role is Role.HANDLER and place is Place.MINE)
        if not may:
            return Verdict.FORBIDDEN
        return Verdict.REASON if shown and not is_own(who.role, place) else Verdict.ANSWERS

    return Row(rule, **{"places": PLACES, **more})


def act(one: Act, *, page: bool, **more: Any) -> Row:
    """Return the row of an act of the table (docs/life.md); on a page, what does not fit the state shows the petition again."""

    def rule(who: Person, place: Place, state: State | None) -> Verdict:
        if who.role is None:
            return Verdict.SIGN_IN
        if not sees(who.role, place) or state is None:
            return Verdict.ABSENT
        step = STEPS.get((state, one))
        if step is not None and not _may(step.roles, step.who, who.role, place):
            return Verdict.FORBIDDEN
        shown = page and step is None and not is_own(who.role, place)
        return Verdict.REASON if shown else Verdict.ANSWERS

    return Row(rule, **{"places": PLACES, **more})


def leading(one: Act, **more: Any) -> Row:
    """Return the row of a page of its own for an act: whoever may not take it now is refused, whatever the state."""

    def rule(who: Person, place: Place, state: State | None) -> Verdict:
        if who.role is None:
            return Verdict.SIGN_IN
        if not sees(who.role, place):
            return Verdict.ABSENT
        step = STEPS.get((state, one))
        fits = step is not None and _may(step.roles, step.who, who.role, place)
        return Verdict.ANSWERS if fits else Verdict.FORBIDDEN

    return Row(rule, **{"places": PLACES, **more})


def _may(allowed: frozenset[Role], by: Who, role: Role, place: Place) -> bool:
    """Say whether a role takes a step at a place: acts are the court's own, some are those of the named handler or leader."""
    if role not in allowed or place not in {Place.MINE, Place.OWN}:
        return False
    match by:
        case Who.THE_HANDLER:
            return role is Role.HANDLER and place is Place.MINE
        case Who.THE_LEADER | Who.THE_APPROVER | Who.APPROVER_OR_LEADER:
            return role is Role.LEADER and place is Place.MINE
        case Who.NOT_THE_HANDLER:
            return not (role is Role.HANDLER and place is Place.MINE)
        case Who.ANYONE:
            return True
