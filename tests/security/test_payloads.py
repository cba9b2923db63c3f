"""Whatever is typed wherever: no error, nothing run, nothing injected, nobody led away (S6).

`MINYI_TEST_PAYLOADS=all` types every payload into every input (`scripts/attack.sh payloads`); otherwise one into each input of a part of
the routes, drawn by `MINYI_TEST_SEED`.
"""

import io
import os
import random
import re
from collections.abc import Callable, Iterator, Sequence

import pytest
import structlog
from httpx2 import Headers

from central import running
from tests.central.rights import site as sites
from tests.security.inputs import Input
from tests.security.judging import wrong, wrong_lines
from tests.security.payloads import INJECTED, MARK, PAYLOADS, PROBING, Aim, Payload
from tests.security.probing import Probes
from tests.support import turns
from tests.support.databases import Databases

SEED = int(os.environ.get("MINYI_TEST_SEED") or random.SystemRandom().randrange(2**32))
ALL = os.environ.get("MINYI_TEST_PAYLOADS") == "all"
EACH = 1
#: One in so many routes is tried on each engine: to fill in all forms as everybody takes minutes.
PART = {"sqlite": 1, "postgres": 1} if ALL else {"sqlite": 2, "postgres": 3}
#: Where what was taken in is shown again.
OF_PETITION = (
    "GET /petitions/{petition_id}",
    "GET /petitions/{petition_id}/draft",
    "GET /petitions/{petition_id}/looks",
    "GET /petitions/{petition_id}/documents",
    "GET /track/petition",
)
OF_COURT = (
    "GET /petitions",
    "GET /hall",
    "GET /account",
    "GET /account/factors",
    "GET /staff",
    "GET /staff/{staff_id}",
    "GET /intake/ledgers",
)
LISTS = ("GET /petitions", "GET /today", "GET /api/v1/petitions", "GET /staff", "GET /access", "GET /hall")
#: What ends a session, and cannot be undone on an engine that is not set back.
ENDING = frozenset({"POST /logout", "POST /account/sessions/end-others"})
_REFUSED = frozenset({403, 404, 409, 422})
pytestmark = pytest.mark.timeout(7200 if ALL else 900)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "probes" in metafunc.fixturenames:
        metafunc.parametrize("probes", turns.engines(metafunc.config), indirect=True, scope="module")


@pytest.fixture(scope="module")
def probes(
    request: pytest.FixtureRequest,
    _databases: Callable[[str], Databases],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Probes]:
    data = tmp_path_factory.mktemp("payloads")
    with sites.opened(_databases(request.param).new(), data, errors_are_answers=True) as site:
        part = PART[request.param]
        yield Probes(site, part, SEED % part, frozenset((*LISTS, *OF_PETITION, *OF_COURT)))


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the server writes to its log."""
    kept, before = io.StringIO(), structlog.get_config()
    monkeypatch.setattr("sys.stderr", kept)
    running.configure_logging("info")
    yield kept
    structlog.configure(**before)


def drawn(inputs: Sequence[Input], payloads: Sequence[Payload]) -> Iterator[tuple[Input, Payload]]:
    """Give each input with all payloads, or with a few."""
    draw = random.Random(SEED)
    for one in inputs:
        yield from ((one, each) for each in (payloads if ALL else draw.sample(payloads, EACH)))


def tried(probes: Probes, one: Input, payload: Payload) -> Iterator[str]:
    """Type, judge the answer and, if something was kept, the pages that show it; give what is wrong."""
    answer = probes.send(one, payload.text)
    yield from (f"{one}: {payload.text[:60]!r}: {each}" for each in wrong(answer, payload.text))
    if not one.route.startswith("POST ") or answer.status_code in _REFUSED:
        return
    if payload.aim in {Aim.SCRIPT, Aim.TEMPLATE, Aim.LINK, Aim.LINE} and answer.status_code < 400:
        for page, found in mirrors(probes, one.route, payload):
            yield f"{one}: {payload.text[:60]!r}, shown again at {page}: {found}"
    probes.site.set_back()
    if probes.site.file is None:
        probes.renew(one.route)


def mirrors(probes: Probes, route: str, payload: Payload) -> Iterator[tuple[str, str]]:
    """Give what is wrong with the pages that show what was kept."""
    own = probes.petition.get(route)
    for page in OF_PETITION if "{petition_id}" in route else OF_COURT:
        if own:
            probes.petition[page] = own
        answer = probes.send(Input(page, "none", ""), "")
        probes.petition.pop(page, None)
        yield from ((page, each) for each in wrong(answer, payload.text))


def test_nothing_that_is_typed_breaks_runs_or_leads_away(probes: Probes, log: io.StringIO) -> None:
    on_sqlite = probes.site.file is not None
    payloads = [each for each in PAYLOADS if on_sqlite or each.breaks_engine]
    inputs = [each for each in probes.inputs() if on_sqlite or each.route not in ENDING]
    assert len(inputs) > 500 // probes.each
    found = [line for one, payload in drawn(inputs, payloads) for line in tried(probes, one, payload)]
    assert not found, f"MINYI_TEST_SEED={SEED}\n" + "\n".join(found[:40])
    assert list(wrong_lines(log.getvalue())) == []


def test_every_route_that_takes_something_is_tried(probes: Probes) -> None:
    inputs = probes.inputs()
    takes = {name for name in probes.rows() if "{" in name or name.startswith("POST ")}
    # These take nothing but the token of the form, which is among the inputs of the others; files come with what `POST /submit` takes.
    bare_buttons = {
        "POST /submit/files",
        "POST /track/petition/review/withdraw",
        "POST /track/petition/data/file",
        "POST /track/leave",
        "POST /login/cancel",
        "POST /logout",
    }
    assert takes - {each.route for each in inputs} - bare_buttons == set()
    kinds = {each.kind for each in inputs}
    assert kinds == {"path", "query", "field", "header", "cookie"}


def test_parameters_that_nobody_offers_change_no_list(probes: Probes) -> None:
    told, inputs = [], set(probes.inputs())
    for name in LISTS:
        plain = shown(probes.send(Input(name, "none", ""), "").text)
        for key in PROBING:
            if Input(name, "query", key) not in inputs:
                answer = probes.send(Input(name, "query", key), "password_hash")
                if answer.status_code != 200 or shown(answer.text) != plain or "$argon2" in answer.text:
                    told.append(f"{name}?{key}")
    assert told == []


def shown(text: str) -> list[str]:
    """Return what a list shows, in its order: receipt numbers and user names."""
    return re.findall(r"辽\d*-\d{4}-\d{6}|[a-z]+\.[a-z]+[0-9]*", text)


class Said:
    """An answer made up to be judged."""

    def __init__(self, text: str, kind: str = "text/html", **headers: str) -> None:
        self.status_code, self.text, self.content = 200, text, text.encode()
        self.headers = Headers({"content-type": kind, **headers})


@pytest.mark.parametrize(
    "page",
    [
        f"<p><script>{MARK}()</script></p>",
        f"<input value='' onfocus='{MARK}()'>",
        f"<a href='javascript:{MARK}()'>x</a>",
        f"<a href=' //{MARK}.example'>x</a>",
        f"<{MARK}>",
        "<p style='color:red'>",
        "62615533",
        "root:x:0:0",
    ],
)
def test_the_judge_sees_what_is_wrong_with_a_page(page: str) -> None:
    assert list(wrong(Said(page), "x"))  # type: ignore[arg-type]


def test_the_judge_sees_where_an_answer_leads_and_what_it_carries() -> None:
    for headers in ({"location": f"//{MARK}.example"}, {"location": "https://a.example"}, {INJECTED: "1"}):
        assert list(wrong(Said("", **headers), "x"))  # type: ignore[arg-type]
    assert list(wrong(Said("<p>a'b<c</p>"), "a'b<c"))  # type: ignore[arg-type]
    assert not list(wrong(Said("<a href='/today'>x</a>"), "x"))  # type: ignore[arg-type]
    assert list(wrong_lines('{"event":1}\nforged\n')) == ["forged"]
