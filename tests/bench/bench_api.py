"""Register, list and open, by the API and on the staff's pages, beside `/healthz` of the same server in the same run.

Real `minyi serve --only web` (two web processes on PostgreSQL, one on SQLite), four callers on kept connections. With `--rows` above 10,000 the
same run measures 10,000 first and says how much more the larger number costs.
"""

import http.client
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from central import db
from central.accounts.edge import COOKIE
from tests.bench import million
from tests.bench.bench_engine import database
from tests.bench.rows import Options, Row, percentile
from tests.support.databases import migrate
from tests.support.ports import HOST, free_port
from tests.support.processes import Child, answers
from tests.support.vaults import vault_in

SMALL = 10_000
CALLERS = 4
SECONDS = 8.0
_TEXT = "我与物业公司的服务合同纠纷一案判决生效后一直没有执行，请求督促。" * 10
_PETITION = json.dumps(
    {
        "channel": "letter",
        "subject": "判决生效后没有执行",
        "text": _TEXT,
        "demands": ["恢复执行", "书面答复进展"],
        "petitioner_name": "甲某",
        "phone": "13800000000",
    }
).encode()

Call = Callable[[http.client.HTTPConnection], int]


@dataclass(frozen=True)
class Server:
    """A running server, and what is needed to call it."""

    port: int
    process: psutil.Process
    headers: dict[str, str]

    def call(self, method: str, path: str, body: bytes | None = None) -> Call:
        """Return a call that reads the whole answer and gives back its status."""

        def made(connection: http.client.HTTPConnection) -> int:
            connection.request(method, path, body, self.headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status

        return made

    def json(self, path: str) -> dict[str, object]:
        """Return one answer."""
        connection = http.client.HTTPConnection(HOST, self.port)
        connection.request("GET", path, None, self.headers)
        found: dict[str, object] = json.loads(connection.getresponse().read())
        connection.close()
        return found

    def memory(self) -> float:
        """Return the resident memory of all its processes, in MiB."""
        family = [self.process, *self.process.children(recursive=True)]
        return float(sum(each.memory_info().rss for each in family)) / 2**20


@contextmanager
def served(url: str, folder: Path) -> Iterator[Server]:
    """Serve a filled database until the block ends."""
    engine = db.make_engine(url, vault=vault_in(folder))
    token, cookie = million.token(engine), million.session_cookie(engine)
    engine.dispose()
    port = free_port()
    env = {
        "MINYI_DATA": str(folder),
        "MINYI_ENVIRONMENT": "development",
        "MINYI_DB__URL": url,
        "MINYI_HTTP__PORT": str(port),
        "MINYI_HTTP__WORKERS": "1" if url.startswith("sqlite") else "2",
    }
    # Without the jobs: the first seal over a filled province would be measured as well.
    args = [Path(sys.executable).parent / "minyi", "serve", "--only", "web"]
    child = Child(args, log=folder / "server.log", env=env)
    child.start()
    try:
        child.wait_for(lambda: answers(f"http://{HOST}:{port}/readyz"), timeout=240, what="pages are served")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        headers["Cookie"] = f"{COOKIE}={cookie}"
        yield Server(port, psutil.Process(child.pid), headers)
    finally:
        child.stop()


def pressed(
    server: Server, call: Call, *, wanted: int, seconds: float = SECONDS
) -> tuple[float, list[float]]:
    """Let the callers repeat `call`; return answers per second and each answer's seconds. Any other status stops it all."""
    taken: list[float] = []
    failed: list[int] = []

    def repeat() -> None:
        connection = http.client.HTTPConnection(HOST, server.port)
        while time.perf_counter() < until and not failed:
            start = time.perf_counter()
            status = call(connection)
            taken.append(time.perf_counter() - start)
            if status != wanted:
                failed.append(status)
        connection.close()

    begun = time.perf_counter()
    until = begun + seconds
    callers = [threading.Thread(target=repeat) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    if failed:
        msg = f"answered {failed[0]} instead of {wanted}"
        raise RuntimeError(msg)
    return len(taken) / (time.perf_counter() - begun), taken


def cases(server: Server) -> dict[str, tuple[Call, int]]:
    """Return the calls that are measured and the status each must give."""
    items = server.json("/api/v1/petitions?limit=1")["items"]
    assert isinstance(items, list)
    one = items[0]["id"]
    return {
        "healthz": (server.call("GET", "/healthz"), 200),
        "list by API": (server.call("GET", "/api/v1/petitions"), 200),
        "open by API": (server.call("GET", f"/api/v1/petitions/{one}"), 200),
        "today page": (server.call("GET", "/today"), 200),
        "list page": (server.call("GET", "/petitions"), 200),
        "petition page": (server.call("GET", f"/petitions/{one}"), 200),
        "register by API": (server.call("POST", "/api/v1/petitions", _PETITION), 201),
    }


def measured(engine: str, count: int) -> list[Row]:
    """Fill a database with `count` petitions, serve it, and return the figures of all cases."""
    with database(engine) as url, tempfile.TemporaryDirectory(prefix="minyi-bench-") as name:
        migrate(url)
        filling = db.make_engine(url, vault=vault_in(Path(name)))
        million.fill(filling, count=count)
        filling.dispose()
        with served(url, Path(name)) as server:
            return _figures(server, count)


def _figures(server: Server, count: int) -> list[Row]:
    rows = [Row("memory, idle", "RSS", server.memory(), "MiB", rows=count)]
    floor = 0.0
    for case, (call, wanted) in cases(server).items():
        pressed(server, call, wanted=wanted, seconds=1)
        rate, taken = pressed(server, call, wanted=wanted)
        floor = floor or rate
        rows.append(Row(case, "rate", rate, "/s", rate / floor, "healthz", rows=count))
        rows += [
            Row(case, name, percentile(taken, share) * 1000, "ms", rows=count)
            for name, share in (("p50", 0.5), ("p95", 0.95))
        ]
    return [*rows, Row("memory, after load", "RSS", server.memory(), "MiB", rows=count)]


def run(options: Options) -> list[Row]:
    """Return the figures at 10,000 and at `--rows` petitions, and how much slower the larger number is."""
    small = measured(options.engine, min(options.rows, SMALL))
    if options.rows <= SMALL:
        return small
    large = measured(options.engine, options.rows)
    before = {row.case: row.value for row in small if row.measure == "p50"}
    grown = [
        Row(row.case, "p50 against 10,000", row.value / before[row.case], "x", rows=row.rows)
        for row in large
        if row.measure == "p50"
    ]
    return [*small, *large, *grown]
