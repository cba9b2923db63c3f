"""Keeps revoked boxes off the line within seconds, whatever broker carries it.

The embedded broker asks the database itself. For a broker elsewhere this writes the list of revoked certificates, which the
broker reads at its next reload, and does not wait for that: it ends the connection of a revoked box by taking over its client id,
again each time the box is heard, and takes away what the broker still keeps for it.
"""

import threading
from collections.abc import Iterable, Mapping

import structlog

from central.context import Context
from central.halls import broker_files, queries
from central.halls.authority import open_authority
from central.ingest.door import Door
from central.ingest.line import take_over
from central.ingest.uplink import Publish
from shared import topics

LOG = structlog.get_logger()

LOOK_SECONDS = 1.0
_STOP_SECONDS = 15.0


class Warden:
    """Owns a thread from `start` to `stop`. `step` is one look and needs no thread."""

    def __init__(self, context: Context, door: Door, *, publish: Publish) -> None:
        self._context = context
        self._door = door
        self._publish = publish
        self._remote = not door.embedded
        self._written: list[str] | None = None
        self._ended: set[str] = set()
        self._serials: Mapping[str, str] = {}
        self._heard: set[str] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ingest-warden", daemon=True)

    def start(self) -> None:
        """Begin watching."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._thread.join(_STOP_SECONDS)

    def hear(self, topic: str) -> None:
        """Note that a box spoke; never waits."""
        box = topic.split("/", 2)[1:2]
        with self._lock:
            self._heard.update(box)

    def step(self) -> None:
        """Look once: write the list if it changed, end the lines of boxes that are revoked."""
        with self._context.read() as s:
            certificates, revoked = queries.revoked_certificates(s), queries.revoked_boxes(s)
            fresh = revoked - self._ended
            kept = [topic for box in sorted(fresh) for topic in queries.kept_topics(s, box)]
        replaced = {box for serial, box in certificates.items() if serial not in self._serials}
        self._write(sorted(certificates))
        with self._lock:
            heard, self._heard = self._heard & revoked, set()
        if self._remote:
            self._take_away(kept)
            self._end(sorted(fresh | replaced | heard))
        self._ended, self._serials = revoked, certificates

    def _write(self, serials: list[str]) -> None:
        folder = self._context.settings.data / broker_files.FOLDER
        if serials == self._written and broker_files.files_of(folder).revoked.exists():
            return
        now = self._context.clock.now()
        centre = open_authority(self._context.settings.data / "keys", now=now)
        broker_files.write_revoked(folder, centre, serials, now=now)
        self._written = serials

    def _take_away(self, kept: Iterable[str]) -> None:
        for topic in kept:
            self._publish(topic, "", retain=True)

    def _end(self, boxes: Iterable[str]) -> None:
        for box in boxes:
            LOG.warning("revoked box is cut off", box=box)
            for client_id in (box, topics.client_id(box)):
                if not take_over(self._door, client_id):
                    LOG.warning("the broker could not be reached to cut a box off", box=box)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.step()
            except Exception:  # a database that is away must not end this thread
                LOG.exception("revoked boxes could not be looked for")
            self._stopping.wait(LOOK_SECONDS)
