"""The petitioner's pages: the tracking page under 300 readers at once, and every public page on a telephone's slow line.

A reader opens an own petition with a pass, reads for 5 to 15 seconds and opens it again, each time on a connection of its own; the second case
leaves the reading out, which is as fast as the server answers 300 at once. The lines are those of the browser's own tools: "3G" 1.6 Mbit/s down, 0.75 up, 150 ms;
"slow 3G" 0.4 Mbit/s both ways, 400 ms. Each page is opened by a browser that has nothing in its cache; usable means that its load event is over.
"""

import http.client
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from playwright.sync_api import Browser
from sqlmodel import select

from central import db
from central.petitions.models import Petition
from central.portal import passes, service
from shared.clock import SystemClock
from tests.bench import million
from tests.bench.bench_api import Server, served
from tests.bench.bench_engine import database
from tests.bench.rows import Options, Row, percentile
from tests.support.browser import PHONE, chromium
from tests.support.databases import migrate
from tests.support.ports import HOST
from tests.support.vaults import vault_in

READERS = 300
SECONDS = 60.0
READING = (5.0, 15.0)
TRACK = "/track/petition"
PUBLIC = ("/", "/submit", "/track", "/help", "/verify")
#: Bytes per second down and up, and milliseconds to and fro.
LINES = {"3G": (1_600_000 / 8, 750_000 / 8, 150), "slow 3G": (400_000 / 8, 400_000 / 8, 400)}


@dataclass(frozen=True)
class Site:
    """A served centre and the passes of its readers."""

    server: Server
    passes: list[str]

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.server.port}"


@contextmanager
def filled(engine: str, rows: int) -> Iterator[Site]:
    """Serve `rows` petitions, at least one for each reader, until the block ends."""
    with database(engine) as url, tempfile.TemporaryDirectory(prefix="minyi-bench-") as name:
        folder = Path(name)
        migrate(url)
        filling = db.make_engine(url, vault=vault_in(folder))
        million.fill(filling, count=max(rows, READERS))
        now = SystemClock().now()
        with db.session(filling, writes=False) as s:
            own = islice(s.exec(select(Petition)), READERS)
            given = [
                passes.issue(folder / "keys", each.id, service.code_version(each), now=now) for each in own
            ]
        filling.dispose()
        with served(url, folder) as server:
            yield Site(server, given)


def read(site: Site, *, pause: tuple[float, float], seconds: float) -> tuple[list[float], int]:
    """Let every reader read for `seconds`; return the seconds of each answer and how many were no page."""
    taken: list[float] = []
    wrong: list[int] = []
    until = time.perf_counter() + seconds

    def reader(at: int) -> None:
        draw = random.Random(at)
        rest.wait(draw.uniform(0, pause[1]))
        while time.perf_counter() < until:
            begun = time.perf_counter()
            line = http.client.HTTPConnection(HOST, site.server.port, timeout=60)
            try:
                line.request("GET", TRACK, None, {"Cookie": f"{passes.COOKIE}={site.passes[at]}"})
                answer = line.getresponse()
                answer.read()
                status = answer.status
            except (OSError, http.client.HTTPException):
                status = 0
            line.close()
            taken.append(time.perf_counter() - begun)
            if status != 200:
                wrong.append(status)
            rest.wait(draw.uniform(*pause))

    rest = threading.Event()
    readers = [threading.Thread(target=reader, args=(at,)) for at in range(READERS)]
    for each in readers:
        each.start()
    for each in readers:
        each.join()
    return taken, len(wrong)


def opened(browser: Browser, site: Site, path: str, line: str) -> tuple[float, float]:
    """Return the seconds until a page is usable on a line, and the kilobytes that came over it."""
    down, up, latency = LINES[line]
    context = browser.new_context(viewport={"width": PHONE.width, "height": PHONE.height}, is_mobile=True)
    context.add_cookies([{"name": passes.COOKIE, "value": site.passes[0], "url": site.address}])
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": latency, "downloadThroughput": down, "uploadThroughput": up},
    )
    came: list[float] = []
    tools.on("Network.loadingFinished", lambda event: came.append(event["encodedDataLength"]))
    answer = page.goto(site.address + path, wait_until="load", timeout=120_000)
    assert answer is not None
    assert answer.status == 200, (path, answer.status)
    seconds = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000
    context.close()
    return float(seconds), sum(came) / 1000


def run(options: Options) -> list[Row]:
    """Return p50, p95, rate and errors of 300 readers, and how long each page takes on a slow line."""
    rows: list[Row] = []
    with filled(options.engine, options.rows) as site:
        for case, pause in (("300 readers", READING), ("300 readers without a pause", (0.0, 0.0))):
            taken, wrong = read(site, pause=pause, seconds=SECONDS)
            rows += [
                Row(case, "p50", percentile(taken, 0.5) * 1000, "ms"),
                Row(case, "p95", percentile(taken, 0.95) * 1000, "ms"),
                Row(case, "rate", len(taken) / SECONDS, "/s"),
                Row(case, "errors", wrong, f"of {len(taken)}"),
            ]
        with chromium() as browser:
            for path in (*PUBLIC, TRACK):
                for line in LINES:
                    seconds, weight = opened(browser, site, path, line)
                    rows.append(Row(path, f"usable, {line}", seconds, "s"))
                rows.append(Row(path, "came over the line", weight, "kB"))
    return rows
