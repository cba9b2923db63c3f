"""TLS in the two documented ways, with real processes: the server alone, and behind nginx with `systemd/nginx-minyi.conf`."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from sqlmodel import select

from central import db
from central.accounts.models import SignIn
from central.actor import Role
from tests.factories import accounts
from tests.factories.courts import court
from tests.support.databases import Databases
from tests.support.ports import HOST
from tests.support.tls import NAME, Nginx, Pair, pair, said, serving, trusting
from tests.support.vaults import vault_in

pytestmark = pytest.mark.hall
USER = "registrar.ln0102"
HEAD = b"GET /login HTTP/1.1\r\nHost: minyi.example\r\n"


@dataclass
class Running:
    """A server under test: the ports of its pages, of plain HTTP in front of them, and what it has in its tables."""

    https: int
    plain: int
    files: Pair
    folder: Path
    url: str

    def client(self, *, headers: dict[str, str] | None = None) -> httpx2.Client:
        """Return a browser that calls the server by its name."""
        return httpx2.Client(
            base_url=f"https://{HOST}:{self.https}",
            verify=trusting(self.files),
            timeout=30,
            headers={"host": NAME, **(headers or {})},
            event_hooks={"request": [by_name]},
        )

    def addresses(self) -> list[str]:
        """Return from where people have signed in."""
        engine = db.make_engine(self.url, vault=vault_in(self.folder / "data"))
        with db.session(engine) as s:
            found = [row.address for row in s.exec(select(SignIn)).all()]
        engine.dispose()
        return found


def by_name(request: httpx2.Request) -> None:
    request.extensions["sni_hostname"] = NAME


def peopled(url: str, folder: Path) -> None:
    engine = db.make_engine(url, vault=vault_in(folder / "data"))
    with db.unit_of_work(engine) as s:
        accounts.actor(s, court(s), Role.REGISTRAR, username=USER)
    engine.dispose()


@pytest.fixture(scope="module")
def alone(
    _databases: Callable[[str], Databases], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """The server itself speaks TLS."""
    folder, url = tmp_path_factory.mktemp("alone"), _databases("sqlite").new()
    files = pair(folder)
    peopled(url, folder)
    child, port = serving(
        folder,
        url,
        HTTP__TLS_CERTIFICATE=str(files.certificate),
        HTTP__TLS_KEY=str(files.key),
        HTTP__PUBLIC_URL=f"https://{NAME}",
        HTTP__HEAD_SECONDS="1",
        HTTP__BODY_SECONDS="1",
    )
    yield Running(port, port, files, folder, url)
    child.kill()


@pytest.fixture(scope="module")
def behind(
    _databases: Callable[[str], Databases], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Running, int]]:
    """The server behind nginx, and its own port."""
    folder, url = tmp_path_factory.mktemp("behind"), _databases("sqlite").new()
    files = pair(folder)
    peopled(url, folder)
    child, port = serving(folder, url, HTTP__SECURE="true", HTTP__PUBLIC_URL=f"https://{NAME}")
    with Nginx(folder / "nginx", files, port) as nginx:
        yield Running(nginx.https, nginx.http, files, folder, url), port
    child.kill()


@pytest.fixture(params=["alone", "behind"])
def running(request: pytest.FixtureRequest) -> Running:
    found = request.getfixturevalue(request.param)
    return found if isinstance(found, Running) else found[0]


def signed_in(client: httpx2.Client) -> str:
    answer = client.post("/login", data={"username": USER, "password": accounts.PASSWORD})
    assert answer.status_code == 303, answer.text
    return answer.headers["set-cookie"]


def test_pages_come_over_tls_and_are_to_be_asked_for_so_for_a_year(running: Running) -> None:
    with running.client() as client:
        answer = client.get("/login")
        assert answer.status_code == 200
        assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "nginx/" not in answer.headers.get("server", "")


def test_who_signs_in_gets_cookies_for_tls_alone(running: Running) -> None:
    with running.client() as client:
        cookie = signed_in(client)
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie
        assert client.get("/today").status_code == 200


def test_plain_http_gets_no_page(running: Running) -> None:
    if running.plain == running.https:
        assert b"HTTP/1.1 200" not in said(running.plain, HEAD + b"\r\n")
        return
    answer = httpx2.get(f"http://{HOST}:{running.plain}/track?a=1", headers={"host": NAME})
    assert (answer.status_code, answer.headers["location"]) == (301, f"https://{NAME}/track?a=1")
    assert "strict-transport-security" not in answer.headers
    for path in ("/api/v1/petitions", "/boxes/enrolment"):
        token = {"host": NAME, "authorization": "Bearer minyi_x"}
        answer = httpx2.post(f"http://{HOST}:{running.plain}{path}", headers=token)
        assert answer.status_code == 403, "a program that calls in the open shall notice it"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_tls_is_refused(running: Running, version: ssl.TLSVersion) -> None:
    context = trusting(running.files)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = version, version
    with pytest.raises(OSError, match=r"alert|EOF|reset|version"):
        said(running.https, HEAD, context=context)


def test_another_name_gets_nothing(running: Running) -> None:
    foreign = HEAD.replace(b"minyi.example", b"evil.example") + b"Connection: close\r\n\r\n"
    got = said(running.https, foreign, context=trusting(running.files))
    assert not got or b" 400 " in got.split(b"\r\n")[0]
    if running.plain != running.https:
        assert said(running.plain, foreign) == b""


@pytest.mark.parametrize("drip", [b"", b"X"], ids=["silent", "drop by drop"])
def test_a_head_that_does_not_end_is_cut_off(running: Running, drip: bytes) -> None:
    said(running.https, HEAD, context=trusting(running.files), drip=drip)
    said(running.https, b"", context=trusting(running.files))


def test_a_body_that_stops_is_cut_off(running: Running) -> None:
    sent = b"POST /login HTTP/1.1\r\nHost: minyi.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 999\r\n\r\na"
    got = said(running.https, sent, context=trusting(running.files))
    assert b" 408 " in got or got == b""


def test_a_body_of_two_lengths_is_no_second_request(running: Running) -> None:
    post = b"POST /login HTTP/1.1\r\nHost: minyi.example\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    hidden = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: minyi.example\r\n\r\n"
    for lengths in (
        b"Content-Length: 90\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Transfer-Encoding: xchunked\r\n",
    ):
        got = said(running.https, post + lengths + b"\r\n" + hidden, context=trusting(running.files))
        assert b'"status":"ok"' not in got, "what was hidden behind the body was answered"
        assert got.count(b"HTTP/1.1 ") <= 1
        assert b"HTTP/1.1 2" not in got
        assert b"HTTP/1.1 3" not in got


FORGED = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "http", "forwarded": "for=203.0.113.9"}


def test_what_a_caller_says_of_where_it_calls_from_counts_for_nothing(running: Running) -> None:
    with running.client(headers=FORGED) as client:
        signed_in(client)
        assert "strict-transport-security" in client.get("/login").headers
    assert set(running.addresses()) == {HOST}


def test_only_the_proxy_is_believed(behind: tuple[Running, int]) -> None:
    running, port = behind
    transport = httpx2.HTTPTransport(local_address="127.0.0.2")
    headers = {"host": NAME, "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
    with httpx2.Client(
        base_url=f"http://{HOST}:{port}", transport=transport, headers=headers, timeout=30
    ) as client:
        signed_in(client)
        # Over plain HTTP nobody is told to come back by TLS.
        assert "strict-transport-security" not in client.get("/login").headers
    assert "203.0.113.9" not in running.addresses()
    assert "127.0.0.2" in running.addresses()


def test_figures_are_not_for_the_world(behind: tuple[Running, int]) -> None:
    with behind[0].client() as client:
        assert client.get("/metrics").status_code == 403
