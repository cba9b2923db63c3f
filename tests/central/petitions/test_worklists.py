"""Mine, my court's, below me: each list with its counts, narrowed by level as the pure rule tells levels."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from central.actor import Actor, Role
from central.deadlines.levels import Level, Shares
from central.desk import queries as desk
from central.petitions import worklists
from central.petitions.models import Petition
from central.petitions.queries import AfterDue
from central.petitions.states import Act, State
from central.petitions.worklists import Count, Measure, Tab, Wanted
from shared.clock import court_day
from tests.factories import petitions
from tests.factories.accounts import House, actor, house
from tests.factories.courts import MORNING, tree

TODAY = court_day(MORNING)
SHARES = Shares(0.5, 0.8)


@pytest.fixture
def two(s: Session) -> tuple[House, House, Actor]:
    courts = tree(s)
    return house(s, courts["辽0102"]), house(s, courts["辽0103"]), actor(s, courts["辽01"], Role.SUPERVISOR)


def listed(s: Session, who: Actor, tab: Tab, *, days: int = 0, **wanted: object) -> list[Petition]:
    s.flush()
    measure = Measure(TODAY + timedelta(days=days), SHARES)
    found, after = list[Petition](), None
    while rows := worklists.page(
        s,
        actor=who,
        tab=tab,
        wanted=Wanted(**wanted),  # type: ignore[arg-type]
        measure=measure,
        after=after,
        limit=2,
    ):
        found += rows
        assert rows[-1].next_due_on is not None
        after = AfterDue(rows[-1].next_due_on, rows[-1].id)
    return found


def test_each_list_holds_its_own(s: Session, two: tuple[House, House, Actor]) -> None:
    here, there, above = two
    one, other = petitions.at(s, here, State.HANDLING), petitions.registered(s, there)
    assert [row.id for row in listed(s, here.handler, Tab.MINE)] == [one.id]
    assert [row.id for row in listed(s, here.registrar, Tab.COURT)] == [one.id]
    assert {row.id for row in listed(s, above, Tab.BELOW)} == {one.id, other.id}
    assert listed(s, above, Tab.COURT) == []


def test_who_has_no_such_list_gets_nothing(s: Session, two: tuple[House, House, Actor]) -> None:
    here, _, _ = two
    petitions.at(s, here, State.HANDLING)
    assert worklists.tabs_of(here.handler) == [Tab.MINE]
    assert worklists.tabs_of(here.registrar) == [Tab.MINE, Tab.COURT]
    assert listed(s, here.handler, Tab.COURT) == listed(s, here.registrar, Tab.BELOW) == []
    assert Tab.BELOW not in worklists.counts(s, actor=here.registrar, today=TODAY)


def test_counts_are_those_of_the_lists(s: Session, two: tuple[House, House, Actor]) -> None:
    here, there, above = two
    for state in State:
        petitions.at(s, here, state, to=there)
    for who in (here.registrar, here.handler, here.leader, there.registrar, above):
        for tab in worklists.tabs_of(who):
            rows = listed(s, who, tab, days=8)
            late = [row for row in rows if row.next_due_on and row.next_due_on < TODAY + timedelta(days=8)]
            counted = worklists.counts(s, actor=who, today=TODAY + timedelta(days=8))
            assert counted[tab] == Count(len(rows), len(late)), (who.username, tab)


def test_who_is_kept_from_a_petition_neither_sees_nor_counts_it(
    s: Session, two: tuple[House, House, Actor]
) -> None:
    here, _, above = two
    petition = petitions.registered(s, here)
    petitions.registered(s, here)
    petitions.do(s, here, petition, Act.NAME_CONFLICT, ground="handled", person=above.username)
    s.flush()
    assert petition.id not in {row.id for row in listed(s, above, Tab.BELOW)}
    assert worklists.counts(s, actor=above, today=TODAY)[Tab.BELOW].open == 1


def test_levels_by_query_are_those_of_the_rule(s: Session, two: tuple[House, House, Actor]) -> None:
    here, there, above = two
    for state in State:
        petitions.at(s, here, state, to=there)
    paused = petitions.at(s, there, State.AWAITING_SUPPLEMENT)
    petitions.do(s, there, paused, Act.RECEIVE_SUPPLEMENT, now=MORNING + timedelta(days=5))
    for days in (0, 3, 4, 6, 7, 8, 20, 80):
        measure = Measure(TODAY + timedelta(days=days), SHARES)
        told = desk.worked(s, listed(s, above, Tab.BELOW, days=days), measure).pressing
        for level in Level:
            found = {row.id for row in listed(s, above, Tab.BELOW, days=days, level=level)}
            assert found == {row_id for row_id, each in told.items() if each.level is level}, (days, level)


def test_filters_narrow(s: Session, two: tuple[House, House, Actor]) -> None:
    here, there, above = two
    one, other = petitions.at(s, here, State.HANDLING), petitions.registered(s, there)
    assert [r.id for r in listed(s, above, Tab.BELOW, court_id=there.court.id)] == [other.id]
    assert [r.id for r in listed(s, above, Tab.BELOW, handler_id=here.handler.staff_id)] == [one.id]
    assert [r.id for r in listed(s, above, Tab.BELOW, rule="procedural_reply")] == [other.id]
