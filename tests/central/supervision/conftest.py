"""A small province with a supervisor at every level, and the desk of petitions."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from central import db
from central.actor import Actor, Role
from central.context import Context
from central.petitions.models import Petition
from central.petitions.states import Act, State
from tests.central.desk.conftest import desk
from tests.factories import petitions
from tests.factories.accounts import House, actor, house
from tests.factories.courts import tree

__all__ = ["desk"]


@dataclass(frozen=True)
class Province:
    """Houses and supervisors by court code."""

    houses: dict[str, House]
    supervisors: dict[str, Actor]


@pytest.fixture
def province(context: Context) -> Province:
    """People of 辽, 辽01, 辽0102, 辽0103 and 辽02."""
    with db.unit_of_work(context.engine) as s:
        courts = tree(s)
        houses = {code: house(s, court) for code, court in courts.items()}
        supervisors = {code: actor(s, court, Role.SUPERVISOR) for code, court in courts.items()}
    return Province(houses, supervisors)


@pytest.fixture
def bring(context: Context, province: Province) -> Callable[..., Petition]:
    """`bring(State.HANDLING, Act.ACKNOWLEDGE, at="辽0102")` keeps a petition of a court at a state."""

    def brought(state: State = State.HANDLING, *more: Act, at: str = "辽0102") -> Petition:
        with db.unit_of_work(context.engine) as s:
            petition = petitions.at(s, province.houses[at], state)
            for act in more:
                petitions.do(s, province.houses[at], petition, act)
        return petition

    return brought
