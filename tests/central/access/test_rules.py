"""What is somebody's own work, and in which role they look: pure."""

from uuid import UUID, uuid4

import pytest

from central.access.rules import Standing, own_work, role_of
from central.actor import Actor, Role, Via

HERE, ABOVE = uuid4(), uuid4()
ME, OTHER = uuid4(), uuid4()


def me(*roles: Role, court: UUID = HERE) -> Actor:
    return Actor("x", frozenset(roles), Via.WEB, staff_id=ME, court_id=court)


def standing(
    handler: UUID | None = OTHER,
    leader: UUID | None = OTHER,
    next_role: str | None = "handler",
    person: UUID | None = OTHER,
    people: frozenset[UUID] = frozenset(),
) -> Standing:
    return Standing(HERE, handler, leader, next_role, person, people)


@pytest.mark.parametrize(
    ("actor", "at", "own"),
    [
        (me(Role.HANDLER), standing(handler=ME), True),
        (me(Role.HANDLER), standing(people=frozenset({ME})), True),
        (me(Role.HANDLER), standing(), False),
        (me(Role.REGISTRAR), standing(), True),
        (me(Role.REGISTRAR, court=ABOVE), standing(), False),
        (me(Role.LEADER), standing(), False),
        (me(Role.LEADER), standing(leader=ME), True),
        (me(Role.LEADER), standing(leader=None, next_role="leader", person=None), True),
        (me(Role.LEADER), standing(next_role="leader", person=OTHER), False),
        (me(Role.LEADER, court=ABOVE), standing(next_role="leader", person=None), False),
        (me(Role.SUPERVISOR), standing(), False),
        (me(Role.SUPERVISOR, court=ABOVE), standing(), False),
        (me(Role.AUDITOR), standing(), False),
        (me(Role.SUPERVISOR, court=ABOVE), standing(leader=ME), True),
    ],
)
def test_own_work_is_what_one_has_had_or_what_waits_at_ones_desk(
    actor: Actor, at: Standing, own: bool
) -> None:
    assert own_work(actor, at) is own


def test_one_looks_in_the_role_the_petition_names_one_in() -> None:
    both = me(Role.LEADER, Role.HANDLER)
    assert role_of(both, standing(handler=ME)) is Role.HANDLER
    assert role_of(both, standing(leader=ME)) is Role.LEADER
    assert role_of(both) is Role.LEADER
