"""Floods: quotas hold, memory is bounded, and who is at work goes on being served (S9).

`MINYI_TEST_FLOOD=100000` sends so many requests in each of the large floods (`scripts/attack.sh floods`) and holds the figures to the bars;
otherwise a few hundred, and no time is judged, as the machine does other things too. Against a real process behind a proxy that is played here.
"""

import asyncio
import itertools
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx2
import pytest

from central import db
from central.accounts import sessions
from central.accounts.callers import Caller
from central.accounts.models import Stage
from central.actor import Role
from central.settings import Session as Limits
from central.settings import Submitting
from central.submitting import carry
from central.submitting.drafts import Step
from shared.clock import SystemClock
from tests.central.submitting.conftest import ANSWERS
from tests.factories.accounts import PASSWORD, staff
from tests.factories.courts import court
from tests.security.flooding import Figures, Request, Target, addresses, held, pour
from tests.support import turns
from tests.support.databases import Databases
from tests.support.tls import NAME, serving
from tests.support.vaults import vault_in

SEED = int(os.environ.get("MINYI_TEST_SEED") or random.SystemRandom().randrange(2**32))
FLOOD = int(os.environ.get("MINYI_TEST_FLOOD") or 0)
MANY = FLOOD or 300
#: What the server may hold, and how long a page may take for somebody at work.
MIB, SECONDS = 600, 1.0
USER = "registrar.ln0102"
#: Comes to work while others guess.
OTHER = "handler.ln0102"
#: Petitions a court is sent within an hour: `Submitting().per_court_hour` unless this is an ordinary run.
PER_COURT = Submitting().per_court_hour if FLOOD else 90
pytestmark = [pytest.mark.hall, pytest.mark.timeout(7200 if FLOOD else 900)]
Post = dict[str, Any]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "target" in metafunc.fixturenames:
        metafunc.parametrize("target", turns.engines(metafunc.config), indirect=True, scope="module")


@pytest.fixture(scope="module")
def target(
    request: pytest.FixtureRequest,
    _databases: Callable[[str], Databases],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Target]:
    folder, url = tmp_path_factory.mktemp("flooded"), _databases(request.param).new()
    engine, now = db.make_engine(url, vault=vault_in(folder / "data")), SystemClock().now()
    with db.unit_of_work(engine) as s:
        at = court(s)
        person = staff(s, at, Role.REGISTRAR, username=USER)
        staff(s, at, Role.HANDLER, username=OTHER)
        cookie, _ = sessions.begin(
            s,
            staff=person,
            stage=Stage.FULL,
            method="password",
            caller=Caller("::1"),
            limits=Limits(),
            now=now,
        )
    engine.dispose()
    vault = vault_in(folder / "data")
    child, port = serving(
        folder,
        url,
        HTTP__SECURE="true",
        HTTP__PUBLIC_URL=f"https://{NAME}",
        HTTP__HEAD_SECONDS="2",
        HTTP__BODY_SECONDS="2",
        SUBMITTING__PER_COURT_HOUR=str(PER_COURT),
    )
    yield Target(port, child.pid, f"__Host-minyi_session={cookie}", vault)
    child.kill()


@pytest.fixture
def draw() -> random.Random:
    sys.stdout.write(f"\nMINYI_TEST_SEED={SEED}\n")
    return random.Random(SEED)


def judged(found: Figures) -> Figures:
    sys.stdout.write(f"{found}\n")
    assert set(found.statuses) == {200}
    assert found.mib <= MIB
    assert not any(status >= 500 and status != 503 for status in found.answers), found
    if FLOOD:
        assert found.p95 <= SECONDS, found
    return found


def posts(
    target: Target, path: str, fields: Callable[[int], Post], places: Iterator[str], count: int
) -> Iterator[Request]:
    """Give requests that send forms, each from an address of its own choosing."""

    async def send(client: httpx2.AsyncClient, n: int, place: str) -> httpx2.Response:
        return await client.post(path, data=fields(n), headers=target.headers(place))

    return (partial(send, n=n, place=next(places)) for n in range(count))


async def beside(
    target: Target, client: httpx2.AsyncClient, found: Figures, flood: Iterator[Request], *, at_once: int
) -> None:
    """Let guesses pour in; meanwhile somebody else signs in, again and again."""

    async def sign_in() -> None:
        async with httpx2.AsyncClient(base_url=target.url, timeout=120) as browser:
            for n in range(5):
                begun = time.perf_counter()
                headers = target.headers(f"192.0.2.{n}")
                answer = await browser.post(
                    "/login", data={"username": OTHER, "password": PASSWORD}, headers=headers
                )
                assert answer.status_code == 303, answer.text
                browser.cookies.clear()
                sys.stdout.write(f"signed in after {time.perf_counter() - begun:.1f} s\n")

    await asyncio.gather(pour(client, found, flood, at_once), sign_in())


def test_guesses_from_one_address_end_at_its_quota(target: Target, draw: random.Random) -> None:
    names = [USER, *(f"nobody{n}" for n in range(50))]

    def guess(n: int) -> Post:
        return {"username": names[n % 51], "password": f"guess {n}"}

    flood = posts(target, "/login", guess, itertools.repeat("203.0.113.5"), max(MANY, 300))
    found = judged(target.under(lambda client, counted: beside(target, client, counted, flood, at_once=40)))
    assert found.answers[401] <= 110
    assert found.answers[429] > 0


def test_guesses_from_a_thousand_addresses_stop_nobody(target: Target, draw: random.Random) -> None:
    def guess(n: int) -> Post:
        return {"username": f"nobody{n % 997}", "password": f"guess {n}"}

    flood = posts(target, "/login", guess, addresses(1000, draw), MANY)
    judged(target.under(lambda client, counted: beside(target, client, counted, flood, at_once=64)))


def test_receipt_codes_tried_from_a_thousand_addresses_stop_nobody(
    target: Target, draw: random.Random
) -> None:
    def guess(n: int) -> Post:
        return {"number": f"辽0102-2026-{n % 900_000:06d}", "code": f"{n:016d}"}

    flood = posts(target, "/track", guess, addresses(1000, draw), MANY)
    judged(target.under(lambda client, counted: pour(client, counted, flood)))


def petitions(target: Target, places: Iterator[str]) -> Iterator[Request]:
    """Give requests that each send a petition of their own, written to its end."""

    async def send(client: httpx2.AsyncClient, place: str) -> httpx2.Response:
        draft = carry.new(SystemClock().now())
        for step, typed in ANSWERS.items():
            said = {
                name: [each for each in value if each] if isinstance(value, list) else value
                for name, value in typed.items()
            }
            draft = draft.merged(Step(step), said)
        fields = {"carry": carry.seal(target.vault, draft), "at": "check", "go": "send"}
        return await client.post("/submit", data=fields, headers=target.headers(place))

    return (partial(send, place=next(places)) for _ in range(FLOOD or 120))


def test_petitions_of_one_address_end_at_its_quota(target: Target, draw: random.Random) -> None:
    flood = petitions(target, itertools.repeat("203.0.113.77"))
    found = judged(target.under(lambda client, counted: pour(client, counted, flood, at_once=40)))
    assert set(found.answers) == {303, 429}
    # Somewhere in it an hour may end.
    assert found.answers[303] in {Submitting().per_address_hour, 2 * Submitting().per_address_hour}


def test_petitions_of_a_thousand_addresses_end_at_the_quota_of_the_court(
    target: Target, draw: random.Random
) -> None:
    flood = petitions(target, addresses(1000, draw))
    found = judged(target.under(lambda client, counted: pour(client, counted, flood)))
    assert set(found.answers) <= {303, 429, 503}
    assert 0 < found.answers[303] <= 2 * PER_COURT


def test_large_bodies_of_strangers_are_not_taken_in(target: Target, draw: random.Random) -> None:
    body, places = b"x" * (8 * 2**20), addresses(1000, draw)

    async def send(client: httpx2.AsyncClient, path: str) -> httpx2.Response:
        kind = {"content-type": "multipart/form-data; boundary=b"}
        return await client.post(path, content=body, headers={**target.headers(next(places)), **kind})

    paths = ("/intake/ledgers", "/register", "/api/v1/petitions/0/documents", "/login")
    flood = iter([partial(send, path=path) for path in paths for _ in range(100 if FLOOD else 10)])
    found = judged(target.under(lambda client, counted: pour(client, counted, flood)))
    assert set(found.answers) <= {401, 413, 0}, "strangers may send no large body, wherever it goes"


HEADS = {
    "head": b"POST /login HTTP/1.1\r\nHost: minyi.example\r\nX: ",
    "body": b"POST /login HTTP/1.1\r\nHost: minyi.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9999\r\n\r\na",
}


@pytest.mark.parametrize("part", HEADS)
def test_lines_that_are_held_open_are_cut(part: str, target: Target) -> None:
    lines, drip = (1000 if FLOOD else 200), b"a" if part == "head" else b""
    found = judged(
        target.under(lambda _, counted: held(counted, target.port, HEADS[part], lines=lines, drip=drip))
    )
    assert found.answers.total() == lines
    assert set(found.answers) <= {0, 408}


def test_giant_heads_and_deep_json_are_refused(target: Target) -> None:
    async def head(client: httpx2.AsyncClient) -> httpx2.Response:
        return await client.get("/track", headers={**target.headers(), "x-giant": "a" * 500_000})

    async def deep(client: httpx2.AsyncClient) -> httpx2.Response:
        kind = {"content-type": "application/json"}
        return await client.post(
            "/api/v1/petitions", content="[" * 500_000, headers={**target.headers(), **kind}
        )

    flood = iter([head, deep] * (200 if FLOOD else 10))
    found = judged(target.under(lambda client, counted: pour(client, counted, flood)))
    assert set(found.answers) <= {0, 400, 401, 413, 422}
