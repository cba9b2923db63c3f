"""The options of those fields of an act's form whose values stand in the database, or are fewer than the form takes."""

from functools import cached_property

from sqlmodel import Session

from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.actor import Role
from central.barrier import queries as barrier
from central.courts import queries as courts
from central.desk.fields import Choice
from central.petitions.models import Petition
from central.petitions.states import Act
from central.replies.models import Method
from central.reviews import queries as reviews

#: What no person writes down: what a ledger knows, and of an answer that it was opened on the tracking page.
_BY_ITSELF = {
    Act.RECORD_DELIVERY: frozenset({Method.LEDGER, Method.PORTAL}),
    Act.DELIVER_OPINION: frozenset({Method.LEDGER}),
}


class Options:
    """The options for one petition; people and courts are read once, and only when an act asks for them.

    `conflicts`: somebody had to keep away, so the barrier is asked who may be chosen.
    """

    def __init__(self, s: Session, petition: Petition, *, conflicts: bool) -> None:
        self._s = s
        self._petition = petition
        self._conflicts = conflicts

    def of(self, act: Act) -> dict[str, list[Choice]]:
        """Return the options of the form of `act`, by field."""
        match act:
            case Act.ACCEPT:
                return {"leader_id": [Choice(""), *self._people(Role.LEADER)]}
            case Act.ASSIGN:
                return {"handler_id": self._people(Role.HANDLER), "leader_id": self._people(Role.LEADER)}
            case Act.ASSIGN_REVIEW:
                return {
                    "handler_id": self._people(Role.HANDLER, fresh=True),
                    "leader_id": self._people(Role.LEADER, fresh=True),
                }
            case Act.TRANSFER:
                return {"court": self._courts}
            case Act.RECORD_DELIVERY | Act.DELIVER_OPINION:
                methods = [each for each in Method if each not in _BY_ITSELF[act]]
                return {"method": [Choice(each, f"replies.method.{each}") for each in methods]}
            case _:
                return {}

    def _people(self, role: Role, *, fresh: bool = False) -> list[Choice]:
        """Return who has a role; `fresh`: of those who had no part in the petition before its review."""
        here = [one for one in self._staff if role in one.roles.split(",")]
        chosen = reviews.fresh(self._s, self._petition.id, here) if fresh else here
        return [Choice(str(one.id), text=one.name) for one in chosen]

    @cached_property
    def _staff(self) -> list[Staff]:
        people = list(accounts.active_of(self._s, self._petition.court_id))
        return barrier.free(self._s, self._petition.id, people) if self._conflicts else people

    @cached_property
    def _courts(self) -> list[Choice]:
        own = self._petition.court_id
        return [
            Choice(each.code, text=f"{each.code} {each.name}", text_en=f"{each.code} {each.name_en}")
            for each in courts.everything(self._s)
            if each.id != own
        ]
