"""Every route as every role, for a thing of one's own court, below, above, beside and nowhere, against one table (S2).

What somebody may not see answers, to the byte, like what does not exist.
"""

import re
from collections.abc import Callable, Iterator, Mapping

import pytest

from central import app as application
from central.accounts.permissions import GIVEN
from central.actor import Role
from tests.central.rights import site as sites
from tests.central.rights.asking import bare, is_left_out, routes_of, share, verdict
from tests.central.rights.routes import ACTS, COVERED_BY_ACTS, ROWS
from tests.central.rights.site import Site
from tests.central.rights.table import Row, Verdict, sees
from tests.central.rights.world import SECRET, Person, Place
from tests.support import turns
from tests.support.databases import Databases

#: Acts are tried in full on SQLite; on PostgreSQL, whether a locking read finds what is hidden.
_HIDDEN = frozenset({Place.BARRED, Place.SIBLING, Place.NONE})
WHO = [*GIVEN, None]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "site" in metafunc.fixturenames:
        metafunc.parametrize("site", turns.engines(metafunc.config), indirect=True, scope="module")


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest,
    _databases: Callable[[str], Databases],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """The world once per engine. On PostgreSQL what would change it is left out: it cannot be set back."""
    data = tmp_path_factory.mktemp("rights")
    with sites.opened(_databases(request.param).new(), data) as made:
        yield made


def changes(name: str) -> bool:
    return not name.startswith("GET ")


def tries(site: Site, name: str, row: Row, who: Person) -> Iterator[str]:
    """Give each deviation of one route for one person."""
    answers = {}
    for place in row.places if who.role else (*row.places[:1], Place.NONE):
        parts = {**site.world.ids(place), **site.world.crew()}
        wanted = row.rule(who, place, site.world.states.get(place))
        if name in ACTS and site.file is None and place not in _HIDDEN:
            continue
        if wanted is Verdict.ABSENT and site.file is not None and is_left_out(name, who, place):
            continue
        gets_through = wanted is Verdict.ANSWERS
        if gets_through and (row.refused_only or (changes(name) and site.file is None)):
            continue
        before = site.count() if changes(name) and not gets_through else 0
        answer = site.asking.ask(name, row, who, place, parts=parts)
        if (found := verdict(answer)) is not wanted:
            yield f"{name} as {who.role} at {place}: {found} ({answer.status_code}), not {wanted}"
        if changes(name) and gets_through:
            site.set_back()
        elif changes(name) and site.count() != before:
            yield f"{name} as {who.role} at {place}: refused, yet something was recorded"
        if wanted is not Verdict.ANSWERS and SECRET in answer.text:
            yield f"{name} as {who.role} at {place}: the refusal tells what it is about"
        if wanted is Verdict.ABSENT:
            answers[place] = bare(answer, parts)
    yield from _differences(name, who, answers)


def _differences(name: str, who: Person, answers: Mapping[Place, object]) -> Iterator[str]:
    for place, answer in answers.items():
        if answer != answers[Place.NONE]:
            yield f"{name} as {who.role} at {place}: can be told from what does not exist: {answer}"


def test_every_route_has_its_row(site: Site) -> None:
    found = set(routes_of(application.routes(site.context))) - COVERED_BY_ACTS
    assert sorted(found - ROWS.keys()) == [], "add a row to tests/central/rights/routes.py"
    assert sorted(ROWS.keys() - found) == [], "rows of routes that are gone"


@pytest.mark.parametrize("role", WHO, ids=str)
def test_each_route_answers_each_role_as_the_table_says(site: Site, role: Role | None) -> None:
    who = site.world.people[role]
    rows = share(ROWS, site.kind, WHO.index(role))
    found = [line for name, row in rows.items() for line in tries(site, name, row, who)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", WHO, ids=str)
def test_each_act_answers_each_role_as_the_table_says(site: Site, role: Role | None) -> None:
    who = site.world.people[role]
    rows = share(ACTS, site.kind, WHO.index(role))
    found = [line for name, row in rows.items() for line in tries(site, name, row, who)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", GIVEN, ids=str)
def test_lists_hold_what_the_role_sees_and_nothing_else(site: Site, role: Role) -> None:
    numbers = site.world.things["number"]
    seen = {number for place, number in numbers.items() if sees(role, place)}
    for name in ("GET /petitions", "GET /api/v1/petitions"):
        answer = site.asking.ask(name, ROWS[name], site.world.people[role], Place.NONE, parts={})
        assert set(re.findall(r"辽\d*-\d{4}-\d{6}", answer.text)) == seen, name
    name = "GET /invariants/{number}"
    for name, number in (
        ("GET /today", ""),
        ("GET /access", ""),
        *((name, str(each)) for each in range(1, 6)),
    ):
        parts = {"number": number}
        answer = site.asking.ask(name, ROWS["GET /today"], site.world.people[role], Place.NONE, parts=parts)
        assert set(re.findall(r"辽\d*-\d{4}-\d{6}", answer.text)) <= seen, name


@pytest.mark.parametrize("role", GIVEN, ids=str)
def test_a_number_finds_what_the_role_sees_and_nothing_else(site: Site, role: Role) -> None:
    for place, number in site.world.things["number"].items():
        site.asking.client.cookies.clear()
        row = Row(ROWS["GET /find"].rule, query=f"q={number}")
        answer = site.asking.ask("GET /find", row, site.world.people[role], place, parts={})
        assert answer.status_code == (303 if sees(role, place) else 404), place
