"""The API as every role: whatever its description allows or forbids is sent, alone and one after the other; nothing breaks, nothing
is answered that is not described, and nobody reads what the table of rights keeps from them (S3).

`MINYI_TEST_CASES=10000` sends about so many (`scripts/attack.sh schema --cases 10000`); otherwise a few for each operation and role.
"""

import contextlib
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from httpx2 import Response
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response as Transported
from schemathesis.generation import GenerationMode
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from central.accounts.permissions import GIVEN
from central.actor import Role
from tests.central.rights import site as sites
from tests.central.rights.routes import ROWS
from tests.central.rights.site import Site
from tests.central.rights.table import Verdict
from tests.central.rights.world import SECRET, Person, Place
from tests.support import turns
from tests.support.databases import Databases

SEED = int(os.environ.get("MINYI_TEST_SEED") or random.SystemRandom().randrange(2**32))
CASES = int(os.environ.get("MINYI_TEST_CASES") or 400)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ROLES: tuple[Role | None, ...] = (*GIVEN, None)
#: At what a request is aimed that fits the description, and one that does not.
PLACES = {
    GenerationMode.POSITIVE: st.sampled_from(Place),
    GenerationMode.NEGATIVE: st.sampled_from([None, *Place]),
}
#: Steps of one walk through the operations.
STEPS = 8
#: Walks under one seed.
WALKS = 3
pytestmark = pytest.mark.timeout(7200 if CASES > 1000 else 900)


def sendable(part: Any) -> Any:
    """Return a part of a form with its content as text where something else was made up: the client sends no numbers."""
    if isinstance(part, tuple):
        return (part[0], sendable(part[1]), *part[2:])
    return part if isinstance(part, bytes | str) or hasattr(part, "read") else str(part)


@dataclass
class Attack:
    """A site whose API is called as its description says, and as it forbids."""

    site: Site
    told: Counter[str] = field(default_factory=Counter)
    called: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        described = self.site.asking.client.get("/api/v1/openapi.json").json()
        del described["components"]["securitySchemes"]
        for path in described["paths"].values():
            for operation in path.values():
                operation.pop("security", None)  # tokens are given here, not made up
        self.schema = from_dict(described)

    def operations(self) -> list[Any]:
        """Return every operation of the description."""
        return [found.ok() for found in self.schema.get_all_operations()]

    def ask(self, case: Case, who: Person, at: Place | None = None) -> Response:
        """Send a case, aimed at the things of a place if one is given."""
        if at is not None:
            self._aim(case, at)
        sent = case.as_transport_kwargs(base_url="http://testserver")
        headers = {name: value for name, value in sent["headers"].items() if name.lower() != "authorization"}
        if who.bearer:
            headers["Authorization"] = f"Bearer {who.bearer}"
        sent.pop("cookies")
        if isinstance(sent.get("data"), bytes | str):
            sent["content"] = sent.pop("data")
        if sent.get("files"):
            parts = sent["files"]
            sent["files"] = [
                (name, sendable(part)) for name, part in (parts.items() if isinstance(parts, dict) else parts)
            ]
        self.site.asking.client.cookies.clear()
        answer: Response = self.site.asking.client.request(**(sent | {"headers": headers}))
        answer.request.read()
        self.told[f"{case.operation.label} {answer.status_code}"] += 1
        self.called.add(case.operation.label)
        self.nothing_foreign(answer, who)
        return answer

    def _aim(self, case: Case, place: Place) -> None:
        if case.path_parameters:
            ids = self.site.world.ids(place)
            case.path_parameters |= {name: ids[name.removesuffix("_id")] for name in case.path_parameters}
        if isinstance(case.body, dict):
            case.body.pop("version", None)  # made up it is hardly ever the right one

    def nothing_foreign(self, answer: Response, who: Person) -> None:
        """Raise AssertionError if an answer tells of a petition that the table of rights hides from this role."""
        rule = ROWS["GET /api/v1/petitions/{petition_id}"].rule
        for place in Place:
            hidden = rule(who, place, self.site.world.states.get(place)) not in {
                Verdict.ANSWERS,
                Verdict.REASON,
            }
            words = (f"{SECRET}{place}", self.site.world.ids(place).get("number", ""))
            if hidden and place is not Place.NONE and any(word and word in answer.text for word in words):
                raise AssertionError(
                    f"{who.role} read of {place}: {answer.request.method} {answer.request.url}"
                )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "attack" in metafunc.fixturenames:
        metafunc.parametrize("attack", turns.engines(metafunc.config), indirect=True, scope="module")


@pytest.fixture(scope="module")
def attack(
    request: pytest.FixtureRequest,
    _databases: Callable[[str], Databases],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Attack]:
    data = tmp_path_factory.mktemp("schema")
    with sites.opened(_databases(request.param).new(), data, errors_are_answers=True) as site:
        made = Attack(site)
        sys.stdout.write(f"\nMINYI_TEST_SEED={SEED}\n")
        yield made
        counted = "".join(f"{count:7} {name}\n" for name, count in sorted(made.told.items()))
        sys.stdout.write(f"\n{made.told.total()} cases\n{counted}")


def limits(examples: int) -> settings:
    return settings(
        max_examples=max(examples, 1),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        stateful_step_count=STEPS,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("role", ROLES, ids=str)
def test_as_every_role_the_api_answers_as_described_and_tells_nothing_foreign(
    role: Role | None, attack: Attack
) -> None:
    who = attack.site.world.people[role]
    attack.called.clear()
    for operation in attack.operations():
        for mode, places in PLACES.items():
            if mode is GenerationMode.NEGATIVE and not (list(operation.iter_parameters()) or operation.body):
                continue  # it takes nothing that could be wrong

            @seed(SEED)
            @limits(CASES * 7 // 10 // (len(ROLES) * len(attack.operations()) * len(PLACES)))
            @given(case=operation.as_strategy(generation_mode=mode), at=places)
            def run(case: Case, at: Place | None) -> None:
                # What was wrong may have been what was set right to aim it.
                checks = CHECKS if at else [*CHECKS, negative_data_rejection]
                case.validate_response(attack.ask(case, who, at), checks=checks)

            run()
    attack.site.set_back()
    assert attack.called == {each.label for each in attack.operations()}


@pytest.mark.parametrize("role", ROLES, ids=str)
def test_one_call_after_the_other_nothing_breaks_either(role: Role | None, attack: Attack) -> None:
    who = attack.site.world.people[role]
    attack.failed.clear()

    class Walk(attack.schema.as_state_machine()):  # type: ignore[misc]
        """Calls what earlier answers name."""

        def call(self, case: Case, **_: Any) -> Transported:
            return Transported.from_any(attack.ask(case, who))

        def validate_response(self, response: Any, case: Case, **_: Any) -> None:
            try:
                case.validate_response(response, checks=CHECKS)
            except Exception as error:
                attack.failed.append(str(error))
                raise

    # Where a walk leads depends on what is there already, so a second one with the same choices may go elsewhere: few under each seed.
    for start in range(max(1, CASES * 3 // 10 // (len(ROLES) * STEPS * WALKS))):
        with contextlib.suppress(FlakyStrategyDefinition):
            seed(SEED + start)(Walk).run(settings=limits(WALKS))
    attack.site.set_back()
    assert attack.failed == []
