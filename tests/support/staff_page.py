"""An open page of the hall's staff, as far as its stream goes: what was pushed to it, and when."""

import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import httpx2

from tests.support.hall_site import HallSite

_WAIT_SECONDS = 60


class StaffPage:
    """The stream of an open page: when each kind of event came (seconds of `perf_counter`)."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client
        self._came: queue.Queue[tuple[str, float]] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait_for(self, kind: str) -> float:
        """Return when the next event of `kind` came."""
        while True:
            found, at = self._came.get(timeout=_WAIT_SECONDS)
            if found == kind:
                return at

    def _read(self) -> None:
        name = ""
        with (
            suppress(httpx2.TransportError),
            self._client.stream("GET", "/hall/events", timeout=None) as answer,
        ):
            for line in answer.iter_lines():
                field, _, value = line.partition(": ")
                if field == "event":
                    name = value
                elif field == "data":
                    at = time.perf_counter()
                    self._came.put((json.loads(value)["kind"] if name == "hall" else name, at))


@contextmanager
def staff_page(site: HallSite) -> Iterator[StaffPage]:
    client, _ = site.centre.signed_in("hall_staff.ln0102")
    page = StaffPage(client)
    page.wait_for("calls")
    with closing(client):
        yield page
