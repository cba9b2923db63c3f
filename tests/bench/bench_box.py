"""The hall box as a process: cold start, memory idle and under load, and how fast a person is answered."""

import http.client
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psutil  # type: ignore[import-untyped]

from tests.bench.rows import Options, Row, percentile
from tests.edge_agent import papers
from tests.support.edgebox import KEY, HallBox
from tests.support.ports import HOST
from tests.support.processes import Processes, processes

#: Acts of each kind that are timed, on top of the queue they leave behind.
ACTS = 200
#: Phones in the hall that follow their place while the acts are timed.
PHONES = 50
LOAD_SECONDS = 60.0
SETTLE_SECONDS = 5.0
MEGABYTE = 1_000_000
Post = Callable[[str, dict[str, str]], object]


class Browser:
    """One page: a connection that stays open, as a browser's does."""

    def __init__(self, port: int) -> None:
        self._line = http.client.HTTPConnection(HOST, port, timeout=10)

    def get(self, path: str) -> bytes:
        """Return the body of `path`."""
        self._line.request("GET", path)
        return self._line.getresponse().read()

    def post(self, path: str, values: dict[str, str]) -> bytes:
        """Post as the pages' scripts do; raise AssertionError when it is refused."""
        headers = {"accept": "application/json", "content-type": "application/json"}
        self._line.request("POST", path, json.dumps(values), headers)
        answer = self._line.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        return body


def timed(act: Callable[[], object], count: int = ACTS) -> list[float]:
    """Return the seconds of each of `count` calls."""
    taken = []
    for _ in range(count):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return taken


@contextmanager
def followed(port: int, ticket: str) -> Iterator[None]:
    """Let `PHONES` phones follow a ticket until the end."""
    lines = [http.client.HTTPConnection(HOST, port, timeout=30) for _ in range(PHONES)]
    stopping = threading.Event()

    def read(line: http.client.HTTPConnection) -> None:
        line.request("GET", f"/live/ticket/{ticket}")
        answer = line.getresponse()
        while not stopping.is_set() and answer.readline():
            pass

    readers = [threading.Thread(target=read, args=(line,), daemon=True) for line in lines]
    for reader in readers:
        reader.start()
    try:
        yield
    finally:
        stopping.set()
        for reader in readers:
            reader.join(10)


def acts(browser: Browser, now: datetime) -> dict[str, Callable[[], object]]:
    """Return what a person can do, by name."""
    return {
        "number without appointment": lambda: browser.post(
            "/tickets", {"kind": "query", "nonce": uuid4().hex}
        ),
        "signed code": lambda: browser.post(
            "/check-in", {"code": papers.token(uuid4(), KEY, at=now), "nonce": uuid4().hex}
        ),
        "help button": lambda: browser.post("/help", {}),
    }


def answers(browser: Browser, now: datetime) -> list[Row]:
    """Return p50 and p95 of each act in milliseconds, as a ratio to /healthz of the same run."""
    floor = timed(lambda: browser.get("/healthz"))
    rows = []
    for name, act in acts(browser, now).items():
        taken = timed(act)
        rows.append(Row(name, "rate", len(taken) / sum(taken), "1/s", rows=ACTS))
        for measure, share in (("p50", 0.5), ("p95", 0.95)):
            base = percentile(floor, share)
            value = percentile(taken, share)
            rows.append(Row(name, measure, value * 1000, "ms", value / base, "/healthz", rows=ACTS))
    rows.append(Row("/healthz", "p95", percentile(floor, 0.95) * 1000, "ms", rows=ACTS))
    return rows


def memory(process: psutil.Process, seconds: float, act: Callable[[], object] | None = None) -> float:
    """Return the highest resident memory (megabytes) over `seconds`, while `act` is repeated ten times a second."""
    end, highest = time.monotonic() + seconds, 0.0
    while time.monotonic() < end:
        if act is not None:
            act()
        highest = max(highest, process.memory_info().rss / MEGABYTE)
        time.sleep(0.1)
    return highest


def start(box: HallBox) -> float:
    """Start the box and return the seconds until its pages answer."""
    begin = time.monotonic()
    box.start()
    return time.monotonic() - begin


def measure(group: Processes, folder: Path, *, camera: str) -> list[Row]:
    """Measure one box, with or without a camera to read codes."""
    drivers = {"camera": camera}
    box = HallBox(
        group, folder, name=f"camera-{camera}", hall={"tickets_per_minute": 100_000}, drivers=drivers
    )
    case = "with camera" if camera != "none" else "without camera"
    cold = start(box)
    process = psutil.Process(box.process.pid)
    idle = memory(process, SETTLE_SECONDS)
    browser, now = Browser(box.port), datetime.now(UTC)
    rows = [Row(case, "cold start", cold, "s"), Row(case, "RSS idle", idle, "MB")]
    if camera == "none":
        rows += answers(browser, now)
    todo = list(acts(browser, now).values())

    def load() -> None:
        todo.append(todo.pop(0))
        todo[-1]()

    with followed(box.port, box.take()["id"]):
        if camera == "none":
            rows += [row_with_phones(row) for row in answers(browser, now)]
        rows.append(Row(case, "RSS under load", memory(process, LOAD_SECONDS, load), "MB", rows=ACTS))
    return rows


def row_with_phones(row: Row) -> Row:
    """Name a row after the phones that followed."""
    return Row(
        f"{row.case}, {PHONES} phones follow",
        row.measure,
        row.value,
        row.unit,
        row.ratio,
        row.base,
        rows=row.rows,
    )


def run(options: Options) -> list[Row]:
    """Measure a box without and with a camera; `options` say nothing about a box."""
    del options
    with tempfile.TemporaryDirectory(prefix="minyi-bench-") as name, processes(Path(name)) as group:
        return [row for camera in ("none", "dummy") for row in measure(group, Path(name), camera=camera)]
