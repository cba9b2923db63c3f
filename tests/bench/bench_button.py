"""Button to browser: from a press on the box's touch page to the message on an open staff page, through Mosquitto.

Real processes: Mosquitto, `minyi serve`, `minyi-edge run`. Beside it, in the same run and through the same broker, a plain
publish-to-subscribe round of a message as long as the event.
"""

import queue
import tempfile
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from central import db
from tests.bench.bench_engine import database
from tests.bench.rows import Options, Row, percentile
from tests.factories import halls
from tests.support.brokers import PASSWORD
from tests.support.databases import migrate
from tests.support.hall_site import HallSite, hall_site
from tests.support.mqtt import BareBox
from tests.support.processes import wait_until
from tests.support.staff_page import StaffPage, staff_page

#: The issue's figure; `--rows` below it makes a shorter run.
PRESSES = 1000
_WAIT_SECONDS = 30


def _presses(site: HallSite, page: StaffPage, n: int, memory: "Memory") -> list[float]:
    taken = []
    for number in range(n):
        start = time.perf_counter()
        call = site.box.press()
        taken.append(page.wait_for("hall.assistance_raised") - start)
        site.box.http.post(f"/counter/1/help/{call}/close", data={"note": "-"}).raise_for_status()
        page.wait_for("hall.assistance_closed")
        if number % 50 == 0:
            memory.look()
    return taken


def _rounds(site: HallSite, n: int) -> list[float]:
    assert site.mosquitto is not None
    door = site.mosquitto.door
    with db.unit_of_work(site.centre.context.engine) as s:
        spare = halls.box(s, site.court, 2)
    site.mosquitto.reload()
    topic, payload = f"minyi/{spare.box}/up/bench", spare.raised().model_dump_json()
    taken = []
    with (
        BareBox(door.port, "centre", PASSWORD) as listener,
        BareBox(door.port, spare.box, spare.secret) as sender,
    ):
        heard: queue.SimpleQueue[float] = queue.SimpleQueue()
        listener.client.on_message = lambda *_: heard.put(time.perf_counter())
        listener.subscribe(topic)
        for _ in range(n):
            start = time.perf_counter()
            sender.client.publish(topic, payload, qos=1)
            taken.append(heard.get(timeout=_WAIT_SECONDS) - start)
    return taken


class Memory:
    """Resident memory of centre and box, in MiB: at the beginning and the most that was seen."""

    def __init__(self, site: HallSite) -> None:
        self._processes = {
            name: psutil.Process(part.child.pid)
            for name, part in (("centre", site.centre), ("box", site.box))
        }
        self.idle = self._now()
        self.most = dict(self.idle)

    def look(self) -> None:
        """Note what is used at this moment."""
        self.most = {name: max(self.most[name], now) for name, now in self._now().items()}

    def _now(self) -> dict[str, float]:
        return {name: process.memory_info().rss / 2**20 for name, process in self._processes.items()}

    def rows(self, n: int) -> list[Row]:
        """Return the figures of a run of `n` presses."""
        cases = (("idle", self.idle), ("under presses", self.most))
        return [
            Row(f"memory of the {name}, {case}", "RSS", value, "MiB", rows=n)
            for case, figures in cases
            for name, value in figures.items()
        ]


def run(options: Options) -> list[Row]:
    """Return p50 and p99 in milliseconds of the press and of the plain round, and the memory of both processes."""
    n = min(options.rows, PRESSES)
    with database(options.engine) as url, tempfile.TemporaryDirectory(prefix="minyi-bench-") as folder:
        migrate(url)
        with hall_site(Path(folder), url, with_mosquitto=True) as site, staff_page(site) as page:
            site.box.sign_in_counter()
            memory = Memory(site)
            _presses(site, page, 10, memory)  # the first ones load what is loaded once
            presses = _presses(site, page, n, memory)
            wait_until(site.quiet, what="the box has its receipts")
            rounds = _rounds(site, n)
    shares = (("p50", 0.5), ("p99", 0.99))
    base = {name: percentile(rounds, share) for name, share in shares}
    found = [Row("publish to subscribe", name, base[name] * 1000, "ms", rows=n) for name, _ in shares]
    for name, share in shares:
        value = percentile(presses, share)
        found.append(
            Row("button to browser", name, value * 1000, "ms", value / base[name], "plain round", rows=n)
        )
    return found + memory.rows(n)
