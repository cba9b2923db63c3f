"""500 boxes on the line: from a press in one hall to the lit screens, in the hall's LAN and at the centre; from an event to its receipt.

Real processes: Mosquitto, the centre (one process on SQLite, the three units of production on PostgreSQL), one whole `minyi-edge run`
whose button is pressed, `WHOLE` boxes as journal, line and pump, and clients alone for the rest of 500: each a connection by TLS with
its own certificate, signing and sealing. They say how they are every 30 seconds and hand in numbers taken, called and served, `RATE`
a second over all of them. `--rows` is the number of presses.
"""

import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import Queue

import httpx2
import psutil  # type: ignore[import-untyped]

from central import db
from edge_agent import identity
from tests.bench.bench_engine import database
from tests.bench.rows import Options, Row, percentile
from tests.factories import halls, identities
from tests.factories.courts import court
from tests.support.databases import migrate
from tests.support.hall_site import BIN, HallSite, hall_site
from tests.support.processes import Child, wait_until
from tests.support.staff_page import StaffPage, staff_page

#: What is set up beside the box that is pressed, how many of them are whole; events a second over all of them.
BOXES, WHOLE, RATE = 499, 10, 100.0
#: What of that comes from the whole ones.
WHOLE_RATE = 20.0
PRESSES = 500
#: Between two presses, so that they meet the traffic where it happens to be.
_PAUSE = 0.25
_SETTLE_SECONDS = 20.0
_WAIT_SECONDS = 300.0
_SHARES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))


def enrolled(site: HallSite, folder: Path) -> list[str]:
    """Enrol the boxes, each in a hall of its own, and leave their identities in `folder`."""
    context = site.centre.context
    with db.unit_of_work(context.engine) as s:
        names = [halls.box(s, court(s, f"辽{1000 + number}")).box for number in range(BOXES)]
    for name in names:
        identity.keep(folder / name, identities.enrolled(context, name))
    return names


@contextmanager
def fleet(site: HallSite, folder: Path) -> Iterator[list[Child]]:
    """Have all boxes on the line; the traffic begins when `folder/go` exists."""
    folder.mkdir()
    names = enrolled(site, folder)
    assert site.mosquitto is not None
    port = str(site.mosquitto.tls_port)
    sorts = {
        "whole": (WHOLE_RATE, names[:WHOLE]),
        "light": (RATE - WHOLE_RATE, names[WHOLE:]),
    }
    children = [
        Child(
            [BIN / "python", "-m", "tests.bench.fleet_boxes", sort, folder, port, str(rate), *some],
            log=folder / f"{sort}.log",
        )
        for sort, (rate, some) in sorts.items()
    ]
    try:
        for child in children:
            child.start()
        for child in children:
            child.wait_for(
                partial(_on_the_line, child),
                timeout=_WAIT_SECONDS,
                what="boxes are on the line",
            )
        yield children
    finally:
        for child in children:
            child.kill()


def _on_the_line(child: Child) -> bool:
    return "on the line" in child.output


class Screen:
    """Another counter's open page in the hall, as far as its stream goes: when it showed how many calls."""

    def __init__(self, site: HallSite) -> None:
        self._http = httpx2.Client(base_url=site.box.http.base_url, cookies=site.box.http.cookies)
        self._came: Queue[tuple[int, float]] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def wait_for(self, call: Callable[[int], bool]) -> float:
        """Return when the number of calls shown was as asked for."""
        while True:
            shown, at = self._came.get(timeout=_WAIT_SECONDS)
            if call(shown):
                return at

    def _read(self) -> None:
        with suppress(httpx2.TransportError):
            while True:
                with self._http.stream("GET", "/live/counter/2", timeout=None) as answer:
                    for line in answer.iter_lines():
                        if line.startswith("data: {"):
                            at = time.perf_counter()
                            self._came.put((len(json.loads(line[6:])["calls"]), at))


def pressed(site: HallSite, page: StaffPage, screen: Screen, n: int) -> tuple[list[float], list[float]]:
    """Return seconds from each press to the hall's screen and to the centre's page."""
    near, far, pause = list[float](), list[float](), threading.Event()
    for _ in range(n):
        pause.wait(_PAUSE)
        start = time.perf_counter()
        call = site.box.press()
        far.append(page.wait_for("calls") - start)
        near.append(screen.wait_for(lambda calls: calls > 0) - start)
        site.box.http.post(f"/counter/1/help/{call}/close", data={"note": "-"}).raise_for_status()
        page.wait_for("calls")
        screen.wait_for(lambda calls: calls == 0)
    return near, far


def run(options: Options) -> list[Row]:
    """Return milliseconds from press to both screens and from event to receipt, and what the machine was doing."""
    n, apart = min(options.rows, PRESSES), options.engine == "postgres"
    with database(options.engine) as url, tempfile.TemporaryDirectory(prefix="minyi-bench-") as name:
        migrate(url)
        folder = Path(name)
        with (
            hall_site(folder, url, with_mosquitto=True, apart=apart) as site,
            fleet(site, folder / "boxes") as boxes,
            staff_page(site) as page,
        ):
            site.box.sign_in_counter()
            screen = Screen(site)
            (folder / "boxes" / "go").touch()
            threading.Event().wait(_SETTLE_SECONDS)  # all have said hello at once and been told their lists
            pressed(site, page, screen, 10)  # the first ones load what is loaded once
            begun, cpu, since = time.monotonic(), _cpu(site, boxes), time.perf_counter()
            near, far = pressed(site, page, screen, n)
            taken, used = time.monotonic() - begun, _cpu(site, boxes)
            (folder / "boxes" / "stop").touch()
            wait_until(site.quiet, what="the box has its receipts")
            for child in boxes:
                assert child.wait(_WAIT_SECONDS) == 0, child.output
            told = {sort: _counted(folder / "boxes" / f"{sort}.json", since) for sort in ("whole", "light")}
    found = _rows("press to a screen in the hall", near)
    found += _rows("press to the centre's page", far)
    found += _rows("event to receipt, whole boxes", told["whole"])
    found += _rows("event to receipt, clients", told["light"])
    found += [
        Row("processor of the " + part, "share of a core", (used[part] - cpu[part]) / taken, "", rows=n)
        for part in used
    ]
    return [*found, Row("load of the machine, one minute", "load", os.getloadavg()[0], "")]


def _counted(path: Path, begun: float) -> list[float]:
    return [taken for at, taken in json.loads(path.read_text()) if at >= begun]


def _rows(case: str, seconds: list[float]) -> list[Row]:
    return [
        Row(case, name, percentile(seconds, share) * 1000, "ms", rows=len(seconds)) for name, share in _SHARES
    ]


def _cpu(site: HallSite, boxes: list[Child]) -> dict[str, float]:
    """Return seconds of processor time used so far."""
    parts = {"web": [site.centre.child], **{name: [each] for name, each in site.centre.beside.items()}}
    if not site.centre.beside:
        parts = {"centre": parts["web"]}
    found = {}
    for name, children in {**parts, "pressed box": [site.box.child], "other boxes": boxes}.items():
        times = [psutil.Process(child.pid).cpu_times() for child in children]
        found[name] = sum(each.user + each.system for each in times)
    return found
